// In: a row of pixels and one filter tap. Out: the depthwise loops for one instruction set.
#include "base/simd/num.h"
#include "engine/device/cpu/depthwise_loops.h"

namespace ninefold::cpu::NINEFOLD_ISA {
namespace {

template <class T>
void forward(const void* in, int64_t x_step, const void* filter, void* out, int64_t n, int64_t c, int64_t m) {
  auto *x = static_cast<const T*>(in), *tap = static_cast<const T*>(filter);
  auto* y = static_cast<T*>(out);
  for (int64_t p = 0; p < n; ++p, x += x_step, y += c * m) {
    if (m == 1) {
#pragma GCC ivdep
      for (int64_t i = 0; i < c; ++i) y[i] = simd::NINEFOLD_ISA::madd(x[i], tap[i], y[i]);
    } else {
      for (int64_t i = 0; i < c; ++i)
        for (int64_t q = 0; q < m; ++q) y[i * m + q] = simd::NINEFOLD_ISA::madd(x[i], tap[i * m + q], y[i * m + q]);
    }
  }
}
template <class T>
void to_image(void* in, int64_t x_step, const void* filter, const void* out, int64_t n, int64_t c, int64_t m) {
  auto* dx = static_cast<T*>(in);
  auto *tap = static_cast<const T*>(filter), *dy = static_cast<const T*>(out);
  for (int64_t p = 0; p < n; ++p, dx += x_step, dy += c * m) {
    if (m == 1) {
#pragma GCC ivdep
      for (int64_t i = 0; i < c; ++i) dx[i] = simd::NINEFOLD_ISA::madd(dy[i], tap[i], dx[i]);
    } else {
      for (int64_t i = 0; i < c; ++i)
        for (int64_t q = 0; q < m; ++q) dx[i] = simd::NINEFOLD_ISA::madd(dy[i * m + q], tap[i * m + q], dx[i]);
    }
  }
}
template <class T>
void to_filter(const void* in, int64_t x_step, void* filter, const void* out, int64_t n, int64_t c, int64_t m) {
  auto *x = static_cast<const T*>(in), *dy = static_cast<const T*>(out);
  auto* tap = static_cast<T*>(filter);
  for (int64_t p = 0; p < n; ++p, x += x_step, dy += c * m) {
    if (m == 1) {
#pragma GCC ivdep
      for (int64_t i = 0; i < c; ++i) tap[i] = simd::NINEFOLD_ISA::madd(x[i], dy[i], tap[i]);
    } else {
      for (int64_t i = 0; i < c; ++i)
        for (int64_t q = 0; q < m; ++q) tap[i * m + q] = simd::NINEFOLD_ISA::madd(x[i], dy[i * m + q], tap[i * m + q]);
    }
  }
}

}  // namespace

void add_depthwise(DepthwiseTable& t) {
  t.of[0] = {forward<float>, to_image<float>, to_filter<float>};
  t.of[1] = {forward<double>, to_image<double>, to_filter<double>};
}

}  // namespace ninefold::cpu::NINEFOLD_ISA
