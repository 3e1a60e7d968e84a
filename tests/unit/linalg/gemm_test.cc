// In: rows of shapes. Out: every way of the product against loops in double, at one thread and at three.
#include "engine/device/cpu/gemm.h"

#include <cmath>
#include <complex>
#include <string>

#include "base/float16.h"
#include "base/threads.h"
#include "scratch.h"

namespace ninefold::cpu {
namespace {

constexpr uint32_t kSeed = 7;

std::string text(const GemmSpec& s) {
  return std::to_string(s.m) + "x" + std::to_string(s.n) + "x" + std::to_string(s.k) +
         (s.transpose_a ? " A^T" : "") + (s.transpose_b ? " B^T" : "") + " batch " + std::to_string(s.batch) +
         " seed 7";
}

template <class T>
std::vector<double> reference(const GemmSpec& s, const std::vector<T>& a, const std::vector<T>& b) {
  std::vector<double> c(size_t(s.batch * s.m * s.n));
  for (int64_t q = 0; q < s.batch; ++q)
    for (int64_t i = 0; i < s.m; ++i)
      for (int64_t j = 0; j < s.n; ++j) {
        double sum = 0;
        for (int64_t p = 0; p < s.k; ++p)
          sum += double(a[q * s.m * s.k + (s.transpose_a ? p * s.m + i : i * s.k + p)]) *
                 double(b[q * s.k * s.n + (s.transpose_b ? j * s.k + p : p * s.n + j)]);
        c[(q * s.m + i) * s.n + j] = sum;
      }
  return c;
}

template <class T>
void check_product(GemmSpec s) {
  const auto a = uniform<T>(size_t(s.batch * s.m * s.k), kSeed);
  const auto b = uniform<T>(size_t(s.batch * s.k * s.n), kSeed + 1);
  const auto bias = uniform<T>(size_t(s.n), kSeed + 2);
  const auto before = uniform<T>(size_t(s.batch * s.m * s.n), kSeed + 3);
  const auto want = reference(s, a, b);
  const double tolerance = (sizeof(T) == 4 ? 2e-6 : 1e-14) * (4 + std::sqrt(double(s.k)));
  const GemmPlan<T> plan(s);
  // Each way of ending: plain, accumulated and scaled, bias with relu.
  for (int ending = 0; ending < 3; ++ending) {
    GemmEpilogue<T> e;
    if (ending == 1) e.alpha = T(0.5), e.accumulate = true;
    if (ending == 2) e.bias = bias.data(), e.relu = true;
    std::vector<T> first;
    for (int threads : {1, 3}) {
      set_thread_count(threads);
      std::vector<T> c = before;
      Scratch scratch(plan.scratch());
      plan.run(a.data(), b.data(), c.data(), scratch.get(), e);
      for (size_t i = 0; i < c.size(); ++i) {
        double w = want[i];
        if (ending == 1) w = 0.5 * w + double(before[i]);
        if (ending == 2) w = std::max(0.0, w + double(bias[i % size_t(s.n)]));
        ASSERT_NEAR(c[i], w, tolerance) << text(s) << " ending " << ending << " element " << i;
      }
      if (threads == 1) first = c;
      else ASSERT_EQ(c, first) << text(s) << ": differs by thread count";
    }
  }
  set_thread_count(1);
}

TEST(Gemm, EveryShapeAndTransposeMatchesTheReference) {
  const int64_t rows[][3] = {{0, 3, 4}, {3, 0, 4}, {3, 4, 0}, {1, 1, 1}, {1, 7, 5}, {7, 1, 5}, {1, 33, 64},
                             {33, 1, 64}, {32, 64, 20}, {31, 33, 32}, {33, 31, 1}, {2, 65, 3}, {5, 16, 9},
                             {6, 48, 7}, {7, 17, 8}, {9, 15, 11}, {10, 1, 1}, {11, 100, 13}, {12, 31, 12},
                             {13, 32, 2}, {64, 64, 32}, {95, 129, 31}, {1, 300, 600}, {17, 40, 1030}};
  for (auto& r : rows)
    for (int t = 0; t < 4; ++t) {
      const GemmSpec s{.m = r[0], .n = r[1], .k = r[2], .transpose_a = (t & 1) != 0, .transpose_b = (t & 2) != 0};
      check_product<float>(s);
      check_product<double>(s);
      GemmSpec several = s;
      several.batch = 3;
      check_product<float>(several);
    }
}

TEST(Gemm, LargeProductsArePackedAndSplitAlike) {
  const int64_t rows[][3] = {{200, 130, 257}, {97, 513, 300}, {1, 2000, 700}, {2000, 1, 700}, {4, 1100, 300},
                             {300, 33, 513}, {1025, 10, 128}, {100, 300, 512}};
  for (auto& r : rows)
    for (int t = 0; t < 4; ++t)
      check_product<float>(
          {.m = r[0], .n = r[1], .k = r[2], .transpose_a = (t & 1) != 0, .transpose_b = (t & 2) != 0});
  check_product<double>({.m = 200, .n = 130, .k = 257, .transpose_a = true, .transpose_b = true});
  check_product<float>({.m = 64, .n = 64, .k = 64, .batch = 40});
}

TEST(Gemm, StridesAndSharedOperandsAreHonoured) {
  // A [2, 3 of 5], B shared by both matrices, C rows 6 apart; the gaps stay untouched.
  const std::vector<float> a = uniform<float>(20, kSeed), b = uniform<float>(12, kSeed + 1);
  std::vector<float> c(24, -9.f);
  GemmPlan<float> plan({.m = 2, .n = 4, .k = 3, .row_a = 5, .row_c = 6, .batch = 2, .step_b = 0});
  Scratch scratch(plan.scratch());
  plan.run(a.data(), b.data(), c.data(), scratch.get());
  for (int q = 0; q < 2; ++q)
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < 6; ++j) {
        double want = j < 4 ? 0 : -9;
        for (int p = 0; j < 4 && p < 3; ++p) want += double(a[q * 10 + i * 5 + p]) * double(b[p * 4 + j]);
        EXPECT_NEAR(c[q * 12 + i * 6 + j], want, 1e-6);
      }
}

TEST(Gemm, FinishSeesEveryElementOnce) {
  for (int64_t m : {5, 150, 400}) {
    const GemmSpec s{.m = m, .n = 600, .k = 40};
    const auto a = uniform<float>(size_t(m * 40), kSeed), b = uniform<float>(40 * 600, kSeed + 1);
    std::vector<float> c(size_t(m * 600));
    GemmPlan<float> plan(s);
    Scratch scratch(plan.scratch());
    GemmEpilogue<float> e;
    e.finish = [](const void*, float* block, int64_t rows, int64_t cols, int64_t row) {
      for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < cols; ++j) block[i * row + j] += 1000;
    };
    set_thread_count(3);
    plan.run(a.data(), b.data(), c.data(), scratch.get(), e);
    set_thread_count(1);
    const auto want = reference(s, a, b);
    for (size_t i = 0; i < c.size(); ++i) ASSERT_NEAR(c[i], want[i] + 1000, 1e-3);
  }
}

TEST(Gemm, NanReachesTheResultThroughRelu) {
  const float a[] = {NAN, 1}, b[] = {1, -2};
  for (int64_t n : {1, 2}) {
    float c[2];
    GemmPlan<float> plan({.m = 1, .n = n, .k = 1});
    Scratch scratch(plan.scratch());
    plan.run(a, b, c, scratch.get(), {.relu = true});
    for (int64_t j = 0; j < n; ++j) EXPECT_TRUE(std::isnan(c[j]));
  }
}

TEST(Gemm, OtherTypesFollowTheirArithmetic) {
  const int32_t big[] = {1 << 30, 3}, four[] = {4, 5};
  int32_t wrapped = 0;
  gemm_plain<int32_t>({.m = 1, .n = 1, .k = 2}, big, four, &wrapped);
  EXPECT_EQ(wrapped, 15);
  using C = std::complex<float>;
  const C x[] = {{1, 2}, {0, 1}}, y[] = {{3, -1}, {2, 2}};
  C z;
  gemm_plain<C>({.m = 1, .n = 1, .k = 2}, x, y, &z);
  EXPECT_EQ(z, C(5 - 2, 5 + 2));
  for (Narrow kind : {Narrow::half, Narrow::bfloat16}) {
    const GemmSpec s{.m = 9, .n = 33, .k = 17, .transpose_b = true, .batch = 2};
    const auto a = uniform<float>(2 * 9 * 17, kSeed), b = uniform<float>(2 * 33 * 17, kSeed + 1);
    auto narrow = [&](const std::vector<float>& v) {
      std::vector<uint16_t> out;
      for (float f : v) out.push_back(kind == Narrow::half ? float_to_half(f) : float_to_bfloat16(f));
      return out;
    };
    std::vector<uint16_t> c(2 * 9 * 33);
    NarrowGemm plan(s, kind);
    Scratch scratch(plan.scratch());
    plan.run(narrow(a).data(), narrow(b).data(), c.data(), scratch.get());
    const auto want = reference(s, a, b);
    for (size_t i = 0; i < c.size(); ++i)
      ASSERT_NEAR(kind == Narrow::half ? half_to_float(c[i]) : bfloat16_to_float(c[i]), want[i],
                  kind == Narrow::half ? 0.01 : 0.08);
  }
}

}  // namespace
}  // namespace ninefold::cpu
