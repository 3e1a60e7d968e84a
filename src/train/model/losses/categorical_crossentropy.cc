// Categorical crossentropy: -sum y log p over the classes.
// In: one-hot y_true, y_pred as probabilities or logits. Out: a value for each sample.
#include "engine/op/op.h"
#include "train/model/losses/crossentropy.h"

namespace ninefold::keras {
namespace {

Tensor categorical_crossentropy(const Tensor& labels, const Tensor& y_pred, bool from_logits, double smoothing, int64_t axis) {
  Tensor y_true = labels;
  if (smoothing != 0) {
    const Tensor s = calc::like(y_pred, smoothing);
    const int64_t known = labels.shape().known_rank() ? labels.dim(-1) : -1;
    const Tensor classes = known >= 0 ? calc::like(y_pred, static_cast<double>(known))
                                      : calc::cast(calc::pick(calc::shape_of(labels), -1), y_pred.dtype());
    y_true = labels * (calc::like(y_pred, 1) - s) + s / classes;
  }
  check(y_true.shape().compatible(y_pred.shape()), Code::value, "Shapes {} and {} are incompatible",
        y_true.shape().tuple(), y_pred.shape().tuple());
  const Tensor noted = noted_logits(y_pred, "Softmax", from_logits, "categorical_crossentropy");
  if (noted.defined() || from_logits) {
    const Tensor logits = noted.defined() ? noted : y_pred;
    return *ninefold::call("tf.nn.softmax_cross_entropy_with_logits",
                           {{"labels", y_true}, {"logits", logits}, {"axis", axis}}).get<Tensor>();
  }
  const Tensor p = calc::clip(y_pred / calc::sum(y_pred, axis, true), epsilon(), 1 - epsilon());
  return -calc::sum(y_true * calc::log(p), axis);
}
const Function categorical_crossentropy_function = {
    .names = {"tf.keras.losses.categorical_crossentropy", "tf.keras.metrics.categorical_crossentropy"},
    .signature = "(y_true: tensor, y_pred: tensor, from_logits: bool = False, label_smoothing: float = 0.0, "
                 "axis: int = -1)",
    .doc = "-sum(y_true log(y_pred)) over `axis`, y_pred scaled to a sum of 1. Labels y become "
           "y (1 - label_smoothing) + label_smoothing / classes.",
    .body = [](Args& a) -> Value {
      const Pair p(a);
      return categorical_crossentropy(p.y_true, p.y_pred, a.flag("from_logits"), a.number("label_smoothing"), a.integer("axis"));
    },
};
NINEFOLD_REGISTER(categorical_crossentropy_function);

struct CategoricalCrossentropy : LossOptions {
  static constexpr const char* class_name = "CategoricalCrossentropy";
  CategoricalCrossentropy() { name = "categorical_crossentropy"; }
  bool from_logits = false;
  double label_smoothing = 0;
  int64_t axis = -1;
  static void fields(Schema<CategoricalCrossentropy>& s) {
    s.field("from_logits", &CategoricalCrossentropy::from_logits)
        .field("label_smoothing", &CategoricalCrossentropy::label_smoothing)
        .field("axis", &CategoricalCrossentropy::axis);
  }
  Tensor value(const Tensor& y_true, const Tensor& y_pred) const {
    return categorical_crossentropy(calc::cast(y_true, y_pred.dtype()), y_pred, from_logits, label_smoothing, axis);
  }
};
const ObjectRecord categorical_crossentropy_record = loss_record<CategoricalCrossentropy>(
    "Crossentropy of one-hot labels with probabilities, or with logits if `from_logits`.");
NINEFOLD_OBJECT(categorical_crossentropy_record);

}  // namespace
}  // namespace ninefold::keras
