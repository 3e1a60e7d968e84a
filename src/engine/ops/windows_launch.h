// In: nothing. Out: what launches of windows that slide over images or volumes say, shared by host (windows.gpu.cc) and
// card (conv.cu, pool.cu).
#pragma once

#include <cstdint>

#include "engine/ops/join.h"

namespace ninefold::cuda {

// Batch, three spatial dimensions (an image's first is 1), channels, wherever they lie: strides in elements.
struct Grid {
  int64_t size[5], stride[5];
};
struct Slide {                                   // a window's sizes along the spatial dimensions
  int64_t kernel[3], stride[3], dilation[3], before[3];
};

// Output channel o of group g, `out_each` channels a group, sees the group's `in_each` input channels.
// Element (tap, c, g, j) of the filter: tap * tap_stride + c * in_stride + g * group_stride + j.
struct Conv {
  Grid image, out;
  Slide slide;
  int64_t in_each, out_each;
  int64_t tap_stride, in_stride, group_stride;
  void* to;                                      // the result: out, image or filter
  const void *a, *b;                             // the other two, in that order
  int64_t results;
  int32_t dtype;
};

struct Pool {
  Grid image, out;
  Slide slide;
  void* to;
  const void *from, *dy;                         // the image; what flows back
  void* place;                                   // MaxPoolWithArgmax: of `place_bytes` each, within image.size[1..4]
  int64_t results;
  int32_t dtype, dy_dtype;
  int32_t place_bytes, with_batch;
  int32_t all_greatest;                          // each of several greatest pixels is given all, as volumes have it
};

}  // namespace ninefold::cuda
