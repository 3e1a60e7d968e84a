// In: pairs of dtypes. Out: their conversion loops for one instruction set.
#include "base/float16.h"
#include "base/simd/num.h"
#include "engine/device/cpu/cast_loops.h"

namespace ninefold::cpu::NINEFOLD_ISA {
namespace {

struct Half { uint16_t bits; };
struct Brain { uint16_t bits; };
struct Truth { uint8_t v; };
template <class T>
struct Pair { T re, im; };

// The real value of an element, in a type of arithmetic.
template <class T>
NF_INLINE T value(T x) { return x; }
NF_INLINE float value(Half x) { return half_to_float(x.bits); }
NF_INLINE float value(Brain x) { return bfloat16_to_float(x.bits); }
NF_INLINE int32_t value(Truth x) { return x.v; }
template <class T>
NF_INLINE T value(Pair<T> x) { return x.re; }

template <class To>
struct Make {
  template <class V>
  NF_INLINE static To from(V v) {
    if constexpr (std::floating_point<V> && std::integral<To>) {
      if constexpr (std::same_as<To, uint64_t>)
        return v < V(0x1p63) ? uint64_t(int64_t(v))
                             : v != v ? uint64_t(1) << 63 : uint64_t(int64_t(v - V(0x1p63))) ^ (uint64_t(1) << 63);
      else if constexpr (std::same_as<To, uint32_t>) return To(int64_t(v));
      else if constexpr (sizeof(To) < 4) return To(int32_t(v));
      else return To(v);
    } else {
      return To(v);
    }
  }
};
template <>
struct Make<Half> {
  template <class V>
  NF_INLINE static Half from(V v) { return {float_to_half(float(v))}; }
};
template <>
struct Make<Brain> {
  template <class V>
  NF_INLINE static Brain from(V v) { return {float_to_bfloat16(float(v))}; }
};
template <>
struct Make<Truth> {
  template <class V>
  NF_INLINE static Truth from(V v) { return {uint8_t(v != V(0))}; }
};
template <class T>
struct Make<Pair<T>> {
  template <class V>
  NF_INLINE static Pair<T> from(V v) { return {T(v), T(0)}; }
};

template <class From, class To>
void loop(const void* from, void* to, int64_t n) {
  auto* x = static_cast<const From*>(from);
  auto* y = static_cast<To*>(to);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] = Make<To>::from(value(x[i]));
}
template <class From, class To>
void pairs(const void* from, void* to, int64_t n) {
  auto* x = static_cast<const Pair<From>*>(from);
  auto* y = static_cast<Pair<To>*>(to);
  for (int64_t i = 0; i < n; ++i) y[i] = {To(x[i].re), To(x[i].im)};
}

template <class From>
void row(CastTable& t, int from) {
  CastLoop* to = t.loop[from];
  to[1] = loop<From, float>, to[2] = loop<From, double>, to[3] = loop<From, int32_t>, to[4] = loop<From, uint8_t>;
  to[5] = loop<From, int16_t>, to[6] = loop<From, int8_t>, to[8] = loop<From, Pair<float>>;
  to[9] = loop<From, int64_t>, to[10] = loop<From, Truth>, to[14] = loop<From, Brain>, to[17] = loop<From, uint16_t>;
  to[18] = loop<From, Pair<double>>, to[19] = loop<From, Half>, to[22] = loop<From, uint32_t>;
  to[23] = loop<From, uint64_t>;
}

}  // namespace

void add_casts(CastTable& t) {
  row<float>(t, 1), row<double>(t, 2), row<int32_t>(t, 3), row<uint8_t>(t, 4), row<int16_t>(t, 5), row<int8_t>(t, 6);
  row<Pair<float>>(t, 8), row<int64_t>(t, 9), row<Truth>(t, 10), row<Brain>(t, 14), row<uint16_t>(t, 17);
  row<Pair<double>>(t, 18), row<Half>(t, 19), row<uint32_t>(t, 22), row<uint64_t>(t, 23);
  t.loop[8][8] = pairs<float, float>, t.loop[8][18] = pairs<float, double>;
  t.loop[18][8] = pairs<double, float>, t.loop[18][18] = pairs<double, double>;
}

}  // namespace ninefold::cpu::NINEFOLD_ISA
