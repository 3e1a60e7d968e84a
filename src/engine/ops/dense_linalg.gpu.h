// In: shapes of batches of matrices that broadcast. Out: the parameters of a launch over them; pure, so tested without a card.
#pragma once

#include "engine/ops/dense_linalg_launch.h"
#include "ninefold/tensor.h"

namespace ninefold::ops {

// Which matrix of a tensor with batch dimensions `own` stands beside each matrix of a result with batch dimensions `all`.
cuda::Batches batches_of(const Shape& own, const Shape& all);

}  // namespace ninefold::ops
