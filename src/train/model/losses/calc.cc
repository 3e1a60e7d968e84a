// In: tensors and plain numbers. Out: ops on them, called by name.
#include "train/model/losses/calc.h"

#include "base/check.h"
#include "ninefold/composite.h"

#include <limits>
#include <numeric>

#include "base/check.h"

namespace ninefold::keras::calc {
namespace {

Tensor axis_list(const std::vector<int64_t>& axes) {
  return Tensor::of<int32_t>({static_cast<int64_t>(axes.size())}, std::vector<int32_t>(axes.begin(), axes.end()));
}
Tensor reduce(const char* with, const Tensor& x, const std::vector<int64_t>& axes, bool keep = false) {
  return op(with, {x, axis_list(axes)}, {{"keep_dims", keep}});
}
Tensor reduce_all(const char* with, const Tensor& x) {
  if (!x.shape().known_rank())
    return op(with, {x, op("Range", {Tensor(int32_t{0}), op("Rank", {x}), Tensor(int32_t{1})})}, {{"keep_dims", false}});
  if (x.rank() == 0 && x.dtype() != DType::boolean) return x;
  std::vector<int64_t> axes(static_cast<size_t>(x.rank()));
  std::iota(axes.begin(), axes.end(), 0);
  return reduce(with, x, axes);
}

}  // namespace

Tensor number(double value, DType dtype) {
  switch (dtype) {
    case DType::f32: return Tensor(static_cast<float>(value));
    case DType::f64: return Tensor(value);
    case DType::i32: return Tensor(static_cast<int32_t>(value));
    case DType::i64: return Tensor(static_cast<int64_t>(value));
    default: return cast(Tensor(static_cast<float>(value)), dtype);
  }
}
Tensor cast(const Tensor& x, DType dtype) { return x.dtype() == dtype ? x : op("Cast", {x}, {{"DstT", dtype}}); }
Tensor as_tensor(const Value& v) {
  const auto spec = CompositeSpec::of(v);
  check(!spec, Code::value, "Attempt to convert a value ({}) with an unsupported type ({}) to a Tensor.", spec ? spec->str() : "",
        spec && spec->sparse ? "SparseTensor" : "RaggedTensor");
  return to_tensor(v, DType::invalid, "convert_to_tensor");
}

Tensor mean(const Tensor& x, int64_t axis) { return reduce("Mean", x, {axis}); }
Tensor sum(const Tensor& x, int64_t axis, bool keep) { return reduce("Sum", x, {axis}, keep); }
Tensor max(const Tensor& x, int64_t axis) { return reduce("Max", x, {axis}); }
Tensor mean_over(const Tensor& x, const std::vector<int64_t>& axes) { return reduce("Mean", x, axes); }
Tensor sum_over(const Tensor& x, const std::vector<int64_t>& axes) { return reduce("Sum", x, axes); }
Tensor sum_all(const Tensor& x) { return reduce_all("Sum", x); }
Tensor max_all(const Tensor& x) { return reduce_all("Max", x); }
Tensor all(const Tensor& x) { return reduce_all("All", x); }

Tensor square(const Tensor& x) { return op("Square", {x}); }
Tensor sqrt(const Tensor& x) { return op("Sqrt", {x}); }
Tensor abs(const Tensor& x) { return op("Abs", {x}); }
Tensor log(const Tensor& x) { return op("Log", {x}); }
Tensor pow(const Tensor& x, const Tensor& y) { return op("Pow", {x, y}); }
Tensor maximum(const Tensor& x, const Tensor& y) { return op("Maximum", {x, y}); }
Tensor minimum(const Tensor& x, const Tensor& y) { return op("Minimum", {x, y}); }
Tensor select(const Tensor& c, const Tensor& a, const Tensor& b) { return op("SelectV2", {c, a, b}); }
Tensor div_no_nan(const Tensor& x, const Tensor& y) { return op("DivNoNan", {x, y}); }
Tensor clip(const Tensor& x, double low, double high) { return maximum(minimum(x, like(x, high)), like(x, low)); }
Tensor l2_normalize(const Tensor& x, int64_t axis) {
  return x * op("Rsqrt", {maximum(sum(square(x), axis, true), like(x, 1e-12))});
}
Tensor argmax(const Tensor& x, DType out) { return op("ArgMax", {x, Tensor(int32_t{-1})}, {{"output_type", out}}); }

Tensor squeeze_last(const Tensor& x) { return op("Squeeze", {x}, {{"squeeze_dims", std::vector<int64_t>{-1}}}); }
Tensor expand_last(const Tensor& x) { return op("ExpandDims", {x, Tensor(int32_t{-1})}); }
Tensor reshape(const Tensor& x, const std::vector<int64_t>& dims) { return op("Reshape", {x, axis_list(dims)}); }
Tensor shape_of(const Tensor& x) {
  return x.shape().fully_known() ? axis_list(x.shape().vector()) : op("Shape", {x}, {{"out_type", DType::i32}});
}
Tensor size_as(const Tensor& x, DType dtype) {
  if (x.shape().fully_known()) return number(static_cast<double>(x.size()), dtype);
  return cast(op("Size", {x}, {{"out_type", DType::i32}}), dtype);
}
Tensor slice_axis(const Tensor& x, int axis, int64_t begin, int64_t end) {
  std::vector<int64_t> from(static_cast<size_t>(axis) + 1, 0), to(from.size(), 0);
  const std::vector<int64_t> step(from.size(), 1);
  from.back() = begin, to.back() = end;
  const int64_t whole = (int64_t{1} << axis) - 1;   // axes before it are taken whole
  return op("StridedSlice", {x, axis_list(from), axis_list(to), axis_list(step)},
            {{"begin_mask", whole}, {"end_mask", end == 0 ? whole | int64_t{1} << axis : whole}});
}
Tensor pick(const Tensor& x, int64_t at) { return op("GatherV2", {x, Tensor(static_cast<int32_t>(at)), Tensor(int32_t{-1})}); }

void squeeze_to_match(Tensor& y_true, Tensor& y_pred, int expected) {
  if (!y_true.shape().known_rank() || !y_pred.shape().known_rank()) return;
  const auto ends_in_one = [](const Tensor& t) { return t.rank() > 0 && (t.dim(-1) == 1 || t.dim(-1) < 0); };
  const int difference = y_pred.rank() - y_true.rank();
  if (difference == expected + 1 && ends_in_one(y_pred)) y_pred = squeeze_last(y_pred);
  else if (difference == expected - 1 && ends_in_one(y_true)) y_true = squeeze_last(y_true);
}
void match_ranks(Tensor& y_true, Tensor& y_pred) {
  if (!y_true.shape().known_rank() || !y_pred.shape().known_rank()) return;
  if (y_pred.rank() - y_true.rank() != 1 || y_pred.dim(-1) == 1) squeeze_to_match(y_true, y_pred);
}
Tensor match_weight(const Tensor& values, const Tensor& weight) {
  if (!weight.shape().known_rank() || !values.shape().known_rank() || weight.rank() == 0) return weight;
  if (weight.rank() - values.rank() == 1) return squeeze_last(weight);
  if (values.rank() - weight.rank() == 1) return expand_last(weight);
  return weight;
}

}  // namespace ninefold::keras::calc
