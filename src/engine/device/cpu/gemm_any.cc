// In: matrices of integers, complex or 16-bit floats. Out: their product, through plain loops or float.
#include "engine/device/cpu/gemm.h"

#include <algorithm>
#include <complex>
#include <type_traits>

#include "base/check.h"
#include "base/float16.h"
#include "base/threads.h"

namespace ninefold::cpu {
namespace {

GemmSpec filled(GemmSpec s) {
  NINEFOLD_INVARIANT(s.m >= 0 && s.n >= 0 && s.k >= 0 && s.batch >= 0);
  if (!s.row_a) s.row_a = s.transpose_a ? s.m : s.k;
  if (!s.row_b) s.row_b = s.transpose_b ? s.k : s.n;
  if (!s.row_c) s.row_c = s.n;
  if (s.step_a < 0) s.step_a = (s.transpose_a ? s.k : s.m) * s.row_a;
  if (s.step_b < 0) s.step_b = (s.transpose_b ? s.n : s.k) * s.row_b;
  if (s.step_c < 0) s.step_c = s.m * s.row_c;
  return s;
}

GemmSpec adjacent(const GemmSpec& s) {
  return {.m = s.m, .n = s.n, .k = s.k, .transpose_a = s.transpose_a, .transpose_b = s.transpose_b};
}

// Signed overflow wraps, as TensorFlow's integer products do, only when computed unsigned.
template <class T>
struct Wrapping { using type = T; };
template <>
struct Wrapping<int32_t> { using type = uint32_t; };
template <>
struct Wrapping<int64_t> { using type = uint64_t; };

}  // namespace

template <class T>
void gemm_plain(const GemmSpec& spec, const T* a, const T* b, T* c, bool accumulate) {
  using W = typename Wrapping<T>::type;
  const GemmSpec s = filled(spec);
  const int64_t row_a = s.transpose_a ? 1 : s.row_a, col_a = s.transpose_a ? s.row_a : 1;
  const int64_t row_b = s.transpose_b ? 1 : s.row_b, col_b = s.transpose_b ? s.row_b : 1;
  const int64_t grain = std::max<int64_t>(1, 65536 / std::max<int64_t>(1, s.n * s.k));
  parallel_for(s.batch * s.m, grain, [&](int64_t from, int64_t to) {
    constexpr int64_t kStrip = 64;
    W sum[kStrip];
    for (int64_t t = from; t < to; ++t) {
      const int64_t which = t / s.m, i = t % s.m;
      const T* row = a + which * s.step_a + i * row_a;
      T* out = c + which * s.step_c + i * s.row_c;
      for (int64_t j = 0; j < s.n; j += kStrip) {
        const int64_t width = std::min(kStrip, s.n - j);
        for (int64_t x = 0; x < width; ++x) sum[x] = accumulate ? W(out[j + x]) : W(0);
        for (int64_t p = 0; p < s.k; ++p) {
          const W left = W(row[p * col_a]);
          const T* right = b + which * s.step_b + p * row_b + j * col_b;
          for (int64_t x = 0; x < width; ++x) sum[x] += left * W(right[x * col_b]);
        }
        for (int64_t x = 0; x < width; ++x) out[j + x] = T(sum[x]);
      }
    }
  });
}

template void gemm_plain(const GemmSpec&, const int32_t*, const int32_t*, int32_t*, bool);
template void gemm_plain(const GemmSpec&, const int64_t*, const int64_t*, int64_t*, bool);
template void gemm_plain(const GemmSpec&, const std::complex<float>*, const std::complex<float>*,
                         std::complex<float>*, bool);
template void gemm_plain(const GemmSpec&, const std::complex<double>*, const std::complex<double>*,
                         std::complex<double>*, bool);

NarrowGemm::NarrowGemm(const GemmSpec& spec, Narrow kind)
    : s_(filled(spec)), kind_(kind), plan_(adjacent(spec)) {
  scratch_ = plan_.scratch() + 4 * size_t(s_.m * s_.k + s_.k * s_.n + s_.m * s_.n);
}

void NarrowGemm::run(const uint16_t* a, const uint16_t* b, uint16_t* c, void* scratch) const {
  if (s_.m == 0 || s_.n == 0) return;
  float* fa = reinterpret_cast<float*>(static_cast<char*>(scratch) + plan_.scratch());
  float* fb = fa + s_.m * s_.k;
  float* fc = fb + s_.k * s_.n;
  auto widen = [&](const uint16_t* from, int64_t rows, int64_t cols, int64_t row, float* to) {
    for (int64_t i = 0; i < rows; ++i)
      if (kind_ == Narrow::half) half_to_float(from + i * row, to + i * cols, size_t(cols));
      else bfloat16_to_float(from + i * row, to + i * cols, size_t(cols));
  };
  for (int64_t i = 0; i < s_.batch; ++i) {
    widen(a + i * s_.step_a, s_.transpose_a ? s_.k : s_.m, s_.transpose_a ? s_.m : s_.k, s_.row_a, fa);
    widen(b + i * s_.step_b, s_.transpose_b ? s_.n : s_.k, s_.transpose_b ? s_.k : s_.n, s_.row_b, fb);
    plan_.run(fa, fb, fc, scratch);
    for (int64_t r = 0; r < s_.m; ++r) {
      uint16_t* to = c + i * s_.step_c + r * s_.row_c;
      if (kind_ == Narrow::half) float_to_half(fc + r * s_.n, to, size_t(s_.n));
      else float_to_bfloat16(fc + r * s_.n, to, size_t(s_.n));
    }
  }
}

}  // namespace ninefold::cpu
