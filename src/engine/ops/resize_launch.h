// In: nothing. Out: what launches that resize images say, shared by host (resize.gpu.cc) and card (resize.cu).
#pragma once

#include <cstdint>

namespace ninefold::cuda {

// Where a row or column of the large side lies among those of the small one, as ops/resize.cc has it.
struct Scaled {
  int64_t large, small;                          // sizes: of the result, or of what flows back; of the image
  float ratio;
  int32_t half, corners;
};
struct Resize {
  int64_t batch, channels;
  Scaled rows, columns;
  void* to;
  const void* from;
  int32_t dtype, to_dtype;
};

}  // namespace ninefold::cuda
