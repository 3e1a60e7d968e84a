// In: a run of a narrow dtype (half, bfloat16, small integers). Out: the dtype it computes in, and back.
#pragma once

#include <cstdint>

#include "engine/op/elementwise/spec.h"

namespace ninefold::elementwise {

using Convert = void (*)(void* to, const void* from, int64_t n);
struct TileTable {
  Convert widen[dtype_count];
  Convert narrow[dtype_count];
};

}  // namespace ninefold::elementwise
