// Generated from the records by tools/generate/generate.py: change those, not this.
// In: values. Out: what the functions of tf.signal make of them.
#pragma once

#include "ninefold/functions/arguments.h"

namespace ninefold::signal {

// The discrete Fourier transform along the last axis.
NINEFOLD_API Tensor fft(const Value& input);

// The discrete Fourier transform along the last two axes.
NINEFOLD_API Tensor fft2d(const Value& input);

// The zero frequency moved to the middle.
struct FftshiftOptions {
  Ints axes = {};
};
NINEFOLD_API Tensor fftshift(const Value& x, const FftshiftOptions& options = {});

// Overlapping pieces of frame_length elements, frame_step apart, along an axis.
struct FrameOptions {
  bool pad_end = false;
  Value pad_value = 0;
  int64_t axis = -1;
};
NINEFOLD_API Tensor frame(const Value& signal, int64_t frame_length, int64_t frame_step,
    const FrameOptions& options = {});

// 0.54 - 0.46 cos(2 pi k / n).
struct HammingWindowOptions {
  bool periodic = true;
  DType dtype = dtype_named("float32");
};
NINEFOLD_API Tensor hamming_window(const Value& window_length, const HammingWindowOptions& options = {});

// 0.5 - 0.5 cos(2 pi k / n).
struct HannWindowOptions {
  bool periodic = true;
  DType dtype = dtype_named("float32");
};
NINEFOLD_API Tensor hann_window(const Value& window_length, const HannWindowOptions& options = {});

// The inverse of tf.signal.fft.
NINEFOLD_API Tensor ifft(const Value& input);

// The inverse of tf.signal.fft2d.
NINEFOLD_API Tensor ifft2d(const Value& input);

// The inverse of tf.signal.fftshift.
struct IfftshiftOptions {
  Ints axes = {};
};
NINEFOLD_API Tensor ifftshift(const Value& x, const IfftshiftOptions& options = {});

// The inverse of tf.signal.rfft: fft_length real numbers.
struct IrfftOptions {
  Value fft_length = {};
};
NINEFOLD_API Tensor irfft(const Value& input_tensor, const IrfftOptions& options = {});

// The transform of real numbers: its first fft_length / 2 + 1 elements.
struct RfftOptions {
  Value fft_length = {};
};
NINEFOLD_API Tensor rfft(const Value& input_tensor, const RfftOptions& options = {});

}  // namespace ninefold::signal
