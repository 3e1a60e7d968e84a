// In: signals along the last axis. Out: tf.signal: cosine transforms, frames put together again, mel frequencies.
#include <cmath>
#include <numbers>

#include "base/check.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/extent.h"

namespace ninefold::ops {
namespace {

Tensor function(const char* name, const std::vector<std::pair<std::string, Value>>& named) { return *call(name, named).get<Tensor>(); }
Extent length_of(const Tensor& t, const char* who) {
  check(t.shape().known_rank() && t.rank() >= 1, Code::value, "{}: expected a signal of at least one dimension, got shape {}", who, t.shape().tuple());
  return Extent::along(t, -1);
}
// t[..., begin:end:step]
Tensor cut(const Tensor& t, int64_t begin, const Extent& end, int64_t step = 1) {
  std::vector<int64_t> from(static_cast<size_t>(t.rank()), 0), by(from.size(), 1);
  std::vector<Extent> to(from.size(), 0);
  from.back() = begin, to.back() = end, by.back() = step;
  const int64_t others = (int64_t{1} << (t.rank() - 1)) - 1;
  return op("StridedSlice", {t, int_vector(from), vector_of(to), int_vector(by)}, {{"begin_mask", others}, {"end_mask", others}});
}
Tensor joined(const Tensor& a, const Tensor& b) {
  const Tensor in[] = {a, b, int_scalar(-1)};
  return op_all("ConcatV2", in).at(0);
}
Tensor reversed(const Tensor& t) { return op("ReverseV2", {t, int_vector({t.rank() - 1})}); }

// ---- cosine transforms, by Fourier transforms of twice the length ----

Tensor scaled(const Tensor& t, double by) { return t * number_like(t, by); }
// A constant if n is known while tracing.
template <class F>
Tensor of_length(const Extent& n, const F& f) {
  if (!n.known()) return f();
  const AtOnce now;
  return f();
}
// 2 exp(sign i pi k / 2n)
Tensor turns(const Extent& n, double sign, DType dtype) {
  return of_length(n, [&] {
    const Tensor angle = scaled(cast(counted(n), DType::f64), sign * std::numbers::pi) / scaled(n.real(), 2);
    return op("Complex", {cast(scaled(op("Cos", {angle}), 2), dtype), cast(scaled(op("Sin", {angle}), 2), dtype)},
              {{"Tout", dtype == DType::f64 ? DType::c128 : DType::c64}});
  });
}
Tensor real_of(const Tensor& t) { return op("Real", {t}, {{"Tout", real_part_of(t.dtype())}}); }
// [first, rest, rest ...] by the length, whose square roots they are.
template <class F, class G>
Tensor weights(const Extent& n, DType dtype, const F& first, const G& rest) {
  return of_length(n, [&] {
    const Tensor size = n.real();
    return cast(op("SelectV2", {op("Equal", {counted(n), int_scalar(0)}), op("Sqrt", {first(size)}), op("Sqrt", {rest(size)})}), dtype);
  });
}
Tensor cosine(Tensor x, int type, bool orthogonal) {
  const Extent n = Extent::along(x, -1);
  const DType dtype = x.dtype(), complex = dtype == DType::f64 ? DType::c128 : DType::c64;
  const auto forward = [&](const Tensor& t, const Extent& length) { return op("RFFT", {t, vector_of({length})}, {{"Tcomplex", complex}}); };
  const auto over = [](double by) { return [by](const Tensor& size) { return number_like(size, by) / size; }; };
  const auto times = [](double by) { return [by](const Tensor& size) { return scaled(size, by); }; };
  switch (type) {
    case 1: return real_of(forward(joined(x, reversed(cut(x, 1, n - 1))), 2 * n - 2));
    case 2: {
      const Tensor y = real_of(cut(forward(fitted(x, 2 * n), 2 * n), 0, n) * turns(n, -1, dtype));
      return orthogonal ? y * weights(n, dtype, over(0.25), over(0.5)) : y;
    }
    case 3: {
      x = orthogonal ? x * weights(n, dtype, times(1), times(0.5)) : x * cast(n.tensor(), dtype);
      const Tensor turned = turns(n, 1, dtype) * op("Complex", {x, op("ZerosLike", {x})}, {{"Tout", complex}});
      return cut(op("IRFFT", {fitted(turned, n + 1), vector_of({2 * n})}, {{"Treal", dtype}}), 0, n);
    }
    default: {
      const Tensor y = cut(cosine(fitted(x, 2 * n), 2, false), 1, 2 * n, 2);
      return orthogonal ? y * cast(of_length(n, [&] { return op("Sqrt", {number_like(n.real(), 0.5) / n.real()}); }), dtype) : y;
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
  const Extent have = length_of(x, who);
  if (!a.none("n")) {
    check(a.integer("n") >= 1, Code::value, "n should be a positive integer or None");
    x = fitted(x, a.integer("n"));
  }
  check(norm.empty() || norm == "ortho", Code::value, "Unknown normalization. Expected None or 'ortho', got: {}", norm);
  if (type == 1) {
    check(norm.empty(), Code::value, "Normalization is not supported for the Type-I DCT.");
    check(x.dim(-1) < 0 || x.dim(-1) >= 2, Code::value, "Type-I DCT requires the dimension to be greater than one.");
  }
  check(x.dim(-1) != 0, Code::value, "{}: the signal is empty: its last dimension is {}", who, have.or_unknown());
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
  const Extent step(given), frames = Extent::along(x, -2), length = length_of(x, who);
  check(!step.known() || step.value() > 0, Code::value, "{}: frame_step must be positive, got {}", who, step.or_unknown());
  if (step.known() && frames.known()) {
    int64_t reach = 0;
    check(!__builtin_mul_overflow(std::max<int64_t>(frames.value() - 1, 0), step.value(), &reach) && reach < (int64_t{1} << 31), Code::value,
          "{}: a signal of {} frames {} apart is too long", who, frames.value(), step.value());
  }
  const Extent total = larger(frames - 1, 0) * step + length * smaller(frames, 1);
  const Tensor places = op("Reshape", {frame_places(frames, length, step), int_vector({-1})});
  const Tensor rows = op("Transpose", {op("Reshape", {x, vector_of({-1, frames * length})}), int_vector({1, 0})});
  const Tensor summed = op("UnsortedSegmentSum", {rows, places, total.tensor()});
  const Tensor outer = op("StridedSlice", {shape_tensor(x), int_vector({0}), int_vector({-2}), int_vector({1})}, {{"begin_mask", 1}});
  const Tensor shape[] = {outer, vector_of({total}), int_scalar(0)};
  return op("Reshape", {op("Transpose", {summed, int_vector({1, 0})}), op_all("ConcatV2", shape).at(0)});
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
  const Extent bands = length_of(x, "tf.signal.mfccs_from_log_mel_spectrograms");
  check(!bands.known() || bands.value() > 0, Code::value, "num_mel_bins must be positive. Got: {}", bands.or_unknown());
  const Tensor y = function("tf.signal.dct", {{"input", x}, {"type", Value(int64_t{2})}});
  return y * cast(of_length(bands, [&] { return op("Rsqrt", {scaled(bands.real(), 2)}); }), y.dtype());
}

const char* const kCosine = "(input: T, type: int = 2, n: int = None, axis: int = -1, norm: str = None, name: str = None)";
const Function signal_composites[] = {
    {{"tf.signal.dct"}, kCosine, "The discrete cosine transform of type 1 to 4 along the last axis, cut or padded to n; norm may be 'ortho'.",
     [](Args& a) { return cosine_transform(a, false); }},
    {{"tf.signal.idct"}, kCosine, "The inverse of tf.signal.dct, but for a factor where norm is None.", [](Args& a) { return cosine_transform(a, true); }},
    {{"tf.signal.overlap_and_add"}, "(signal: T, frame_step: ints, name: str = None)", "[..., frames, length]: frames that lie frame_step apart, added up.",
     overlapped},
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
