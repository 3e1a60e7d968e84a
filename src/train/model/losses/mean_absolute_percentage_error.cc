// Mean absolute percentage error: 100 mean |y_true - y_pred| / max(|y_true|, epsilon).
// In: y_true and y_pred of one shape. Out: a value for each sample.
#include "engine/op/op.h"
#include "train/model/losses/loss.h"

namespace ninefold::keras {
namespace {

Tensor mean_absolute_percentage_error(const Tensor& y_true, const Tensor& y_pred) {
  const Tensor scale = calc::maximum(calc::abs(y_true), calc::like(y_true, epsilon()));
  const Tensor difference = calc::abs((y_true - y_pred) / scale);
  return calc::like(y_pred, 100) * calc::mean(difference);
}
const Function mean_absolute_percentage_error_function = {
    .names = {"tf.keras.losses.mean_absolute_percentage_error", "tf.keras.losses.mape",
               "tf.keras.losses.MAPE", "tf.keras.metrics.mean_absolute_percentage_error",
               "tf.keras.metrics.mape", "tf.keras.metrics.MAPE"},
    .signature = "(y_true: tensor, y_pred: tensor)",
    .doc = "100 mean(|(y_true - y_pred) / max(|y_true|, epsilon)|) over the last axis.",
    .body = [](Args& a) -> Value {
      const Pair p(a);
      return mean_absolute_percentage_error(p.y_true, p.y_pred);
    },
};
NINEFOLD_REGISTER(mean_absolute_percentage_error_function);

struct MeanAbsolutePercentageError : LossOptions {
  static constexpr const char* class_name = "MeanAbsolutePercentageError";
  MeanAbsolutePercentageError() { name = "mean_absolute_percentage_error"; }
  static void fields(Schema<MeanAbsolutePercentageError>&) {}
  Tensor value(const Tensor& y_true, const Tensor& y_pred) const {
    return mean_absolute_percentage_error(calc::cast(y_true, y_pred.dtype()), y_pred);
  }
};
const ObjectRecord mean_absolute_percentage_error_record = loss_record<MeanAbsolutePercentageError>(
    "Mean of 100 |y_true - y_pred| / |y_true|.");
NINEFOLD_OBJECT(mean_absolute_percentage_error_record);

}  // namespace
}  // namespace ninefold::keras
