// In: nothing. Out: what launches say that find rows by index, shared by host (scatter.gpu.cc) and card (scatter.cu).
#pragma once

#include <cstdint>

#include "engine/ops/join.h"

namespace ninefold::cuda {

constexpr int kPointRank = 12;

// Places in the first axes of a tensor, one an index of `depth` numbers. What lies outside is left alone: a card raises
// nothing, as TensorFlow's GPU kernels do not.
struct Points {
  int64_t count;
  const void* index;
  int64_t size[kPointRank], stride[kPointRank];  // of those axes; strides in elements
  int32_t depth;
  int32_t bytes;                                 // of one number: 2, 4, 8
};

struct GatherPoints {                            // to[i, :] = from[point i, :], zeros where there is no such point
  Points at;
  int64_t inner;
  void* to;
  const void* from;
};
struct Scatter {                                 // to[point i, :] = to[point i, :] joined with from[i, :]
  Points at;
  int64_t inner;
  void* to;
  const void* from;
  int32_t one;                                   // `from` is one element, for all
  int32_t dtype;
  Join join;
  int32_t ordered;                               // in the order of the indices, a thread a column
};
struct Segments {                                // rows of ids that are sorted: to[s, :] = all from[r, :] of id s, joined
  int64_t segments, rows, inner;
  void* to;
  const void *from, *ids;
  int32_t bytes, dtype;
  Join join;
  int32_t mean;
};

}  // namespace ninefold::cuda
