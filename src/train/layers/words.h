// In: tensors and numbers. Out: the few composites that many layers are written with.
#pragma once

#include "ninefold/keras.h"
#include "train/layers/sizes.h"

namespace ninefold::keras {

inline Tensor ints(const std::vector<int64_t>& v) {
  return Tensor::of<int32_t>({static_cast<int64_t>(v.size())}, std::vector<int32_t>(v.begin(), v.end()));
}
inline Tensor cast(const Tensor& x, DType d) { return x.dtype() == d ? x : op("Cast", {x}, {{"DstT", d}}); }
// A constant that takes part in arithmetic with x.
inline Tensor number(double v, DType d) {
  return is_integer(d) ? to_tensor(Value(static_cast<int64_t>(v)), d) : to_tensor(Value(v), d);
}
inline Tensor times(const Tensor& x, double v) { return x * number(v, x.dtype()); }
inline Tensor plus(const Tensor& x, double v) { return x + number(v, x.dtype()); }
inline Tensor reshape(const Tensor& x, const std::vector<int64_t>& dims) { return op("Reshape", {x, ints(dims)}); }
inline Tensor transpose(const Tensor& x, const std::vector<int64_t>& perm) { return op("Transpose", {x, ints(perm)}); }
inline Tensor reduce(const char* with, const Tensor& x, const std::vector<int64_t>& axes, bool keep = false) {
  return op(with, {x, ints(axes)}, {{"keep_dims", keep}});
}
inline std::vector<int64_t> all_axes(const Tensor& x) {
  std::vector<int64_t> axes;
  for (int i = 0; i < x.rank(); ++i) axes.push_back(i);
  return axes;
}
inline Tensor sum_all(const Tensor& x) { return reduce("Sum", x, all_axes(x)); }
inline Tensor clip(const Tensor& x, double low, double high) {
  return op("Maximum", {op("Minimum", {x, number(high, x.dtype())}), number(low, x.dtype())});
}
// A public function by name, where it does more than one op.
inline Tensor function(std::string_view name, const std::vector<std::pair<std::string, Value>>& named) {
  return *call(name, named).get<Tensor>();
}
// A vector of int32 sizes, some known, some scalars of the trace.
inline Tensor pack_ints(const Tensors& scalars) {
  bool known = true;
  for (const Tensor& t : scalars) known &= !t.symbolic();
  if (known) {
    std::vector<int64_t> v;
    for (const Tensor& t : scalars) v.push_back(t.int_at(0));
    return ints(v);
  }
  const NamedAttr axis("axis", 0);
  return op_all("Pack", scalars, {&axis, 1}).at(0);
}

}  // namespace ninefold::keras
