// In: one number of a C++ type. Out: Num<T>, the scalar that element-wise expressions compute with.
// Num rounds after every operation, wraps integers instead of overflowing, turns constants into T and
// has no branches (select, never ?:), so that a loop over it becomes vector code. Everything lives in
// the namespace of the instruction set it is compiled for; see isa.h.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "base/simd/isa.h"

#define NF_INLINE [[gnu::always_inline]] inline

namespace ninefold::simd::NINEFOLD_ISA {

// The truth value of a comparison; one byte in memory.
struct Bool {
  bool v;
  Bool() = default;
  NF_INLINE constexpr Bool(bool b) : v(b) {}
  // & and |, never && and ||: a loop over this must not branch.
  NF_INLINE friend Bool operator&(Bool a, Bool b) { return bool(int(a.v) & int(b.v)); }
  NF_INLINE friend Bool operator|(Bool a, Bool b) { return bool(int(a.v) | int(b.v)); }
  NF_INLINE friend Bool operator^(Bool a, Bool b) { return bool(int(a.v) ^ int(b.v)); }
  NF_INLINE friend Bool operator!(Bool a) { return !a.v; }
  NF_INLINE friend Bool operator==(Bool a, Bool b) { return a.v == b.v; }
  NF_INLINE friend Bool operator!=(Bool a, Bool b) { return a.v != b.v; }
  NF_INLINE friend Bool select(Bool c, Bool a, Bool b) { return (c & a) | ((!c) & b); }
};

template <class T>
concept Plain = std::is_arithmetic_v<T>;
template <class T>
concept Real = std::floating_point<T>;

// Arithmetic of integers goes through the unsigned type, where overflow is defined to wrap. Types
// narrower than int go through unsigned int: uint16 * uint16 would overflow a promoted int.
template <class T>
struct WrapOf { using type = T; };
template <std::integral T>
struct WrapOf<T> {
  using type = std::conditional_t<(sizeof(T) < 4), uint32_t, std::make_unsigned_t<T>>;
};

template <class T>
struct Num {
  using type = T;
  using W = typename WrapOf<T>::type;
  static constexpr bool is_real = std::floating_point<T>;
  static constexpr bool is_integer = std::integral<T>;
  static constexpr bool is_complex = !std::is_arithmetic_v<T>;
  T v;

  Num() = default;
  NF_INLINE constexpr Num(T x) : v(x) {}
  template <Plain U>
    requires(!std::same_as<U, T>)
  NF_INLINE constexpr Num(U x) : v(static_cast<T>(x)) {}

  NF_INLINE friend Num operator+(Num a, Num b) { return T(W(a.v) + W(b.v)); }
  NF_INLINE friend Num operator-(Num a, Num b) { return T(W(a.v) - W(b.v)); }
  NF_INLINE friend Num operator*(Num a, Num b) { return T(W(a.v) * W(b.v)); }
  // Integer division is floor_div or trunc_div, which know what a zero divisor gives.
  NF_INLINE friend Num operator/(Num a, Num b) requires(!std::integral<T>) { return T(a.v / b.v); }
  NF_INLINE friend Num operator-(Num a) {
    if constexpr (std::integral<T>) return T(W(0) - W(a.v));
    else return T(-a.v);
  }
  NF_INLINE friend Bool operator==(Num a, Num b) { return a.v == b.v; }
  NF_INLINE friend Bool operator!=(Num a, Num b) { return a.v != b.v; }
  NF_INLINE friend Bool operator<(Num a, Num b) requires Plain<T> { return a.v < b.v; }
  NF_INLINE friend Bool operator<=(Num a, Num b) requires Plain<T> { return a.v <= b.v; }
  NF_INLINE friend Bool operator>(Num a, Num b) requires Plain<T> { return a.v > b.v; }
  NF_INLINE friend Bool operator>=(Num a, Num b) requires Plain<T> { return a.v >= b.v; }

  // T(...) makes values of the two sides: choosing between two lvalues would choose an address.
  NF_INLINE friend Num select(Bool c, Num a, Num b) { return c.v ? T(a.v) : T(b.v); }
  // A NaN on either side is the result, as in TensorFlow.
  NF_INLINE friend Num max(Num a, Num b) requires Plain<T> {
    if constexpr (std::integral<T>) return a.v > b.v ? T(a.v) : T(b.v);
    else return (a.v > b.v) | (a.v != a.v) ? T(a.v) : T(b.v);
  }
  NF_INLINE friend Num min(Num a, Num b) requires Plain<T> {
    if constexpr (std::integral<T>) return a.v < b.v ? T(a.v) : T(b.v);
    else return (a.v < b.v) | (a.v != a.v) ? T(a.v) : T(b.v);
  }
};

// A constant of x's type where no operand would convert it: select(x > 0, constant(x, 1), ...).
template <class T, class U>
NF_INLINE Num<T> constant(Num<T>, U value) { return Num<T>(static_cast<T>(value)); }

template <std::integral T>
NF_INLINE Num<T> operator&(Num<T> a, Num<T> b) { return T(a.v & b.v); }
template <std::integral T>
NF_INLINE Num<T> operator|(Num<T> a, Num<T> b) { return T(a.v | b.v); }
template <std::integral T>
NF_INLINE Num<T> operator^(Num<T> a, Num<T> b) { return T(a.v ^ b.v); }
template <std::integral T>
NF_INLINE Num<T> operator~(Num<T> a) { return T(~a.v); }

// Bits of a float as an integer and back.
template <class T>
struct BitsOf;
template <>
struct BitsOf<float> { using type = int32_t; };
template <>
struct BitsOf<double> { using type = int64_t; };
template <Real T>
NF_INLINE typename BitsOf<T>::type bits(T x) { return __builtin_bit_cast(typename BitsOf<T>::type, x); }
template <Real T>
NF_INLINE T from_bits(typename BitsOf<T>::type b) { return __builtin_bit_cast(T, b); }

template <Plain T>
NF_INLINE Num<T> abs(Num<T> x) {
  if constexpr (std::same_as<T, float>) return __builtin_fabsf(x.v);
  else if constexpr (std::same_as<T, double>) return __builtin_fabs(x.v);
  else if constexpr (std::unsigned_integral<T>) return x;
  else return select(x < 0, -x, x);
}

// a * b + c: fused where the set has it. Only for polynomials, whose error we bound ourselves; formulas
// that must round like TensorFlow's write a * b + c, which the compiler may not contract.
template <Real T>
NF_INLINE T madd(T a, T b, T c) {
#if defined(__FMA__) || defined(__aarch64__)
  if constexpr (std::same_as<T, float>) return __builtin_fmaf(a, b, c);
  else return __builtin_fma(a, b, c);
#else
  return a * b + c;
#endif
}

template <Real T>
NF_INLINE T horner(T, T c) { return c; }
// c0 + c1 x + c2 x^2 + ...
template <Real T, class... C>
NF_INLINE T horner(T x, T c0, C... rest) { return madd(horner(x, T(rest)...), x, c0); }

#define NF_ROUNDING(name)                                                            \
  template <Plain T>                                                                 \
  NF_INLINE Num<T> name(Num<T> x) {                                                  \
    if constexpr (std::same_as<T, float>) return __builtin_##name##f(x.v);           \
    else if constexpr (std::same_as<T, double>) return __builtin_##name(x.v);        \
    else return x;                                                                   \
  }
NF_ROUNDING(floor)
NF_ROUNDING(ceil)
NF_ROUNDING(trunc)
NF_ROUNDING(rint)
#undef NF_ROUNDING

template <Real T>
NF_INLINE Num<T> sqrt(Num<T> x) {
  if constexpr (std::same_as<T, float>) return __builtin_sqrtf(x.v);
  else return __builtin_sqrt(x.v);
}
template <Real T>
NF_INLINE Bool isnan(Num<T> x) { return x.v != x.v; }
template <Real T>
NF_INLINE Bool isinf(Num<T> x) { return abs(x) == std::numeric_limits<T>::infinity(); }
template <Real T>
NF_INLINE Bool isfinite(Num<T> x) { return abs(x) < Num<T>(std::numeric_limits<T>::infinity()); }
template <Real T>
NF_INLINE Num<T> copysign(Num<T> x, Num<T> s) {
  if constexpr (std::same_as<T, float>) return __builtin_copysignf(x.v, s.v);
  else return __builtin_copysign(x.v, s.v);
}

// Integer quotients. A zero divisor gives 0 here; the op's fault test reports it (see kernels.h).
// MIN / -1 wraps to MIN as all our integers do.
template <std::integral T>
NF_INLINE Num<T> trunc_div(Num<T> a, Num<T> b) {
  const bool minus = std::signed_integral<T> && b.v == T(-1);
  const bool zero = b.v == T(0);
  const T q = T(a.v / ((zero | minus) ? T(1) : b.v));
  return select(zero, Num<T>(0), select(minus, -Num<T>(q), Num<T>(q)));
}
template <std::integral T>
NF_INLINE Num<T> trunc_mod(Num<T> a, Num<T> b) { return select(b == 0, Num<T>(0), a - trunc_div(a, b) * b); }
template <std::integral T>
NF_INLINE Num<T> floor_div(Num<T> a, Num<T> b) {
  const Num<T> q = trunc_div(a, b), r = a - q * b;
  return q - select((r != 0) & ((r < 0) ^ (b < 0)) & (b != 0), Num<T>(1), Num<T>(0));
}
template <std::integral T>
NF_INLINE Num<T> floor_mod(Num<T> a, Num<T> b) {
  const Num<T> r = trunc_mod(a, b);
  return r + select((r != 0) & ((r < 0) ^ (b < 0)), b, Num<T>(0));
}

// x^y by squaring, wrapping; y >= 0 (the op's fault test reports a negative one).
template <std::integral T>
NF_INLINE Num<T> int_pow(Num<T> x, Num<T> y) {
  Num<T> result = 1;
  for (T left = y.v; left > 0; left = T(left >> 1)) {
    if (left & 1) result = result * x;
    x = x * x;
  }
  return result;
}

// Shifts as TensorFlow's: the count is clamped to [0, bits - 1].
template <std::integral T>
NF_INLINE int shift_count(Num<T> n) {
  constexpr T top = sizeof(T) * 8 - 1;
  return int(n.v < T(0) ? T(0) : n.v > top ? top : n.v);
}
template <std::integral T>
NF_INLINE Num<T> shift_left(Num<T> x, Num<T> n) { return T(typename Num<T>::W(x.v) << shift_count(n)); }
template <std::integral T>
NF_INLINE Num<T> shift_right(Num<T> x, Num<T> n) { return T(x.v >> shift_count(n)); }

}  // namespace ninefold::simd::NINEFOLD_ISA
