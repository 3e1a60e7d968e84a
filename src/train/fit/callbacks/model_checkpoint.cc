// In: the logs of epochs or batches. Out: files of weights, all or the best ones.
#include <fmt/args.h>
#include <fmt/format.h>

#include "base/log.h"
#include "train/fit/monitor.h"
#include "train/fit/text.h"
#include "train/model/values.h"

namespace ninefold::keras {
namespace {

struct CheckpointOptions {
  std::string filepath = {};
  std::string monitor = "val_loss";
  int64_t verbose = 0;
  bool save_best_only = false;
  bool save_weights_only = false;
  std::string mode = "auto";
  Value save_freq = "epoch";
  std::optional<double> initial_value_threshold = {};
};

class ModelCheckpoint : public CallbackOf<CheckpointOptions> {
 public:
  static const Schema<Options>& schema() {
    static const Schema<Options> s = Schema<Options>().required("filepath", &Options::filepath)
        .field("monitor", &Options::monitor).field("verbose", &Options::verbose)
        .field("save_best_only", &Options::save_best_only).field("save_weights_only", &Options::save_weights_only)
        .field("mode", &Options::mode).field("save_freq", &Options::save_freq)
        .field("initial_value_threshold", &Options::initial_value_threshold);
    return s;
  }
  void ready() override {
    const std::string* word = options.save_freq.get<std::string>();
    check((word && *word == "epoch") || options.save_freq.get<int64_t>(), Code::value,
          "Unrecognized save_freq: {}. Expected save_freq are \"epoch\" or integer", nest::python_text(options.save_freq));
    changed();
    best_ = options.initial_value_threshold.value_or(monitor_.worst());
  }
  void changed() override {
    const std::string& m = options.monitor;
    monitor_ = Monitor(options.mode, m.find("acc") != m.npos || m.starts_with("fmeasure"), 0, "ModelCheckpoint");
  }
  bool wants(std::string_view hook) const override {
    return (hook == "on_train_batch_end" && options.save_freq.get<int64_t>()) || Callback::wants(hook);
  }
  void on(std::string_view hook, int64_t index, ValueDict& logs) override {
    const int64_t* every = options.save_freq.get<int64_t>();
    if (hook == "on_epoch_begin") epoch_ = index;
    if (hook == "on_epoch_end" && !every) save(index, std::nullopt, logs);
    if (hook == "on_train_batch_end" && every) {
      since_ += index <= last_batch_ ? index + 1 : index - last_batch_;
      last_batch_ = index;
      if (since_ < *every) return;
      since_ = 0;
      save(epoch_, index, logs);
    }
  }
  Value attribute(std::string_view name) const override {
    if (name == "best") return best_;
    return {};
  }

 private:
  // The path is a Python format: "w.{epoch:02d}-{val_loss:.2f}.h5".
  std::string path(int64_t epoch, std::optional<int64_t> batch, const ValueDict& logs) const {
    fmt::dynamic_format_arg_store<fmt::format_context> values;
    values.push_back(fmt::arg("epoch", epoch + 1));
    if (batch) values.push_back(fmt::arg("batch", *batch + 1));
    for (const Entry& e : logs)
      if (const std::optional<double> v = logged(logs, e.key)) values.push_back(fmt::arg(e.key.c_str(), *v));
    try {
      return fmt::vformat(options.filepath, values);
    } catch (const fmt::format_error& e) {
      fail(Code::key, "Failed to format this callback filepath: \"{}\". Reason: {}", options.filepath, e.what());
    }
  }
  void write(const std::string& path) {
    told(model_, options.save_weights_only ? "save_weights" : "save");
    if (options.save_weights_only) {
      // Python's save_weights also writes TensorFlow's checkpoints.
      const Method* own = model_->overridden("save_weights");
      if (own) (*own)({path}, {});
      else model_->save_weights(path);
      return;
    }
    const Method* save = model_->overridden("save");
    check(save, Code::not_implemented, "ModelCheckpoint: whole models cannot be saved from C++ yet; use "
          "save_weights_only=true with a path that ends in .h5");
    (*save)({path}, {});
  }
  void save(int64_t epoch, std::optional<int64_t> batch, const ValueDict& logs) {
    const std::string to = path(epoch, batch, logs);
    if (!options.save_best_only) {
      if (options.verbose > 0) show(fmt::format("\nEpoch {}: saving model to {}\n", epoch + 1, to));
      return write(to);
    }
    const std::optional<double> now = logged(logs, options.monitor);
    if (!now)
      return warn("WARNING:tensorflow:Can save best model only with {} available, skipping.", options.monitor);
    if (monitor_.better(*now, best_)) {
      if (options.verbose > 0)
        show(fmt::format("\nEpoch {}: {} improved from {:.5f} to {:.5f}, saving model to {}\n", epoch + 1,
                         options.monitor, best_, *now, to));
      best_ = *now;
      write(to);
    } else if (options.verbose > 0) {
      show(fmt::format("\nEpoch {}: {} did not improve from {:.5f}\n", epoch + 1, options.monitor, best_));
    }
  }
  Monitor monitor_;
  double best_ = 0;
  int64_t epoch_ = 0, since_ = 0, last_batch_ = 0;
};

const ObjectRecord model_checkpoint_record =
    callback_record<ModelCheckpoint>("ModelCheckpoint", "Saves the model or its weights now and then.");
NINEFOLD_OBJECT(model_checkpoint_record);

}  // namespace
}  // namespace ninefold::keras
