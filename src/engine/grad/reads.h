// In: an op as it happened. Out: its inputs and outputs as its gradient wants them: whole, or as a name only.
#pragma once

#include "engine/op/op.h"

namespace ninefold::grad {

// Each tensor that the op's record does not name in `grad_reads` is exchanged for one of the same id, dtype and
// shape without memory, so that a tape holds no more than gradients read. Symbols and handles stay.
void drop_unread(const Op& op, const Attrs& attrs, Tensors& in, Tensors& out);

}  // namespace ninefold::grad
