// In: nothing. Out: bytes of the host as part of a launch, shared by host (device/cuda/capture.cc) and card (.cu).
#pragma once

#include <cstdint>

namespace ninefold::cuda {

constexpr int kPutBytes = 2048;

struct PutBytes {
  void* to;
  int32_t count;
  unsigned char bytes[kPutBytes];
};

}  // namespace ninefold::cuda
