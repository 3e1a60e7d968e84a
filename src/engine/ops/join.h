// In: nothing. Out: the ways to make one element of two, as launches name them; joins.cuh has the ways themselves.
#pragma once

#include <cstdint>

namespace ninefold::cuda {

enum class Join : int32_t { set, sum, sub, prod, div, min, max, log_sum_exp };
constexpr int kBlockThreads = 256;               // of kernels whose blocks join what their threads found

}  // namespace ninefold::cuda
