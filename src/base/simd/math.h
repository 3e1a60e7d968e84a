// In: a float or double. Out: its exp, log, tanh, ... as branch-free polynomials, for vector loops.
// Each function reduces its argument, evaluates a minimax polynomial (fitted by Remez exchange for the
// relative error; the comment beside it gives the bound) and puts the parts together. Errors measured by
// tests/unit/elementwise: at most 2 ulp. Infinities, NaN, signed zeros and subnormals are exact cases.
#pragma once

#include "base/simd/num.h"

namespace ninefold::simd::NINEFOLD_ISA {

template <Real T>
struct Layout;
template <>
struct Layout<float> {
  static constexpr int mantissa = 23, bias = 127;
  static constexpr float magic = 0x1.8p23f;          // x + magic rounds x to an integer in the low bits
  static constexpr float ln2_hi = 0x1.62e4p-1f, ln2_lo = 0x1.7f7d1cp-20f;  // n * ln2_hi is exact
  static constexpr float exp_max = 89.0f, exp_min = -104.5f, min_normal = 0x1p-126f, up = 0x1p23f;
};
template <>
struct Layout<double> {
  static constexpr int mantissa = 52, bias = 1023;
  static constexpr double magic = 0x1.8p52;
  static constexpr double ln2_hi = 0x1.62e42feep-1, ln2_lo = 0x1.a39ef35793c76p-33;
  static constexpr double exp_max = 710.0, exp_min = -746.0, min_normal = 0x1p-1022, up = 0x1p52;
};

// e^r - 1 - r over |r| <= ln(2) / 2, relative to e^r - 1: 2^-26 (float, degree 5 gives 2^-32), 2^-61.
NF_INLINE float exp_tail(float r) {
  return r * r * horner(r, 0.5000000046f, 0.1666666682f, 0.04166635531f, 0.00833327314f, 0.00139409693f,
                        0.0001991411858f);
}
NF_INLINE double exp_tail(double r) {
  return r * r * horner(r, 0.5, 0.166666666666666766, 0.0416666666666667012, 0.00833333333332164804,
                        0.00138888888888668959, 0.000198412698860850505, 0.0000248015873604790723,
                        2.75572442498067397e-6, 2.75572428036837029e-7, 2.51090229091269347e-8,
                        2.09244341973381251e-9);
}

template <Real T>
NF_INLINE T power_of_two(typename BitsOf<T>::type n) {
  return from_bits<T>((n + Layout<T>::bias) << Layout<T>::mantissa);
}

template <Real T>
struct Reduced { T r; typename BitsOf<T>::type n; };  // x = n ln(2) + r
template <Real T>
NF_INLINE Reduced<T> reduce_ln2(T x) {
  using L = Layout<T>;
  const T shifted = madd(x, T(1.4426950408889634), L::magic);
  const T n = shifted - L::magic;
  return {madd(n, -L::ln2_lo, madd(n, -L::ln2_hi, x)), bits(shifted) - bits(L::magic)};
}

template <Real T>
NF_INLINE Num<T> exp(Num<T> a) {
  using L = Layout<T>;
  T x = a.v;
  x = x > L::exp_max ? L::exp_max : x;  // a NaN compares false and stays
  x = x < L::exp_min ? L::exp_min : x;
  const auto [r, n] = reduce_ln2(x);
  // 2^n in two factors: n may lie beyond the exponents of T on both sides.
  const auto half = n >> 1;
  return (T(1) + (r + exp_tail(r))) * power_of_two<T>(half) * power_of_two<T>(n - half);
}

template <Real T>
NF_INLINE Num<T> expm1(Num<T> a) {
  using L = Layout<T>;
  T x = a.v;
  x = x > L::exp_max ? L::exp_max : x;
  x = x < T(-40) ? T(-40) : x;  // e^-40 is below half an ulp of 1
  const auto [r, n] = reduce_ln2(x);
  // Scaled by 2^(n-1): n reaches one beyond the largest exponent. 2 (s (e^r - 1) + (s - 1/2)).
  const T s = power_of_two<T>(n - 1);
  const T y = T(2) * madd(s, r + exp_tail(r), s - T(0.5));
  // A subnormal loses bits in the scaling; and -0 stays -0.
  return (a.v < L::min_normal) & (a.v > -L::min_normal) ? a.v : y;
}

// ln(1 + f) - f + f^2/2 over [sqrt(1/2) - 1, sqrt(2) - 1], over f^3: 2^-30 of f.
NF_INLINE float log_core(float f, float n) {
  using L = Layout<float>;
  const float p = horner(f, 0.333333106f, -0.2499998656f, 0.2000221785f, -0.1666924809f, 0.142188076f,
                         -0.1238446338f, 0.1187209673f, -0.1178889965f, 0.06916146706f);
  const float ff = f * f;
  const float tail = madd(n, L::ln2_lo, madd(f * ff, p, -0.5f * ff));
  return madd(n, L::ln2_hi, f + tail);
}
// With s = f / (2 + f): ln(1 + f) = f - f^2/2 + s (f^2/2 + s^2 P(s^2)); P: 2^-58.
NF_INLINE double log_core(double f, double n) {
  using L = Layout<double>;
  const double s = f / (2.0 + f), z = s * s, hf = 0.5 * f * f;
  const double r = z * horner(z, 0.666666666666673406, 0.399999999994164618, 0.285714287420661915,
                              0.22222198600870357, 0.18183563093192837, 0.153140779259816228,
                              0.147957101912039202);
  return n * L::ln2_hi - ((hf - madd(s, hf + r, n * L::ln2_lo)) - f);
}

template <Real T>
struct Split { T f, n; };  // x = 2^n (1 + f), 1 + f in [sqrt(1/2), sqrt(2))
template <Real T>
NF_INLINE Split<T> split(T x) {
  using L = Layout<T>;
  using B = typename BitsOf<T>::type;
  const B n = (bits(x) - bits(T(0.70710678118654752))) >> L::mantissa;
  const T m = from_bits<T>(bits(x) - (n << L::mantissa));
  // int64 to double has no vector form before AVX-512: the magic number converts.
  return {m - T(1), from_bits<T>(bits(L::magic) + n) - L::magic};
}

template <Real T>
NF_INLINE Num<T> log(Num<T> a) {
  using L = Layout<T>;
  const bool tiny = a.v < L::min_normal;
  const auto [f, n] = split(tiny ? a.v * L::up : a.v);
  T y = log_core(f, tiny ? n - T(L::mantissa) : n);
  const T inf = std::numeric_limits<T>::infinity();
  y = a.v == inf ? inf : y;
  y = a.v == T(0) ? -inf : y;
  return (a.v < T(0)) | (a.v != a.v) ? std::numeric_limits<T>::quiet_NaN() : y;
}

template <Real T>
NF_INLINE Num<T> log1p(Num<T> a) {
  const T x = a.v, u = T(1) + x;
  const auto [f, n] = split(u);
  // What rounding took from 1 + x comes back to first order.
  const T lost = x < T(1) ? x - (u - T(1)) : T(1) - (u - x);
  T y = log_core(f, n) + lost / u;
  const T inf = std::numeric_limits<T>::infinity();
  // 1 + x = 1 loses x whole, a subnormal u cannot occur.
  y = u == T(1) ? x : y;
  y = x == inf ? inf : y;
  y = x == T(-1) ? -inf : y;
  return (x < T(-1)) | (x != x) ? std::numeric_limits<T>::quiet_NaN() : y;
}

template <Real T>
NF_INLINE Num<T> sigmoid(Num<T> x) {
  // e^-|x| never overflows, and a large negative x keeps its relative precision.
  const Num<T> e = exp(-abs(x));
  return select(x >= 0, Num<T>(1), e) / (e + 1);
}

template <Real T>
NF_INLINE Num<T> tanh(Num<T> a) {
  // Beyond 22 tanh is 1 to half an ulp of double. e^2|x| - 1 without expm1's tests: several conditions on
  // one value tempt the compiler to branch, and copysign restores the sign of a zero.
  T x = T(2) * abs(a).v;
  x = x > T(44) ? T(44) : x;
  const auto [r, n] = reduce_ln2(x);
  const T s = power_of_two<T>(n);
  const T e = madd(s, r + exp_tail(r), s - T(1));
  return copysign(Num<T>(e / (e + T(2))), a);
}

template <Real T>
NF_INLINE Num<T> softplus(Num<T> x) {
  // log1p without its tests: its argument e lies in [0, 1], or is NaN and stays so through `lost`.
  const T e = exp(-abs(x)).v, u = T(1) + e, lost = e - (u - T(1));
  const auto [f, n] = split(u);
  return (x.v > T(0) ? x.v : T(0)) + (log_core(f, n) + lost / u);
}

// Sine and cosine of a float, by reduction in double: exact enough for |x| < 2^30; the loop recomputes
// the rare larger ones with libm.
template <bool cosine>
NF_INLINE Num<float> sin_or_cos(Num<float> a) {
  const double x = double(a.v);
  const double shifted = x * 0.63661977236758134 + 0x1.8p52;
  const double n = shifted - 0x1.8p52;
  const float r = float((x - n * 0x1.921fb54440000p0) - n * 0x1.68c234c4c6629p-39);
  const int32_t q = int32_t(bits(shifted)) + (cosine ? 1 : 0);
  const float z = r * r;
  const float s = madd(r * z, horner(z, -0.1666666664f, 0.008333329364f, -0.0001983932763f, 2.718241148e-6f), r);
  const float c = madd(z * z, horner(z, 0.04166666662f, -0.001388888373f, 2.479951394e-5f, -2.720970335e-7f),
                       madd(z, -0.5f, 1.0f));
  const float y = (q & 1) ? c : s;
  return from_bits<float>(bits(y) ^ ((q & 2) << 30));
}
NF_INLINE Num<float> sin(Num<float> x) { return select(x == 0, x, sin_or_cos<false>(x)); }
NF_INLINE Num<float> cos(Num<float> x) { return sin_or_cos<true>(x); }

// erf: an odd polynomial below 1 (2^-34), 1 - e^-P(x) above (P to 2^-35 of erfc).
NF_INLINE Num<float> erf(Num<float> a) {
  const float x = a.v, z = x * x;
  const float small = madd(x, horner(z, 0.1283791671f, -0.3761263848f, 0.1128378275f, -0.02686544588f,
                                     0.005221075063f, -0.0008484714242f, 0.000112705654f, -9.680197746e-6f), x);
  const Num<float> t = min(Num<float>(4), abs(a));
  const float p = horner(t.v, -0.0001880343484f, 1.129578398f, 0.6332199423f, 0.1084185269f, -0.02520822625f,
                         0.004204551038f, -0.00044133428f, 2.168667967e-5f);
  const float large = copysign(Num<float>(1) - exp(Num<float>(-p)), a).v;
  return x != x ? x : (t.v < 1.0f ? small : large);
}

// 2^y and log2 parts of pow in double: log2(x) to 2^-46, so that y log2(x) keeps 2^-26 up to the overflow.
// x is finite and positive here.
NF_INLINE Num<float> pow(Num<float> base, Num<float> expo) {
  const double ax = double(__builtin_fabsf(base.v)), y = double(expo.v);
  const auto [f, n] = split(ax);
  double t = y * log_core(f, n);
  t = t > 200.0 ? 200.0 : t;
  t = t < -200.0 ? -200.0 : t;
  const auto [r, k] = reduce_ln2(t);
  const float magnitude = float((1.0 + (r + exp_tail(r))) * power_of_two<double>(k));
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const float x = base.v, e = expo.v, abs_e = __builtin_fabsf(e);
  const float half = e * 0.5f;
  const bool whole = __builtin_floorf(e) == e;
  const bool odd = whole & (__builtin_floorf(half) != half) & (abs_e < 0x1p24f);
  float out = magnitude;
  const float abs_x = __builtin_fabsf(x);
  // 0 and infinity to a power; an infinite power.
  out = (abs_x == 0.0f) ? (e < 0.0f ? inf : 0.0f) : out;
  out = (abs_x == inf) ? (e < 0.0f ? 0.0f : inf) : out;
  out = (abs_e == inf) ? (((abs_x > 1.0f) == (e > 0.0f)) ? inf : 0.0f) : out;
  out = ((abs_e == inf) & (abs_x == 1.0f)) ? 1.0f : out;
  out = (odd & (bits(x) < 0)) ? -out : out;
  out = ((x < 0.0f) & !whole & (abs_x != inf)) ? nan : out;
  out = ((x != x) | (e != e)) ? nan : out;
  return ((x == 1.0f) | (e == 0.0f)) ? 1.0f : out;
}

// The rest is libm's, an element at a time.
#define NF_LIBM(name)                                                           \
  template <Real T>                                                             \
  NF_INLINE Num<T> name(Num<T> x) {                                             \
    if constexpr (std::same_as<T, float>) return __builtin_##name##f(x.v);      \
    else return __builtin_##name(x.v);                                          \
  }
NF_LIBM(tan) NF_LIBM(asin) NF_LIBM(acos) NF_LIBM(atan) NF_LIBM(sinh) NF_LIBM(cosh)
NF_LIBM(asinh) NF_LIBM(acosh) NF_LIBM(atanh) NF_LIBM(erfc)
#undef NF_LIBM
NF_INLINE Num<float> exact_sin(Num<float> x) { return __builtin_sinf(x.v); }
NF_INLINE Num<float> exact_cos(Num<float> x) { return __builtin_cosf(x.v); }
NF_INLINE Num<double> exact_sin(Num<double> x) { return __builtin_sin(x.v); }
NF_INLINE Num<double> exact_cos(Num<double> x) { return __builtin_cos(x.v); }
NF_INLINE Num<double> sin(Num<double> x) { return __builtin_sin(x.v); }
NF_INLINE Num<double> cos(Num<double> x) { return __builtin_cos(x.v); }
NF_INLINE Num<double> erf(Num<double> x) { return __builtin_erf(x.v); }
NF_INLINE Num<double> pow(Num<double> x, Num<double> y) { return __builtin_pow(x.v, y.v); }
// lgamma proper writes the global signgam, which two threads may not.
NF_INLINE Num<float> lgamma(Num<float> x) { int sign; return __builtin_lgammaf_r(x.v, &sign); }
NF_INLINE Num<double> lgamma(Num<double> x) { int sign; return __builtin_lgamma_r(x.v, &sign); }
template <Real T>
NF_INLINE Num<T> atan2(Num<T> y, Num<T> x) {
  if constexpr (std::same_as<T, float>) return __builtin_atan2f(y.v, x.v);
  else return __builtin_atan2(y.v, x.v);
}
template <Real T>
NF_INLINE Num<T> fmod(Num<T> x, Num<T> y) {
  if constexpr (std::same_as<T, float>) return __builtin_fmodf(x.v, y.v);
  else return __builtin_fmod(x.v, y.v);
}
template <Real T>
NF_INLINE Num<T> nextafter(Num<T> x, Num<T> y) {
  if constexpr (std::same_as<T, float>) return __builtin_nextafterf(x.v, y.v);
  else return __builtin_nextafter(x.v, y.v);
}

}  // namespace ninefold::simd::NINEFOLD_ISA
