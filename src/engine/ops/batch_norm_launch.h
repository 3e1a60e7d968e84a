// In: nothing. Out: what launches over channels say, shared by host (batch_norm.gpu.cc) and card (batch_norm.cu).
#pragma once

#include <cstdint>

#include "engine/ops/join.h"

namespace ninefold::cuda {

// Element r of channel c: channels last r * channels + c, else among `inner` neighbours of a channel.
struct Channels {
  int64_t rows, channels, inner;
  int32_t first, dtype;
};
struct Moments {                                 // of every channel, a block each
  Channels x;
  const void* image;
  const float *given_mean, *given_variance;
  float *batch_mean, *batch_variance, *mean, *variance;
  float factor;                                  // of exponential averages
  int32_t training;
};
struct Normalise {
  Channels x;
  void* to;
  const void* image;
  const float *scale, *offset, *mean, *variance;
  float epsilon;
};
// What cuDNN made of an image's moments, as the op has them: `mean` and `batch_variance` (unbiased) are there, averages are joined.
struct JoinMoments {
  int64_t rows, channels;
  const float *given_mean, *given_variance;
  float *batch_mean, *batch_variance, *mean, *variance;
  float factor;
};
struct InverseDeviations {
  int64_t channels;
  const float* variance;
  float* inverse;
  float epsilon;
};
struct NormaliseBack {                           // sums of every channel, a block each; then every element
  Channels x;
  void* to;
  const void *image, *dy;
  const float *scale, *mean, *variance;
  float *dscale, *doffset;
  float epsilon;
  int32_t training;
};

}  // namespace ninefold::cuda
