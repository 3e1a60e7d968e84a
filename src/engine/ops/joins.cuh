// In: two numbers. Out: one of both: what reductions, scans, segments and scatters join elements with.
#pragma once

#include "engine/ops/join.h"
#include "engine/ops/numbers.cuh"

#if !defined(__CUDACC__)
#include <cmath>
using std::exp, std::log, std::log1p, std::pow, std::sqrt;
#endif

namespace {

template <class T> struct Range;                 // the lowest and the highest number
template <> struct Range<float> {
  static NF_DEVICE float low() { return float_of_bits(0xff800000); }
  static NF_DEVICE float high() { return float_of_bits(0x7f800000); }
};
template <> struct Range<double> {
  static NF_DEVICE double low() { return static_cast<double>(float_of_bits(0xff800000)); }
  static NF_DEVICE double high() { return static_cast<double>(float_of_bits(0x7f800000)); }
};
template <> struct Range<int> {
  static NF_DEVICE int low() { return -2147483647 - 1; }
  static NF_DEVICE int high() { return 2147483647; }
};
template <> struct Range<long long> {
  static NF_DEVICE long long low() { return -9223372036854775807ll - 1; }
  static NF_DEVICE long long high() { return 9223372036854775807ll; }
};
template <> struct Range<unsigned long long> {
  static NF_DEVICE unsigned long long low() { return 0; }
  static NF_DEVICE unsigned long long high() { return ~0ull; }
};

struct Sum {
  template <class T> static NF_DEVICE T first() { return T(0); }
  template <class T> static NF_DEVICE T join(T a, T b) { return T(Unsigned<T>(a) + Unsigned<T>(b)); }
};
struct Prod {
  template <class T> static NF_DEVICE T first() { return T(1); }
  template <class T> static NF_DEVICE T join(T a, T b) { return T(Unsigned<T>(a) * Unsigned<T>(b)); }
};
// A NaN wins.
struct Max {
  template <class T> static NF_DEVICE T first() { return Range<T>::low(); }
  template <class T> static NF_DEVICE T join(T a, T b) { return a > b || a != a ? a : b; }
};
struct Min {
  template <class T> static NF_DEVICE T first() { return Range<T>::high(); }
  template <class T> static NF_DEVICE T join(T a, T b) { return a < b || a != a ? a : b; }
};
struct All {
  template <class T> static NF_DEVICE T first() { return true; }
  template <class T> static NF_DEVICE T join(T a, T b) { return a && b; }
};
struct Any {
  template <class T> static NF_DEVICE T first() { return false; }
  template <class T> static NF_DEVICE T join(T a, T b) { return a || b; }
};
struct Sub {
  template <class T> static NF_DEVICE T join(T a, T b) { return T(Unsigned<T>(a) - Unsigned<T>(b)); }
};
// Integers: a zero divisor gives 0; the card raises nothing.
struct Div {
  template <class T> static NF_DEVICE T join(T a, T b) {
    if constexpr (T(1) / T(2) == T(0)) {
      if (b == T(0)) return T(0);
      if (T(-1) < T(0) && b == T(-1)) return T(Unsigned<T>(0) - Unsigned<T>(a));
    }
    return a / b;
  }
};
// log(e^a + e^b), of numbers with a fraction.
struct LogSumExp {
  template <class T> static NF_DEVICE T join(T a, T b) {
    const T high = Max::join(a, b), low = a > b ? b : a;
    return high == Range<T>::low() ? high : high + log1p(exp(low - high));
  }
};

template <class T>
NF_DEVICE T joined(ninefold::cuda::Join how, T a, T b) {
  using enum ninefold::cuda::Join;
  switch (how) {
    case sum: return Sum::join(a, b);
    case sub: return Sub::join(a, b);
    case prod: return Prod::join(a, b);
    case div: return Div::join(a, b);
    case min: return Min::join(a, b);
    case max: return Max::join(a, b);
    case log_sum_exp:
      if constexpr (T(1) / T(2) != T(0)) return LogSumExp::join(a, b);
      else return b;
    default: return b;
  }
}

// What the block's threads put into `part`, joined in part[0].
template <class T, class How>
NF_DEVICE void join_block(T* part) {
  for (int step = ninefold::cuda::kBlockThreads / 2; step > 0; step /= 2)
    NF_PHASE {
      if (nf_in_block() < step) part[nf_in_block()] = How::join(part[nf_in_block()], part[nf_in_block() + step]);
    }
}

}  // namespace
