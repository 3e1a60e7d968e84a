// The table that the depthwise loops of an instruction set fill in: [0] float, [1] double.
// Each walks n pixels: x moves by x_step elements a pixel, y by c * m. All three are of one filter tap.
#pragma once

#include <cstdint>

namespace ninefold::cpu {
struct DepthwiseLoops {
  void (*forward)(const void* x, int64_t x_step, const void* tap, void* y, int64_t n, int64_t c, int64_t m);
  void (*to_image)(void* dx, int64_t x_step, const void* tap, const void* dy, int64_t n, int64_t c, int64_t m);
  void (*to_filter)(const void* x, int64_t x_step, void* tap, const void* dy, int64_t n, int64_t c, int64_t m);
};
struct DepthwiseTable { DepthwiseLoops of[2]; };
}  // namespace ninefold::cpu
