// In: signals along the last axis. Out: tf.signal: cosine transforms, frames put together again, windows, mel frequencies.
#include <cmath>
#include <numbers>

#include "base/check.h"
#include "engine/ops/array_args.h"
#include "engine/ops/elementwise.h"

namespace ninefold::ops {
namespace {

Tensor function(const char* name, const std::vector<std::pair<std::string, Value>>& named) { return *call(name, named).get<Tensor>(); }
int64_t length_of(const Tensor& t, const char* who) {
  check(t.shape().known_rank() && t.rank() >= 1, Code::value, "{}: expected a signal of at least one dimension, got shape {}", who, t.shape().tuple());
  check(t.dim(-1) >= 0, Code::unimplemented, "{}: the length of the signal must be known while tracing", who);
  return t.dim(-1);
}
// t[..., begin:end:step]
Tensor cut(const Tensor& t, int64_t begin, int64_t end, int64_t step = 1) {
  std::vector<int64_t> from(static_cast<size_t>(t.rank()), 0), to(from.size(), 0), by(from.size(), 1);
  from.back() = begin, to.back() = end, by.back() = step;
  const int64_t others = (int64_t{1} << (t.rank() - 1)) - 1;
  return op("StridedSlice", {t, int_vector(from), int_vector(to), int_vector(by)}, {{"begin_mask", others}, {"end_mask", others}});
}
Tensor joined(const Tensor& a, const Tensor& b) {
  const Tensor in[] = {a, b, int_scalar(-1)};
  return op_all("ConcatV2", in).at(0);
}
Tensor reversed(const Tensor& t) { return op("ReverseV2", {t, int_vector({t.rank() - 1})}); }
Tensor numbers(const std::vector<double>& v, DType dtype) { return cast(Tensor::of<double>({static_cast<int64_t>(v.size())}, v), dtype); }
// The last axis cut, or filled with zeros, to n elements.
Tensor of_length(const Tensor& t, int64_t n) {
  const int64_t have = t.dim(-1);
  if (have == n) return t;
  if (have > n) return cut(t, 0, n);
  std::vector<int32_t> pads(static_cast<size_t>(2 * t.rank()), 0);
  pads.back() = static_cast<int32_t>(n - have);
  return op("Pad", {t, Tensor::of<int32_t>({t.rank(), 2}, pads)});
}

// ---- cosine transforms, by Fourier transforms of twice the length ----

// 2 exp(sign i pi k / 2n)
Tensor turns(int64_t n, double sign, DType real) {
  std::vector<double> re, im;
  for (int64_t k = 0; k < n; ++k) {
    const double angle = sign * std::numbers::pi * static_cast<double>(k) / static_cast<double>(2 * n);
    re.push_back(2 * std::cos(angle)), im.push_back(2 * std::sin(angle));
  }
  return op("Complex", {numbers(re, real), numbers(im, real)}, {{"Tout", real == DType::f64 ? DType::c128 : DType::c64}});
}
Tensor real_of(const Tensor& t) { return op("Real", {t}, {{"Tout", real_part_of(t.dtype())}}); }
Tensor weights(int64_t n, double first, double rest, DType dtype) {
  std::vector<double> w(static_cast<size_t>(n), rest);
  w[0] = first;
  return numbers(w, dtype);
}
Tensor cosine(Tensor x, int type, bool orthogonal) {
  const int64_t n = x.dim(-1);
  const DType real = x.dtype(), complex = real == DType::f64 ? DType::c128 : DType::c64;
  const auto forward = [&](const Tensor& t, int64_t length) { return op("RFFT", {t, int_vector({length})}, {{"Tcomplex", complex}}); };
  const auto size = static_cast<double>(n);
  switch (type) {
    case 1: return real_of(forward(joined(x, reversed(cut(x, 1, n - 1))), 2 * n - 2));
    case 2: {
      const Tensor y = real_of(cut(forward(of_length(x, 2 * n), 2 * n), 0, n) * turns(n, -1, real));
      return orthogonal ? y * weights(n, 0.5 / std::sqrt(size), std::sqrt(0.5 / size), real) : y;
    }
    case 3: {
      x = orthogonal ? x * weights(n, std::sqrt(size), std::sqrt(0.5 * size), real) : x * number_like(x, size);
      const Tensor turned = turns(n, 1, real) * op("Complex", {x, op("ZerosLike", {x})}, {{"Tout", complex}});
      return cut(op("IRFFT", {of_length(turned, n + 1), int_vector({2 * n})}, {{"Treal", real}}), 0, n);
    }
    default: {
      const Tensor y = cut(cosine(of_length(x, 2 * n), 2, false), 1, 2 * n, 2);
      return orthogonal ? y * number_like(y, std::sqrt(0.5 / size)) : y;
    }
  }
}
Value cosine_transform(Args& a, bool inverse) {
  const char* who = inverse ? "tf.signal.idct" : "tf.signal.dct";
  Tensor x = operand(a, "input");
  if (!is_tensor(a["input"]) && is_integer(x.dtype())) x = cast(x, DType::f32);
  check(x.dtype() == DType::f32 || x.dtype() == DType::f64, Code::type, "{}: expected float32 or float64, got {}", who, name_of(x.dtype()));
  const int64_t type = a.integer("type");
  const std::string norm = a.none("norm") ? "" : a.text("norm");
  if (!a.none("axis")) check(a.integer("axis") == -1, Code::not_implemented, "axis must be -1. Got: {}", a.integer("axis"));
  check(type >= 1 && type <= 4, Code::value, "Types I, II, III and IV (I)DCT are supported.");
  const int64_t have = length_of(x, who);
  if (!a.none("n")) {
    check(a.integer("n") >= 1, Code::value, "n should be a positive integer or None");
    x = of_length(x, a.integer("n"));
  }
  check(norm.empty() || norm == "ortho", Code::value, "Unknown normalization. Expected None or 'ortho', got: {}", norm);
  if (type == 1) {
    check(norm.empty(), Code::value, "Normalization is not supported for the Type-I DCT.");
    check(x.dim(-1) >= 2, Code::value, "Type-I DCT requires the dimension to be greater than one.");
  }
  check(x.dim(-1) > 0, Code::value, "{}: the signal is empty: its last dimension is {}", who, have);
  constexpr int other[] = {0, 1, 3, 2, 4};
  return cosine(x, inverse ? other[type] : static_cast<int>(type), !norm.empty());
}

// ---- frames ----

Value overlapped(Args& a) {
  const char* who = "tf.signal.overlap_and_add";
  const Tensor x = operand(a, "signal");
  check(x.shape().known_rank() && x.rank() >= 2, Code::value, "Shape {} must have rank at least 2", x.shape().tuple());
  const Tensor given = int_operand(a, "frame_step");
  check(given.rank() == 0, Code::value, "frame_step must be a scalar. Got {}", given.shape().tuple());
  const Tensor* known = known_value(given);
  check(known != nullptr, Code::unimplemented, "{}: frame_step must be known while tracing", who);
  const int64_t step = known->int_at(0), frames = x.dim(x.rank() - 2), length = length_of(x, who);
  check(step > 0, Code::value, "{}: frame_step must be positive, got {}", who, step);
  check(frames >= 0, Code::unimplemented, "{}: the number of frames must be known while tracing", who);
  int64_t total = 0;
  check(!__builtin_mul_overflow(std::max<int64_t>(frames - 1, 0), step, &total) && total < (int64_t{1} << 31), Code::value,
        "{}: a signal of {} frames {} apart is too long", who, frames, step);
  total = frames == 0 ? 0 : total + length;
  std::vector<int32_t> places;
  for (int64_t f = 0; f < frames; ++f)
    for (int64_t i = 0; i < length; ++i) places.push_back(static_cast<int32_t>(f * step + i));
  const Tensor rows = op("Transpose", {op("Reshape", {x, int_vector({-1, frames * length})}), int_vector({1, 0})});
  const Tensor summed = op("UnsortedSegmentSum", {rows, Tensor::of<int32_t>({static_cast<int64_t>(places.size())}, places), int_scalar(total)});
  const Tensor outer = op("StridedSlice", {shape_tensor(x), int_vector({0}), int_vector({-2}), int_vector({1})}, {{"begin_mask", 1}});
  const Tensor shape[] = {outer, int_vector({total}), int_scalar(0)};
  return op("Reshape", {op("Transpose", {summed, int_vector({1, 0})}), op_all("ConcatV2", shape).at(0)});
}

// ---- windows ----

struct Asked { int64_t length; DType dtype; };
Asked asked(const Args& a) {
  const Tensor length = int_operand(a, "window_length");
  const Tensor* known = known_value(length);
  check(known && known->size() == 1, Code::unimplemented, "tf.signal: window_length must be known while tracing");
  const DType dtype = a.dtype("dtype");
  check(is_floating(dtype), Code::value, "dtype must be a floating point type. Found {}", dtype_repr(dtype));
  const int64_t n = known->int_at(0);
  check(n >= 0 && n <= (int64_t{1} << 22), Code::value, "tf.signal: window_length must be of 0 to 4194304, got {}", n);
  return {n, dtype};
}
double beta_of(const Args& a) {
  const Tensor beta = operand(a, "beta");
  const Tensor* known = known_value(beta);
  check(known && known->size() == 1, Code::unimplemented, "tf.signal: beta must be a number that is known while tracing");
  const double b = known->float_at(0);
  check(std::isfinite(b) && std::abs(b) <= 700, Code::value, "tf.signal: beta must be at most 700, got {}", b);
  return b;
}
std::vector<double> kaiser(int64_t n, double beta) {
  if (n == 1) return {1};
  std::vector<double> w;
  const double half = static_cast<double>(n - 1) / 2;
  for (int64_t i = 0; i < n; ++i) {
    const double x = (static_cast<double>(i) - half) / half;
    w.push_back(std::cyl_bessel_i(0.0, std::abs(beta) * std::sqrt(std::max(0.0, 1 - x * x))) / std::cyl_bessel_i(0.0, std::abs(beta)));
  }
  return w;
}
Value kaiser_window(Args& a) {
  const Asked w = asked(a);
  return numbers(kaiser(w.length, beta_of(a)), w.dtype);
}
Value derived_window(Args& a) {
  const Asked w = asked(a);
  const int64_t half = w.length / 2;
  std::vector<double> all(static_cast<size_t>(2 * half));
  double sum = 0, total = 0;
  const std::vector<double> bell = kaiser(half + 1, beta_of(a));
  for (const double b : bell) total += b;
  for (int64_t i = 0; i < half; ++i) {
    sum += bell[static_cast<size_t>(i)];
    all[static_cast<size_t>(i)] = all[static_cast<size_t>(2 * half - 1 - i)] = std::sqrt(sum / total);
  }
  return numbers(all, w.dtype);
}
Value vorbis_window(Args& a) {
  const Asked w = asked(a);
  std::vector<double> all;
  for (int64_t i = 0; i < w.length; ++i) {
    const double s = std::sin(std::numbers::pi / static_cast<double>(w.length) * (static_cast<double>(i) + 0.5));
    all.push_back(std::sin(std::numbers::pi / 2 * s * s));
  }
  return numbers(all, w.dtype);
}

// ---- mel frequencies ----

double mel(double hertz) { return 1127 * std::log1p(hertz / 700); }
double known_number(const Args& a, const char* name) {
  const Tensor t = operand(a, name);
  const Tensor* known = known_value(t);
  check(known && known->size() == 1 && (is_floating(known->dtype()) || is_integer(known->dtype())), Code::value,
        "tf.signal.linear_to_mel_weight_matrix: {} must be a number that is known while tracing", name);
  return is_floating(known->dtype()) ? known->float_at(0) : static_cast<double>(known->int_at(0));
}
Value mel_weights(Args& a) {
  const int64_t bands = a.integer("num_mel_bins"), bins = a.integer("num_spectrogram_bins");
  const double rate = known_number(a, "sample_rate"), low = known_number(a, "lower_edge_hertz"), high = known_number(a, "upper_edge_hertz");
  check(bands > 0, Code::value, "num_mel_bins must be positive. Got: {}", bands);
  const auto text = [](double v) { return v == std::floor(v) && std::abs(v) < 1e16 ? fmt::format("{:.1f}", v) : fmt::format("{}", v); };
  check(low >= 0, Code::value, "lower_edge_hertz must be non-negative. Got: {}", text(low));
  check(low < high, Code::value, "lower_edge_hertz {:.1f} >= upper_edge_hertz {:.1f}", low, high);
  check(rate > 0, Code::value, "sample_rate must be positive. Got: {}", rate);
  check(high <= rate / 2, Code::value, "upper_edge_hertz must not be larger than the Nyquist frequency (sample_rate / 2). Got {} for sample_rate: {}",
        text(high), rate);
  check(bins > 0 && bins < (int64_t{1} << 24) && bands < (int64_t{1} << 24) && bins * bands < (int64_t{1} << 31), Code::value,
        "tf.signal.linear_to_mel_weight_matrix: {} by {} weights are out of range", bins, bands);
  std::vector<double> w(static_cast<size_t>(bins * bands), 0);
  const double first = mel(low), step = (mel(high) - first) / static_cast<double>(bands + 1);
  for (int64_t i = 1; i < bins; ++i) {   // the bin of frequency 0 counts nowhere
    const double at = mel(rate / 2 * static_cast<double>(i) / static_cast<double>(bins - 1));
    for (int64_t b = 0; b < bands; ++b) {
      const double begin = first + step * static_cast<double>(b), rise = (at - begin) / step, fall = (begin + 2 * step - at) / step;
      w[static_cast<size_t>(i * bands + b)] = std::max(0.0, std::min(rise, fall));
    }
  }
  const DType dtype = a.dtype("dtype");
  check(is_floating(dtype), Code::value, "dtype must be a floating point type. Found {}", dtype_repr(dtype));
  return cast(Tensor::of<double>({bins, bands}, w), dtype);
}
Value coefficients(Args& a) {
  const Tensor x = operand(a, "log_mel_spectrograms");
  const int64_t bands = length_of(x, "tf.signal.mfccs_from_log_mel_spectrograms");
  check(bands > 0, Code::value, "num_mel_bins must be positive. Got: {}", bands);
  const Tensor y = function("tf.signal.dct", {{"input", x}, {"type", Value(int64_t{2})}});
  return y * number_like(y, 1 / std::sqrt(2.0 * static_cast<double>(bands)));
}

const char* const kCosine = "(input: T, type: int = 2, n: int = None, axis: int = -1, norm: str = None, name: str = None)";
const Function signal_composites[] = {
    {{"tf.signal.dct"}, kCosine, "The discrete cosine transform of type 1 to 4 along the last axis, cut or padded to n; norm may be 'ortho'.",
     [](Args& a) { return cosine_transform(a, false); }},
    {{"tf.signal.idct"}, kCosine, "The inverse of tf.signal.dct, but for a factor where norm is None.", [](Args& a) { return cosine_transform(a, true); }},
    {{"tf.signal.overlap_and_add"}, "(signal: T, frame_step: ints, name: str = None)", "[..., frames, length]: frames that lie frame_step apart, added up.",
     overlapped},
    {{"tf.signal.kaiser_window"}, "(window_length: tensor, beta: value = 12.0, dtype: dtype = tf.float32, name: str = None)",
     "I0(beta sqrt(1 - x^2)) / I0(beta), x from -1 to 1.", kaiser_window},
    {{"tf.signal.kaiser_bessel_derived_window"}, "(window_length: tensor, beta: value = 12.0, dtype: dtype = tf.float32, name: str = None)",
     "Square roots of the cumulative sums of a Kaiser window, up and down.", derived_window},
    {{"tf.signal.vorbis_window"}, "(window_length: tensor, dtype: dtype = tf.float32, name: str = None)",
     "sin(pi / 2 sin^2(pi (k + 1/2) / n)).", vorbis_window},
    {{"tf.signal.linear_to_mel_weight_matrix"},
     "(num_mel_bins: int = 20, num_spectrogram_bins: int = 129, sample_rate: value = 8000, lower_edge_hertz: value = 125.0, "
     "upper_edge_hertz: value = 3800.0, dtype: dtype = tf.float32, name: str = None)",
     "[num_spectrogram_bins, num_mel_bins]: how much of each frequency belongs to each band of mel frequencies.", mel_weights},
    {{"tf.signal.mfccs_from_log_mel_spectrograms"}, "(log_mel_spectrograms: T, name: str = None)",
     "Mel frequency cepstral coefficients of logarithms of mel spectrograms.", coefficients},
};
const std::vector<Registrar> known_signal_composites(std::begin(signal_composites), std::end(signal_composites));

}  // namespace
}  // namespace ninefold::ops
