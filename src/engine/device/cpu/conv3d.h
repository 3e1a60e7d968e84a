// In: NDHWC volumes and filters [kd, kh, kw, ci, co]. Out: 3-D convolutions and both gradients, a filter tap at a
// time over rows of pixels.
#pragma once

#include <array>
#include <cstdint>

namespace ninefold::cpu {

struct Conv3DShape {
  int64_t n = 1, ci = 1, co = 1;
  std::array<int64_t, 3> in{1, 1, 1}, filter{1, 1, 1}, out{1, 1, 1}, stride{1, 1, 1}, dilation{1, 1, 1}, before{};
};

// dtype: 1 (float) or 2 (double).
void conv3d(int dtype, const Conv3DShape& s, const void* x, const void* filter, void* y);
void conv3d_to_volume(int dtype, const Conv3DShape& s, const void* dy, const void* filter, void* dx);
void conv3d_to_filter(int dtype, const Conv3DShape& s, const void* x, const void* dy, void* df);

}  // namespace ninefold::cpu
