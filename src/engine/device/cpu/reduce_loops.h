// The table that the reduction loops of an instruction set fill in, by operation and dtype.
#pragma once

#include <cstdint>

namespace ninefold::cpu {
using ReduceLoop = void (*)(const void* x, void* y, int64_t begin, int64_t end, int64_t reduced, int64_t inner);
struct ReduceTable {
  ReduceLoop loop[7][24];
  ReduceLoop arg[2][24];  // into int64
};
}  // namespace ninefold::cpu
