// In: nothing. Out: what launches along one axis say, shared by host (scan.gpu.cc) and card (scan.cu).
#pragma once

#include <cstdint>

#include "engine/ops/join.h"

namespace ninefold::cuda {

// A tensor as [outer, n, inner]; the axis is the middle one.
struct Scan {
  int64_t outer, n, inner;
  void* to;
  const void* from;
  int32_t dtype;
  Join join;
  int32_t exclusive, reverse;
};
struct Arg {                                     // ArgMax, ArgMin: [outer, inner] places along the axis
  int64_t outer, n, inner;
  void* to;
  const void* from;
  int32_t dtype, greatest;
  int32_t bytes;                                 // of a place: 2, 4, 8
};

}  // namespace ninefold::cuda
