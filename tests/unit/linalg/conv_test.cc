// In: rows of convolution shapes. Out: forward and both gradients against loops in double, at 1 and 3 threads.
#include "engine/device/cpu/conv.h"

#include <cmath>
#include <string>

#include "base/threads.h"
#include "scratch.h"

namespace ninefold::cpu {
namespace {

constexpr uint32_t kSeed = 11;

// Calls f(x index, filter index, y index) for every product of the sum.
template <class F>
void each_term(const ConvShape& s, F f) {
  for (int64_t n = 0; n < s.n; ++n)
    for (int64_t oh = 0; oh < s.oh(); ++oh)
      for (int64_t ow = 0; ow < s.ow(); ++ow)
        for (int64_t i = 0; i < s.kh; ++i)
          for (int64_t j = 0; j < s.kw; ++j) {
            const int64_t r = oh * s.stride_h + i * s.dilation_h - s.top;
            const int64_t c = ow * s.stride_w + j * s.dilation_w - s.left;
            if (r < 0 || r >= s.h || c < 0 || c >= s.w) continue;
            for (int64_t a = 0; a < s.ci; ++a)
              for (int64_t b = 0; b < s.co; ++b)
                f(size_t(((n * s.h + r) * s.w + c) * s.ci + a), size_t(((i * s.kw + j) * s.ci + a) * s.co + b),
                  size_t(((n * s.oh() + oh) * s.ow() + ow) * s.co + b));
          }
}

template <class T, class Run>
void compare(const std::string& what, const std::vector<double>& want, double tolerance, size_t scratch_bytes,
             Run run) {
  std::vector<T> first;
  for (int threads : {1, 3}) {
    set_thread_count(threads);
    std::vector<T> got(want.size(), T(77));
    Scratch scratch(scratch_bytes);
    run(got.data(), scratch.get());
    for (size_t i = 0; i < want.size(); ++i) ASSERT_NEAR(got[i], want[i], tolerance) << what << " at " << i;
    if (threads == 1) first = got;
    else ASSERT_EQ(got, first) << what << ": differs by thread count";
  }
  set_thread_count(1);
}

template <class T>
void check_conv(const ConvShape& s, const std::string& row) {
  const size_t nx = size_t(s.n * s.h * s.w * s.ci), nf = size_t(s.kh * s.kw * s.ci * s.co),
               ny = size_t(s.n * s.oh() * s.ow() * s.co);
  const auto x = uniform<T>(nx, kSeed), f = uniform<T>(nf, kSeed + 1), dy = uniform<T>(ny, kSeed + 2),
             bias = uniform<T>(size_t(s.co), kSeed + 3);
  std::vector<double> y(ny), dx(nx), df(nf);
  each_term(s, [&](size_t ix, size_t jf, size_t ky) {
    y[ky] += double(x[ix]) * double(f[jf]);
    dx[ix] += double(dy[ky]) * double(f[jf]);
    df[jf] += double(x[ix]) * double(dy[ky]);
  });
  const double unit = sizeof(T) == 4 ? 4e-6 : 1e-13;
  const double sum = unit * (4 + std::sqrt(double(s.kh * s.kw * std::max(s.ci, s.co))));
  const ConvForward<T> forward(s);
  compare<T>(row + " forward", y, sum, forward.scratch(),
             [&](T* out, void* scratch) { forward.run(x.data(), f.data(), out, scratch); });
  for (size_t i = 0; i < ny; ++i) y[i] = std::max(0.0, y[i] + double(bias[i % size_t(s.co)]));
  compare<T>(row + " bias relu", y, sum, forward.scratch(), [&](T* out, void* scratch) {
    forward.run(x.data(), f.data(), out, scratch, {.bias = bias.data(), .relu = true});
  });
  const ConvBackwardInput<T> by_input(s);
  compare<T>(row + " by input", dx, sum, by_input.scratch(),
             [&](T* out, void* scratch) { by_input.run(dy.data(), f.data(), out, scratch); });
  const ConvBackwardFilter<T> by_filter(s);
  compare<T>(row + " by filter", df, unit * (4 + std::sqrt(double(s.n * s.oh() * s.ow()))), by_filter.scratch(),
             [&](T* out, void* scratch) { by_filter.run(x.data(), dy.data(), out, scratch); });
}

TEST(Conv, EveryShapeStrideDilationAndPaddingMatchesTheReference) {
  struct Row { int64_t n, h, w, ci, kh, kw, co, sh, sw, dh, dw; };
  const Row rows[] = {
      {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},    {2, 5, 5, 3, 1, 1, 4, 1, 1, 1, 1},   {2, 7, 9, 3, 3, 3, 5, 1, 1, 1, 1},
      {1, 28, 28, 1, 3, 3, 32, 1, 1, 1, 1}, {2, 13, 13, 32, 3, 3, 33, 1, 1, 1, 1}, {3, 8, 8, 16, 3, 3, 65, 2, 2, 1, 1},
      {2, 9, 7, 4, 3, 2, 6, 2, 3, 1, 1},    {2, 12, 11, 5, 3, 3, 7, 1, 1, 2, 3},  {1, 9, 9, 31, 1, 1, 17, 2, 2, 1, 1},
      {1, 16, 15, 3, 7, 7, 8, 2, 2, 1, 1},  {2, 10, 10, 2, 2, 5, 3, 3, 2, 1, 2},  {0, 5, 5, 3, 3, 3, 4, 1, 1, 1, 1},
      {9, 6, 6, 3, 3, 3, 4, 1, 1, 1, 1},    {1, 4, 4, 2, 2, 2, 3, 3, 3, 2, 2},    {2, 5, 5, 0, 3, 3, 4, 1, 1, 1, 1},
      {1, 40, 40, 64, 3, 3, 48, 1, 1, 1, 1}, {1, 2, 2, 3, 3, 3, 4, 1, 1, 1, 1},   {1, 11, 3, 2, 3, 1, 33, 4, 1, 1, 1}};
  for (const Row& r : rows)
    for (const std::string padding : {"VALID", "SAME", "EXPLICIT"}) {
      ConvShape s{.n = r.n, .h = r.h, .w = r.w, .ci = r.ci, .kh = r.kh, .kw = r.kw, .co = r.co,
                  .stride_h = r.sh, .stride_w = r.sw, .dilation_h = r.dh, .dilation_w = r.dw};
      if (padding == "SAME") s.pad_same();
      if (padding == "EXPLICIT") s.top = 2, s.bottom = 1, s.left = 0, s.right = 3;
      const std::string row = std::to_string(&r - rows) + " " + padding + " seed 11";
      check_conv<float>(s, row);
      check_conv<double>(s, row);
      if (HasFatalFailure()) return;
    }
}

TEST(Conv, SameFollowsTheCeilingOfInputOverStride) {
  for (int64_t h : {1, 5, 6, 7, 32})
    for (int64_t stride : {1, 2, 3}) {
      ConvShape s{.h = h, .w = h, .kh = 3, .kw = 5, .stride_h = stride, .stride_w = stride, .dilation_w = 2};
      s.pad_same();
      EXPECT_EQ(s.oh(), (h + stride - 1) / stride);
      EXPECT_EQ(s.ow(), (h + stride - 1) / stride);
      EXPECT_LE(s.top, s.bottom);
    }
}

TEST(Conv, IntegersWrap) {
  const int32_t x[] = {1 << 30, 1}, f[] = {4, 7};
  int32_t y = 0;
  conv_plain({.w = 2, .kw = 2}, x, f, &y);
  EXPECT_EQ(y, 7);
}

}  // namespace
}  // namespace ninefold::cpu
