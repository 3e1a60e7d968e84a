// In: signals along the last axis. Out: tf.signal: transforms, windows, frames.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/check.h"
#include "engine/ops/array_args.h"
#include "engine/ops/elementwise.h"

namespace ninefold::ops {
namespace {

// The last axis cut or filled with zeros to n elements.
Tensor fitted(const Tensor& t, int64_t n) {
  const int64_t have = t.dim(-1);
  check(have >= 0, Code::unimplemented, "tf.signal: the length of the signal must be known while tracing");
  if (have == n) return t;
  if (have > n) {
    std::vector<int64_t> begin(static_cast<size_t>(t.rank()), 0), size(begin.size(), -1);
    size.back() = n;
    return op("Slice", {t, int_vector(begin), int_vector(size)});
  }
  std::vector<int32_t> pads(static_cast<size_t>(2 * t.rank()), 0);
  pads.back() = static_cast<int32_t>(n - have);
  return op("Pad", {t, Tensor::of<int32_t>({t.rank(), 2}, pads)});
}
int64_t length_given(const Args& a, int64_t fallback) {
  if (a.none("fft_length")) return fallback;
  const Tensor n = int_operand(a, "fft_length");
  const Tensor* known = known_value(n);
  check(known && known->size() == 1, Code::value, "tf.signal: fft_length must hold one number that is known while tracing");
  return known->int_at(0);
}
Value real_transform(Args& a) {
  const Tensor x = operand(a, "input_tensor");
  check(x.rank() >= 1, Code::value, "Shape {} must have rank at least 1", x.shape().tuple());
  const int64_t n = length_given(a, x.dim(-1));
  const DType complex = x.dtype() == DType::f64 ? DType::c128 : DType::c64;
  return op("RFFT", {x.dim(-1) == 0 ? x : fitted(x, n), int_vector({n})}, {{"Tcomplex", complex}});
}
Value inverse_real_transform(Args& a) {
  const Tensor x = operand(a, "input_tensor");
  check(x.rank() >= 1, Code::value, "Shape {} must have rank at least 1", x.shape().tuple());
  const int64_t n = length_given(a, std::max<int64_t>(0, 2 * (x.dim(-1) - 1)));
  return op("IRFFT", {x.dim(-1) == 0 ? x : fitted(x, n / 2 + 1), int_vector({n})}, {{"Treal", real_part_of(x.dtype())}});
}

// The zero frequency to the middle (sign 1), or back from there (-1).
template <int sign>
Value shifted(Args& a) {
  const Tensor x = operand(a, "x");
  std::vector<int64_t> axes = a.none("axes") ? counting(x.rank()) : a.ints("axes"), shift;
  for (int64_t& axis : axes) {
    check(axis >= -x.rank() && axis < x.rank(), Code::invalid_argument,
          "slice index {} of dimension 0 out of bounds.", axis < 0 ? axis + x.rank() : axis);
    const int64_t n = x.dim(static_cast<int>(axis));
    check(n >= 0, Code::unimplemented, "tf.signal.fftshift: sizes must be known while tracing");
    shift.push_back(sign > 0 ? n / 2 : -(n / 2));
  }
  return op("Roll", {x, int_vector(shift), int_vector(axes)});
}

// a - b cos(2 pi k / n), n one less where the window is symmetric.
Value raised_cosine(Args& a, double level, double height) {
  const Tensor length = int_operand(a, "window_length");
  const Tensor* known = known_value(length);
  check(known && known->size() == 1, Code::unimplemented, "tf.signal: window_length must be known while tracing");
  const DType dtype = a.dtype("dtype");
  check(is_floating(dtype), Code::value, "dtype must be a floating point type. Found {}", dtype_repr(dtype));
  const int64_t n = known->int_at(0), even = 1 - n % 2;
  if (n == 1) return to_tensor(ValueList{Value(1.0)}, dtype);
  const auto period = static_cast<double>(n + (a.flag("periodic") ? even : 0) - 1);
  std::vector<double> window(static_cast<size_t>(n));
  for (int64_t k = 0; k < n; ++k)
    window[static_cast<size_t>(k)] = level - height * std::cos(2 * std::numbers::pi * static_cast<double>(k) / period);
  return cast(Tensor::of<double>({n}, window), dtype);
}

Value framed(Args& a) {
  const Tensor x = operand(a, "signal");
  const int64_t length = a.integer("frame_length"), step = a.integer("frame_step");
  const int rank = x.rank();
  const int64_t given = a.integer("axis"), axis = given < 0 ? given + rank : given;
  check(rank >= 1 && axis >= 0 && axis < rank, Code::value, "tf.signal.frame: axis {} is out of range for a signal of rank {}", given, rank);
  check(length > 0 && step > 0, Code::value, "tf.signal.frame: frame_length and frame_step must be positive, got {} and {}", length, step);
  const int64_t n = x.dim(static_cast<int>(axis));
  check(n >= 0, Code::unimplemented, "tf.signal.frame: the length of the signal must be known while tracing");
  const bool pad = a.flag("pad_end");
  const int64_t frames = pad ? (n + step - 1) / step : std::max<int64_t>(0, 1 + (n - length) / step);
  Tensor whole = x;
  if (const int64_t more = (frames - 1) * step + length - n; pad && more > 0) {
    std::vector<int32_t> pads(static_cast<size_t>(2 * rank), 0);
    pads[static_cast<size_t>(2 * axis + 1)] = static_cast<int32_t>(more);
    whole = op("PadV2", {x, Tensor::of<int32_t>({rank, 2}, pads), to_tensor(a["pad_value"], x.dtype())});
  }
  std::vector<int32_t> at;
  for (int64_t f = 0; f < frames; ++f)
    for (int64_t i = 0; i < length; ++i) at.push_back(static_cast<int32_t>(f * step + i));
  return op("GatherV2", {whole, Tensor::of<int32_t>({frames, length}, at), int_scalar(axis)});
}

const std::string kWindow = "(window_length: tensor, periodic: bool = True, dtype: dtype = tf.float32, name: str = None)";
const std::string kLength = "(input_tensor: T, fft_length: value = None, name: str = None)";
const OpFunction of_one[] = {
    {"FFT", {"tf.signal.fft"}, "(input: T, name: str = None)", "The discrete Fourier transform along the last axis."},
    {"IFFT", {"tf.signal.ifft"}, "(input: T, name: str = None)", "The inverse of tf.signal.fft."},
    {"FFT2D", {"tf.signal.fft2d"}, "(input: T, name: str = None)", "The discrete Fourier transform along the last two axes."},
    {"IFFT2D", {"tf.signal.ifft2d"}, "(input: T, name: str = None)", "The inverse of tf.signal.fft2d."},
};
const Function functions[] = {
    {{"tf.signal.rfft"}, kLength, "The transform of real numbers: its first fft_length / 2 + 1 elements.", real_transform},
    {{"tf.signal.irfft"}, kLength, "The inverse of tf.signal.rfft: fft_length real numbers.", inverse_real_transform},
    {{"tf.signal.fftshift"}, "(x: T, axes: ints = None, name: str = None)", "The zero frequency moved to the middle.", shifted<1>},
    {{"tf.signal.ifftshift"}, "(x: T, axes: ints = None, name: str = None)", "The inverse of tf.signal.fftshift.", shifted<-1>},
    {{"tf.signal.hann_window"}, kWindow, "0.5 - 0.5 cos(2 pi k / n).", [](Args& a) { return raised_cosine(a, 0.5, 0.5); }},
    {{"tf.signal.hamming_window"}, kWindow, "0.54 - 0.46 cos(2 pi k / n).", [](Args& a) { return raised_cosine(a, 0.54, 0.46); }},
    {{"tf.signal.frame"},
     "(signal: T, frame_length: int, frame_step: int, pad_end: bool = False, pad_value: value = 0, axis: int = -1, name: str = None)",
     "Overlapping pieces of frame_length elements, frame_step apart, along an axis.", framed},
};
const std::vector<Registrar> known(std::begin(functions), std::end(functions));

}  // namespace
}  // namespace ninefold::ops
