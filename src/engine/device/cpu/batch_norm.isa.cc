// In: rows of channels. Out: the loops of batch normalisation for one instruction set.
#include "base/simd/num.h"
#include "engine/device/cpu/batch_norm_loops.h"

namespace ninefold::cpu::NINEFOLD_ISA {
namespace {

void sums(const float* x, int64_t rows, int64_t n, float* s) {
  for (int64_t c = 0; c < n; ++c) s[c] = 0;
  for (int64_t r = 0; r < rows; ++r, x += n)
#pragma GCC ivdep
    for (int64_t c = 0; c < n; ++c) s[c] += x[c];
}
void squares(const float* x, const float* mean, int64_t rows, int64_t n, float* s) {
  for (int64_t c = 0; c < n; ++c) s[c] = 0;
  for (int64_t r = 0; r < rows; ++r, x += n)
#pragma GCC ivdep
    for (int64_t c = 0; c < n; ++c) {
      const float d = x[c] - mean[c];
      s[c] += d * d;
    }
}
void scale(const float* x, const float* mean, const float* factor, const float* offset, float* y, int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r, x += n, y += n)
#pragma GCC ivdep
    for (int64_t c = 0; c < n; ++c) y[c] = (x[c] - mean[c]) * factor[c] + offset[c];
}
void products(const float* dy, const float* x, const float* mean, int64_t rows, int64_t n, float* s, float* p) {
  for (int64_t c = 0; c < n; ++c) s[c] = 0, p[c] = 0;
  for (int64_t r = 0; r < rows; ++r, x += n, dy += n)
#pragma GCC ivdep
    for (int64_t c = 0; c < n; ++c) {
      s[c] += dy[c];
      p[c] += dy[c] * (x[c] - mean[c]);
    }
}
void back(const float* dy, const float* x, const float* mean, const float* factor, const float* a, const float* b, float* dx, int64_t rows,
          int64_t n) {
  for (int64_t r = 0; r < rows; ++r, x += n, dy += n, dx += n)
#pragma GCC ivdep
    for (int64_t c = 0; c < n; ++c) dx[c] = factor[c] * (dy[c] - a[c] - (x[c] - mean[c]) * b[c]);
}

}  // namespace

void add_batch_norm(BatchNormLoops& t) { t = {sums, squares, scale, products, back}; }

}  // namespace ninefold::cpu::NINEFOLD_ISA
