// In: tensors whose shape may be partly unknown. Out: their sizes as tensors, constants where they are known.
#pragma once

#include "ninefold/ops.h"

namespace ninefold::keras {

// The size of one axis as an int32 scalar: a constant where it is known.
Tensor dim_of(const Tensor& x, int axis);
// The shape of x as an int32 vector: a constant where it is known.
Tensor shape_of(const Tensor& x);
// The same tensor; a symbolic one whose sizes were computed by ops is told what the layer knows of them
// (Keras' set_shape).
Tensor with_static_shape(const Tensor& x, const Shape& known);

}  // namespace ninefold::keras
