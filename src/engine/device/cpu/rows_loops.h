// The table that the row loops of an instruction set fill in: [0] float, [1] double.
#pragma once

#include <cstdint>

namespace ninefold::cpu {
struct RowLoops {
  void (*softmax)(const void*, void*, int64_t, int64_t);
  void (*log_softmax)(const void*, void*, int64_t, int64_t);
  void (*softmax_grad)(const void*, const void*, void*, int64_t, int64_t);
  void (*log_softmax_grad)(const void*, const void*, void*, int64_t, int64_t);
  void (*cross_entropy)(const void*, const void*, void*, void*, int64_t, int64_t);
  int64_t (*sparse)(const void*, const int64_t*, void*, void*, int64_t, int64_t);
};
struct RowTable { RowLoops of[2]; };
}  // namespace ninefold::cpu
