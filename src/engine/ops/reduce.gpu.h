// In: a shape and its axes that go. Out: the parameters of a reduction; pure, so tested without a card.
#pragma once

#include <vector>

#include "engine/ops/moves.gpu.h"
#include "engine/ops/reduce_launch.h"

namespace ninefold::ops {

cuda::Reduce reduction_of(Dims shape, const std::vector<bool>& gone);
// A thread a result where neighbouring results are made of neighbouring elements and there are many; else a block.
bool by_thread(const cuda::Reduce&);

}  // namespace ninefold::ops
