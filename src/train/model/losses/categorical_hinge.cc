// Categorical hinge: max(largest score of a wrong class - score of the right one + 1, 0).
// In: y_true and y_pred of one shape. Out: a value for each sample.
#include "engine/op/op.h"
#include "train/model/losses/loss.h"

namespace ninefold::keras {
namespace {

Tensor categorical_hinge(const Tensor& y_true, const Tensor& y_pred) {
  const Tensor one = calc::like(y_pred, 1);
  const Tensor right = calc::sum(y_true * y_pred), wrong = calc::max((one - y_true) * y_pred);
  return calc::maximum(wrong - right + one, calc::like(y_pred, 0));
}
const Function categorical_hinge_function = {
    .names = {"tf.keras.losses.categorical_hinge"},
    .signature = "(y_true: tensor, y_pred: tensor)",
    .doc = "max(neg - pos + 1, 0) over the last axis; pos = sum(y_true y_pred), neg = max((1 - y_true) y_pred).",
    .body = [](Args& a) -> Value {
      const Pair p(a);
      return categorical_hinge(p.y_true, p.y_pred);
    },
};
NINEFOLD_REGISTER(categorical_hinge_function);

struct CategoricalHinge : LossOptions {
  static constexpr const char* class_name = "CategoricalHinge";
  CategoricalHinge() { name = "categorical_hinge"; }
  static void fields(Schema<CategoricalHinge>&) {}
  Tensor value(const Tensor& y_true, const Tensor& y_pred) const {
    return categorical_hinge(calc::cast(y_true, y_pred.dtype()), y_pred);
  }
};
const ObjectRecord categorical_hinge_record = loss_record<CategoricalHinge>(
    "max(neg - pos + 1, 0), pos = sum(y_true y_pred), neg = max((1 - y_true) y_pred).");
NINEFOLD_OBJECT(categorical_hinge_record);

}  // namespace
}  // namespace ninefold::keras
