// Generated from the records by tools/generate/generate.py: change those, not this.
// In: C++ calls of the functions of tf.signal. Out: calls of their records.
#include "ninefold/functions/signal.h"

#include "engine/ops/functions/call.h"

namespace ninefold::signal {

Tensor dct(const Value& input, const DctOptions& options) {
  static const Function& f = named("tf.signal.dct");
  return tensor_of(f, {input, options.type, options.n, options.axis, options.norm, Value()});
}

Tensor fft(const Value& input) {
  static const Function& f = named("tf.signal.fft");
  return tensor_of(f, {input, Value()});
}

Tensor fft2d(const Value& input) {
  static const Function& f = named("tf.signal.fft2d");
  return tensor_of(f, {input, Value()});
}

Tensor fftshift(const Value& x, const FftshiftOptions& options) {
  static const Function& f = named("tf.signal.fftshift");
  return tensor_of(f, {x, options.axes.value, Value()});
}

Tensor frame(const Value& signal, const Value& frame_length, const Value& frame_step,
    const FrameOptions& options) {
  static const Function& f = named("tf.signal.frame");
  return tensor_of(f, {signal, frame_length, frame_step, options.pad_end, options.pad_value, options.axis,
    Value()});
}

Tensor hamming_window(const Value& window_length, const HammingWindowOptions& options) {
  static const Function& f = named("tf.signal.hamming_window");
  return tensor_of(f, {window_length, options.periodic, options.dtype, Value()});
}

Tensor hann_window(const Value& window_length, const HannWindowOptions& options) {
  static const Function& f = named("tf.signal.hann_window");
  return tensor_of(f, {window_length, options.periodic, options.dtype, Value()});
}

Tensor idct(const Value& input, const IdctOptions& options) {
  static const Function& f = named("tf.signal.idct");
  return tensor_of(f, {input, options.type, options.n, options.axis, options.norm, Value()});
}

Tensor ifft(const Value& input) {
  static const Function& f = named("tf.signal.ifft");
  return tensor_of(f, {input, Value()});
}

Tensor ifft2d(const Value& input) {
  static const Function& f = named("tf.signal.ifft2d");
  return tensor_of(f, {input, Value()});
}

Tensor ifftshift(const Value& x, const IfftshiftOptions& options) {
  static const Function& f = named("tf.signal.ifftshift");
  return tensor_of(f, {x, options.axes.value, Value()});
}

Tensor irfft(const Value& input_tensor, const IrfftOptions& options) {
  static const Function& f = named("tf.signal.irfft");
  return tensor_of(f, {input_tensor, options.fft_length, Value()});
}

Tensor kaiser_bessel_derived_window(const Value& window_length,
    const KaiserBesselDerivedWindowOptions& options) {
  static const Function& f = named("tf.signal.kaiser_bessel_derived_window");
  return tensor_of(f, {window_length, options.beta, options.dtype, Value()});
}

Tensor kaiser_window(const Value& window_length, const KaiserWindowOptions& options) {
  static const Function& f = named("tf.signal.kaiser_window");
  return tensor_of(f, {window_length, options.beta, options.dtype, Value()});
}

Tensor linear_to_mel_weight_matrix(const LinearToMelWeightMatrixOptions& options) {
  static const Function& f = named("tf.signal.linear_to_mel_weight_matrix");
  return tensor_of(f, {options.num_mel_bins, options.num_spectrogram_bins, options.sample_rate,
    options.lower_edge_hertz, options.upper_edge_hertz, options.dtype, Value()});
}

Tensor mfccs_from_log_mel_spectrograms(const Value& log_mel_spectrograms) {
  static const Function& f = named("tf.signal.mfccs_from_log_mel_spectrograms");
  return tensor_of(f, {log_mel_spectrograms, Value()});
}

Tensor overlap_and_add(const Value& signal, const Ints& frame_step) {
  static const Function& f = named("tf.signal.overlap_and_add");
  return tensor_of(f, {signal, frame_step.value, Value()});
}

Tensor rfft(const Value& input_tensor, const RfftOptions& options) {
  static const Function& f = named("tf.signal.rfft");
  return tensor_of(f, {input_tensor, options.fft_length, Value()});
}

Tensor vorbis_window(const Value& window_length, const VorbisWindowOptions& options) {
  static const Function& f = named("tf.signal.vorbis_window");
  return tensor_of(f, {window_length, options.dtype, Value()});
}

}  // namespace ninefold::signal
