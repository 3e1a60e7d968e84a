// In: labels and predictions. Out: the function forms of metrics, tf.keras.metrics.*.
#include "train/model/metrics/functions.h"

#include "base/check.h"
#include "engine/op/op.h"
#include "ninefold/keras.h"

namespace ninefold::keras {

Tensor matches(const Tensor& y_true, const Tensor& y_pred) {
  check(y_true.shape().compatible(y_pred.shape()), Code::value, "Shapes {} and {} are incompatible", y_true.shape().tuple(),
        y_pred.shape().tuple());
  return calc::cast(op("Equal", {y_true, calc::cast(y_pred, y_true.dtype())}), floatx());
}
Tensor binary_matches(const Tensor& y_true, const Tensor& y_pred, double threshold) {
  const Tensor positive = calc::cast(op("Greater", {y_pred, calc::like(y_pred, threshold)}), y_pred.dtype());
  return calc::cast(op("Equal", {calc::cast(y_true, y_pred.dtype()), positive}), floatx());
}
Tensor sparse_categorical_matches(const Tensor& y_true, const Tensor& y_pred) {
  // Labels [batch, 1] stand for [batch]; the result keeps their shape.
  const bool column = y_true.shape().known_rank() && y_true.rank() == y_pred.rank();
  const Tensor labels = column ? calc::squeeze_last(y_true) : y_true;
  const Tensor guessed = calc::cast(calc::argmax(y_pred), labels.dtype());
  const Tensor equal = calc::cast(op("Equal", {labels, guessed}), floatx());
  return column ? op("Reshape", {equal, calc::shape_of(y_true)}) : equal;
}
Tensor categorical_matches(const Tensor& y_true, const Tensor& y_pred) {
  return sparse_categorical_matches(calc::argmax(y_true), y_pred);
}
Tensor sparse_top_k_matches(const Tensor& y_true, const Tensor& y_pred, int64_t k) {
  const Tensor scores = y_pred.rank() > 2 ? calc::reshape(y_pred, {-1, y_pred.dim(-1)}) : y_pred;
  const Tensor labels = calc::cast(y_true.rank() > 1 ? calc::reshape(y_true, {-1}) : y_true, DType::i32);
  const Tensor in = *call("tf.math.in_top_k", {{"targets", labels}, {"predictions", scores}, {"k", k}}).get<Tensor>();
  const Tensor hits = calc::cast(in, floatx());
  return y_true.rank() > 1 ? op("Reshape", {hits, calc::shape_of(y_true)}) : hits;
}
Tensor top_k_matches(const Tensor& y_true, const Tensor& y_pred, int64_t k) {
  return sparse_top_k_matches(calc::argmax(y_true), y_pred, k);
}
Tensor cosine_of(const Tensor& y_true, const Tensor& y_pred, int64_t axis) {
  return calc::sum(calc::l2_normalize(y_true, axis) * calc::l2_normalize(y_pred, axis), axis);
}

namespace {

const Function binary_accuracy = {
    .names = {"tf.keras.metrics.binary_accuracy"},
    .signature = "(y_true: tensor, y_pred: tensor, threshold: float = 0.5)",
    .doc = "Share of labels that (y_pred > threshold) equals, over the last axis.",
    .body = [](Args& a) -> Value {
      return calc::mean(binary_matches(a.tensor("y_true"), a.tensor("y_pred"), a.number("threshold")));
    },
};
NINEFOLD_REGISTER(binary_accuracy);
const Function categorical_accuracy = {
    .names = {"tf.keras.metrics.categorical_accuracy"},
    .signature = "(y_true: tensor, y_pred: tensor)",
    .doc = "1 where the largest prediction is that of the one-hot label, else 0.",
    .body = [](Args& a) -> Value { return categorical_matches(a.tensor("y_true"), a.tensor("y_pred")); },
};
NINEFOLD_REGISTER(categorical_accuracy);
const Function sparse_categorical_accuracy = {
    .names = {"tf.keras.metrics.sparse_categorical_accuracy"},
    .signature = "(y_true: tensor, y_pred: tensor)",
    .doc = "1 where the largest prediction is that of the label's class, else 0.",
    .body = [](Args& a) -> Value {
      const Tensor hits = sparse_categorical_matches(a.tensor("y_true"), a.tensor("y_pred"));
      return hits.rank() > 1 && hits.dim(-1) == 1 ? calc::squeeze_last(hits) : hits;
    },
};
NINEFOLD_REGISTER(sparse_categorical_accuracy);
const Function top_k_categorical_accuracy = {
    .names = {"tf.keras.metrics.top_k_categorical_accuracy"},
    .signature = "(y_true: tensor, y_pred: tensor, k: int = 5)",
    .doc = "1 where the one-hot label is among the k largest predictions, else 0.",
    .body = [](Args& a) -> Value { return top_k_matches(a.tensor("y_true"), a.tensor("y_pred"), a.integer("k")); },
};
NINEFOLD_REGISTER(top_k_categorical_accuracy);
const Function sparse_top_k_categorical_accuracy = {
    .names = {"tf.keras.metrics.sparse_top_k_categorical_accuracy"},
    .signature = "(y_true: tensor, y_pred: tensor, k: int = 5)",
    .doc = "1 where the label's class is among the k largest predictions, else 0.",
    .body = [](Args& a) -> Value { return sparse_top_k_matches(a.tensor("y_true"), a.tensor("y_pred"), a.integer("k")); },
};
NINEFOLD_REGISTER(sparse_top_k_categorical_accuracy);

}  // namespace
}  // namespace ninefold::keras
