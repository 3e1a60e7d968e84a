// In: epochs and their logs. Out: other learning rates: by a schedule, or where progress stalls.
#include "base/json_text.h"
#include "base/log.h"
#include "train/fit/monitor.h"
#include "train/fit/text.h"
#include "train/model/values.h"

namespace ninefold::keras {
namespace {

struct PlateauOptions {
  std::string monitor = "val_loss";
  double factor = 0.1;
  int64_t patience = 10;
  int64_t verbose = 0;
  std::string mode = "auto";
  double min_delta = 1e-4;
  int64_t cooldown = 0;
  double min_lr = 0;
};

class ReduceLROnPlateau : public CallbackOf<PlateauOptions> {
 public:
  static const Schema<Options>& schema() {
    static const Schema<Options> s = Schema<Options>()
        .field("monitor", &Options::monitor).field("factor", &Options::factor)
        .field("patience", &Options::patience).field("verbose", &Options::verbose).field("mode", &Options::mode)
        .field("min_delta", &Options::min_delta).field("cooldown", &Options::cooldown)
        .field("min_lr", &Options::min_lr);
    return s;
  }
  void ready() override {
    check(options.factor < 1.0, Code::value, "ReduceLROnPlateau does not support a factor >= 1.0. Got {}",
          python_float(options.factor));
    changed();
    restart();
  }
  void changed() override {
    monitor_ = Monitor(options.mode, options.monitor.find("acc") != std::string::npos, options.min_delta,
                       "Learning rate reduction");
  }
  void on(std::string_view hook, int64_t epoch, ValueDict& logs) override {
    if (hook == "on_train_begin") return restart();
    if (hook != "on_epoch_end") return;
    const double before = learning_rate_of(told(model_, "optimizer"), "ReduceLROnPlateau");
    put(logs, "lr", before);
    const std::optional<double> now = logged(logs, options.monitor);
    if (!now)
      return warn("WARNING:tensorflow:Learning rate reduction is conditioned on metric `{}` which is not available. "
                  "Available metrics are: {}", options.monitor, logged_keys(logs));
    if (cooldown_ > 0) {
      --cooldown_;
      wait_ = 0;
    }
    if (monitor_.better(*now, best_)) {
      best_ = *now;
      wait_ = 0;
    } else if (cooldown_ <= 0 && ++wait_ >= options.patience && before > static_cast<float>(options.min_lr)) {
      const double fresh = std::max(before * options.factor, options.min_lr);
      model_->optimizer()->set_hyper("learning_rate", fresh);
      if (options.verbose > 0)
        show(fmt::format("\nEpoch {}: ReduceLROnPlateau reducing learning rate to {}.\n", epoch + 1,
                         python_float(fresh)));
      cooldown_ = options.cooldown;
      wait_ = 0;
    }
  }

 private:
  void restart() {
    best_ = monitor_.worst();
    cooldown_ = wait_ = 0;
  }
  Monitor monitor_;
  double best_ = 0;
  int64_t cooldown_ = 0, wait_ = 0;
};

struct SchedulerOptions {
  Value schedule = {};   // a function of the epoch and the present rate: the override "schedule"
  int64_t verbose = 0;
};

class LearningRateScheduler : public CallbackOf<SchedulerOptions> {
 public:
  static const Schema<Options>& schema() {
    static const Schema<Options> s =
        Schema<Options>().field("schedule", &Options::schedule).field("verbose", &Options::verbose);
    return s;
  }
  void on(std::string_view hook, int64_t epoch, ValueDict& logs) override {
    if (hook == "on_epoch_end") put(logs, "lr", learning_rate_of(told(model_, "optimizer"), "LearningRateScheduler"));
    if (hook != "on_epoch_begin") return;
    const double before = learning_rate_of(told(model_, "optimizer"), "LearningRateScheduler");
    const Method* schedule = overridden("schedule");
    check(schedule, Code::value, "LearningRateScheduler: no schedule given; override \"schedule\"");
    const Value result = (*schedule)({epoch, before}, {});
    const Tensor* t = result.get<Tensor>();
    check(result.get<double>() || t, Code::value, "The output of the \"schedule\" function should be float. Got: {}",
          nest::python_text(result));
    check(!t || is_floating(t->dtype()), Code::value, "The dtype of `lr` Tensor should be float. Got: {}",
          t ? name_of(t->dtype()) : "");
    const double rate = t ? t->float_at(0) : *result.get<double>();
    model_->optimizer()->set_hyper("learning_rate", rate);
    if (options.verbose > 0)
      show(fmt::format("\nEpoch {}: LearningRateScheduler setting learning rate to {}.\n", epoch + 1,
                       python_float(rate)));
  }
};

const ObjectRecord plateau = callback_record<ReduceLROnPlateau>(
    "ReduceLROnPlateau", "Reduces the learning rate when a metric has stopped improving.");
NINEFOLD_OBJECT(plateau);
const ObjectRecord scheduler = callback_record<LearningRateScheduler>(
    "LearningRateScheduler", "Sets the learning rate at the start of each epoch: schedule(epoch, rate).");
NINEFOLD_OBJECT(scheduler);

}  // namespace
}  // namespace ninefold::keras
