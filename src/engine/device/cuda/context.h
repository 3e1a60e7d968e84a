// In: nothing. Out: a logical device inside the GPU library, its products of matrices, its kernels from text.
#pragma once

#include <cuda_runtime_api.h>

#include <vector>

#include "engine/device/cuda/abi.h"

namespace ninefold::cuda {

struct Context {
  int ordinal = 0;
  cudaStream_t stream = nullptr;
  cudaMemPool_t pool = nullptr;
  void* blas = nullptr;             // made by the first product, as its workspace is
  void* workspace = nullptr;
  void* dnn = nullptr;              // made by the first call of cuDNN
  void* solver = nullptr;           // made by the first factors of cuSOLVER
  void* staging = nullptr;          // made by the first `stage`
  std::vector<cudaStream_t> outer = {};  // streams of what is captured around the body that `stream` captures
  std::vector<cudaStream_t> spare = {};  // for bodies
};

// Whether its stream is part of what is captured, in relaxed mode: libraries that are opened then may ask for memory of their own.
bool capturing(const Context&);
// Lets `other`'s card reach the memory of `owner`, where it can: a pool is its own card's alone until somebody is let in.
int let_in(const Context& owner, const Context& other);

// 0, an error of CUDA's, or -1 where cuBLASLt cannot be had; gemm_missing() then says what is missing.
int gemm(Context&, const Gemm&);
const char* gemm_missing();

// The same of Fourier transforms (fourier.cu); kNoFourier where cuFFT cannot be had.
int fourier(Context&, const Fourier&);
const char* fourier_missing();

// cuDNN (dnn.cu); kNoDnn where it cannot be had, kNoEngine where it has nothing for a call.
void dnn_library(DnnLibrary*);
int dnn_plan(Context&, const DnnCall&, void** plan, size_t* workspace);
int dnn_run(Context&, const void* plan, void* const* memory, void* workspace);
int recurrent_plan(Context&, const DnnRecurrent&, void** plan, DnnRecurrentSizes*);
int recurrent_run(Context&, const void* plan, const DnnRecurrentRun&);
const char* dnn_missing();
void dnn_follow(Context&);          // to the context's stream

// NVRTC, which compiles kernels from text (compile.cu).
void compiler(Compiler*);
int compile(Context&, const char* text, void* to, void (*take)(void* to, const char* bytes, size_t size));

// Groups of contexts, by NCCL (nccl.cu); kNoCollective where it cannot be had.
int connect(void* const* contexts, int members, void** group);
int collect(void* group, const Collective* all, int count);
int progress(void* group);
int join(void* group);
int fault(void* group);
int disconnect(void* group, bool abort);
const char* collective_text(int status);   // of what these return below 0

// Bytes of the host on a stream of their own (staging.cu).
int stage(Context&, const void* from, size_t bytes, void** memory);

// cuSOLVER (solver.cu); kNotSupported where it cannot be had.
int solve(Context&, const Solver&);

// What cards do, by CUPTI (cupti.cu).
const char* record();
void recorded(void* to, void (*take)(void* to, const Activity*));
void mark(uint64_t);

}  // namespace ninefold::cuda
