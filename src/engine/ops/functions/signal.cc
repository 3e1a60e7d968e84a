// Generated from the records by tools/generate/generate.py: change those, not this.
// In: C++ calls of the functions of tf.signal. Out: calls of their records.
#include "ninefold/functions/signal.h"

#include "engine/ops/functions/call.h"

namespace ninefold::signal {

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

Tensor frame(const Value& signal, int64_t frame_length, int64_t frame_step, const FrameOptions& options) {
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

Tensor rfft(const Value& input_tensor, const RfftOptions& options) {
  static const Function& f = named("tf.signal.rfft");
  return tensor_of(f, {input_tensor, options.fft_length, Value()});
}

}  // namespace ninefold::signal
