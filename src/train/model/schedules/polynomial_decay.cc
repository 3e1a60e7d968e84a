// Polynomial decay: (initial - end) (1 - step / decay_steps)^power + end; `cycle` starts again with longer cycles.
// In: the step. Out: the learning rate.
#include "train/model/schedules/schedule.h"

namespace ninefold::keras {
namespace {

struct PolynomialDecay : ScheduleOptions {
  static constexpr const char* class_name = "PolynomialDecay";
  Value initial_learning_rate;
  Value decay_steps;
  Value end_learning_rate = 0.0001;
  Value power = 1.0;
  bool cycle = false;
  static void fields(Schema<PolynomialDecay>& s) {
    s.required("initial_learning_rate", &PolynomialDecay::initial_learning_rate)
        .required("decay_steps", &PolynomialDecay::decay_steps)
        .field("end_learning_rate", &PolynomialDecay::end_learning_rate)
        .field("power", &PolynomialDecay::power)
        .field("cycle", &PolynomialDecay::cycle);
    name_field(s);
  }
  Tensor at(const Tensor& step) const {
    Tensor now = calc::cast(step, DType::f32), steps = f32(decay_steps);
    if (cycle) {
      const Tensor cycles = op("Ceil", {now / steps});
      steps = steps * calc::select(op("Equal", {now, f32(0.0)}), f32(1.0), cycles);
    } else {
      now = calc::minimum(now, steps);
    }
    const Tensor end = f32(end_learning_rate);
    return (f32(initial_learning_rate) - end) * calc::pow(f32(1.0) - now / steps, f32(power)) + end;
  }
};
const ObjectRecord polynomial_decay_record = schedule_record<PolynomialDecay>(
    "From initial_learning_rate to end_learning_rate by (1 - step / decay_steps) ^ power.");
NINEFOLD_OBJECT(polynomial_decay_record);

}  // namespace
}  // namespace ninefold::keras
