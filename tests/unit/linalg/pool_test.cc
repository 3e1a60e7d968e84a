// In: rows of pooling shapes, small integers so that ties abound. Out: values and gradients against loops.
#include "engine/device/cpu/pool.h"

#include <limits>
#include <string>

#include "base/threads.h"
#include "scratch.h"

namespace ninefold::cpu {
namespace {

template <class F>
void each_window(const PoolShape& s, F f) {
  for (int64_t n = 0; n < s.n; ++n)
    for (int64_t oh = 0; oh < s.oh(); ++oh)
      for (int64_t ow = 0; ow < s.ow(); ++ow)
        for (int64_t k = 0; k < s.c; ++k) {
          std::vector<size_t> pixels;
          for (int64_t r = oh * s.stride_h - s.top; r < oh * s.stride_h - s.top + s.kh; ++r)
            for (int64_t c = ow * s.stride_w - s.left; c < ow * s.stride_w - s.left + s.kw; ++c)
              if (r >= 0 && r < s.h && c >= 0 && c < s.w)
                pixels.push_back(size_t(((n * s.h + r) * s.w + c) * s.c + k));
          f(size_t(((n * s.oh() + oh) * s.ow() + ow) * s.c + k), pixels);
        }
}

template <class T>
void check_pool(const PoolShape& s, const std::string& row) {
  std::vector<T> x = uniform<T>(size_t(s.n * s.h * s.w * s.c), 5);
  for (T& v : x) v = T(int(v * 3));  // ties
  const auto dy = uniform<T>(size_t(s.n * s.oh() * s.ow() * s.c), 6);
  std::vector<double> top(dy.size()), mean(dy.size()), dtop(x.size()), dmean(x.size());
  each_window(s, [&](size_t out, const std::vector<size_t>& pixels) {
    size_t best = pixels.at(0);
    for (size_t p : pixels) {
      if (x[p] > x[best]) best = p;
      mean[out] += double(x[p]) / double(pixels.size());
      dmean[p] += double(dy[out]) / double(pixels.size());
    }
    top[out] = x[best];
    dtop[best] += double(dy[out]);
  });
  for (int threads : {1, 3}) {
    set_thread_count(threads);
    std::vector<T> y(dy.size(), T(9)), dx(x.size(), T(9));
    auto same = [&](const std::vector<T>& got, const std::vector<double>& want, const char* what) {
      for (size_t i = 0; i < want.size(); ++i)
        ASSERT_NEAR(got[i], want[i], 1e-5) << row << " " << what << " at " << i << " seed 5";
    };
    max_pool(s, x.data(), y.data()), same(y, top, "max");
    max_pool_backward(s, x.data(), dy.data(), dx.data()), same(dx, dtop, "max backward");
    average_pool(s, x.data(), y.data()), same(y, mean, "average");
    average_pool_backward(s, dy.data(), dx.data()), same(dx, dmean, "average backward");
  }
  set_thread_count(1);
}

TEST(Pool, EveryShapeMatchesTheReferenceAndTiesGoToTheFirst) {
  struct Row { int64_t n, h, w, c, kh, kw, sh, sw; };
  const Row rows[] = {{1, 1, 1, 1, 1, 1, 1, 1},  {2, 6, 6, 3, 2, 2, 2, 2},   {2, 7, 5, 31, 3, 2, 2, 1}, {3, 9, 9, 33, 3, 3, 1, 1},
                      {1, 8, 8, 65, 3, 3, 2, 2}, {0, 6, 6, 3, 2, 2, 2, 2},   {2, 6, 6, 0, 2, 2, 2, 2},  {5, 40, 40, 32, 2, 2, 2, 2},
                      {1, 5, 5, 130, 5, 5, 1, 1}, {2, 11, 10, 4, 2, 3, 3, 4}};
  for (const Row& r : rows)
    for (bool same : {false, true}) {
      PoolShape s{.n = r.n, .h = r.h, .w = r.w, .c = r.c, .kh = r.kh, .kw = r.kw, .stride_h = r.sh, .stride_w = r.sw};
      if (same) s.pad_same();
      const std::string row = std::to_string(&r - rows) + (same ? " SAME" : " VALID");
      check_pool<float>(s, row);
      check_pool<double>(s, row);
      if (HasFatalFailure()) return;
    }
}

TEST(Pool, IntegersTakeTheirMaximum) {
  const int32_t x[] = {-5, -3, std::numeric_limits<int32_t>::min(), -4};
  int32_t y[2];
  max_pool({.w = 4, .kw = 2, .stride_w = 2}, x, y);
  EXPECT_EQ(y[0], -3);
  EXPECT_EQ(y[1], -4);
}

}  // namespace
}  // namespace ninefold::cpu
