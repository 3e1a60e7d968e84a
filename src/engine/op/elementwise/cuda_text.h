// In: an op's name and a dtype. Out: its CUDA C++ kernel, from the same expression as the CPU's loops.
//   std::string source = cuda_source("Softplus", dt_float);
//   // NF_KERNEL(Softplus_float, Elementwise) { ... }: words of device/cuda/kernel.cuh and ops/elementwise.cuh
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ninefold::elementwise {

// Bodies of the dtypes that kernels compute in: float, double, int32, int64, uint64, bool; empty iff the op has none.
std::string cuda_source(std::string_view op, int dtype);

// All of them, a file a family and dtype: what the GPU library is built from (tools/generate/cuda_kernels.cc).
struct CudaFile { std::string name, kernels; };
std::vector<CudaFile> cuda_files();

// The dtype that a kernel computes operands of a dtype in (half in float, int8 in int32); 0: there are none.
int cuda_compute_dtype(int dtype);
// "Softplus_float": the kernel for operands of this dtype.
std::string cuda_kernel(std::string_view op, int dtype);

}  // namespace ninefold::elementwise
