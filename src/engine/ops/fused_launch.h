// In: nothing. Out: what a launch of a fused chain says, shared by host (graph/gpu_chain.cc) and card (fused.cuh).
#pragma once

#include "engine/ops/elementwise_launch.h"

namespace ninefold::cuda {

constexpr int kFusedInputs = 16;
constexpr int kFusedOutputs = 8;

struct Fused {
  int64_t elements;                              // of each result: rows of `columns`
  int64_t columns;                               // 1 where no input is a row or a column
  const void* in[kFusedInputs];
  void* out[kFusedOutputs];
  uint64_t held;                                 // bit k: input k is value[k], a scalar that the host held
  alignas(8) unsigned char value[kFusedInputs][8];
};

}  // namespace ninefold::cuda
