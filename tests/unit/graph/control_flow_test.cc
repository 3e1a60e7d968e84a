// In: conditions and loops. Out: the same values and derivatives eagerly and in traces.
#include <gtest/gtest.h>

#include "../engine/op_rows.h"
#include "ninefold/function.h"
#include "ninefold/grad.h"

namespace ninefold {
namespace {

using namespace testing;

struct Row {
  const char* name;
  std::function<Tensor(const Tensors&)> body;   // of float64 scalars or vectors
  Tensors in;
};
Tensor total(const Tensor& t) {
  std::vector<int32_t> axes;
  for (int i = 0; i < t.rank(); ++i) axes.push_back(i);
  return op("Sum", {t, Tensor::of<int32_t>({static_cast<int64_t>(axes.size())}, axes)});
}

const Variable& weight() {
  static const Variable w(f64({}, {1.5}));
  return w;
}

std::vector<Row> rows() {
  const Tensor one(1.0), small(0.5);
  auto less = [](const Tensor& a, double b) { return op("Less", {a, Tensor(b)}); };
  auto below = [](const Tensor& i, int n) { return op("Less", {i, Tensor(n)}); };
  return {
      {"taken", [=](const Tensors& a) { return cond(less(a[0], 2), [&] { return Tensors{a[0] * a[0] * a[1]}; }, [&] { return Tensors{a[1]}; })[0]; },
       {Tensor(1.0), Tensor(3.0)}},
      {"not taken", [=](const Tensors& a) { return cond(less(a[0], 2), [&] { return Tensors{a[0] * a[0]}; }, [&] { return Tensors{a[1] * a[0] * a[1]}; })[0]; },
       {Tensor(5.0), Tensor(3.0)}},
      {"nested", [=](const Tensors& a) {
         return cond(less(a[0], 2), [&] { return cond(less(a[1], 2), [&] { return Tensors{a[0]}; }, [&] { return Tensors{a[0] * a[1]}; }); },
                     [&] { return Tensors{a[1]}; })[0];
       }, {Tensor(1.0), Tensor(3.0)}},
      {"with a variable", [=](const Tensors& a) { return cond(less(a[0], 2), [&] { return Tensors{a[0] * weight() * weight()}; }, [&] { return Tensors{a[0]}; })[0]; },
       {Tensor(1.0)}},
      {"power", [=](const Tensors& a) {
         return while_loop([&](const Tensors& s) { return below(s[0], 5); },
                           [&](const Tensors& s) { return Tensors{s[0] + Tensor(1), s[1] * a[0]}; }, {Tensor(0), a[0]})[1];
       }, {Tensor(1.5)}},
      {"two states and a vector", [=](const Tensors& a) {
         const Tensors s = while_loop([&](const Tensors& v) { return below(v[0], 4); },
                                      [&](const Tensors& v) { return Tensors{v[0] + Tensor(1), v[1] * v[2] + a[1], op("Tanh", {v[2]})}; },
                                      {Tensor(0), a[0], a[1]});
         return total(s[1]) + total(s[2]);
       }, {f64({2}, {1, 2}), f64({2}, {0.5, -0.25})}},
      {"until large", [=](const Tensors& a) {
         return while_loop([&](const Tensors& s) { return less(s[0], 100); }, [&](const Tensors& s) { return Tensors{s[0] * s[0] * weight()}; }, {a[0]})[0];
       }, {Tensor(1.75)}},
      {"loop in loop", [=](const Tensors& a) {
         return while_loop([&](const Tensors& s) { return below(s[0], 3); },
                           [&](const Tensors& s) {
                             const Tensors inner = while_loop([&](const Tensors& t) { return below(t[0], 2); },
                                                              [&](const Tensors& t) { return Tensors{t[0] + Tensor(1), op("Sin", {t[1] * a[0]})}; },
                                                              {Tensor(0), s[1]});
                             return Tensors{s[0] + Tensor(1), inner[1] + s[1]};
                           }, {Tensor(0), a[0]})[1];
       }, {Tensor(0.75)}},
      {"condition in loop", [=](const Tensors& a) {
         return while_loop([&](const Tensors& s) { return below(s[0], 4); },
                           [&](const Tensors& s) {
                             return Tensors{s[0] + Tensor(1), cond(less(s[1], 2), [&] { return Tensors{s[1] * s[1] + a[0]}; }, [&] { return Tensors{s[1] * small}; })[0]};
                           }, {Tensor(0), a[0]})[1];
       }, {Tensor(1.25)}},
  };
}

// Sums of gradients are taken in another order.
void near(const Tensor& got, const Tensor& want, size_t output) {
  const std::vector<double> a = values(got), b = values(want);
  ASSERT_EQ(a.size(), b.size()) << "output " << output;
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-12 * (1 + std::abs(b[i]))) << "output " << output;
}

TEST(ControlFlow, SameValuesAndDerivativesEagerlyAndTraced) {
  for (const Row& r : rows()) {
    SCOPED_TRACE(r.name);
    auto with_gradient = [&](const Tensors& in) {
      GradientTape tape;
      for (const Tensor& t : in) tape.watch(t);
      const Tensor y = r.body(in);
      Tensors sources = in;
      sources.push_back(weight().handle());
      Tensors out = tape.gradient({y}, sources, {}, Unconnected::zero);
      out.insert(out.begin(), y);
      return out;
    };
    const Tensors want = with_gradient(r.in);
    std::vector<TensorSpec> specs;
    for (const Tensor& t : r.in) specs.push_back({t.shape(), t.dtype(), {}});
    const FunctionRef inside = trace("inside", specs, with_gradient);
    const FunctionRef plain = trace("plain", specs, [&](const Tensors& in) { return Tensors{r.body(in)}; });
    EXPECT_EQ(values(plain->call(r.in)[0]), values(want[0]));
    for (int again = 0; again < 2; ++again) {
      const Tensors got = inside->call(r.in);
      for (size_t i = 0; i < want.size(); ++i) near(got[i], want[i], i);
    }
  }
}

TEST(ControlFlow, AFunctionWithALoopIsDifferentiatedFromOutside) {
  const FunctionRef power = trace("power", std::vector<TensorSpec>{{{}, DType::f64, "x"}, {{}, DType::i32, "n"}}, [](const Tensors& a) {
    return Tensors{while_loop([&](const Tensors& s) { return op("Less", {s[0], a[1]}); },
                              [&](const Tensors& s) { return Tensors{s[0] + Tensor(1), s[1] * a[0]}; }, {Tensor(0), Tensor(1.0)})[1]};
  });
  for (int n : {0, 1, 4}) {
    const Tensor x(3.0);
    GradientTape tape;
    tape.watch(x);
    const Tensor y = power->call(Tensors{x, Tensor(n)})[0];
    EXPECT_DOUBLE_EQ(y.item<double>(), std::pow(3, n));
    const Tensor dx = tape.gradient({y}, {x}, {}, Unconnected::zero)[0];
    EXPECT_DOUBLE_EQ(dx.item<double>(), n * std::pow(3, n - 1));
  }
}

TEST(ControlFlow, OneBranchWrites) {
  const Variable v(Tensor(0.0f));
  const FunctionRef f = trace("f", std::vector<TensorSpec>{{{}, DType::boolean, "p"}}, [&](const Tensors& a) {
    cond(a[0], [&] { v.assign_add(Tensor(1.0f)); return Tensors{}; }, [&] { v.assign_add(Tensor(10.0f)); return Tensors{}; });
    return Tensors{v.read()};
  });
  EXPECT_EQ(f->call(Tensors{Tensor(true)})[0].item<float>(), 1);
  EXPECT_EQ(f->call(Tensors{Tensor(false)})[0].item<float>(), 11);
}

TEST(ControlFlow, MaximumIterationsAndShapesThatGrow) {
  auto count = [](int64_t most) {
    return while_loop([](const Tensors&) { return Tensor(true); }, [](const Tensors& s) { return Tensors{s[0] + Tensor(2)}; },
                      {Tensor(0)}, {.maximum_iterations = most})[0];
  };
  EXPECT_EQ(count(3).item<int32_t>(), 6);
  EXPECT_EQ(trace("f", {}, [&](const Tensors&) { return Tensors{count(3)}; })->call({})[0].item<int32_t>(), 6);
  const FunctionRef f = trace("f", std::vector<TensorSpec>{{{2}, DType::f32, "x"}}, [](const Tensors& a) {
    return while_loop([](const Tensors& s) { return op("Less", {s[0], Tensor(3)}); },
                      [](const Tensors& s) {
                        return Tensors{s[0] + Tensor(1), op("Reshape", {op("Pack", {s[1], s[1]}), i32({1}, {-1})})};
                      }, {Tensor(0), a[0]}, {.shape_invariants = {{}, {-1}}});
  });
  EXPECT_EQ(f->call(Tensors{f32({2}, {1, 2})})[1].shape().str(), "[16]");
}

TEST(ControlFlow, MismatchesAreTensorFlowsErrors) {
  auto says = [](const std::function<Tensors()>& body) -> std::string {
    try {
      trace("f", std::vector<TensorSpec>{{{}, DType::boolean, "p"}}, [&](const Tensors&) { return body(); });
    } catch (const Error& e) {
      return e.message();
    }
    return "no error";
  };
  EXPECT_EQ(says([] {
    return while_loop([](const Tensors&) { return Tensor(true); },
                      [](const Tensors& s) { return Tensors{op("Pack", {s[0], s[0]})}; }, {f32({2}, {1, 2})});
  }), "Input tensor '0:0' enters the loop with shape (2,), but has shape (2, 2) after one iteration. To allow the shape to "
      "vary across iterations, use the `shape_invariants` argument of tf.while_loop to specify a less-specific shape.");
  EXPECT_NE(says([] {
    return cond(op("Identity", {Tensor(true)}), [] { return Tensors{Tensor(1)}; }, [] { return Tensors{Tensor(1.0f)}; });
  }).find("true_fn and false_fn arguments to tf.cond must have the same number, type, and overall structure of return values."),
            std::string::npos);
}

TEST(TensorLists, KeepAndGiveBack) {
  const NamedAttr dtype("element_dtype", DType::f32);
  Tensor l = op("TensorListReserve", {i32({1}, {2}), Tensor(3)}, {dtype});
  l = op("TensorListSetItem", {l, Tensor(1), f32({2}, {1, 2})});
  l = op("TensorListPushBack", {l, f32({2}, {5, 6})});
  EXPECT_EQ(op("TensorListLength", {l}).item<int32_t>(), 4);
  EXPECT_EQ(values(op("TensorListStack", {l, Tensor(-1)}, {dtype})), (std::vector<double>{0, 0, 1, 2, 0, 0, 5, 6}));
  EXPECT_EQ(values(op("TensorListGetItem", {l, Tensor(3), Tensor(-1)}, {dtype})), (std::vector<double>{5, 6}));
  const Tensor in[] = {l, Tensor(-1)};
  const Tensors popped = op_all("TensorListPopBack", in, {&dtype, 1});
  EXPECT_EQ(values(popped[1]), (std::vector<double>{5, 6}));
  EXPECT_EQ(op("TensorListLength", {popped[0]}).item<int32_t>(), 3);
  EXPECT_EQ(op("TensorListLength", {l}).item<int32_t>(), 4);
  GradientTape tape;
  const Tensor x = f32({2, 2}, {1, 2, 3, 4});
  tape.watch(x);
  const Tensor from = op("TensorListFromTensor", {x, Tensor(-1)});
  const Tensor y = op("TensorListGetItem", {from, Tensor(1), Tensor(-1)}, {dtype}) * op("TensorListGetItem", {from, Tensor(0), Tensor(-1)}, {dtype});
  EXPECT_EQ(values(tape.gradient({y}, {x})[0]), (std::vector<double>{3, 4, 1, 2}));
}

}  // namespace
}  // namespace ninefold
