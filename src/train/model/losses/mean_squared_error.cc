// Mean squared error: the mean over the last axis of (y_pred - y_true)^2.
// In: y_true and y_pred of one shape. Out: a value for each sample.
#include "engine/op/op.h"
#include "train/model/losses/loss.h"

namespace ninefold::keras {
namespace {

Tensor mean_squared_error(const Tensor& y_true, const Tensor& y_pred) {
  return calc::mean(op("SquaredDifference", {y_pred, y_true}));
}
const Function mean_squared_error_function = {
    .names = {"tf.keras.losses.mean_squared_error", "tf.keras.losses.mse", "tf.keras.losses.MSE",
               "tf.keras.metrics.mean_squared_error", "tf.keras.metrics.mse",
               "tf.keras.metrics.MSE"},
    .signature = "(y_true: tensor, y_pred: tensor)",
    .doc = "mean((y_true - y_pred)^2) over the last axis: [batch, d0, .. dN] -> [batch, d0, .. dN-1].",
    .body = [](Args& a) -> Value {
      const Pair p(a);
      return mean_squared_error(p.y_true, p.y_pred);
    },
};
NINEFOLD_REGISTER(mean_squared_error_function);

struct MeanSquaredError : LossOptions {
  static constexpr const char* class_name = "MeanSquaredError";
  MeanSquaredError() { name = "mean_squared_error"; }
  static void fields(Schema<MeanSquaredError>&) {}
  Tensor value(const Tensor& y_true, const Tensor& y_pred) const {
    return mean_squared_error(calc::cast(y_true, y_pred.dtype()), y_pred);
  }
};
const ObjectRecord mean_squared_error_record = loss_record<MeanSquaredError>(
    "Mean of (y_true - y_pred)^2.");
NINEFOLD_OBJECT(mean_squared_error_record);

}  // namespace
}  // namespace ninefold::keras
