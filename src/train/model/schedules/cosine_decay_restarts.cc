// Cosine decay with warm restarts (SGDR): each cycle is t_mul as long and m_mul as high as the one before.
// In: the step. Out: the learning rate.
#include "train/model/schedules/schedule.h"

namespace ninefold::keras {
namespace {

struct CosineDecayRestarts : ScheduleOptions {
  static constexpr const char* class_name = "CosineDecayRestarts";
  Value initial_learning_rate;
  Value first_decay_steps;
  Value t_mul = 2.0;
  Value m_mul = 1.0;
  Value alpha = 0.0;
  static void fields(Schema<CosineDecayRestarts>& s) {
    s.required("initial_learning_rate", &CosineDecayRestarts::initial_learning_rate)
        .required("first_decay_steps", &CosineDecayRestarts::first_decay_steps)
        .field("t_mul", &CosineDecayRestarts::t_mul)
        .field("m_mul", &CosineDecayRestarts::m_mul)
        .field("alpha", &CosineDecayRestarts::alpha);
    name_field(s);
  }
  Tensor at(const Tensor& step) const {
    const Tensor one = f32(1.0), t = f32(t_mul);
    Tensor done = calc::cast(step, DType::f32) / f32(first_decay_steps), restarts;
    if (static_cast<float>(plain(t_mul)) == 1.0f) {
      restarts = op("Floor", {done});
      done = done - restarts;
    } else {
      // Cycles of length 1, t, t^2, ..: the sum of a geometric series gives how many are over.
      restarts = op("Floor", {calc::log(one - done * (one - t)) / calc::log(t)});
      const Tensor length = calc::pow(t, restarts), over = (one - length) / (one - t);
      done = (done - over) / length;
    }
    const Tensor height = calc::pow(f32(m_mul), restarts);
    const Tensor wave = f32(0.5) * height * (one + op("Cos", {f32(3.14159265358979323846) * done}));
    return f32(initial_learning_rate) * ((one - f32(alpha)) * wave + f32(alpha));
  }
};
const ObjectRecord cosine_decay_restarts_record = schedule_record<CosineDecayRestarts>("Cosine decay that starts again, with longer and lower cycles.");
NINEFOLD_OBJECT(cosine_decay_restarts_record);

}  // namespace
}  // namespace ninefold::keras
