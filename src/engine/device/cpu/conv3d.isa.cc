// In: a row of pixels and one filter tap [ci, co]. Out: the loops of 3-D convolution for one instruction set.
#include "base/simd/num.h"
#include "engine/device/cpu/conv3d_loops.h"

namespace ninefold::cpu::NINEFOLD_ISA {
namespace {

using simd::NINEFOLD_ISA::madd;

template <class T>
void forward(const void* in, int64_t x_step, const void* filter, void* out, int64_t n, int64_t ci, int64_t co) {
  auto *x = static_cast<const T*>(in), *tap = static_cast<const T*>(filter);
  auto* y = static_cast<T*>(out);
  for (int64_t p = 0; p < n; ++p, x += x_step, y += co)
    for (int64_t i = 0; i < ci; ++i)
#pragma GCC ivdep
      for (int64_t o = 0; o < co; ++o) y[o] = madd(x[i], tap[i * co + o], y[o]);
}
// The dot products run in 16 lanes, added in a fixed order.
template <class T>
void to_volume(void* in, int64_t x_step, const void* filter, const void* out, int64_t n, int64_t ci, int64_t co) {
  constexpr int lanes = 16;
  auto* dx = static_cast<T*>(in);
  auto *tap = static_cast<const T*>(filter), *dy = static_cast<const T*>(out);
  for (int64_t p = 0; p < n; ++p, dx += x_step, dy += co)
    for (int64_t i = 0; i < ci; ++i) {
      const T* row = tap + i * co;
      T lane[lanes] = {};
      int64_t o = 0;
      for (; o + lanes <= co; o += lanes)
        for (int l = 0; l < lanes; ++l) lane[l] = madd(dy[o + l], row[o + l], lane[l]);
      for (int l = 0; o < co; ++o, ++l) lane[l] = madd(dy[o], row[o], lane[l]);
      for (int half = lanes / 2; half; half /= 2)
        for (int l = 0; l < half; ++l) lane[l] += lane[l + half];
      dx[i] += lane[0];
    }
}
template <class T>
void to_filter(const void* in, int64_t x_step, void* filter, const void* out, int64_t n, int64_t ci, int64_t co) {
  auto *x = static_cast<const T*>(in), *dy = static_cast<const T*>(out);
  auto* tap = static_cast<T*>(filter);
  for (int64_t p = 0; p < n; ++p, x += x_step, dy += co)
    for (int64_t i = 0; i < ci; ++i)
#pragma GCC ivdep
      for (int64_t o = 0; o < co; ++o) tap[i * co + o] = madd(x[i], dy[o], tap[i * co + o]);
}

}  // namespace

void add_taps(TapTable& t) {
  t.of[0] = {forward<float>, to_volume<float>, to_filter<float>};
  t.of[1] = {forward<double>, to_volume<double>, to_filter<double>};
}

}  // namespace ninefold::cpu::NINEFOLD_ISA
