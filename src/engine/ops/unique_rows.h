// In: a dtype of indices. Out: the op that stands for Unique in plans for GPUs (graph/pad_rows.cc), where what it gives has a size
// that no data tells.
#pragma once

#include "engine/op/op.h"

namespace ninefold::ops {

// y, idx of a vector x, as Unique has them. On a GPU y is as long as x: behind the distinct elements it is -1, which is a row of
// nothing. On the CPU it is Unique. In plans only.
const Op& unique_rows_op(DType index);

}  // namespace ninefold::ops
