// In: signals along the last axis. Out: tf.signal: transforms and frames.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/check.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/extent.h"

namespace ninefold::ops {
namespace {

Extent length_given(const Args& a, const Extent& fallback) {
  if (a.none("fft_length")) return fallback;
  const Tensor n = int_operand(a, "fft_length");
  check(!n.shape().fully_known() || n.size() == 1, Code::value, "tf.signal: fft_length must hold one number, got shape {}", n.shape().tuple());
  return Extent(op("Reshape", {n, int_vector({})}));
}
Value real_transform(Args& a) {
  const Tensor x = operand(a, "input_tensor");
  check(x.rank() >= 1, Code::value, "Shape {} must have rank at least 1", x.shape().tuple());
  const Extent n = length_given(a, Extent::along(x, -1));
  const DType complex = x.dtype() == DType::f64 ? DType::c128 : DType::c64;
  return op("RFFT", {x.dim(-1) == 0 ? x : fitted(x, n), vector_of({n})}, {{"Tcomplex", complex}});
}
Value inverse_real_transform(Args& a) {
  const Tensor x = operand(a, "input_tensor");
  check(x.rank() >= 1, Code::value, "Shape {} must have rank at least 1", x.shape().tuple());
  const Extent n = length_given(a, larger(2 * (Extent::along(x, -1) - 1), 0));
  return op("IRFFT", {x.dim(-1) == 0 ? x : fitted(x, n / 2 + 1), vector_of({n})}, {{"Treal", real_part_of(x.dtype())}});
}

// The zero frequency to the middle (sign 1), or back from there (-1).
template <int sign>
Value shifted(Args& a) {
  const Tensor x = operand(a, "x");
  const std::vector<int64_t> axes = a.none("axes") ? counting(x.rank()) : a.ints("axes");
  std::vector<Extent> shift;
  for (const int64_t axis : axes) {
    check(axis >= -x.rank() && axis < x.rank(), Code::invalid_argument,
          "slice index {} of dimension 0 out of bounds.", axis < 0 ? axis + x.rank() : axis);
    const Extent half = Extent::along(x, static_cast<int>(axis)) / 2;
    shift.push_back(sign > 0 ? half : 0 - half);
  }
  return op("Roll", {x, vector_of(shift), int_vector(axes)});
}

Value framed(Args& a) {
  const Tensor x = operand(a, "signal");
  const Extent length(int_operand(a, "frame_length")), step(int_operand(a, "frame_step"));
  const int rank = x.rank();
  const int64_t given = a.integer("axis"), axis = given < 0 ? given + rank : given;
  check(rank >= 1 && axis >= 0 && axis < rank, Code::value, "tf.signal.frame: axis {} is out of range for a signal of rank {}", given, rank);
  check((!length.known() || length.value() > 0) && (!step.known() || step.value() > 0), Code::value,
        "tf.signal.frame: frame_length and frame_step must be positive, got {} and {}", length.or_unknown(), step.or_unknown());
  const Extent n = Extent::along(x, static_cast<int>(axis));
  const bool pad = a.flag("pad_end");
  const Extent frames = pad ? (n + step - 1) / step : larger(1 + (n - length) / step, 0);
  Tensor whole = x;
  if (const Extent more = (frames - 1) * step + length - n; pad && (!more.known() || more.value() > 0)) {
    std::vector<Extent> pads(static_cast<size_t>(2 * rank), 0);
    pads[static_cast<size_t>(2 * axis + 1)] = larger(more, 0);
    whole = op("PadV2", {x, op("Reshape", {vector_of(pads), int_vector({rank, 2})}), to_tensor(a["pad_value"], x.dtype())});
  }
  Shape known = x.shape().slice(0, static_cast<int>(axis)).concat(Shape({frames.or_unknown(), length.or_unknown()}));
  known = known.concat(x.shape().slice(static_cast<int>(axis) + 1, rank));
  return with_static_shape(op("GatherV2", {whole, frame_places(frames, length, step), int_scalar(axis)}), known);
}

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
    {{"tf.signal.frame"},
     "(signal: T, frame_length: value, frame_step: value, pad_end: bool = False, pad_value: value = 0, axis: int = -1, name: str = None)",
     "Overlapping pieces of frame_length elements, frame_step apart, along an axis.", framed},
};
const std::vector<Registrar> known(std::begin(functions), std::end(functions));

}  // namespace
}  // namespace ninefold::ops
