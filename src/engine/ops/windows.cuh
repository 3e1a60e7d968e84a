// In: places in grids. Out: where a window meets them; what conv.cu and pool.cu walk with.
#pragma once

#include "engine/ops/joins.cuh"
#include "engine/ops/windows_launch.h"

namespace {

using ninefold::cuda::Grid;
using ninefold::cuda::Slide;

struct Place { int64_t at[5]; };                 // batch, three spatial ones, channel

// Place i in the order of memory, channels fastest.
NF_DEVICE Place place_of(const Grid& g, int64_t i) {
  Place p;
  for (int d = 4; d >= 0; --d) {
    p.at[d] = i % g.size[d];
    i /= g.size[d];
  }
  return p;
}
NF_DEVICE int64_t offset(const Grid& g, const Place& p) {
  int64_t at = 0;
  for (int d = 0; d < 5; ++d) at += p.at[d] * g.stride[d];
  return at;
}
NF_DEVICE int64_t taps(const Slide& s) { return s.kernel[0] * s.kernel[1] * s.kernel[2]; }
NF_DEVICE void tap_of(const Slide& s, int64_t tap, int64_t (&k)[3]) {
  k[2] = tap % s.kernel[2];
  k[1] = tap / s.kernel[2] % s.kernel[1];
  k[0] = tap / s.kernel[2] / s.kernel[1];
}
// The pixel that tap k of the window at `out` sees; false: outside of the image.
NF_DEVICE bool seen(const Slide& s, const Grid& image, const Place& out, const int64_t (&k)[3], Place& pixel) {
  for (int d = 0; d < 3; ++d) {
    pixel.at[d + 1] = out.at[d + 1] * s.stride[d] - s.before[d] + k[d] * s.dilation[d];
    if (pixel.at[d + 1] < 0 || pixel.at[d + 1] >= image.size[d + 1]) return false;
  }
  return true;
}
// The window whose tap k sees `pixel`; false: there is none.
NF_DEVICE bool seen_from(const Slide& s, const Grid& out, const Place& pixel, const int64_t (&k)[3], Place& window) {
  for (int d = 0; d < 3; ++d) {
    const int64_t at = pixel.at[d + 1] + s.before[d] - k[d] * s.dilation[d];
    if (at < 0 || at % s.stride[d] != 0 || at / s.stride[d] >= out.size[d + 1]) return false;
    window.at[d + 1] = at / s.stride[d];
  }
  return true;
}

}  // namespace
