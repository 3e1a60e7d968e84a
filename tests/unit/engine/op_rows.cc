// In: rows of eager ops. Out: comparisons with values, TensorFlow's errors and finite differences.
#include "op_rows.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ninefold/grad.h"

namespace ninefold::testing {

std::vector<double> values(const Tensor& t) {
  std::vector<double> v;
  for (int64_t i = 0; i < t.size(); ++i) v.push_back(t.float_at(i));
  return v;
}

void check_values(const std::vector<ValueRow>& rows) {
  for (const ValueRow& r : rows) {
    SCOPED_TRACE(r.op);
    const Tensor y = op_all(r.op, r.in, r.attrs).at(0);
    EXPECT_TRUE(y.shape() == r.shape) << y.shape().str();
    const std::vector<double> got = values(y);
    ASSERT_EQ(got.size(), r.want.size());
    for (size_t i = 0; i < got.size(); ++i) {
      if (std::isnan(r.want[i])) {
        EXPECT_TRUE(std::isnan(got[i])) << "element " << i;
      } else if (r.tolerance == 0 || std::isinf(r.want[i])) {
        EXPECT_EQ(got[i], r.want[i]) << "element " << i;
      } else {
        EXPECT_NEAR(got[i], r.want[i], r.tolerance) << "element " << i;
      }
    }
  }
}

void check_errors(const std::vector<ErrorRow>& rows) {
  for (const ErrorRow& r : rows) {
    SCOPED_TRACE(r.op);
    try {
      op_all(r.op, r.in, r.attrs);
      ADD_FAILURE() << "no error";
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), r.code);
      EXPECT_EQ(e.message(), r.says);
    }
  }
}

namespace {
double scalar_of(const GradRow& r, const Tensors& in) {
  const Tensor y = op_all(r.op, in, r.attrs).at(0);
  double sum = 0;
  for (int64_t i = 0; i < y.size(); ++i) sum += y.float_at(i) * (1.0 + 0.25 * static_cast<double>(i % 3));
  return sum;
}
}  // namespace

void check_gradients(const std::vector<GradRow>& rows) {
  for (const GradRow& r : rows) {
    SCOPED_TRACE(r.op);
    GradientTape tape;
    Tensors sources(r.in.begin(), r.in.begin() + r.wrt);
    for (const Tensor& s : sources) tape.watch(s);
    const Tensor y = op_all(r.op, r.in, r.attrs).at(0);
    std::vector<double> weights;
    for (int64_t i = 0; i < y.size(); ++i) weights.push_back(1.0 + 0.25 * static_cast<double>(i % 3));
    const Tensors dx = tape.gradient({y}, sources, {Tensor::of<double>(y.shape(), weights)});
    for (int s = 0; s < r.wrt; ++s) {
      const Tensor& x = r.in[static_cast<size_t>(s)];
      ASSERT_TRUE(dx[static_cast<size_t>(s)].defined()) << "source " << s;
      ASSERT_TRUE(dx[static_cast<size_t>(s)].shape() == x.shape());
      for (int64_t i = 0; i < x.size(); ++i) {
        double side[2];
        constexpr double h = 1e-6;
        for (int up = 0; up < 2; ++up) {
          std::vector<double> moved(x.as<double>(), x.as<double>() + x.size());
          moved[static_cast<size_t>(i)] += up ? h : -h;
          Tensors in = r.in;
          in[static_cast<size_t>(s)] = Tensor::of<double>(x.shape(), moved);
          side[up] = scalar_of(r, in);
        }
        const double want = (side[1] - side[0]) / (2 * h);
        EXPECT_NEAR(dx[static_cast<size_t>(s)].float_at(i), want, 1e-6 * (1 + std::abs(want)))
            << "source " << s << ", element " << i;
      }
    }
  }
}

}  // namespace ninefold::testing
