// Logarithm of the hyperbolic cosine of the error: x + softplus(-2x) - log 2, which no x overflows.
// In: y_true and y_pred of one shape. Out: a value for each sample.
#include "engine/op/op.h"
#include "train/model/losses/loss.h"

namespace ninefold::keras {
namespace {

Tensor log_cosh(const Tensor& y_true, const Tensor& y_pred) {
  const Tensor x = y_pred - y_true;
  return calc::mean(x + op("Softplus", {calc::like(x, -2) * x}) - calc::like(x, 0.6931471805599453));
}
const Function log_cosh_function = {
    .names = {"tf.keras.losses.log_cosh", "tf.keras.losses.logcosh", "tf.keras.metrics.log_cosh",
               "tf.keras.metrics.logcosh"},
    .signature = "(y_true: tensor, y_pred: tensor)",
    .doc = "mean(log(cosh(y_pred - y_true))) over the last axis.",
    .body = [](Args& a) -> Value {
      const Pair p(a);
      return log_cosh(p.y_true, p.y_pred);
    },
};
NINEFOLD_REGISTER(log_cosh_function);

struct LogCosh : LossOptions {
  static constexpr const char* class_name = "LogCosh";
  LogCosh() { name = "log_cosh"; }
  static void fields(Schema<LogCosh>&) {}
  Tensor value(const Tensor& y_true, const Tensor& y_pred) const {
    return log_cosh(calc::cast(y_true, y_pred.dtype()), y_pred);
  }
};
const ObjectRecord log_cosh_record = loss_record<LogCosh>(
    "Mean of log(cosh(y_pred - y_true)).");
NINEFOLD_OBJECT(log_cosh_record);

}  // namespace
}  // namespace ninefold::keras
