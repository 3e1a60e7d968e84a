// In: an op's name and a dtype. Out: its CUDA C++ kernel, from the same expression as the CPU's loops.
//   std::string source = cuda_source("Softplus", dt_float);
//   // extern "C" __global__ void Softplus_float(const float* in0, float* out, long long n) { ... }
#pragma once

#include <string>
#include <string_view>

namespace ninefold::elementwise {

// Float and double bodies; empty iff the op has none. Operands are contiguous, n elements each.
std::string cuda_source(std::string_view op, int dtype);

}  // namespace ninefold::elementwise
