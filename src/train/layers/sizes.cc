// In: tensors. Out: their sizes as int32 tensors.
#include "train/layers/sizes.h"

#include "engine/tensor/tensor_impl.h"

namespace ninefold::keras {

Tensor shape_of(const Tensor& x) {
  if (!x.shape().fully_known()) return op("Shape", {x});
  std::vector<int32_t> dims(x.shape().begin(), x.shape().end());
  return Tensor::of<int32_t>({x.rank()}, dims);
}
Tensor dim_of(const Tensor& x, int axis) {
  if (const int64_t d = x.shape().known_rank() ? x.dim(axis) : -1; d >= 0) return Tensor(static_cast<int32_t>(d));
  const auto at = [](int v) { return Tensor::of<int32_t>({1}, {v}); };
  return op("StridedSlice", {op("Shape", {x}), at(axis), at(axis + 1), at(1)}, {{"shrink_axis_mask", 1}});
}
Tensor with_static_shape(const Tensor& x, const Shape& known) {
  if (x.symbolic()) x.impl()->shape = x.shape().merge(known);
  return x;
}

}  // namespace ninefold::keras
