// Hinge loss: mean max(1 - y_true y_pred, 0); labels of 0 and 1 count as -1 and 1.
// In: y_true and y_pred of one shape. Out: a value for each sample.
#include "engine/op/op.h"
#include "train/model/losses/margin.h"

namespace ninefold::keras {
namespace {

Tensor hinge(const Tensor& y_true, const Tensor& y_pred) {
  return calc::mean(margin_violation(y_true, y_pred));
}
const Function hinge_function = {
    .names = {"tf.keras.losses.hinge", "tf.keras.metrics.hinge"},
    .signature = "(y_true: tensor, y_pred: tensor)",
    .doc = "mean(max(1 - y_true y_pred, 0)) over the last axis.",
    .body = [](Args& a) -> Value {
      const Pair p(a);
      return hinge(p.y_true, p.y_pred);
    },
};
NINEFOLD_REGISTER(hinge_function);

struct Hinge : LossOptions {
  static constexpr const char* class_name = "Hinge";
  Hinge() { name = "hinge"; }
  static void fields(Schema<Hinge>&) {}
  Tensor value(const Tensor& y_true, const Tensor& y_pred) const {
    return hinge(calc::cast(y_true, y_pred.dtype()), y_pred);
  }
};
const ObjectRecord hinge_record = loss_record<Hinge>(
    "Mean of max(1 - y_true y_pred, 0); y_true is -1 or 1.");
NINEFOLD_OBJECT(hinge_record);

}  // namespace
}  // namespace ninefold::keras
