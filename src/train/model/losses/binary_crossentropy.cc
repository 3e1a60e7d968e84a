// Binary crossentropy: -y log p - (1 - y) log(1 - p), the mean over an axis.
// In: y_true of 0 and 1, y_pred as probabilities or logits. Out: a value for each sample.
#include "engine/op/op.h"
#include "train/model/losses/crossentropy.h"

namespace ninefold::keras {
namespace {

Tensor binary_crossentropy(const Tensor& y_true, const Tensor& y_pred, bool from_logits, double smoothing, int64_t axis) {
  return calc::mean(binary_crossentropy_of(smooth_binary(y_true, smoothing), y_pred, from_logits), axis);
}
const Function binary_crossentropy_function = {
    .names = {"tf.keras.losses.binary_crossentropy", "tf.keras.metrics.binary_crossentropy"},
    .signature = "(y_true: tensor, y_pred: tensor, from_logits: bool = False, label_smoothing: float = 0.0, "
                 "axis: int = -1)",
    .doc = "Mean over `axis` of -y_true log(y_pred) - (1 - y_true) log(1 - y_pred). Labels y become "
           "y (1 - label_smoothing) + label_smoothing / 2.",
    .body = [](Args& a) -> Value {
      const Pair p(a);
      return binary_crossentropy(p.y_true, p.y_pred, a.flag("from_logits"), a.number("label_smoothing"), a.integer("axis"));
    },
};
NINEFOLD_REGISTER(binary_crossentropy_function);

struct BinaryCrossentropy : LossOptions {
  static constexpr const char* class_name = "BinaryCrossentropy";
  BinaryCrossentropy() { name = "binary_crossentropy"; }
  bool from_logits = false;
  double label_smoothing = 0;
  int64_t axis = -1;
  static void fields(Schema<BinaryCrossentropy>& s) {
    s.field("from_logits", &BinaryCrossentropy::from_logits)
        .field("label_smoothing", &BinaryCrossentropy::label_smoothing)
        .field("axis", &BinaryCrossentropy::axis);
  }
  Tensor value(const Tensor& y_true, const Tensor& y_pred) const {
    return binary_crossentropy(calc::cast(y_true, y_pred.dtype()), y_pred, from_logits, label_smoothing, axis);
  }
};
const ObjectRecord binary_crossentropy_record = loss_record<BinaryCrossentropy>(
    "Crossentropy of labels 0 and 1 with probabilities, or with logits if `from_logits`.");
NINEFOLD_OBJECT(binary_crossentropy_record);

}  // namespace
}  // namespace ninefold::keras
