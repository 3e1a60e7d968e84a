// In: nothing. Out: what the launch of a fill with random numbers says, shared by host (random_fill.gpu.cc) and card (.cu).
#pragma once

#include <cstdint>

namespace ninefold::cuda {

struct Random {
  uint64_t key, low, high;                       // a Philox state: its counter is high << 64 | low
  int64_t elements;
  void* to;
  int32_t dtype;
  uint64_t from, range;                          // of integers in [from, from + range), as bits
  const uint64_t* counter;                       // null, or blocks by which the state moves on: of a captured step
};

}  // namespace ninefold::cuda
