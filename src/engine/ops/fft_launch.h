// In: nothing. Out: what a launch that scales a transform says, shared by host (fft.gpu.cc) and card (fft.cu).
#pragma once

#include <cstdint>

namespace ninefold::cuda {

struct Scaling {                                 // to[i] = to[i] times a number
  int64_t elements;
  void* to;
  double by;
};

}  // namespace ninefold::cuda
