// In: nothing. Out: what a launch of an element-wise kernel says, shared by host (elementwise.gpu.cc) and card (.cu).
#pragma once

#include <cstdint>

namespace ninefold::cuda {

constexpr int kElementwiseOperands = 3;
constexpr int kElementwiseRank = 8;
constexpr int32_t kValue = 0x100;                // in in_dtype: the operand is `value`, a scalar that the host held

struct Elementwise {
  int64_t elements;                              // of the result
  void* out;
  const void* in[kElementwiseOperands];
  int32_t out_dtype;                             // as they lie in memory: TensorFlow's numbers
  int32_t in_dtype[kElementwiseOperands];
  alignas(16) unsigned char value[kElementwiseOperands][16];
  int32_t rank;                                  // 0: operand k's element i is i * stride[0][k]
  int64_t size[kElementwiseRank];                // innermost last
  int64_t stride[kElementwiseRank][kElementwiseOperands];
};

}  // namespace ninefold::cuda
