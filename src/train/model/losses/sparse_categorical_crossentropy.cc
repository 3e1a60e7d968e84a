// Sparse categorical crossentropy: -log p of the class that the label numbers.
// In: class numbers y_true, y_pred as probabilities or logits. Out: a value for each label.
#include <numeric>

#include "engine/op/op.h"
#include "train/model/losses/crossentropy.h"

namespace ninefold::keras {
namespace {

// The classes' axis becomes the last one.
Tensor classes_last(const Tensor& x, int64_t axis) {
  const int rank = x.rank();
  check(rank >= 0 || axis == -1, Code::value,
        "Cannot compute sparse categorical crossentropy with `axis={}` on an output tensor with unknown rank", axis);
  if (rank < 0) return x;
  check(rank > 0, Code::value, "sparse_categorical_crossentropy: expected y_pred with an axis of classes, got shape ()");
  const int64_t at = (axis % rank + rank) % rank;
  if (at == rank - 1) return x;
  std::vector<int32_t> order(static_cast<size_t>(rank));
  std::iota(order.begin(), order.end(), 0);
  order.erase(order.begin() + at);
  order.push_back(static_cast<int32_t>(at));
  return op("Transpose", {x, Tensor::of<int32_t>({rank}, order)});
}

Tensor sparse_categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred, bool from_logits, int64_t axis) {
  const Tensor noted = noted_logits(y_pred, "Softmax", from_logits, "sparse_categorical_crossentropy");
  Tensor logits = noted.defined() ? noted : y_pred;
  if (!noted.defined() && !from_logits) logits = calc::log(calc::clip(y_pred, epsilon(), 1 - epsilon()));
  logits = classes_last(logits, axis);

  // Labels of one rank less are what the op wants; [batch, 1] and the like are flattened on the way.
  Tensor labels = calc::cast(y_true, DType::i64), shape;
  const int rank = logits.rank();
  if (rank >= 0 && labels.rank() >= 0 && labels.rank() != rank - 1) {
    if (rank >= 3) shape = calc::slice_axis(calc::shape_of(logits), 0, 0, -1);
    labels = calc::reshape(labels, {-1});
    const int64_t classes = logits.dim(-1);
    logits = classes >= 0 ? calc::reshape(logits, {-1, classes})
                          : op("Reshape", {logits, op("Pack", {Tensor(int32_t{-1}), calc::pick(calc::shape_of(logits), -1)})});
  }
  const Tensor loss = *ninefold::call("tf.nn.sparse_softmax_cross_entropy_with_logits",
                                      {{"labels", labels}, {"logits", logits}}).get<Tensor>();
  return shape.defined() ? op("Reshape", {loss, shape}) : loss;
}
const Function sparse_categorical_crossentropy_function = {
    .names = {"tf.keras.losses.sparse_categorical_crossentropy", "tf.keras.metrics.sparse_categorical_crossentropy"},
    .signature = "(y_true: tensor, y_pred: tensor, from_logits: bool = False, axis: int = -1)",
    .doc = "-log y_pred[label]: labels [batch, d0, .. dN-1] or [.., 1], predictions [batch, d0, .. dN].",
    .body = [](Args& a) -> Value {
      return sparse_categorical_crossentropy(a.tensor("y_true"), a.tensor("y_pred"), a.flag("from_logits"), a.integer("axis"));
    },
};
NINEFOLD_REGISTER(sparse_categorical_crossentropy_function);

struct SparseCategoricalCrossentropy : LossOptions {
  static constexpr const char* class_name = "SparseCategoricalCrossentropy";
  SparseCategoricalCrossentropy() { name = "sparse_categorical_crossentropy"; }
  bool from_logits = false;
  static void fields(Schema<SparseCategoricalCrossentropy>& s) {
    s.field("from_logits", &SparseCategoricalCrossentropy::from_logits);
  }
  Tensor value(const Tensor& y_true, const Tensor& y_pred) const {
    return sparse_categorical_crossentropy(y_true, y_pred, from_logits, -1);
  }
};
const ObjectRecord sparse_categorical_crossentropy_record = loss_record<SparseCategoricalCrossentropy>(
    "Crossentropy of class numbers with probabilities, or with logits if `from_logits`.");
NINEFOLD_OBJECT(sparse_categorical_crossentropy_record);

}  // namespace
}  // namespace ninefold::keras
