// Mean absolute error: the mean over the last axis of |y_pred - y_true|.
// In: y_true and y_pred of one shape. Out: a value for each sample.
#include "engine/op/op.h"
#include "train/model/losses/loss.h"

namespace ninefold::keras {
namespace {

Tensor mean_absolute_error(const Tensor& y_true, const Tensor& y_pred) {
  return calc::mean(calc::abs(y_pred - y_true));
}
const Function mean_absolute_error_function = {
    .names = {"tf.keras.losses.mean_absolute_error", "tf.keras.losses.mae", "tf.keras.losses.MAE",
               "tf.keras.metrics.mean_absolute_error", "tf.keras.metrics.mae",
               "tf.keras.metrics.MAE"},
    .signature = "(y_true: tensor, y_pred: tensor)",
    .doc = "mean(|y_true - y_pred|) over the last axis.",
    .body = [](Args& a) -> Value {
      const Pair p(a);
      return mean_absolute_error(p.y_true, p.y_pred);
    },
};
NINEFOLD_REGISTER(mean_absolute_error_function);

struct MeanAbsoluteError : LossOptions {
  static constexpr const char* class_name = "MeanAbsoluteError";
  MeanAbsoluteError() { name = "mean_absolute_error"; }
  static void fields(Schema<MeanAbsoluteError>&) {}
  Tensor value(const Tensor& y_true, const Tensor& y_pred) const {
    return mean_absolute_error(calc::cast(y_true, y_pred.dtype()), y_pred);
  }
};
const ObjectRecord mean_absolute_error_record = loss_record<MeanAbsoluteError>(
    "Mean of |y_true - y_pred|.");
NINEFOLD_OBJECT(mean_absolute_error_record);

}  // namespace
}  // namespace ninefold::keras
