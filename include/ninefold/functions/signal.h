// Generated from the records by tools/generate/generate.py: change those, not this.
// In: values. Out: what the functions of tf.signal make of them.
#pragma once

#include "ninefold/functions/arguments.h"

namespace ninefold::signal {

// The discrete cosine transform of type 1 to 4 along the last axis, cut or padded to n; norm may be
// 'ortho'.
struct DctOptions {
  int64_t type = 2;
  Value n = {};
  int64_t axis = -1;
  Value norm = {};
};
NINEFOLD_API Tensor dct(const Value& input, const DctOptions& options = {});

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
NINEFOLD_API Tensor frame(const Value& signal, const Value& frame_length, const Value& frame_step,
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

// The inverse of tf.signal.dct, but for a factor where norm is None.
struct IdctOptions {
  int64_t type = 2;
  Value n = {};
  int64_t axis = -1;
  Value norm = {};
};
NINEFOLD_API Tensor idct(const Value& input, const IdctOptions& options = {});

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

// Square roots of the cumulative sums of a Kaiser window, up and down.
struct KaiserBesselDerivedWindowOptions {
  Value beta = 12.0;
  DType dtype = dtype_named("float32");
};
NINEFOLD_API Tensor kaiser_bessel_derived_window(const Value& window_length,
    const KaiserBesselDerivedWindowOptions& options = {});

// I0(beta sqrt(1 - x^2)) / I0(beta), x from -1 to 1.
struct KaiserWindowOptions {
  Value beta = 12.0;
  DType dtype = dtype_named("float32");
};
NINEFOLD_API Tensor kaiser_window(const Value& window_length, const KaiserWindowOptions& options = {});

// [num_spectrogram_bins, num_mel_bins]: how much of each frequency belongs to each band of mel
// frequencies.
struct LinearToMelWeightMatrixOptions {
  int64_t num_mel_bins = 20;
  int64_t num_spectrogram_bins = 129;
  Value sample_rate = 8000;
  Value lower_edge_hertz = 125.0;
  Value upper_edge_hertz = 3800.0;
  DType dtype = dtype_named("float32");
};
NINEFOLD_API Tensor linear_to_mel_weight_matrix(const LinearToMelWeightMatrixOptions& options = {});

// Mel frequency cepstral coefficients of logarithms of mel spectrograms.
NINEFOLD_API Tensor mfccs_from_log_mel_spectrograms(const Value& log_mel_spectrograms);

// [..., frames, length]: frames that lie frame_step apart, added up.
NINEFOLD_API Tensor overlap_and_add(const Value& signal, const Ints& frame_step);

// The transform of real numbers: its first fft_length / 2 + 1 elements.
struct RfftOptions {
  Value fft_length = {};
};
NINEFOLD_API Tensor rfft(const Value& input_tensor, const RfftOptions& options = {});

// sin(pi / 2 sin^2(pi (k + 1/2) / n)).
struct VorbisWindowOptions {
  DType dtype = dtype_named("float32");
};
NINEFOLD_API Tensor vorbis_window(const Value& window_length, const VorbisWindowOptions& options = {});

}  // namespace ninefold::signal
