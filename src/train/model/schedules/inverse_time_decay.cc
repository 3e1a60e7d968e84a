// Inverse time decay: initial / (1 + decay_rate step / decay_steps); staircase takes the floor of the fraction.
// In: the step. Out: the learning rate.
#include "train/model/schedules/schedule.h"

namespace ninefold::keras {
namespace {

struct InverseTimeDecay : ScheduleOptions {
  static constexpr const char* class_name = "InverseTimeDecay";
  Value initial_learning_rate;
  Value decay_steps;
  Value decay_rate;
  bool staircase = false;
  static void fields(Schema<InverseTimeDecay>& s) {
    s.required("initial_learning_rate", &InverseTimeDecay::initial_learning_rate)
        .required("decay_steps", &InverseTimeDecay::decay_steps)
        .required("decay_rate", &InverseTimeDecay::decay_rate)
        .field("staircase", &InverseTimeDecay::staircase);
    name_field(s);
  }
  Tensor at(const Tensor& step) const {
    Tensor p = calc::cast(step, DType::f32) / f32(decay_steps);
    if (staircase) p = op("Floor", {p});
    return f32(initial_learning_rate) / (f32(1.0) + f32(decay_rate) * p);
  }
};
const ObjectRecord inverse_time_decay_record = schedule_record<InverseTimeDecay>("initial_learning_rate / (1 + decay_rate * step / decay_steps).");
NINEFOLD_OBJECT(inverse_time_decay_record);

}  // namespace
}  // namespace ninefold::keras
