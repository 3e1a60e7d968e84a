// Cosine decay: initial ((1 - alpha) (1 + cos(pi step / decay_steps)) / 2 + alpha).
// In: the step. Out: the learning rate.
#include "train/model/schedules/schedule.h"

namespace ninefold::keras {
namespace {

struct CosineDecay : ScheduleOptions {
  static constexpr const char* class_name = "CosineDecay";
  Value initial_learning_rate;
  Value decay_steps;
  Value alpha = 0.0;
  static void fields(Schema<CosineDecay>& s) {
    s.required("initial_learning_rate", &CosineDecay::initial_learning_rate)
        .required("decay_steps", &CosineDecay::decay_steps)
        .field("alpha", &CosineDecay::alpha);
    name_field(s);
  }
  Tensor at(const Tensor& step) const {
    const Tensor steps = f32(decay_steps), now = calc::minimum(calc::cast(step, DType::f32), steps);
    const Tensor decayed = f32(1 - plain(alpha)) * half_cosine(now / steps) + f32(alpha);
    return f32(initial_learning_rate) * decayed;
  }
};
const ObjectRecord cosine_decay_record = schedule_record<CosineDecay>("Half a cosine from initial_learning_rate to alpha times it.");
NINEFOLD_OBJECT(cosine_decay_record);

}  // namespace
}  // namespace ninefold::keras
