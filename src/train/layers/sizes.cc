// In: tensors. Out: their sizes as int32 tensors.
#include "train/layers/sizes.h"

#include "engine/ops/extent.h"

namespace ninefold::keras {

Tensor shape_of(const Tensor& x) { return ops::shape_tensor(x); }
Tensor dim_of(const Tensor& x, int axis) { return ops::Extent::along(x, axis).tensor(); }
Tensor with_static_shape(const Tensor& x, const Shape& known) { return ops::with_static_shape(x, known); }

}  // namespace ninefold::keras
