// In: [outer, reduced, inner] views. Out: the reduction loops for one instruction set.
#include "base/float16.h"
#include "base/simd/num.h"
#include "engine/device/cpu/reduce_loops.h"

namespace ninefold::cpu::NINEFOLD_ISA {
namespace {

constexpr int lanes = 32;
constexpr int64_t block = 4096;  // elements of one chain of lanes

// Element types: T in memory, A while accumulating.
template <class T, class A>
struct Plain {
  using Memory = T;
  using Acc = A;
  NF_INLINE static A load(T x) { return A(x); }
  NF_INLINE static T store(A x) { return T(x); }
};
struct Half {
  using Memory = uint16_t;
  using Acc = float;
  NF_INLINE static float load(uint16_t x) { return half_to_float(x); }
  NF_INLINE static uint16_t store(float x) { return float_to_half(x); }
};
struct Brain {
  using Memory = uint16_t;
  using Acc = float;
  NF_INLINE static float load(uint16_t x) { return bfloat16_to_float(x); }
  NF_INLINE static uint16_t store(float x) { return float_to_bfloat16(x); }
};
struct Truth {
  using Memory = uint8_t;
  using Acc = uint8_t;
  NF_INLINE static uint8_t load(uint8_t x) { return x != 0; }
  NF_INLINE static uint8_t store(uint8_t x) { return x; }
};
template <class T>
struct Complex {
  T re, im;
  NF_INLINE friend Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
  NF_INLINE friend Complex operator*(Complex a, Complex b) {
    return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
  }
  NF_INLINE friend Complex operator/(Complex a, Complex b) { return {a.re / b.re, a.im / b.re}; }  // by a count
};

template <class A> NF_INLINE A number(int64_t v) {
  if constexpr (std::is_arithmetic_v<A>) return A(v);
  else return A{decltype(A::re)(v), 0};
}
// Integer sums and products wrap.
template <class A> struct WrapAcc { using type = A; };
template <> struct WrapAcc<int64_t> { using type = uint64_t; };

struct Sum {
  template <class T, class A> static A start() { return number<A>(0); }
  template <class A> NF_INLINE static A join(A a, A b) {
    using W = typename WrapAcc<A>::type;
    return A(W(a) + W(b));
  }
  template <class A> static A finish(A a, int64_t) { return a; }
};
struct Mean : Sum {
  template <class A> static A finish(A a, int64_t n) {
    if constexpr (std::integral<A>) return n ? a / A(n) : A(0);
    else return a / number<A>(n);
  }
};
struct Prod {
  template <class T, class A> static A start() { return number<A>(1); }
  template <class A> NF_INLINE static A join(A a, A b) {
    using W = typename WrapAcc<A>::type;
    return A(W(a) * W(b));
  }
  template <class A> static A finish(A a, int64_t) { return a; }
};
struct Max {
  template <class T, class A> static A start() {
    if constexpr (std::floating_point<A>) return -std::numeric_limits<A>::infinity();
    else return A(std::numeric_limits<T>::lowest());
  }
  template <class A> NF_INLINE static A join(A a, A b) { return (a > b) | (a != a) ? A(a) : A(b); }
  template <class A> static A finish(A a, int64_t) { return a; }
};
struct Min {
  template <class T, class A> static A start() {
    if constexpr (std::floating_point<A>) return std::numeric_limits<A>::infinity();
    else return A(std::numeric_limits<T>::max());
  }
  template <class A> NF_INLINE static A join(A a, A b) { return (a < b) | (a != a) ? A(a) : A(b); }
  template <class A> static A finish(A a, int64_t) { return a; }
};
struct Any {
  template <class T, class A> static A start() { return 0; }
  template <class A> NF_INLINE static A join(A a, A b) { return a | b; }
  template <class A> static A finish(A a, int64_t) { return a; }
};
struct All {
  template <class T, class A> static A start() { return 1; }
  template <class A> NF_INLINE static A join(A a, A b) { return a & b; }
  template <class A> static A finish(A a, int64_t) { return a; }
};

template <class E, class Op, class A = typename E::Acc>
A row(const typename E::Memory* x, int64_t n) {
  using M = typename E::Memory;
  if (n > block) {  // halves, cut at a block: pairwise
    const int64_t left = (n / 2 + block - 1) / block * block;
    return Op::join(row<E, Op>(x, left), row<E, Op>(x + left, n - left));
  }
  const A start = Op::template start<M, A>();
  int64_t i = 0;
  A result = start;
  if (n >= lanes) {
    A lane[lanes];
    for (int l = 0; l < lanes; ++l) lane[l] = start;
    for (; i + lanes <= n; i += lanes)
      for (int l = 0; l < lanes; ++l) lane[l] = Op::join(lane[l], A(E::load(x[i + l])));
    for (int half = lanes / 2; half; half /= 2)
      for (int l = 0; l < half; ++l) lane[l] = Op::join(lane[l], lane[l + half]);
    result = lane[0];
  }
  for (; i < n; ++i) result = Op::join(result, A(E::load(x[i])));
  return result;
}

// inner > 1: columns side by side, pairwise over the rows in blocks of 256.
template <class E, class Op, class A = typename E::Acc>
void columns(const typename E::Memory* x, A* acc, int64_t rows, int64_t stride, int64_t width) {
  using M = typename E::Memory;
  constexpr int64_t group = 256;
  if (rows > group) {
    const int64_t top = (rows / 2 + group - 1) / group * group;
    A other[64];
    columns<E, Op>(x, acc, top, stride, width);
    columns<E, Op>(x + top * stride, other, rows - top, stride, width);
    for (int64_t i = 0; i < width; ++i) acc[i] = Op::join(acc[i], other[i]);
    return;
  }
  for (int64_t i = 0; i < width; ++i) acc[i] = Op::template start<M, A>();
  for (int64_t r = 0; r < rows; ++r) {
    const M* at = x + r * stride;
#pragma GCC ivdep
    for (int64_t i = 0; i < width; ++i) acc[i] = Op::join(acc[i], A(E::load(at[i])));
  }
}

template <class E, class Op>
void loop(const void* in, void* out, int64_t begin, int64_t end, int64_t n, int64_t inner) {
  auto* x = static_cast<const typename E::Memory*>(in);
  auto* y = static_cast<typename E::Memory*>(out);
  for (int64_t o = begin; o < end; ++o) {
    if (inner == 1) {
      y[o] = E::store(Op::finish(row<E, Op>(x + o * n, n), n));
      continue;
    }
    for (int64_t c = 0; c < inner; c += 64) {
      const int64_t width = inner - c < 64 ? inner - c : 64;
      typename E::Acc acc[64];
      columns<E, Op>(x + o * n * inner + c, acc, n, inner, width);
      for (int64_t i = 0; i < width; ++i) y[o * inner + c + i] = E::store(Op::finish(acc[i], n));
    }
  }
}

template <class E, bool largest>
void arg(const void* in, void* out, int64_t begin, int64_t end, int64_t n, int64_t inner) {
  auto* x = static_cast<const typename E::Memory*>(in);
  auto* y = static_cast<int64_t*>(out);
  for (int64_t o = begin; o < end; ++o) {
    for (int64_t c = 0; c < inner; ++c) {
      const auto* at = x + o * n * inner + c;
      int64_t best = 0;
      auto top = E::load(at[0]);
      bool found = top == top;
      for (int64_t i = 1; i < n; ++i) {
        const auto v = E::load(at[i * inner]);
        if (v == v && (!found || (largest ? v > top : v < top))) top = v, best = i, found = true;
      }
      y[o * inner + c] = best;
    }
  }
}

template <class E>
void sums(ReduceTable& t, int d) {
  t.loop[0][d] = loop<E, Sum>, t.loop[1][d] = loop<E, Mean>, t.loop[2][d] = loop<E, Prod>;
}
template <class E>
void all(ReduceTable& t, int d) {
  sums<E>(t, d);
  t.loop[3][d] = loop<E, Max>, t.loop[4][d] = loop<E, Min>;
  t.arg[0][d] = arg<E, false>, t.arg[1][d] = arg<E, true>;
}

template <class T>
struct ComplexElement {
  using Memory = Complex<T>;
  using Acc = Complex<T>;
  NF_INLINE static Acc load(Memory x) { return x; }
  NF_INLINE static Memory store(Acc x) { return x; }
};

}  // namespace

void add_reductions(ReduceTable& t) {
  all<Plain<float, float>>(t, 1), all<Plain<double, double>>(t, 2), all<Plain<int32_t, int64_t>>(t, 3);
  all<Plain<uint8_t, int64_t>>(t, 4), all<Plain<int16_t, int64_t>>(t, 5), all<Plain<int8_t, int64_t>>(t, 6);
  all<Plain<int64_t, int64_t>>(t, 9), all<Brain>(t, 14), all<Plain<uint16_t, int64_t>>(t, 17), all<Half>(t, 19);
  all<Plain<uint32_t, int64_t>>(t, 22), all<Plain<uint64_t, uint64_t>>(t, 23);
  sums<ComplexElement<float>>(t, 8), sums<ComplexElement<double>>(t, 18);
  t.loop[5][10] = loop<Truth, Any>, t.loop[6][10] = loop<Truth, All>;
  t.arg[0][10] = arg<Truth, false>, t.arg[1][10] = arg<Truth, true>;
}

}  // namespace ninefold::cpu::NINEFOLD_ISA
