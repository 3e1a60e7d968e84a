// In: rows of eager ops. Out: comparisons with values, TensorFlow's errors and finite differences.
#include "op_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "engine/op/op.h"
#include "ninefold/function.h"
#include "ninefold/grad.h"

namespace ninefold::testing {

namespace {

enum class Known { all_but_host, none };   // which inputs a trace meets as arguments

// `body` traced with some inputs as arguments, then run; the others are constants of the trace.
Tensors run_traced(const Op& op, const Tensors& in, Known known, const std::function<Tensors(const Tensors&)>& body) {
  std::vector<TensorSpec> specs;
  std::vector<size_t> places;
  const OpDef& d = def(op);
  for (size_t i = 0; i < in.size(); ++i) {
    if (known == Known::all_but_host && d.plain && i < d.inputs.size() && d.inputs[i].host) continue;
    if (!is_plain(in[i].dtype()) && in[i].dtype() != DType::string) continue;
    specs.push_back({in[i].shape(), in[i].dtype(), {}});
    places.push_back(i);
  }
  const FunctionRef f = trace("row", specs, [&](const Tensors& arguments) {
    Tensors all = in;
    for (size_t i = 0; i < places.size(); ++i) all[places[i]] = arguments[i];
    return body(all);
  });
  Tensors arguments;
  for (size_t i : places) arguments.push_back(in[i]);
  f->call(arguments);   // the second run meets a plan that has been used
  return f->call(arguments);
}

}  // namespace

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
    const Op& record = find_op(r.op);
    for (Known known : {Known::all_but_host, Known::none}) {
      if (record.effect != Effect::none) continue;
      const Tensor t = run_traced(record, r.in, known, [&](const Tensors& in) { return Tensors{op_all(r.op, in, r.attrs).at(0)}; })[0];
      EXPECT_TRUE(t.shape() == r.shape) << "traced: " << t.shape().str();
      EXPECT_EQ(t.dtype(), y.dtype()) << "traced";
      const bool same = is_plain(y.dtype()) && t.bytes() == y.bytes() && std::memcmp(t.data(), y.data(), y.bytes()) == 0;
      EXPECT_TRUE(same || !is_plain(y.dtype())) << "traced: another value";
    }
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
    const Tensors traced_dx = run_traced(find_op(r.op), r.in, Known::all_but_host, [&](const Tensors& in) {
      GradientTape inside;
      const Tensors from(in.begin(), in.begin() + r.wrt);
      for (const Tensor& s : from) inside.watch(s);
      const Tensor z = op_all(r.op, in, r.attrs).at(0);
      return inside.gradient({z}, from, {Tensor::of<double>(y.shape(), weights)}, Unconnected::zero);
    });
    for (int s = 0; s < r.wrt; ++s)
      if (dx[static_cast<size_t>(s)].defined()) {
        EXPECT_EQ(values(traced_dx[static_cast<size_t>(s)]), values(dx[static_cast<size_t>(s)])) << "traced: source " << s;
      }
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
