// Exponential decay: initial decay_rate^(step / decay_steps); staircase takes the floor of the exponent.
// In: the step. Out: the learning rate.
#include "train/model/schedules/schedule.h"

namespace ninefold::keras {
namespace {

struct ExponentialDecay : ScheduleOptions {
  static constexpr const char* class_name = "ExponentialDecay";
  Value initial_learning_rate;
  Value decay_steps;
  Value decay_rate;
  bool staircase = false;
  static void fields(Schema<ExponentialDecay>& s) {
    s.required("initial_learning_rate", &ExponentialDecay::initial_learning_rate)
        .required("decay_steps", &ExponentialDecay::decay_steps)
        .required("decay_rate", &ExponentialDecay::decay_rate)
        .field("staircase", &ExponentialDecay::staircase);
    name_field(s);
  }
  Tensor at(const Tensor& step) const {
    Tensor p = calc::cast(step, DType::f32) / f32(decay_steps);
    if (staircase) p = op("Floor", {p});
    return f32(initial_learning_rate) * calc::pow(f32(decay_rate), p);
  }
};
const ObjectRecord exponential_decay_record = schedule_record<ExponentialDecay>("initial_learning_rate * decay_rate ^ (step / decay_steps).");
NINEFOLD_OBJECT(exponential_decay_record);

}  // namespace
}  // namespace ninefold::keras
