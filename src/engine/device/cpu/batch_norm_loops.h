// The loops of batch_norm.h that an instruction set fills in.
#pragma once

#include <cstdint>

namespace ninefold::cpu {
struct BatchNormLoops {
  void (*sums)(const float*, int64_t, int64_t, float*);
  void (*squares)(const float*, const float*, int64_t, int64_t, float*);
  void (*scale)(const float*, const float*, const float*, const float*, float*, int64_t, int64_t);
  void (*products)(const float*, const float*, const float*, int64_t, int64_t, float*, float*);
  void (*back)(const float*, const float*, const float*, const float*, const float*, const float*, float*, int64_t, int64_t);
};
}  // namespace ninefold::cpu
