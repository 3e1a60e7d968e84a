// Huber loss: half the squared error up to delta, linear beyond.
// In: y_true and y_pred of one shape. Out: a value for each sample.
#include "engine/op/op.h"
#include "train/model/losses/loss.h"

namespace ninefold::keras {
namespace {

// Computed in floatx whatever the inputs are, as Keras does.
Tensor huber(const Tensor& y_true, const Tensor& y_pred, double delta) {
  const Tensor error = calc::cast(y_pred, floatx()) - calc::cast(y_true, floatx());
  const Tensor size = calc::abs(error), edge = calc::number(delta, floatx()), half = calc::number(0.5, floatx());
  return calc::mean(calc::select(op("LessEqual", {size, edge}), half * calc::square(error),
                                 edge * size - half * calc::square(edge)));
}
const Function huber_function = {
    .names = {"tf.keras.losses.huber"},
    .signature = "(y_true: tensor, y_pred: tensor, delta: float = 1.0)",
    .doc = "mean(0.5 e^2 where |e| <= delta, else delta |e| - 0.5 delta^2) over the last axis, e = y_true - y_pred.",
    .body = [](Args& a) -> Value { return huber(a.tensor("y_true"), a.tensor("y_pred"), a.number("delta")); },
};
NINEFOLD_REGISTER(huber_function);

struct Huber : LossOptions {
  static constexpr const char* class_name = "Huber";
  Huber() { name = "huber_loss"; }
  double delta = 1;
  static void fields(Schema<Huber>& s) { s.field("delta", &Huber::delta); }
  Tensor value(const Tensor& y_true, const Tensor& y_pred) const { return huber(y_true, y_pred, delta); }
};
const ObjectRecord huber_record = loss_record<Huber>("Half the squared error where it is at most `delta`, linear beyond.");
NINEFOLD_OBJECT(huber_record);

}  // namespace
}  // namespace ninefold::keras
