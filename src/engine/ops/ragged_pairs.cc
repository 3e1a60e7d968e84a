// In: labels and predictions some of which are ragged, and what makes a value of each last axis; scores of ragged rows.
// Out: the values of all rows; shares that add up to 1 in each row.
#include "base/check.h"
#include "engine/ops/ragged.h"

namespace ninefold::ops::ragged {
namespace {

Value plain(const char* function, const Value& x, const Value& y) { return ninefold::call(function, {{"x", x}, {"y", y}}); }

// The function's name as users know it, without its module.
std::string_view short_name(std::string_view name) { return name.substr(name.rfind('.') + 1); }

// True iff the value of a last axis is the mean of the values of its elements.
bool is_mean(std::string_view name) {
  constexpr std::string_view means[] = {"mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error",
                                        "mean_squared_logarithmic_error", "binary_crossentropy", "hinge", "squared_hinge",
                                        "poisson", "log_cosh", "huber", "binary_focal_crossentropy"};
  return std::find(std::begin(means), std::end(means), short_name(name)) != std::end(means);
}

}  // namespace

Value over_last_axis(std::string_view name, const std::function<Tensor(const Tensor&, const Tensor&)>& f, const Value& y_true,
                     const Value& y_pred) {
  const RaggedRef predicted = Ragged::of(y_pred);
  if (!predicted) {
    // A dense prediction must have the labels' rows.
    const RaggedRef labels = Ragged::of(y_true);
    check(labels != nullptr, Code::type, "{}: expected a ragged tensor in y_true or y_pred only, got one in another argument", name);
    const Value zeros = Ragged::value(labels->with_flat_values(cast(op("ZerosLike", {labels->flat_values()}), numbers(y_pred).dtype())));
    return over_last_axis(name, f, y_true, plain("tf.math.add", zeros, y_pred));
  }
  const RaggedRef labels = Ragged::of(y_true);
  if (!labels) return f(numbers(y_true), predicted->to_tensor());
  // Of a class for each row the predictions may have one more ragged dimension: of the classes.
  const Tensors x = labels->nested_row_splits(), y = predicted->nested_row_splits();
  check(x.size() == y.size(), Code::value, "{}: y_true has {} ragged dimensions and y_pred {}; they must be equal", name, x.size(), y.size());
  for (size_t i = 0; i < x.size(); ++i) require_equal(cast(x[i], DType::i64), cast(y[i], DType::i64), "Inputs must have identical ragged splits");
  if (predicted->flat_values().rank() > 1)
    return Ragged::value(predicted->with_flat_values(f(labels->flat_values(), predicted->flat_values())));
  check(is_mean(name), Code::unimplemented, "{}: expected predictions whose last dimension is uniform, got shape {}; only means over the "
        "last axis take rows of different lengths", name, predicted->shape().tuple());
  const auto column = [](const Tensor& t) { return op("ExpandDims", {t, int_scalar(-1)}); };
  const Tensor each = f(column(labels->flat_values()), column(predicted->flat_values()));
  return ninefold::call("tf.math.reduce_mean", {{"input_tensor", Ragged::value(predicted->with_flat_values(each))},
                                                {"axis", static_cast<int64_t>(predicted->rank() - 1)}});
}

Value softmax(const Ragged& scores, int64_t axis) {
  axis = normal_axis(axis, scores.rank());
  const int rows = scores.ragged_rank();
  const Tensor& x = scores.flat_values();
  if (axis > rows) {
    const Value shares = ninefold::call("tf.nn.softmax", {{"logits", x}, {"axis", axis - rows}});
    return Ragged::value(scores.with_flat_values(*shares.get<Tensor>()));
  }
  check(axis == rows, Code::unimplemented, "tf.nn.softmax: of a ragged tensor with {} ragged dimensions expected axis {} or one behind it, "
        "got {}", rows, rows, axis);
  const Ragged* innermost = &scores;
  while (innermost->inner()) innermost = innermost->inner();
  const Tensor ids = innermost->value_rowids(), count = innermost->nrows();
  const Tensor highest = gather(op("UnsortedSegmentMax", {x, ids, count}), ids);
  const Tensor e = op("Exp", {x - highest});
  return Ragged::value(scores.with_flat_values(e / gather(op("UnsortedSegmentSum", {e, ids, count}), ids)));
}

}  // namespace ninefold::ops::ragged
