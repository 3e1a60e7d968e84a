// In: lengths. Out: tf.signal's windows, computed in double precision: constants where their length is known while tracing.
#include <cmath>
#include <numbers>

#include "base/check.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/extent.h"

namespace ninefold::ops {
namespace {

constexpr double kPi = std::numbers::pi;

Tensor unary(const char* name, const Tensor& t) { return op(name, {t}); }
Tensor positions(const Extent& n) { return cast(counted(n), DType::f64); }   // 0, 1, ... n - 1
Tensor stretch(const Tensor& t, const Extent& begin, const Extent& size) { return op("Slice", {t, vector_of({begin}), vector_of({size})}); }
Tensor multiple(const Tensor& t, double by) { return t * number_like(t, by); }
Tensor ones_if(const Extent& n, int64_t of, const Tensor& t) {
  return op("SelectV2", {op("Equal", {n.tensor(), int_scalar(of)}), unary("OnesLike", t), t});
}

// A constant if the length is known while tracing, and what else f reads.
template <class F>
Value of_window(const Args& a, const F& f, bool known = true) {
  const Tensor given = int_operand(a, "window_length");
  const DType dtype = a.dtype("dtype");
  check(given.size() == 1 || !given.shape().fully_known(), Code::value, "window_length must be one number, got shape {}", given.shape().tuple());
  check(is_floating(dtype), Code::value, "dtype must be a floating point type. Found {}", dtype_repr(dtype));
  const Extent n(given);
  check(!n.known() || (n.value() >= 0 && n.value() <= (int64_t{1} << 22)), Code::value, "tf.signal: window_length must be of 0 to 4194304, got {}",
        n.or_unknown());
  if (!n.known() || !known) return cast(f(n), dtype);
  const AtOnce now;
  return cast(f(n), dtype);
}

// level - height cos(2 pi k / n), n one less where the window is symmetric.
Value raised_cosine(Args& a, double level, double height) {
  return of_window(a, [&](const Extent& n) {
    const Extent period = n - 1 + (a.flag("periodic") ? 1 - n % 2 : Extent(0));
    const Tensor waves = unary("Cos", multiple(positions(n), 2 * kPi) / period.real());
    return ones_if(n, 1, number_like(waves, level) - multiple(waves, height));
  });
}
Value vorbis(Args& a) {
  return of_window(a, [](const Extent& n) {
    const Tensor k = positions(n), s = unary("Sin", multiple(k + number_like(k, 0.5), kPi) / n.real());
    return unary("Sin", multiple(unary("Square", s), kPi / 2));
  });
}

Tensor beta_of(const Args& a) {
  const Tensor beta = operand(a, "beta");
  check(beta.size() == 1 || !beta.shape().fully_known(), Code::value, "beta must be one number, got shape {}", beta.shape().tuple());
  return beta;
}
// I0(beta sqrt(1 - x^2)) / I0(beta), x from -1 to 1; by exp(-x) I0(x), which does not overflow.
Tensor bell(const Extent& n, const Tensor& given) {
  const Tensor beta = unary("Abs", cast(given, DType::f64));
  const Tensor middle = multiple((n - 1).real(), 0.5), x = (positions(n) - middle) / middle;
  const Tensor reach = beta * unary("Sqrt", unary("Relu", number_like(x, 1) - unary("Square", x)));
  return ones_if(n, 1, unary("Exp", reach - beta) * unary("BesselI0e", reach) / unary("BesselI0e", beta));
}
Value kaiser(Args& a) {
  const Tensor beta = beta_of(a);
  return of_window(a, [&](const Extent& n) { return bell(n, beta); }, !beta.symbolic());
}
Value kaiser_bessel_derived(Args& a) {
  const Tensor beta = beta_of(a);
  return of_window(a, [&](const Extent& n) {
    const Extent half = n / 2;
    const Tensor sums = op("Cumsum", {bell(half + 1, beta), int_scalar(0)});
    const Tensor rise = unary("Sqrt", stretch(sums, 0, half) / stretch(sums, half, 1));
    return op("ConcatV2", {rise, op("ReverseV2", {rise, int_vector({0})}), int_scalar(0)});
  }, !beta.symbolic());
}

const char* const kRaised = "(window_length: tensor, periodic: bool = True, dtype: dtype = tf.float32, name: str = None)";
const char* const kKaiser = "(window_length: tensor, beta: value = 12.0, dtype: dtype = tf.float32, name: str = None)";
const Function windows[] = {
    {{"tf.signal.hann_window"}, kRaised, "0.5 - 0.5 cos(2 pi k / n).", [](Args& a) { return raised_cosine(a, 0.5, 0.5); }},
    {{"tf.signal.hamming_window"}, kRaised, "0.54 - 0.46 cos(2 pi k / n).", [](Args& a) { return raised_cosine(a, 0.54, 0.46); }},
    {{"tf.signal.vorbis_window"}, "(window_length: tensor, dtype: dtype = tf.float32, name: str = None)", "sin(pi / 2 sin^2(pi (k + 1/2) / n)).", vorbis},
    {{"tf.signal.kaiser_window"}, kKaiser, "I0(beta sqrt(1 - x^2)) / I0(beta), x from -1 to 1.", kaiser},
    {{"tf.signal.kaiser_bessel_derived_window"}, kKaiser, "Square roots of the cumulative sums of a Kaiser window, up and down.",
     kaiser_bessel_derived},
};
const std::vector<Registrar> known_windows(std::begin(windows), std::end(windows));

}  // namespace
}  // namespace ninefold::ops
