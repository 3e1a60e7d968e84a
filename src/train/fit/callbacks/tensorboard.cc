// In: the logs of epochs and batches. Out: event files in Keras' layout: <log_dir>/train and <log_dir>/validation.
#include <map>

#include "train/fit/monitor.h"
#include "train/io/event_file.h"
#include "train/model/values.h"

namespace ninefold::keras {
namespace {

struct TensorBoardOptions {
  std::string log_dir = "logs";
  int64_t histogram_freq = 0;
  Value update_freq = "epoch";
};

class TensorBoard : public CallbackOf<TensorBoardOptions> {
 public:
  static const Schema<Options>& schema() {
    static const Schema<Options> s = Schema<Options>().field("log_dir", &Options::log_dir)
        .field("histogram_freq", &Options::histogram_freq).field("update_freq", &Options::update_freq);
    return s;
  }
  void ready() override {
    check(options.histogram_freq == 0, Code::not_implemented,
          "TensorBoard: histograms are not written yet; use histogram_freq=0, got {}", options.histogram_freq);
    const std::string* word = options.update_freq.get<std::string>();
    every_ = word ? (*word == "batch" ? 1 : 0) : As<int64_t>::from(options.update_freq, "update_freq");
  }
  bool wants(std::string_view hook) const override {
    return (hook == "on_train_batch_end" && every_ > 0) || Callback::wants(hook);
  }
  void on(std::string_view hook, int64_t index, ValueDict& logs) override {
    if (hook == "on_train_begin") step_ = 0;
    if (hook == "on_train_batch_end") {
      // Other callbacks' wishes bring this hook here, too.
      if (every_ > 0 && step_++ % every_ == 0)
        for (const Entry& e : logs) scalar("train", "batch_" + e.key, logs, e.key, step_ - 1);
    } else if (hook == "on_epoch_end") {
      for (const Entry& e : logs) {
        const bool validation = e.key.starts_with("val_");
        scalar(validation ? "validation" : "train", "epoch_" + (validation ? e.key.substr(4) : e.key), logs, e.key, index);
      }
      for (auto& [run, writer] : writers_) writer->flush();
    } else if (hook == "on_test_end" && model_->optimizer()) {
      const int64_t iterations = model_->optimizer()->iterations().value().int_at(0);
      for (const Entry& e : logs)
        scalar("validation", "evaluation_" + e.key + "_vs_iterations", logs, e.key, iterations);
    } else if (hook == "on_train_end") {
      for (auto& [run, writer] : writers_) writer->close();
      writers_.clear();
    }
  }

 private:
  void scalar(const std::string& run, const std::string& tag, const ValueDict& logs, const std::string& key, int64_t step) {
    const std::optional<double> value = logged(logs, key);
    if (!value) return;
    auto& writer = writers_[run];
    if (!writer) writer = std::make_unique<io::EventWriter>(options.log_dir + "/" + run);
    writer->scalar(tag, static_cast<float>(*value), step);
  }
  std::map<std::string, std::unique_ptr<io::EventWriter>> writers_;
  int64_t every_ = 0, step_ = 0;
};

const ObjectRecord tensorboard_record = callback_record<TensorBoard>("TensorBoard", "Writes scalars for TensorBoard.");
NINEFOLD_OBJECT(tensorboard_record);

}  // namespace
}  // namespace ninefold::keras
