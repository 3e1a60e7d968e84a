// Kullback-Leibler divergence: sum y_true log(y_true / y_pred), both clipped to [epsilon, 1].
// In: y_true and y_pred of one shape. Out: a value for each sample.
#include "engine/op/op.h"
#include "train/model/losses/loss.h"

namespace ninefold::keras {
namespace {

Tensor kl_divergence(const Tensor& y_true, const Tensor& y_pred) {
  const Tensor truth = calc::clip(y_true, epsilon(), 1), prediction = calc::clip(y_pred, epsilon(), 1);
  return calc::sum(truth * calc::log(truth / prediction));
}
const Function kl_divergence_function = {
    .names = {"tf.keras.losses.kl_divergence", "tf.keras.losses.kullback_leibler_divergence",
               "tf.keras.losses.kld", "tf.keras.losses.KLD", "tf.keras.metrics.kl_divergence",
               "tf.keras.metrics.kullback_leibler_divergence", "tf.keras.metrics.kld",
               "tf.keras.metrics.KLD"},
    .signature = "(y_true: tensor, y_pred: tensor)",
    .doc = "sum(y_true log(y_true / y_pred)) over the last axis.",
    .body = [](Args& a) -> Value {
      const Pair p(a);
      return kl_divergence(p.y_true, p.y_pred);
    },
};
NINEFOLD_REGISTER(kl_divergence_function);

struct KLDivergence : LossOptions {
  static constexpr const char* class_name = "KLDivergence";
  KLDivergence() { name = "kl_divergence"; }
  static void fields(Schema<KLDivergence>&) {}
  Tensor value(const Tensor& y_true, const Tensor& y_pred) const {
    return kl_divergence(calc::cast(y_true, y_pred.dtype()), y_pred);
  }
};
const ObjectRecord kl_divergence_record = loss_record<KLDivergence>(
    "sum of y_true log(y_true / y_pred).");
NINEFOLD_OBJECT(kl_divergence_record);

}  // namespace
}  // namespace ninefold::keras
