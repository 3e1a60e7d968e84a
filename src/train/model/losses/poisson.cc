// Poisson loss: mean (y_pred - y_true log y_pred).
// In: y_true and y_pred of one shape. Out: a value for each sample.
#include "engine/op/op.h"
#include "train/model/losses/loss.h"

namespace ninefold::keras {
namespace {

Tensor poisson(const Tensor& y_true, const Tensor& y_pred) {
  return calc::mean(y_pred - y_true * calc::log(y_pred + calc::like(y_pred, epsilon())));
}
const Function poisson_function = {
    .names = {"tf.keras.losses.poisson", "tf.keras.metrics.poisson"},
    .signature = "(y_true: tensor, y_pred: tensor)",
    .doc = "mean(y_pred - y_true log(y_pred + epsilon)) over the last axis.",
    .body = [](Args& a) -> Value {
      const Pair p(a);
      return poisson(p.y_true, p.y_pred);
    },
};
NINEFOLD_REGISTER(poisson_function);

struct Poisson : LossOptions {
  static constexpr const char* class_name = "Poisson";
  Poisson() { name = "poisson"; }
  static void fields(Schema<Poisson>&) {}
  Tensor value(const Tensor& y_true, const Tensor& y_pred) const {
    return poisson(calc::cast(y_true, y_pred.dtype()), y_pred);
  }
};
const ObjectRecord poisson_record = loss_record<Poisson>(
    "Mean of y_pred - y_true log(y_pred).");
NINEFOLD_OBJECT(poisson_record);

}  // namespace
}  // namespace ninefold::keras
