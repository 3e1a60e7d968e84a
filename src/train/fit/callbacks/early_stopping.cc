// In: a number of the logs. Out: training stopped once it stopped improving.
#include "base/log.h"
#include "train/fit/monitor.h"
#include "train/fit/text.h"

namespace ninefold::keras {
namespace {

struct EarlyStoppingOptions {
  std::string monitor = "val_loss";
  double min_delta = 0;
  int64_t patience = 0;
  int64_t verbose = 0;
  std::string mode = "auto";
  std::optional<double> baseline = {};
  bool restore_best_weights = false;
};

class EarlyStopping : public CallbackOf<EarlyStoppingOptions> {
 public:
  static const Schema<Options>& schema() {
    static const Schema<Options> s = Schema<Options>()
        .field("monitor", &Options::monitor).field("min_delta", &Options::min_delta)
        .field("patience", &Options::patience).field("verbose", &Options::verbose).field("mode", &Options::mode)
        .field("baseline", &Options::baseline).field("restore_best_weights", &Options::restore_best_weights);
    return s;
  }
  void ready() override {
    changed();
    best_ = monitor_.worst();
  }
  void changed() override {
    const std::string& m = options.monitor;
    monitor_ = Monitor(options.mode, m.ends_with("acc") || m.ends_with("accuracy") || m.ends_with("auc"),
                       options.min_delta, "EarlyStopping");
  }
  void on(std::string_view hook, int64_t epoch, ValueDict& logs) override {
    if (hook == "on_train_begin") {
      wait_ = stopped_ = best_epoch_ = 0;
      best_ = monitor_.worst();
      best_weights_.clear();
    } else if (hook == "on_epoch_end") {
      epoch_end(epoch, logs);
    } else if (hook == "on_train_end" && stopped_ > 0 && options.verbose > 0) {
      show(fmt::format("Epoch {}: early stopping\n", stopped_ + 1));
    }
  }
  Value attribute(std::string_view name) const override {
    if (name == "stopped_epoch") return stopped_;
    if (name == "best_epoch") return best_epoch_;
    if (name == "wait") return wait_;
    if (name == "best") return best_;
    return {};
  }

 private:
  void epoch_end(int64_t epoch, const ValueDict& logs) {
    const std::optional<double> now = logged(logs, options.monitor);
    if (!now)
      return warn("WARNING:tensorflow:Early stopping conditioned on metric `{}` which is not available. Available "
                  "metrics are: {}", options.monitor, logged_keys(logs));
    if (options.restore_best_weights && best_weights_.empty()) best_weights_ = weights();
    ++wait_;
    if (monitor_.better(*now, best_)) {
      best_ = *now;
      best_epoch_ = epoch;
      if (options.restore_best_weights) best_weights_ = weights();
      if (!options.baseline || monitor_.better(*now, *options.baseline)) wait_ = 0;
    }
    if (wait_ < options.patience || epoch == 0) return;
    stopped_ = epoch;
    told(model_, "stop_training").stop_training = true;
    if (!options.restore_best_weights || best_weights_.empty()) return;
    if (options.verbose > 0)
      show(fmt::format("Restoring model weights from the end of the best epoch: {}.\n", best_epoch_ + 1));
    const std::vector<Weight> all = told(model_, "get_weights").weights();
    for (size_t i = 0; i < all.size(); ++i) all[i].variable.assign(best_weights_.at(i));
  }
  Tensors weights() const {
    Tensors out;
    for (const Weight& w : told(model_, "get_weights").weights()) {
      const Tensor now = w.variable.value();
      out.push_back(Tensor::copy_of(now.dtype(), now.shape(), now.data(), static_cast<size_t>(now.size())));
    }
    return out;
  }
  Monitor monitor_;
  int64_t wait_ = 0, stopped_ = 0, best_epoch_ = 0;
  double best_ = 0;
  Tensors best_weights_;
};

const ObjectRecord early_stopping_record = callback_record<EarlyStopping>(
    "EarlyStopping", "Stops training when a monitored metric has stopped improving.");
NINEFOLD_OBJECT(early_stopping_record);

}  // namespace
}  // namespace ninefold::keras
