// In: pairs of floats or doubles, as complex tensors hold them. Out: arithmetic of complex numbers in kernels.
#pragma once

#include "engine/ops/numbers.cuh"

#if defined(__CUDACC__)
#define NF_REAL(f) ::f
#else
#include <cmath>
#define NF_REAL(f) std::f
#endif

namespace ninefold::cuda {

template <class R>
struct alignas(2 * sizeof(R)) Complex {
  typedef R Part;
  R re, im;
  Complex() = default;
  NF_DEVICE Complex(R real, R imaginary = 0) : re(real), im(imaginary) {}

  friend NF_DEVICE Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
  friend NF_DEVICE Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
  friend NF_DEVICE Complex operator*(Complex a, Complex b) { return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }
  // Smith's: neither square is made. By zero each part is what it is by a real zero, as C has it.
  friend NF_DEVICE Complex operator/(Complex a, Complex b) {
    if (b.re == 0 && b.im == 0) return {a.re / b.re, a.im / b.re};
    if (NF_REAL(fabs)(b.re) >= NF_REAL(fabs)(b.im)) {
      const R r = b.im / b.re, d = b.re + b.im * r;
      return {(a.re + a.im * r) / d, (a.im - a.re * r) / d};
    }
    const R r = b.re / b.im, d = b.re * r + b.im;
    return {(a.re * r + a.im) / d, (a.im * r - a.re) / d};
  }
  friend NF_DEVICE Complex operator-(Complex a) { return {-a.re, -a.im}; }
  friend NF_DEVICE bool operator==(Complex a, Complex b) { return a.re == b.re && a.im == b.im; }
  friend NF_DEVICE bool operator!=(Complex a, Complex b) { return !(a == b); }
};

template <class R> NF_DEVICE R real(Complex<R> x) { return x.re; }
template <class R> NF_DEVICE R imag(Complex<R> x) { return x.im; }
template <class R> NF_DEVICE Complex<R> conj(Complex<R> x) { return {x.re, -x.im}; }
template <class R> NF_DEVICE R abs(Complex<R> x) { return NF_REAL(hypot)(x.re, x.im); }
template <class R> NF_DEVICE R angle(Complex<R> x) { return NF_REAL(atan2)(x.im, x.re); }
template <class R>
NF_DEVICE Complex<R> sign(Complex<R> x) {
  const R size = abs(x);
  return size == 0 ? Complex<R>(0) : Complex<R>(x.re / size, x.im / size);
}
template <class R>
NF_DEVICE Complex<R> exp(Complex<R> x) {
  const R size = NF_REAL(exp)(x.re);
  return x.im == 0 ? Complex<R>(size, x.im) : Complex<R>(size * NF_REAL(cos)(x.im), size * NF_REAL(sin)(x.im));
}
template <class R> NF_DEVICE Complex<R> log(Complex<R> x) { return {NF_REAL(log)(abs(x)), angle(x)}; }
// The root whose real part is not negative, without the difference of near numbers.
template <class R>
NF_DEVICE Complex<R> sqrt(Complex<R> x) {
  if (x.re == 0 && x.im == 0) return {0, x.im};
  const R t = NF_REAL(sqrt)(2 * (abs(x) + NF_REAL(fabs)(x.re)));
  if (x.re >= 0) return {t / 2, x.im / t};
  return {NF_REAL(fabs)(x.im) / t, NF_REAL(copysign)(t / 2, x.im)};
}

}  // namespace ninefold::cuda

namespace {

using ninefold::cuda::Complex;
template <class R> struct Lies<Complex<R>> {
  static NF_DEVICE Complex<R> load(const void* p, int64_t i, int) { return static_cast<const Complex<R>*>(p)[i]; }
  static NF_DEVICE void store(void* p, int64_t i, int, Complex<R> v) { static_cast<Complex<R>*>(p)[i] = v; }
};

}  // namespace
