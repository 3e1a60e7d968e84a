// In: lengths of axes. Out: numbers where all are known, else scalars of ops.
#include "engine/ops/extent.h"

#include <algorithm>

#include "base/check.h"
#include "engine/tensor/tensor_impl.h"

namespace ninefold::ops {
namespace {

template <class F>
Extent of_two(const Extent& a, const Extent& b, const char* name, const F& now) {
  if (a.known() && b.known()) return now(a.value(), b.value());
  return Extent(op(name, {a.tensor(), b.tensor()}));
}
int64_t in_range(int64_t n) {
  check(n >= INT32_MIN && n <= INT32_MAX, Code::value, "a size of {} is out of the range of int32", n);
  return n;
}
int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }
Tensor piece(const Tensor& vector, int64_t at) {
  return op("StridedSlice", {vector, int_vector({at}), int_vector({at + 1}), int_vector({1})}, {{"shrink_axis_mask", 1}});
}

}  // namespace

Extent::Extent(const Tensor& scalar) {
  const Tensor* known = known_value(scalar);
  check(is_integer(scalar.dtype()), Code::type, "Cannot convert a {} to EagerTensor of dtype int32: expected an integer", name_of(scalar.dtype()));
  check(!scalar.shape().fully_known() || scalar.size() == 1, Code::type, "expected one number, got a tensor of shape {}", scalar.shape().tuple());
  if (known) n_ = known->int_at(0);
  else t_ = cast(scalar, DType::i32);
}
Extent Extent::along(const Tensor& t, int axis) {
  if (!t.shape().known_rank()) return Extent(piece(op("Shape", {t}), axis));
  const int at = axis < 0 ? axis + t.rank() : axis;
  if (const int64_t n = t.dim(at); n >= 0) return n;
  return Extent(piece(op("Shape", {t}), at));
}
Tensor Extent::tensor() const { return n_ ? int_scalar(in_range(*n_)) : t_; }

Extent operator+(const Extent& a, const Extent& b) { return of_two(a, b, "AddV2", [](int64_t x, int64_t y) { return x + y; }); }
Extent operator-(const Extent& a, const Extent& b) { return of_two(a, b, "Sub", [](int64_t x, int64_t y) { return x - y; }); }
Extent operator*(const Extent& a, const Extent& b) { return of_two(a, b, "Mul", [](int64_t x, int64_t y) { return x * y; }); }
Extent operator/(const Extent& a, const Extent& b) { return of_two(a, b, "FloorDiv", floor_div); }
Extent operator%(const Extent& a, const Extent& b) {
  return of_two(a, b, "FloorMod", [](int64_t x, int64_t y) { return x - floor_div(x, y) * y; });
}
Extent larger(const Extent& a, const Extent& b) { return of_two(a, b, "Maximum", [](int64_t x, int64_t y) { return std::max(x, y); }); }
Extent smaller(const Extent& a, const Extent& b) { return of_two(a, b, "Minimum", [](int64_t x, int64_t y) { return std::min(x, y); }); }

Tensor vector_of(const std::vector<Extent>& extents) {
  std::vector<int64_t> numbers;
  for (const Extent& e : extents) {
    if (!e.known()) continue;
    numbers.push_back(in_range(e.value()));
  }
  if (numbers.size() == extents.size()) return int_vector(numbers);
  Tensors all;
  for (const Extent& e : extents) all.push_back(e.tensor());
  return op_all("Pack", all).at(0);
}
Tensor counted(const Extent& n) {
  if (n.known()) return int_vector(counting(std::max<int64_t>(n.value(), 0)));
  return op("Range", {int_scalar(0), n.tensor(), int_scalar(1)});
}
Tensor frame_places(const Extent& frames, const Extent& length, const Extent& step) {
  constexpr int64_t kConstant = 1 << 22;   // beyond it the places are made when they are needed, where memory is watched
  if (frames.known() && length.known() && step.known() && (length.value() == 0 || frames.value() <= kConstant / length.value())) {
    std::vector<int32_t> at;
    for (int64_t f = 0; f < frames.value(); ++f)
      for (int64_t i = 0; i < length.value(); ++i) at.push_back(static_cast<int32_t>(f * step.value() + i));
    return Tensor::of<int32_t>({frames.value(), length.value()}, at);
  }
  const Tensor begins = op("Reshape", {counted(frames), int_vector({-1, 1})}) * step.tensor();
  return begins + counted(length);
}
void require_at_least(const Extent& a, const Extent& b, const char* text) {
  if (a.known() && b.known()) check(a.value() >= b.value(), Code::value, "{}", text);
  else {
    const Tensor condition_and_text[] = {op("GreaterEqual", {a.tensor(), b.tensor()}), to_tensor(Value(std::string(text)))};
    op_all("Assert", condition_and_text);
  }
}
Tensor fitted(const Tensor& t, const Extent& n) {
  const Extent have = Extent::along(t, -1);
  if (have.known() && n.known() && have.value() == n.value()) return t;
  Tensor made = t;
  if (!have.known() || !n.known() || have.value() > n.value()) {
    std::vector<Extent> size(static_cast<size_t>(t.rank()), -1);
    size.back() = smaller(have, n);
    made = op("Slice", {t, int_vector(std::vector<int64_t>(size.size(), 0)), vector_of(size)});
  }
  if (!have.known() || !n.known() || have.value() < n.value()) {
    std::vector<Extent> pads(static_cast<size_t>(2 * t.rank()), 0);
    pads.back() = larger(n - have, 0);
    made = op("Pad", {made, op("Reshape", {vector_of(pads), int_vector({t.rank(), 2})})});
  }
  Shape known = t.shape();
  known.set(t.rank() - 1, n.or_unknown());
  return with_static_shape(made, known);
}
Tensor with_static_shape(const Tensor& t, const Shape& known) {
  if (t.symbolic()) t.impl()->shape = t.shape().merge(known);
  return t;
}

}  // namespace ninefold::ops
