// In: an op, its inputs. Out: that a GPU gives what the CPU gives; what rows of tests/unit/cuda are made of.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>

#include "engine/op/scope.h"
#include "engine/tensor/accelerator.h"
#include "ninefold/device.h"
#include "ninefold/ops.h"

namespace ninefold {

class Gpu : public ::testing::Test {
 protected:
  void SetUp() override {
    setenv("NINEFOLD_KERNEL_CACHE", "", 0);   // what tests compile is not kept in somebody's home
    if (!std::getenv("NINEFOLD_CUDA_LIBRARY")) GTEST_SKIP() << "NINEFOLD_CUDA_LIBRARY names no GPU library";
    ASSERT_TRUE(accelerated()) << device::why_no_gpu();
  }
};

inline Tensors on_cpu(const Op& op, const Tensors& in, std::span<const NamedAttr> attrs) {
  const device::Within cpu("/device:CPU:0");
  return dispatch(op, in, Attrs(op, attrs));
}

inline Tensor complex_of(DType d, const Tensor& re, const Tensor& im) {
  return on_cpu(find_op("Complex"), {re, im}, std::vector<NamedAttr>{{"Tout", d}})[0];
}
template <class R>
inline void expect_complex_near(const Tensor& got, const Tensor& want, double ulps, const std::string& what) {
  const R *a = static_cast<const R*>(got.data()), *b = static_cast<const R*>(want.data());
  for (int64_t i = 0; i < 2 * got.size(); ++i) {
    const int64_t other = i ^ 1;
    if (std::isfinite(a[i]) && std::isfinite(b[i]))
      ASSERT_NEAR(a[i], b[i], ulps * std::numeric_limits<R>::epsilon() * std::max({R(1), std::abs(b[i]), std::isfinite(b[other]) ? std::abs(b[other]) : R(1)}))
          << what << " part " << i;
    else ASSERT_TRUE((std::isnan(a[i]) && std::isnan(b[i])) || a[i] == b[i]) << what << " part " << i << ": " << a[i] << " for " << b[i];
  }
}

// Equal within `ulps` of the dtype, of complex numbers in each part, NaN to NaN; bytes otherwise.
inline void expect_near(const Tensor& got, const Tensor& want, double ulps, const std::string& what) {
  ASSERT_EQ(got.dtype(), want.dtype()) << what;
  ASSERT_EQ(got.shape().str(), want.shape().str()) << what;
  if (got.dtype() == DType::c64 && ulps > 0) return expect_complex_near<float>(got, want, ulps, what);
  if (got.dtype() == DType::c128 && ulps > 0) return expect_complex_near<double>(got, want, ulps, what);
  const double unit = got.dtype() == DType::f64 ? 0x1p-52 : got.dtype() == DType::f32 ? 0x1p-23 : got.dtype() == DType::f16 ? 0x1p-10 : 0x1p-7;
  for (int64_t i = 0; i < got.size(); ++i) {
    if (!is_floating(got.dtype())) {
      ASSERT_EQ(std::memcmp(static_cast<const char*>(got.data()) + i * static_cast<int64_t>(size_of(got.dtype())),
                            static_cast<const char*>(want.data()) + i * static_cast<int64_t>(size_of(got.dtype())), size_of(got.dtype())), 0)
          << what << " element " << i;
      continue;
    }
    const double a = got.float_at(i), b = want.float_at(i);
    if (std::isnan(a) || std::isnan(b) || std::isinf(a) || std::isinf(b)) {
      ASSERT_TRUE((std::isnan(a) && std::isnan(b)) || a == b) << what << " element " << i << ": " << a << " for " << b;
    } else {
      ASSERT_NEAR(a, b, ulps * unit * std::max({1.0, std::abs(a), std::abs(b)})) << what << " element " << i;
    }
  }
}

inline void same_on_both(const char* name, const Tensors& in, std::vector<NamedAttr> attrs = {}, double ulps = 0, bool on_gpu = true) {
  const Op& op = find_op(name);
  const Tensors want = on_cpu(op, in, attrs);
  const device::Within gpu("/device:GPU:0");
  const Tensors got = dispatch(op, in, Attrs(op, attrs));
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(!on_host(got[i]), on_gpu) << name << " ran on " << got[i].device_name();
    expect_near(got[i], want[i], ulps, std::string(name) + " " + name_of(in[0].dtype()) + in[0].shape().str());
  }
}

inline std::mt19937 random_bits(20221122);
inline Tensor some(DType d, const Shape& shape) {
  if (is_complex(d)) {                           // 0, 1 - i, ..., without NaN
    const Tensor re = some(DType::f64, shape), im = op("Neg", {re});
    auto part = [&](const Tensor& x) { return on_cpu(find_op("Cast"), {x}, std::vector<NamedAttr>{{"DstT", real_part_of(d)}})[0]; };
    return complex_of(d, part(re), part(shape.size() > 8 ? some(DType::f64, shape) : im));
  }
  const device::Within cpu("/device:CPU:0");
  std::vector<double> values(static_cast<size_t>(shape.size()));
  const double special[] = {0, -1, 1, 0.5, -0.5, 2, 3, -3};
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = i < 8 ? special[i] : static_cast<double>(static_cast<int>(random_bits() % 2001) - 1000) / (is_floating(d) ? 250.0 : 10.0);
  if (d == DType::f32 && values.size() > 10) values[8] = NAN, values[9] = INFINITY, values[10] = -INFINITY;
  if (is_unsigned(d))
    for (double& v : values) v = std::abs(v);
  return op("Cast", {Tensor::of<double>(shape, values)}, {{"DstT", d}});
}

// Whole numbers, whose sums and products are the same in every order.
inline Tensor whole(DType d, const Shape& shape, int most = 9) {
  if (is_complex(d)) return complex_of(d, whole(real_part_of(d), shape, most), whole(real_part_of(d), shape, most));
  const device::Within cpu("/device:CPU:0");
  std::vector<double> values(static_cast<size_t>(shape.size()));
  for (double& v : values) v = static_cast<double>(random_bits() % static_cast<unsigned>(most + 1)) - (is_unsigned(d) ? 0 : most / 2);
  return op("Cast", {Tensor::of<double>(shape, values)}, {{"DstT", d}});
}
inline Tensor numbers(const std::vector<int64_t>& values, DType d = DType::i32, const Shape* shape = nullptr) {
  const device::Within cpu("/device:CPU:0");
  const Shape flat{static_cast<int64_t>(values.size())};
  return op("Cast", {Tensor::of<int64_t>(shape ? *shape : flat, values)}, {{"DstT", d}});
}

}  // namespace ninefold
