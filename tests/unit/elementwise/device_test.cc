// In: casts, copies, reductions and row kernels. Out: them against plain loops, and TensorFlow 2.9.0's values.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <numeric>
#include <random>
#include <vector>

#include "engine/device/cpu/cast.h"
#include "engine/device/cpu/copy.h"
#include "engine/device/cpu/reduce.h"
#include "engine/device/cpu/rows.h"

namespace ninefold::cpu {
namespace {

struct CastRow { int to; std::vector<int64_t> want; };
// What TensorFlow 2.9.0 gives for these floats, for float and double alike.
const std::vector<double> wild = {NAN, INFINITY, -INFINITY, 1e20, -1e20, 3e9, -3.7, 300.5, -0.0, 0.4};
constexpr int64_t l32 = INT32_MIN, l64 = INT64_MIN;
const CastRow casts[] = {
    {6, {0, 0, 0, 0, 0, 0, -3, 44, 0, 0}}, {4, {0, 0, 0, 0, 0, 0, 253, 44, 0, 0}},
    {5, {0, 0, 0, 0, 0, 0, -3, 300, 0, 0}}, {17, {0, 0, 0, 0, 0, 0, 65533, 300, 0, 0}},
    {3, {l32, l32, l32, l32, l32, l32, -3, 300, 0, 0}}, {22, {0, 0, 0, 0, 0, 3000000000, 4294967293, 300, 0, 0}},
    {9, {l64, l64, l64, l64, l64, 3000000000, -3, 300, 0, 0}},
    {23, {l64, 0, l64, 0, l64, 3000000000, -3, 300, 0, 0}}, {10, {1, 1, 1, 1, 1, 1, 1, 1, 0, 1}},
};
TEST(Cast, WildFloatsAsTensorFlow) {
  for (const CastRow& row : casts) {
    for (int from : {1, 2}) {
      for (int copies : {1, 7}) {  // a vector loop and its remainder
        std::vector<double> d;
        for (int c = 0; c < copies; ++c) d.insert(d.end(), wild.begin(), wild.end());
        std::vector<float> f(d.begin(), d.end());
        const int64_t n = static_cast<int64_t>(d.size());
        std::vector<char> out(n * 8);
        cast(from, from == 1 ? static_cast<void*>(f.data()) : d.data(), row.to, out.data(), n);
        for (int64_t i = 0; i < n; ++i) {
          int64_t got = 0;
          const void* at = out.data();
          switch (row.to) {
            case 6: got = static_cast<const int8_t*>(at)[i]; break;
            case 4: case 10: got = static_cast<const uint8_t*>(at)[i]; break;
            case 5: got = static_cast<const int16_t*>(at)[i]; break;
            case 17: got = static_cast<const uint16_t*>(at)[i]; break;
            case 3: got = static_cast<const int32_t*>(at)[i]; break;
            case 22: got = static_cast<const uint32_t*>(at)[i]; break;
            default: got = static_cast<const int64_t*>(at)[i];
          }
          EXPECT_EQ(got, row.want[i % 10]) << wild[i % 10] << " from " << from << " to " << row.to;
        }
      }
    }
  }
}
TEST(Cast, EveryPairKeepsSmallIntegers) {
  const int dtypes[] = {1, 2, 3, 4, 5, 6, 8, 9, 10, 14, 17, 18, 19, 22, 23};
  for (int a : dtypes) {
    for (int b : dtypes) {
      ASSERT_TRUE(can_cast(a, b));
      int32_t x[3] = {0, 1, 1}, back[3];
      char there[48], then[48];
      cast(3, x, a, there, 3), cast(a, there, b, then, 3), cast(b, then, 3, back, 3);
      EXPECT_EQ(std::memcmp(x, back, sizeof x), 0) << a << " to " << b;
    }
  }
  const float complex_in[4] = {0, 2, 2.7f, 1};
  uint8_t truth[2];
  cast(8, complex_in, 10, truth, 2);
  EXPECT_EQ(truth[0], 0);
  EXPECT_EQ(truth[1], 1);
}

TEST(Copy, TransposesAgainstIndexing) {
  const std::vector<std::vector<int64_t>> shapes = {{}, {5}, {3, 5}, {40, 33}, {2, 3, 4}, {2, 17, 18, 3}, {1, 4, 1}, {0, 3}, {2, 2, 2, 2, 3}};
  for (const auto& shape : shapes) {
    std::vector<int64_t> perm(shape.size());
    std::iota(perm.begin(), perm.end(), 0);
    int64_t n = 1;
    for (int64_t d : shape) n *= d;
    do {
      std::vector<int32_t> x(n), y(n + 1, -7), want(n);
      std::vector<int64_t> x64(n), y64(n);
      std::iota(x.begin(), x.end(), 0), std::iota(x64.begin(), x64.end(), 0);
      for (int64_t i = 0; i < n; ++i) {
        std::vector<int64_t> at(shape.size());
        int64_t rest = i, flat = 0;
        for (size_t k = shape.size(); k-- > 0;) at[perm[k]] = rest % shape[perm[k]], rest /= shape[perm[k]];
        for (size_t k = 0; k < shape.size(); ++k) flat = flat * shape[k] + at[k];
        want[i] = static_cast<int32_t>(flat);
      }
      transpose(4, shape, perm, x.data(), y.data()), transpose(8, shape, perm, x64.data(), y64.data());
      EXPECT_EQ(y.back(), -7);
      y.pop_back();
      EXPECT_EQ(y, want);
      EXPECT_TRUE(std::equal(y64.begin(), y64.end(), want.begin(), want.end()));
    } while (std::next_permutation(perm.begin(), perm.end()));
  }
}
TEST(Copy, SlicesAndPlaces) {
  std::vector<uint8_t> x(24), y(6), z(24, 9);
  std::iota(x.begin(), x.end(), 0);
  const int64_t shape[] = {4, 6}, begin[] = {3, 1}, step[] = {-2, 2}, sizes[] = {2, 3};
  strided_slice(1, shape, begin, step, sizes, x.data(), y.data());
  EXPECT_EQ(y, (std::vector<uint8_t>{19, 21, 23, 7, 9, 11}));
  place(1, shape, begin, step, sizes, y.data(), z.data());
  for (int i = 0; i < 24; ++i) EXPECT_EQ(z[i], std::find(y.begin(), y.end(), i) != y.end() ? i : 9);
}

TEST(Reduce, EveryShapeAgainstDouble) {
  std::mt19937 random(5);
  for (auto [outer, n, inner] : {std::array<int64_t, 3>{1, 1, 1}, {3, 7, 1}, {2, 33, 1}, {1, 100001, 1}, {5, 1000, 1},
                                 {1, 3, 5}, {2, 300, 70}, {4, 1, 3}, {1, 5000, 2}}) {
    std::vector<float> x(outer * n * inner), y(outer * inner);
    std::vector<int32_t> xi(x.size()), yi(y.size());
    for (size_t i = 0; i < x.size(); ++i)
      x[i] = static_cast<float>(random() % 2000) / 1000 - 0.5f, xi[i] = static_cast<int32_t>(random());
    for (Reduction op : {Reduction::sum, Reduction::mean, Reduction::max, Reduction::min}) {
      reduce(op, 1, x.data(), y.data(), outer, n, inner), reduce(op, 3, xi.data(), yi.data(), outer, n, inner);
      for (int64_t o = 0; o < outer; ++o) {
        for (int64_t c = 0; c < inner; ++c) {
          double sum = 0, top = -1e9, low = 1e9;
          int64_t isum = 0;
          int32_t itop = INT32_MIN, ilow = INT32_MAX;
          for (int64_t i = 0; i < n; ++i) {
            const size_t at = (o * n + i) * inner + c;
            sum += x[at], top = std::max<double>(top, x[at]), low = std::min<double>(low, x[at]);
            isum += xi[at], itop = std::max(itop, xi[at]), ilow = std::min(ilow, xi[at]);
          }
          const double want = op == Reduction::sum ? sum : op == Reduction::mean ? sum / n : op == Reduction::max ? top : low;
          const int32_t iwant = op == Reduction::sum ? static_cast<int32_t>(isum) : op == Reduction::mean
                                ? static_cast<int32_t>(isum / n) : op == Reduction::max ? itop : ilow;
          EXPECT_NEAR(y[o * inner + c], want, 1e-6 * (1 + std::fabs(want))) << n;
          EXPECT_EQ(yi[o * inner + c], iwant) << n << " op " << int(op);
        }
      }
    }
  }
}
TEST(Reduce, SpecialValues) {
  float y;
  int32_t yi;
  int64_t at;
  std::vector<float> x(100, 1);
  x[60] = NAN;
  for (Reduction op : {Reduction::max, Reduction::min, Reduction::sum}) {
    reduce(op, 1, x.data(), &y, 1, 100, 1);
    EXPECT_TRUE(std::isnan(y));
  }
  x[61] = 3;
  arg_reduce(true, 1, x.data(), 9, &at, 1, 100, 1);
  EXPECT_EQ(at, 61);
  reduce(Reduction::max, 1, x.data(), &y, 1, 0, 1);
  EXPECT_EQ(y, -INFINITY);
  reduce(Reduction::mean, 1, x.data(), &y, 1, 0, 1);
  EXPECT_TRUE(std::isnan(y));
  reduce(Reduction::max, 3, x.data(), &yi, 1, 0, 1);
  EXPECT_EQ(yi, INT32_MIN);
  const int8_t bytes[] = {100, 100, 100};
  int8_t mean;
  reduce(Reduction::mean, 6, bytes, &mean, 1, 3, 1);
  EXPECT_EQ(mean, 100);
  const bool axes[] = {true, false, true};
  const int64_t shape[] = {2, 3, 4};
  std::vector<int32_t> ints(24), sums(3);
  std::iota(ints.begin(), ints.end(), 0);
  reduce_axes(Reduction::sum, 3, ints.data(), sums.data(), shape, axes);
  EXPECT_EQ(sums, (std::vector<int32_t>{60, 92, 124}));
}

TEST(Rows, AgainstDouble) {
  std::mt19937 random(9);
  for (auto [rows, n] : {std::pair<int64_t, int64_t>{1, 1}, {3, 10}, {2, 1000}, {5, 17}, {0, 4}}) {
    std::vector<float> x(rows * n), p(rows * n), y(rows * n), ly(rows * n), loss(rows), grad(rows * n), sgrad(rows * n), sloss(rows);
    std::vector<int64_t> label(rows);
    for (auto& v : x) v = static_cast<float>(random() % 2000) / 100 - 10;
    for (int64_t r = 0; r < rows; ++r) label[r] = random() % n, p[r * n + label[r]] = 1;
    softmax(1, x.data(), y.data(), rows, n), log_softmax(1, x.data(), ly.data(), rows, n);
    cross_entropy(1, x.data(), p.data(), loss.data(), grad.data(), rows, n);
    EXPECT_EQ(sparse_cross_entropy(1, x.data(), label.data(), sloss.data(), sgrad.data(), rows, n), -1);
    for (int64_t r = 0; r < rows; ++r) {
      double total = 0;
      for (int64_t i = 0; i < n; ++i) total += std::exp(double(x[r * n + i]));
      const double want_loss = std::log(total) - x[r * n + label[r]];
      EXPECT_NEAR(loss[r], want_loss, 1e-5);
      EXPECT_NEAR(sloss[r], want_loss, 1e-5);
      for (int64_t i = 0; i < n; ++i) {
        const double want = std::exp(double(x[r * n + i])) / total;
        EXPECT_NEAR(y[r * n + i], want, 1e-6);
        EXPECT_NEAR(ly[r * n + i], std::log(want), 1e-5);
        EXPECT_NEAR(grad[r * n + i], want - p[r * n + i], 1e-6);
        EXPECT_NEAR(sgrad[r * n + i], want - p[r * n + i], 1e-6);
      }
    }
  }
  const float x[] = {INFINITY, 1, -INFINITY, -INFINITY, NAN, 1, 1000, 0};
  float y[8];
  softmax(1, x, y, 4, 2);
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(std::isnan(y[i])) << i;
  EXPECT_EQ(y[6], 1);
  EXPECT_EQ(y[7], 0);
  const int64_t bad[] = {0, 2, 1, -1};
  float loss[4], grad[8];
  EXPECT_EQ(sparse_cross_entropy(1, x, bad, loss, grad, 4, 2), 1);
}

}  // namespace
}  // namespace ninefold::cpu
