// In: nothing. Out: what launches over rows say, shared by host (reduce.gpu.cc) and card (reduce.cu).
#pragma once

#include <cstdint>

#include "engine/ops/join.h"

namespace ninefold::cuda {

constexpr int kReduceRank = 6;

// Dimensions alternate between those that stay and those that go, after neighbours of one kind became one.
struct Reduce {
  int64_t kept, reduced;                         // elements of the result; elements that each is made of
  void* out;
  const void* in;
  int64_t kept_size[kReduceRank], kept_stride[kReduceRank];        // of the input, innermost last
  int64_t reduced_size[kReduceRank], reduced_stride[kReduceRank];
  int32_t kept_rank, reduced_rank;
  int32_t dtype, out_dtype;
  double divisor;                                // of means; 0: none
};
struct Rows {
  int64_t rows, columns;
  void* out;
  const void* in;
  int32_t dtype;
  int32_t logarithm;                             // log_softmax
};

}  // namespace ninefold::cuda
