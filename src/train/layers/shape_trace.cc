// In: ops on placeholders. Out: symbols that know dtype and shape.
#include "train/layers/shape_trace.h"

#include "engine/tensor/tensor_impl.h"

namespace ninefold::keras {

Tensor ShapeTrace::placeholder(const TensorSpec& spec) { return symbolic_tensor({this, nullptr, 0}, spec.dtype, spec.shape); }

// A handle becomes a symbol that knows it: so shape rules find the variable's shape.
Tensor ShapeTrace::capture(const Tensor& t) {
  Tensor handle = symbolic_tensor({this, nullptr, 0}, t.dtype(), t.shape());
  handle.impl()->known = std::make_shared<const Tensor>(t);
  return handle;
}

Tensors ShapeTrace::emit(const Op&, std::span<const Tensor>, Attrs, std::vector<DType> dtypes, std::vector<Shape> shapes) {
  Tensors out;
  for (size_t i = 0; i < dtypes.size(); ++i)
    out.push_back(symbolic_tensor({this, nullptr, static_cast<int>(i)}, dtypes[i], shapes[i]));
  return out;
}

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

}  // namespace ninefold::keras
