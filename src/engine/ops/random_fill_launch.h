// In: nothing. Out: what the launch of a fill with random numbers says, shared by host (random_fill.gpu.cc) and card (.cu).
#pragma once

#include <cstdint>

#include "engine/ops/join.h"

namespace ninefold::cuda {

struct Random {
  uint64_t key, low, high;                       // a Philox state: its counter is high << 64 | low
  int64_t elements;
  void* to;
  int32_t dtype;
  uint64_t from, range;                          // of integers in [from, from + range), as bits
  const uint64_t* counter;                       // null, or blocks by which the state moves on: of a captured step
};

struct Gamma {                                   // [samples, parameters], of alphas of the result's dtype
  Random random;
  int64_t samples, parameters;
  const void* alpha;
};
struct Draw {                                    // [rows, samples] classes, of logits [rows, classes]
  Random random;
  int64_t rows, samples, classes;
  const void* logits;
  int32_t dtype, wide;                           // of the logits; wide: the result is int64
};

}  // namespace ninefold::cuda
