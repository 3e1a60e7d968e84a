// In: a kernel's body. Out: the kernel, for a card (nvcc) or as loops on the host (g++), which is how it is tested where
// no card is (tests/cuda/emulator.cc).
//
//   NF_KERNEL(twice, TwiceParameters) {               // p: the parameters; a thread an element
//     for (int64_t i = nf_thread(); i < p.n; i += nf_threads()) p.out[i] = 2 * p.in[i];
//   }
//   NF_BLOCK_KERNEL(total, TotalParameters) {         // a block together: outside of phases there are no threads
//     NF_SHARED(float, part, 256);
//     NF_PHASE part[nf_in_block()] = p.in[nf_in_block()];      // a barrier ends every phase
//     for (int step = 128; step > 0; step /= 2)
//       NF_PHASE if (nf_in_block() < step) part[nf_in_block()] += part[nf_in_block() + step];
//     NF_PHASE if (nf_in_block() == 0) p.out[nf_block()] = part[0];
//   }
// What a thread must remember from one phase to the next lies in shared memory.
#pragma once

#include <cstddef>
#include <cstdint>

#if !defined(__CUDACC_RTC__)
namespace ninefold::cuda {

// Every kernel of the library, as a chain: static objects put themselves in.
struct Entry {
  const char* name;
  const void* function;
  size_t parameters;
  bool block;
  const Entry* next;
  Entry(const char* n, const void* f, size_t p, bool b) : name(n), function(f), parameters(p), block(b), next(first()) { first() = this; }
  static const Entry*& first();
};

}  // namespace ninefold::cuda
#endif

#if defined(__CUDACC__)

#define NF_DEVICE __device__ __forceinline__
#if defined(__CUDACC_RTC__)                  // compiled while a program runs (compile.cu): found by its name
#define NF_KERNEL_(name, Parameters, block) extern "C" __global__ void nf_##name(const __grid_constant__ Parameters p)
#else
#define NF_KERNEL_(name, Parameters, block)                                                              \
  extern "C" __global__ void nf_##name(const __grid_constant__ Parameters p);                           \
  static const ::ninefold::cuda::Entry nf_entry_##name(#name, reinterpret_cast<const void*>(nf_##name), \
                                                       sizeof(Parameters), block);                      \
  extern "C" __global__ void nf_##name(const __grid_constant__ Parameters p)
#endif
#define NF_SHARED(Type, name, size) __shared__ Type name[size]
#define NF_PHASE for (bool nf_once = true; nf_once; nf_once = false, __syncthreads())
NF_DEVICE int64_t nf_thread() { return static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; }
NF_DEVICE int64_t nf_threads() { return static_cast<int64_t>(gridDim.x) * blockDim.x; }
NF_DEVICE int nf_in_block() { return static_cast<int>(threadIdx.x); }
NF_DEVICE int nf_block_size() { return static_cast<int>(blockDim.x); }
NF_DEVICE int64_t nf_block(int axis = 0) { return axis == 0 ? blockIdx.x : axis == 1 ? blockIdx.y : blockIdx.z; }
NF_DEVICE int64_t nf_blocks(int axis = 0) { return axis == 0 ? gridDim.x : axis == 1 ? gridDim.y : gridDim.z; }

#else

#define NF_DEVICE inline
namespace ninefold::cuda {
struct Where { int64_t block[3], blocks[3]; int in_block, block_size; };
extern Where where;                          // one launch at a time: the emulator's lock
}  // namespace ninefold::cuda
#define NF_KERNEL_(name, Parameters, block)                                                                          \
  static void nf_##name(const Parameters& p);                                                                        \
  static void nf_enter_##name(const void* p) { nf_##name(*static_cast<const Parameters*>(p)); }                      \
  static const ::ninefold::cuda::Entry nf_entry_##name(#name, reinterpret_cast<const void*>(nf_enter_##name),        \
                                                       sizeof(Parameters), block);                                   \
  static void nf_##name(const Parameters& p)
#define NF_SHARED(Type, name, size) static Type name[size]
#define NF_PHASE \
  for (::ninefold::cuda::where.in_block = 0; ::ninefold::cuda::where.in_block < ::ninefold::cuda::where.block_size; \
       ++::ninefold::cuda::where.in_block)
namespace {
NF_DEVICE int64_t nf_thread() { return ninefold::cuda::where.block[0] * ninefold::cuda::where.block_size + ninefold::cuda::where.in_block; }
NF_DEVICE int64_t nf_threads() { return ninefold::cuda::where.blocks[0] * ninefold::cuda::where.block_size; }
NF_DEVICE int nf_in_block() { return ninefold::cuda::where.in_block; }
NF_DEVICE int nf_block_size() { return ninefold::cuda::where.block_size; }
NF_DEVICE int64_t nf_block(int axis = 0) { return ninefold::cuda::where.block[axis]; }
NF_DEVICE int64_t nf_blocks(int axis = 0) { return ninefold::cuda::where.blocks[axis]; }
}  // namespace

#endif

#define NF_KERNEL(name, Parameters) NF_KERNEL_(name, Parameters, false)
#define NF_BLOCK_KERNEL(name, Parameters) NF_KERNEL_(name, Parameters, true)
