// Mean squared logarithmic error: mean (log(y_true + 1) - log(y_pred + 1))^2, both at least epsilon.
// In: y_true and y_pred of one shape. Out: a value for each sample.
#include "engine/op/op.h"
#include "train/model/losses/loss.h"

namespace ninefold::keras {
namespace {

Tensor mean_squared_logarithmic_error(const Tensor& y_true, const Tensor& y_pred) {
  const auto log_plus_one = [](const Tensor& x) {
    return calc::log(calc::maximum(x, calc::like(x, epsilon())) + calc::like(x, 1));
  };
  return calc::mean(op("SquaredDifference", {log_plus_one(y_pred), log_plus_one(y_true)}));
}
const Function mean_squared_logarithmic_error_function = {
    .names = {"tf.keras.losses.mean_squared_logarithmic_error", "tf.keras.losses.msle",
               "tf.keras.losses.MSLE", "tf.keras.metrics.mean_squared_logarithmic_error",
               "tf.keras.metrics.msle", "tf.keras.metrics.MSLE"},
    .signature = "(y_true: tensor, y_pred: tensor)",
    .doc = "mean((log(y_true + 1) - log(y_pred + 1))^2) over the last axis.",
    .body = [](Args& a) -> Value {
      const Pair p(a);
      return mean_squared_logarithmic_error(p.y_true, p.y_pred);
    },
};
NINEFOLD_REGISTER(mean_squared_logarithmic_error_function);

struct MeanSquaredLogarithmicError : LossOptions {
  static constexpr const char* class_name = "MeanSquaredLogarithmicError";
  MeanSquaredLogarithmicError() { name = "mean_squared_logarithmic_error"; }
  static void fields(Schema<MeanSquaredLogarithmicError>&) {}
  Tensor value(const Tensor& y_true, const Tensor& y_pred) const {
    return mean_squared_logarithmic_error(calc::cast(y_true, y_pred.dtype()), y_pred);
  }
};
const ObjectRecord mean_squared_logarithmic_error_record = loss_record<MeanSquaredLogarithmicError>(
    "Mean of (log(y_true + 1) - log(y_pred + 1))^2.");
NINEFOLD_OBJECT(mean_squared_logarithmic_error_record);

}  // namespace
}  // namespace ninefold::keras
