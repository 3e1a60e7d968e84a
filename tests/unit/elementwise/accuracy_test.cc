// In: every vector function over its whole range. Out: its error in ulp against double (or long double),
// and its special values, for every instruction set this CPU has.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <vector>

#include "engine/op/elementwise/kernels.h"

namespace ninefold::elementwise {
namespace {

constexpr float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();

template <class T>
double ulps(T got, long double want) {
  const T nearest = static_cast<T>(want);
  if (std::isnan(want)) return std::isnan(got) ? 0 : 1e30;
  if (got == nearest) return 0;
  if (std::isinf(nearest) || std::isinf(got) || std::isnan(got)) return 1e30;
  const T up = std::nextafter(std::fabs(nearest), std::numeric_limits<T>::infinity());
  return static_cast<double>(std::fabs(static_cast<long double>(got) - want) /
                             (static_cast<long double>(up) - std::fabs(nearest)));
}

struct Row {
  const char* op;
  std::function<long double(long double)> reference;
  double low, high;  // range for samples; samples of all binades inside it are added
  double float_ulps, double_ulps;
};

long double softplus(long double x) { return x > 60 ? x : std::log1p(std::exp(x)); }
const Row rows[] = {
    {"Exp", [](auto x) { return std::exp(x); }, -110, 95, 1.1, 1.1},
    {"Expm1", [](auto x) { return std::expm1(x); }, -110, 95, 1.6, 1.7},
    {"Log", [](auto x) { return std::log(x); }, 0, 3e38, 1.1, 1.1},
    {"Log1p", [](auto x) { return std::log1p(x); }, -1, 1e30, 2, 2},
    {"Tanh", [](auto x) { return std::tanh(x); }, -30, 30, 2.6, 2.6},
    {"Sigmoid", [](auto x) { return 1 / (1 + std::exp(-x)); }, -103, 40, 2.5, 2.5},
    {"Softplus", softplus, -100, 100, 3, 3},
    {"Sin", [](auto x) { return std::sin(x); }, -1e5, 1e5, 1.5, 1},
    {"Cos", [](auto x) { return std::cos(x); }, -1e5, 1e5, 1.5, 1},
    {"Erf", [](auto x) { return std::erf(x); }, -5, 5, 2, 1.1},
    {"Rsqrt", [](auto x) { return 1 / std::sqrt(x); }, 0, 1e30, 1.5, 1.5},
    {"Elu", [](auto x) { return x < 0 ? std::expm1(x) : x; }, -100, 10, 1.6, 1.6},
};

template <class T>
std::vector<T> samples(double low, double high) {
  std::mt19937_64 random(7);
  std::vector<T> x;
  for (int i = 0; i < 4000; ++i) x.push_back(static_cast<T>(low + (high - low) * (random() * 0x1p-64)));
  const int from = std::is_same_v<T, float> ? -149 : -1070;
  for (int e = from; e < 128; ++e) {
    for (int i = 0; i < 24; ++i) {
      for (double sign : {1.0, -1.0}) {
        const double v = std::ldexp(1 + random() * 0x1p-64, e) * sign;
        if (v >= low && v <= high) x.push_back(static_cast<T>(v));
      }
    }
  }
  // Around 1 a logarithm cancels.
  for (int i = 0; i < 2000; ++i) x.push_back(static_cast<T>(1 + (random() * 0x1p-64 - 0.5) * 0.01));
  return x;
}

template <class T>
void check_ulps(const Row& row, int dtype, double limit) {
  for (int i = 0; i < simd::isa_count; ++i) {
    const Isa isa = static_cast<Isa>(i);
    if (!simd::has_isa(isa)) continue;
    const auto x = samples<T>(row.low, row.high);
    std::vector<T> y(x.size());
    const void* in[] = {x.data()};
    find_body(row.op, isa)->run(dtype, y.data(), in, static_cast<int64_t>(x.size()));
    double worst = 0;
    T where = 0;
    for (size_t k = 0; k < x.size(); ++k) {
      const double u = ulps(y[k], row.reference(x[k]));
      if (u > worst) worst = u, where = x[k];
    }
    EXPECT_LE(worst, limit) << row.op << " " << simd::isa_name(isa) << " dtype " << dtype << " at " << where;
    testing::Test::RecordProperty(std::string(row.op) + "_" + simd::isa_name(isa) + "_" + std::to_string(dtype), std::to_string(worst));
  }
}

TEST(Accuracy, Float) {
  for (const Row& row : rows) check_ulps<float>(row, dt_float, row.float_ulps);
}
TEST(Accuracy, Double) {
  for (const Row& row : rows) check_ulps<double>(row, dt_double, row.double_ulps);
}

TEST(Accuracy, PowAgainstLibm) {
  std::mt19937_64 random(11);
  std::vector<float> x, y;
  const float special[] = {0, -0.0f, 1, -1, 2, -2, 0.5f, -0.5f, 3, -3, inf, -inf, nan, 1e-40f, -1e-40f, 1e30f, 2.5f, 1e9f};
  for (float a : special) for (float b : special) x.push_back(a), y.push_back(b);
  for (int i = 0; i < 20000; ++i) {
    x.push_back(std::exp((random() * 0x1p-64f - 0.5f) * 40));
    y.push_back((random() * 0x1p-64f - 0.5f) * 12);
  }
  for (int i = 0; i < simd::isa_count; ++i) {
    if (!simd::has_isa(static_cast<Isa>(i))) continue;
    std::vector<float> z(x.size());
    const void* in[] = {x.data(), y.data()};
    find_body("Pow", static_cast<Isa>(i))->run(dt_float, z.data(), in, static_cast<int64_t>(x.size()));
    for (size_t k = 0; k < x.size(); ++k) {
      const long double want = std::pow(static_cast<double>(x[k]), static_cast<double>(y[k]));
      ASSERT_LE(ulps(z[k], want), 1) << x[k] << "^" << y[k] << " is " << z[k] << ", not " << want;
    }
  }
}

struct Special { const char* op; float x, want; };
const Special specials[] = {
    {"Exp", inf, inf}, {"Exp", -inf, 0}, {"Exp", nan, nan}, {"Exp", 89, inf}, {"Exp", -200, 0}, {"Exp", 0, 1},
    {"Exp", -0.0f, 1}, {"Expm1", inf, inf}, {"Expm1", -inf, -1}, {"Expm1", nan, nan}, {"Expm1", -0.0f, -0.0f},
    {"Log", 0, -inf}, {"Log", -0.0f, -inf}, {"Log", -1, nan}, {"Log", inf, inf}, {"Log", nan, nan}, {"Log", 1, 0},
    {"Log", -inf, nan}, {"Log1p", -1, -inf}, {"Log1p", -2, nan}, {"Log1p", inf, inf}, {"Log1p", nan, nan},
    {"Log1p", -0.0f, -0.0f}, {"Tanh", inf, 1}, {"Tanh", -inf, -1}, {"Tanh", nan, nan}, {"Tanh", -0.0f, -0.0f},
    {"Tanh", 1e-40f, 1e-40f}, {"Sigmoid", inf, 1}, {"Sigmoid", -inf, 0}, {"Sigmoid", nan, nan},
    {"Sigmoid", 0, 0.5f}, {"Softplus", inf, inf}, {"Softplus", -inf, 0}, {"Softplus", nan, nan},
    {"Sin", inf, nan}, {"Sin", -0.0f, -0.0f}, {"Sin", nan, nan}, {"Cos", inf, nan}, {"Cos", 0, 1},
    {"Sin", 1e30f, std::sin(1e30f)}, {"Cos", 3e38f, std::cos(3e38f)}, {"Erf", inf, 1}, {"Erf", -inf, -1}, {"Erf", nan, nan},
    {"Erf", -0.0f, -0.0f}, {"Sqrt", -1, nan}, {"Sqrt", -0.0f, -0.0f}, {"Rsqrt", 0, inf}, {"Rsqrt", -0.0f, -inf},
    {"Relu", nan, nan}, {"Relu", -1, 0}, {"Relu6", nan, nan}, {"Relu6", 7, 6}, {"Elu", nan, nan},
    {"Elu", -inf, -1}, {"Sign", nan, nan}, {"Sign", -0.0f, 0}, {"Sign", -3, -1}, {"Rint", 2.5f, 2},
    {"Round", -0.4f, -0.0f}, {"Abs", -0.0f, 0}, {"Softsign", nan, nan}, {"Lgamma", -1, inf},
};

TEST(Accuracy, SpecialValues) {
  for (const Special& row : specials) {
    for (int i = 0; i < simd::isa_count; ++i) {
      if (!simd::has_isa(static_cast<Isa>(i))) continue;
      std::vector<float> x(19, row.x), y(19, 77);  // vector body and remainder alike
      const void* in[] = {x.data()};
      find_body(row.op, static_cast<Isa>(i))->run(dt_float, y.data(), in, 19);
      for (float got : y) {
        if (std::isnan(row.want)) ASSERT_TRUE(std::isnan(got)) << row.op << "(" << row.x << ") is " << got;
        else ASSERT_TRUE(got == row.want && std::signbit(got) == std::signbit(row.want))
            << row.op << "(" << row.x << ") is " << got << " on " << simd::isa_name(static_cast<Isa>(i));
      }
    }
  }
}

}  // namespace
}  // namespace ninefold::elementwise
