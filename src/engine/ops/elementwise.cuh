// In: operands of any dtype, anywhere. Out: the words that generated kernels are written with: load, store, integers
// that wrap and divide as the CPU's do.
#pragma once

#include "engine/device/cuda/kernel.cuh"
#include "engine/ops/elementwise_launch.h"
#include "engine/ops/complex.cuh"

#if !defined(__CUDACC__)
#include <cmath>
using std::fabs, std::sqrt, std::ceil, std::floor, std::rint, std::exp, std::expm1, std::log, std::log1p, std::sin, std::cos,
    std::tan, std::asin, std::acos, std::atan, std::sinh, std::cosh, std::tanh, std::asinh, std::acosh, std::atanh, std::erf,
    std::erfc, std::lgamma, std::pow, std::fmod, std::atan2, std::nextafter;
#endif

namespace {

using ninefold::cuda::Elementwise;

// Where the operands' elements for the result's element i lie.
template <int operands>
struct Places {
  int64_t in[operands];
  NF_DEVICE Places(const Elementwise& p, int64_t i) {
    for (int k = 0; k < operands; ++k) in[k] = p.rank == 0 ? i * p.stride[0][k] : 0;
    if (p.elements <= 0x7fffffff) along(p, static_cast<uint32_t>(i));   // 64-bit division is slow
    else along(p, static_cast<uint64_t>(i));
  }

 private:
  template <class Index>
  NF_DEVICE void along(const Elementwise& p, Index left) {
    for (int d = p.rank - 1; d >= 0; --d) {
      const Index size = static_cast<Index>(p.size[d]), next = left / size, at = left - next * size;
      for (int k = 0; k < operands; ++k) in[k] += static_cast<int64_t>(at) * p.stride[d][k];
      left = next;
    }
  }
};

template <class T>
NF_DEVICE T load(const Elementwise& p, int k, int64_t at) {
  return p.in_dtype[k] & ninefold::cuda::kValue ? load_as<T>(p.value[k], 0, p.in_dtype[k] & 0xff) : load_as<T>(p.in[k], at, p.in_dtype[k]);
}
template <class T>
NF_DEVICE void store(const Elementwise& p, int64_t at, T value) { store_as(p.out, at, p.out_dtype, value); }

template <class T>
NF_DEVICE T infinity() { return T(float_of_bits(0x7f800000)); }

template <class T>
NF_DEVICE T wrap_add(T a, T b) { return T(Unsigned<T>(a) + Unsigned<T>(b)); }
template <class T>
NF_DEVICE T wrap_sub(T a, T b) { return T(Unsigned<T>(a) - Unsigned<T>(b)); }
template <class T>
NF_DEVICE T wrap_mul(T a, T b) { return T(Unsigned<T>(a) * Unsigned<T>(b)); }
template <class T>
NF_DEVICE T int_abs(T a) { return a < T(0) ? wrap_sub(T(0), a) : a; }

// A zero divisor gives 0 and the lowest number by -1 itself; the card raises nothing (docs/differences.md).
template <class T>
NF_DEVICE T trunc_div(T a, T b) { return b == T(0) ? T(0) : T(-1) < T(0) && b == T(-1) ? wrap_sub(T(0), a) : T(a / b); }
template <class T>
NF_DEVICE T trunc_mod(T a, T b) { return b == T(0) ? T(0) : wrap_sub(a, wrap_mul(trunc_div(a, b), b)); }
template <class T>
NF_DEVICE T floor_div(T a, T b) {
  const T q = trunc_div(a, b), r = wrap_sub(a, wrap_mul(q, b));
  return b != T(0) && r != T(0) && (r < T(0)) != (b < T(0)) ? wrap_sub(q, T(1)) : q;
}
template <class T>
NF_DEVICE T floor_mod(T a, T b) {
  const T r = trunc_mod(a, b);
  return r != T(0) && (r < T(0)) != (b < T(0)) ? wrap_add(r, b) : r;
}
template <class T>
NF_DEVICE T int_pow(T x, T y) {
  T result = T(1);
  for (T left = y; left > T(0); left = T(left >> 1)) {
    if (left & 1) result = wrap_mul(result, x);
    x = wrap_mul(x, x);
  }
  return result;
}
// The count is clamped to [0, bits - 1].
template <class T>
NF_DEVICE int shift_count(const Elementwise& p, T n) {
  const T top = T(size_of_dtype(p.out_dtype) * 8 - 1);
  return static_cast<int>(n < T(0) ? T(0) : n > top ? top : n);
}
#define shift_left(x, n) T(Unsigned<T>(x) << shift_count(p, n))
#define shift_right(x, n) T((x) >> shift_count(p, n))

}  // namespace
