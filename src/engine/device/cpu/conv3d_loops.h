// The loops of one filter tap over n pixels; x moves by x_step elements a pixel, y by co. [0] float, [1] double.
#pragma once

#include <cstdint>

namespace ninefold::cpu {
struct TapLoops {
  void (*forward)(const void* x, int64_t x_step, const void* tap, void* y, int64_t n, int64_t ci, int64_t co);
  void (*to_volume)(void* dx, int64_t x_step, const void* tap, const void* dy, int64_t n, int64_t ci, int64_t co);
  void (*to_filter)(const void* x, int64_t x_step, void* tap, const void* dy, int64_t n, int64_t ci, int64_t co);
};
struct TapTable { TapLoops of[2]; };
}  // namespace ninefold::cpu
