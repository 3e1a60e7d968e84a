// In: hooks of training. Out: TerminateOnNaN, BaseLogger, LambdaCallback, History.
#include <cmath>

#include "train/fit/monitor.h"
#include "train/fit/text.h"
#include "train/model/values.h"

namespace ninefold::keras {
namespace {

struct NoOptions {};

class TerminateOnNaN : public CallbackOf<NoOptions> {
 public:
  static const Schema<NoOptions>& schema() {
    static const Schema<NoOptions> s;
    return s;
  }
  bool wants(std::string_view hook) const override { return hook == "on_train_batch_end" || Callback::wants(hook); }
  void on(std::string_view hook, int64_t batch, ValueDict& logs) override {
    if (hook != "on_train_batch_end") return;
    const std::optional<double> loss = logged(logs, "loss");
    if (!loss || std::isfinite(*loss)) return;
    show(fmt::format("Batch {}: Invalid loss, terminating training\n", batch));
    told(model_, "stop_training").stop_training = true;
  }
};

// Its hooks are all overrides: LambdaCallback(on_epoch_end=f) is override_method("on_epoch_end", f).
class LambdaCallback : public CallbackOf<NoOptions> {
 public:
  static const Schema<NoOptions>& schema() { return TerminateOnNaN::schema(); }
};

// What fit returns as History, also for those who pass one in.
class HistoryCallback : public CallbackOf<NoOptions> {
 public:
  static const Schema<NoOptions>& schema() { return TerminateOnNaN::schema(); }
  void on(std::string_view hook, int64_t epoch, ValueDict& logs) override {
    if (hook == "on_train_begin") epochs_.clear();
    if (hook != "on_epoch_end") return;
    epochs_.push_back(epoch);
    for (const Entry& e : logs) {
      ValueList list;
      if (const Value* before = nest::find(history_, e.key)) list = *before->get<ValueList>();
      list.push_back(e.value);
      put(history_, e.key, list);
    }
  }
  Value attribute(std::string_view name) const override {
    if (name == "epoch") return epochs_;
    if (name == "history") return history_;
    return {};
  }

 private:
  ValueList epochs_;
  ValueDict history_;
};

const ObjectRecord nan = callback_record<TerminateOnNaN>("TerminateOnNaN", "Stops training when the loss is no number.");
NINEFOLD_OBJECT(nan);
const ObjectRecord lambda = callback_record<LambdaCallback>("LambdaCallback", "Hooks given as functions.");
NINEFOLD_OBJECT(lambda);
const ObjectRecord history = callback_record<HistoryCallback>("History", "Keeps the logs of all epochs.");
NINEFOLD_OBJECT(history);

}  // namespace
}  // namespace ninefold::keras
