// Squared hinge loss: mean max(1 - y_true y_pred, 0)^2; labels of 0 and 1 count as -1 and 1.
// In: y_true and y_pred of one shape. Out: a value for each sample.
#include "engine/op/op.h"
#include "train/model/losses/margin.h"

namespace ninefold::keras {
namespace {

Tensor squared_hinge(const Tensor& y_true, const Tensor& y_pred) {
  return calc::mean(calc::square(margin_violation(y_true, y_pred)));
}
const Function squared_hinge_function = {
    .names = {"tf.keras.losses.squared_hinge", "tf.keras.metrics.squared_hinge"},
    .signature = "(y_true: tensor, y_pred: tensor)",
    .doc = "mean(max(1 - y_true y_pred, 0)^2) over the last axis.",
    .body = [](Args& a) -> Value {
      const Pair p(a);
      return squared_hinge(p.y_true, p.y_pred);
    },
};
NINEFOLD_REGISTER(squared_hinge_function);

struct SquaredHinge : LossOptions {
  static constexpr const char* class_name = "SquaredHinge";
  SquaredHinge() { name = "squared_hinge"; }
  static void fields(Schema<SquaredHinge>&) {}
  Tensor value(const Tensor& y_true, const Tensor& y_pred) const {
    return squared_hinge(calc::cast(y_true, y_pred.dtype()), y_pred);
  }
};
const ObjectRecord squared_hinge_record = loss_record<SquaredHinge>(
    "Mean of max(1 - y_true y_pred, 0)^2; y_true is -1 or 1.");
NINEFOLD_OBJECT(squared_hinge_record);

}  // namespace
}  // namespace ninefold::keras
