// In: nothing. Out: what launches that sort and multiply sparse elements say, shared by host (sparse.gpu.cc) and card (sparse.cu).
#pragma once

#include <cstdint>

namespace ninefold::cuda {

constexpr int kSparseRank = 16;

struct FlatPlaces {                              // place[i] = index[i, :] . stride, number[i] = i; beyond `count` the last place there is
  int64_t count, padded;
  const int64_t* index;
  int64_t *place, *number;
  int64_t stride[kSparseRank];
  int32_t rank;
};
struct SortStep {                                // one exchange of Batcher's bitonic sort; equal places keep their order
  int64_t padded, size, away;
  int64_t *place, *number;
};
struct SparseProduct {                           // y[r, :] += v b[c, :] of each element (r, c), transposed as asked
  int64_t elements, rows, inner, width;
  const void *index, *values, *b;
  void* to;
  int32_t wide, dtype, adjoint_a, adjoint_b, complex, ordered;
};

}  // namespace ninefold::cuda
