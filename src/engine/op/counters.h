// In: an eager random op. Out: the counter it continues.
#pragma once

#include "engine/op/op.h"

namespace ninefold {

// TensorFlow caches eager kernels by op type and attributes, not by shape or call site: a second call with
// the same seeded attributes continues the stream, whoever makes it. set_seed drops them all.
uint64_t& eager_counter(const Op&, const Attrs&);
void drop_eager_counters();

}  // namespace ninefold
