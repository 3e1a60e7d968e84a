// In: ints, lists, shapes, tensors. Out: one integer tensor.
#include "engine/ops/array_args.h"

#include <cmath>
#include <numeric>

#include "base/check.h"
#include "engine/op/printed.h"
#include "engine/op/scope.h"

namespace ninefold::ops {
namespace {

bool needs_wide(const Value& v) {
  if (const int64_t* i = v.get<int64_t>()) return *i > INT32_MAX || *i < INT32_MIN;
  if (const Shape* s = v.get<Shape>()) {
    for (int64_t d : *s)
      if (d > INT32_MAX) return true;
  } else if (const ValueList* list = v.get<ValueList>()) {
    for (const Value& item : *list)
      if (needs_wide(item)) return true;
  }
  return false;
}

}  // namespace

Tensor int_operand(const Value& v, std::string_view who, DType like) {
  if (is_tensor(v)) return to_tensor(v);
  check(!v.none(), Code::value, "{}: Attempt to convert a value (None) with an unsupported type (<class 'NoneType'>) to a Tensor.", who);
  // A lone bool is an integer; a lone float is refused by what it should have been, as eager TensorFlow says it.
  if (v.get<bool>() || (v.get<double>() && !scope().tracer())) return to_tensor(v, like, who);
  if (v.get<Shape>()) return to_tensor(v, needs_wide(v) ? DType::i64 : like, who);
  Tensor t = to_tensor(v, DType::invalid, who);
  if (t.size() == 0 && t.dtype() == DType::f32 && !t.symbolic()) return Tensor::empty(like, t.shape());
  if (t.dtype() == DType::i32 && like == DType::i64) return cast(t, like);
  return t;
}
Tensor int_operand(const Args& a, std::string_view name, DType like) { return int_operand(a[name], a.function().names[0], like); }

Tensor shape_operand(const Args& a, std::string_view name) {
  const Tensor t = int_operand(a, name);
  return t.shape().known_rank() && t.rank() == 0 ? op("Reshape", {t, int_vector({-1})}) : t;
}

DType index_type(const Args& a, std::initializer_list<std::string_view> names) {
  for (std::string_view n : names)
    if (const Tensor* t = a[n].get<Tensor>()) return t->dtype();
  for (std::string_view n : names)
    if (needs_wide(a[n])) return DType::i64;
  return DType::i32;
}

int64_t whole_axis(const Args& a, std::string_view name) {
  const double* d = a[name].get<double>();
  return d && *d == std::floor(*d) && std::abs(*d) < 1e9 ? static_cast<int64_t>(*d) : a.integer(name);
}
void refuse_traced_float(const Args& a, std::string_view name, std::string_view input, std::string_view op) {
  const double* d = a[name].get<double>();
  if (!d || !scope().tracer()) return;
  const std::string number = printed(Value(*d));
  fail(Code::type, "Expected int32 passed to parameter '{}' of op '{}', got {} of type 'float' instead. Error: Expected int32, but got {} "
       "of type 'float'.", input, op, number, number);
}

std::optional<int64_t> known_int(const Args& a, std::string_view name) {
  const Value& v = a[name];
  if (const int64_t* i = v.get<int64_t>()) return *i;
  const Tensor* t = v.get<Tensor>();
  const Tensor* known = t ? known_value(*t) : nullptr;
  if (known && known->size() == 1 && is_integer(known->dtype())) return known->int_at(0);
  return std::nullopt;
}

std::vector<int64_t> counting(int64_t n) {
  std::vector<int64_t> v(static_cast<size_t>(n));
  std::iota(v.begin(), v.end(), int64_t{0});
  return v;
}
Tensor all_axes(const Tensor& x) {
  if (x.shape().known_rank()) return int_vector(counting(x.rank()));
  return op("Range", {int_scalar(0), op("Rank", {x}), int_scalar(1)});
}
AroundAxis::AroundAxis(const Tensor& x, int64_t axis) {
  const Tensor shape = shape_tensor(x);
  const Tensor at = op("Reshape", {axis < 0 ? op("Rank", {x}) + int_scalar(axis) : int_scalar(axis), int_vector({1})});
  before = op("Slice", {shape, int_vector({0}), at});
  along = op("Slice", {shape, at, int_vector({1})});
  behind = op("Slice", {shape, at + int_vector({1}), int_vector({-1})});
  const auto size = [](const Tensor& sizes) { return op("Prod", {sizes, int_vector({0})}, {{"keep_dims", true}}); };
  three = op("Reshape", {x, op("ConcatV2", {size(before), along, size(behind), int_scalar(0)})});
}
Tensor AroundAxis::restored(const Tensor& three_again) const { return restored(three_again, along); }
Tensor AroundAxis::restored(const Tensor& three_again, const Tensor& along_now) const {
  return op("Reshape", {three_again, op("ConcatV2", {before, along_now, behind, int_scalar(0)})});
}
Tensor cast(const Tensor& t, DType to) { return t.dtype() == to ? t : op("Cast", {t}, {{"DstT", to}}); }
Tensor scalar(double value, DType dtype) {
  if (dtype == DType::f64) return Tensor(value);
  if (dtype == DType::f32) return Tensor(static_cast<float>(value));
  if (dtype == DType::boolean) return Tensor(value != 0);
  return to_tensor(is_integer(dtype) || dtype == DType::string ? Value(static_cast<int64_t>(value)) : Value(value), dtype);
}
std::string dtype_repr(DType d) { return fmt::format("<dtype: '{}'>", name_of(d)); }

}  // namespace ninefold::ops
