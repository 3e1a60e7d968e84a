// In: an op's name and a dtype. Out: its CUDA C++ kernel, from the same expression as the CPU's loops.
//   std::string source = cuda_source("Softplus", dt_float);
//   // NF_KERNEL(Softplus_float, Elementwise) { ... }: words of device/cuda/kernel.cuh and ops/elementwise.cuh
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/op/elementwise/fused.h"

namespace ninefold::elementwise {

// Bodies of the dtypes that kernels compute in: float, double, int32, int64, uint64, bool, complex64, complex128; empty iff the op has none.
std::string cuda_source(std::string_view op, int dtype);

// All of them, a file a family and dtype, of complex numbers a file a dtype: what the GPU library is built from (tools/generate/cuda_kernels.cc).
struct CudaFile { std::string name, kernels; };
std::vector<CudaFile> cuda_files();

// The dtype that a kernel computes operands of a dtype in (half in float, int8 in int32); 0: there are none.
int cuda_compute_dtype(int dtype);
// "Softplus_float": the kernel for operands of this dtype.
std::string cuda_kernel(std::string_view op, int dtype);

// A chain of ops as one kernel, "fused" with ops/fused_launch.h's parameters: every element goes through all steps. Registers
// are the inputs, then what the steps make, in order. Halves are rounded after each step, as the ops one by one round them.
struct CudaChain {
  struct Input { int dtype; Layout layout; };
  struct Step { std::string_view op; int dtype; std::vector<int> operands; int to; };   // dtype: of its operands
  std::vector<Input> inputs;
  std::vector<Step> steps;
  std::vector<int> outputs;      // registers
};
std::string cuda_source(const CudaChain&);
// May a step of a chain be this op, of operands of this dtype? "Cast" may, and what has a text for it.
bool cuda_chains(std::string_view op, int dtype);

}  // namespace ninefold::elementwise
