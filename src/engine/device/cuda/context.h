// In: nothing. Out: a logical device inside the GPU library, and its products of matrices.
#pragma once

#include <cuda_runtime_api.h>

#include "engine/device/cuda/abi.h"

namespace ninefold::cuda {

struct Context {
  int ordinal = 0;
  cudaStream_t stream = nullptr;
  cudaMemPool_t pool = nullptr;
  void* blas = nullptr;             // made by the first product, as its workspace is
  void* workspace = nullptr;
};

// 0, an error of CUDA's, or -1 where cuBLASLt cannot be had; gemm_missing() then says what is missing.
int gemm(Context&, const Gemm&);
const char* gemm_missing();

}  // namespace ninefold::cuda
