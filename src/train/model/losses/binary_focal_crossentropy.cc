// Binary focal crossentropy: (1 - p_t)^gamma times the binary crossentropy, where p_t is the probability
// given to the true class, so that easy samples count less (Lin et al., arXiv:1708.02002).
// In: y_true of 0 and 1, y_pred as probabilities or logits. Out: a value for each sample.
#include "engine/op/op.h"
#include "train/model/losses/crossentropy.h"

namespace ninefold::keras {
namespace {

Tensor focal(const Tensor& labels, const Tensor& y_pred, double gamma, bool from_logits, double smoothing, int64_t axis) {
  const Tensor y_true = smooth_binary(labels, smoothing), one = calc::like(y_pred, 1);
  const Tensor p = from_logits ? op("Sigmoid", {y_pred}) : y_pred;
  const Tensor p_t = y_true * p + (one - y_true) * (one - p);
  return calc::mean(calc::pow(one - p_t, calc::like(y_pred, gamma)) * binary_crossentropy_of(y_true, y_pred, from_logits), axis);
}
const Function binary_focal_crossentropy_function = {
    .names = {"tf.keras.losses.binary_focal_crossentropy", "tf.keras.metrics.binary_focal_crossentropy"},
    .signature = "(y_true: tensor, y_pred: tensor, gamma: float = 2.0, from_logits: bool = False, "
                 "label_smoothing: float = 0.0, axis: int = -1)",
    .doc = "Mean over `axis` of (1 - p_t)^gamma binary_crossentropy, p_t = y_pred where y_true is 1, else 1 - y_pred.",
    .body = [](Args& a) -> Value {
      const Pair p(a);
      return focal(p.y_true, p.y_pred, a.number("gamma"), a.flag("from_logits"), a.number("label_smoothing"), a.integer("axis"));
    },
};
NINEFOLD_REGISTER(binary_focal_crossentropy_function);

struct BinaryFocalCrossentropy : LossOptions {
  static constexpr const char* class_name = "BinaryFocalCrossentropy";
  BinaryFocalCrossentropy() { name = "binary_focal_crossentropy"; }
  double gamma = 2;
  bool from_logits = false;
  double label_smoothing = 0;
  int64_t axis = -1;
  static void fields(Schema<BinaryFocalCrossentropy>& s) {
    s.field("gamma", &BinaryFocalCrossentropy::gamma)
        .field("from_logits", &BinaryFocalCrossentropy::from_logits)
        .field("label_smoothing", &BinaryFocalCrossentropy::label_smoothing)
        .field("axis", &BinaryFocalCrossentropy::axis);
  }
  Tensor value(const Tensor& y_true, const Tensor& y_pred) const {
    return focal(calc::cast(y_true, y_pred.dtype()), y_pred, gamma, from_logits, label_smoothing, axis);
  }
};
const ObjectRecord binary_focal_crossentropy_record = loss_record<BinaryFocalCrossentropy>(
    "Binary crossentropy times (1 - p_t)^gamma: samples that are easy already count less.");
NINEFOLD_OBJECT(binary_focal_crossentropy_record);

}  // namespace
}  // namespace ninefold::keras
