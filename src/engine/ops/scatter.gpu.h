// In: indices and the tensor they point into. Out: the parameters of a gather or scatter; pure, so tested without a card.
#pragma once

#include "engine/ops/moves.gpu.h"
#include "engine/ops/scatter_launch.h"

namespace ninefold::ops {

// `single`: every element of the indices is a row; else their last axis names a place in the first axes of `into`.
cuda::Points points_of(const Shape& indices, DType, const Shape& into, bool single);

}  // namespace ninefold::ops
