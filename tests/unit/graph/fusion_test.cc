// In: functions with chains of element-wise ops. Out: equal bits fused and apart; what must not fuse stays apart.
#include <gtest/gtest.h>

#include <cstring>

#include "../engine/op_rows.h"
#include "engine/graph/fuse.h"
#include "engine/graph/plan.h"
#include "ninefold/function.h"

namespace ninefold {
namespace {

using namespace testing;
using Body = std::function<Tensors(const Tensors&)>;

Tensors inputs_of(const FunctionRef& f, const Tensors& arguments) {
  Tensors all = arguments;
  all.insert(all.end(), f->captures().begin(), f->captures().end());
  return all;
}
// Names of the plan's ops in order; a chain as "(A B C)".
std::string plan_of(const FunctionRef& f, const Tensors& arguments) {
  graph::Plan plan(graph::concrete(f), inputs_of(f, arguments));
  std::string text;
  for (const graph::Thunk& t : plan.thunks())
    text += (text.empty() ? "" : ", ") + (t.fused ? "(" + t.fused->formula + ")" : t.op->name);
  return text;
}
Tensors run_apart(const FunctionRef& f, const Tensors& arguments) {
  graph::set_fusion(false);
  graph::Plan plan(graph::concrete(f), inputs_of(f, arguments));
  graph::set_fusion(true);
  return plan.run(inputs_of(f, arguments));
}

Tensor ramp(const Shape& s, float from, float step) {
  std::vector<float> v(static_cast<size_t>(s.size()));
  for (size_t i = 0; i < v.size(); ++i) v[i] = from + step * static_cast<float>(i % 1013);
  return Tensor::of<float>(s, v);
}
Tensor num(float v) { return Tensor(v); }
Tensor cast(const Tensor& t, DType d) { return op("Cast", {t}, {{"DstT", d}}); }

struct Row {
  const char* what;
  Tensors arguments;
  Body body;
  const char* plan;
};

Tensor small() { return ramp({3, 4}, -1.5f, 0.37f); }
Tensor wide() { return ramp({37, 700}, -3, 0.01f); }
Tensor longer() { return ramp({100003}, -4, 0.008f); }

std::vector<Row> rows() { return {
    {"a chain", {longer()},
     [](const Tensors& a) {
       const Tensor t = op("Tanh", {a[0] * num(2) + num(1)}), s = op("Sigmoid", {a[0]});
       return Tensors{t * s + a[0]};
     },
     "(Mul AddV2 Tanh Sigmoid Mul AddV2)"},
    {"a bias and an activation", {wide(), ramp({700}, -1, 0.003f)},
     [](const Tensors& a) { return Tensors{op("Relu", {op("BiasAdd", {a[0], a[1]})})}; }, "(BiasAdd Relu)"},
    {"a bias of channels that come first", {ramp({2, 3, 3, 2}, -1, .1f), ramp({3}, 1, 1)},
     [](const Tensors& a) {
       return Tensors{op("Relu", {op("BiasAdd", {a[0], a[1]}, {{"data_format", "NCHW"}})}) * num(2)};
     },
     "BiasAdd, (Relu Mul)"},
    {"rows and columns", {wide(), ramp({700}, 1, 1), ramp({37, 1}, 1, 1)},
     [](const Tensors& a) { return Tensors{(a[0] + a[1]) / a[2]}; }, "(AddV2 RealDiv)"},
    {"a middle dimension that is spread", {ramp({2, 3, 4}, 1, 1), ramp({2, 1, 4}, 1, 1)},
     [](const Tensors& a) { return Tensors{(a[0] * a[1]) * num(2) + num(1)}; }, "Mul, (Mul AddV2)"},
    {"a value used twice within the chain", {small()},
     [](const Tensors& a) { const Tensor t = a[0] * num(3); return Tensors{t * t + t}; }, "(Mul Mul AddV2)"},
    {"a value also observed is stored", {small()},
     [](const Tensors& a) { const Tensor t = a[0] * num(3); return Tensors{t, op("Exp", {t})}; }, "(Mul Exp)"},
    {"a value read by another op ends the chain there", {small()},
     [](const Tensors& a) {
       const Tensor t = op("Exp", {a[0] * num(3)});
       const Tensor sum = op("Sum", {t, i32({1}, {0})});
       return Tensors{op("Sqrt", {t}) * num(2), sum};
     },
     "(Mul Exp), Sum, (Sqrt Mul)"},
    {"the result of another op within", {small()},
     [](const Tensors& a) {
       const Tensor t = op("Exp", {a[0]}), s = op("Sum", {t, i32({1}, {0})});
       return Tensors{op("Neg", {t / s})};
     },
     "Exp, Sum, (RealDiv Neg)"},
    {"conditions and casts between sizes", {small()},
     [](const Tensors& a) {
       const Tensor kept = cast(op("GreaterEqual", {a[0], num(0)}), DType::f32);
       const Tensor less = op("Less", {a[0], num(1)});
       return Tensors{op("SelectV2", {less, a[0] * kept, kept})};
     },
     "(GreaterEqual Cast Less Mul SelectV2)"},
    {"two chains that meet", {small(), ramp({3, 4}, 2, 1)},
     [](const Tensors& a) {
       const Tensor e = op("Exp", {a[0]}), l = op("Log", {a[1]});
       return Tensors{e * l - num(1)};
     }, "(Exp Log Mul Sub)"},
    {"a smaller shape is a chain of its own", {small(), ramp({4}, 1, 1)},
     [](const Tensors& a) {
       const Tensor row = op("Exp", {op("Neg", {a[1]})}), all = op("Exp", {op("Neg", {a[0]})});
       return Tensors{all * row};
     },
     "(Neg Exp), (Neg Exp Mul)"},
    {"a narrow dtype rounds after every op", {cast(small(), DType::f16)},
     [](const Tensors& a) { return Tensors{op("Exp", {a[0] * a[0]})}; }, "Mul, Exp"},
    {"an op that can fail", {i32({2}, {7, 9}), i32({2}, {2, 4})},
     [](const Tensors& a) { return Tensors{op("Neg", {op("FloorDiv", {a[0], a[1]})})}; }, "FloorDiv, Neg"},
    {"one op alone", {small()}, [](const Tensors& a) { return Tensors{op("Exp", {a[0]})}; }, "Exp"},
    {"nothing to do", {Tensor::of<float>({0, 4}, {})},
     [](const Tensors& a) { return Tensors{op("Exp", {a[0] * num(2)})}; }, "Mul, Exp"},
    {"a sum over no axes is its input", {small()},
     [](const Tensors& a) { return Tensors{op("Sum", {a[0] * num(2), Tensor::of<int32_t>({0}, {})}) + num(1)}; },
     "(Mul AddV2)"},
}; }

TEST(Fusion, GivesTheSameBits) {
  for (const Row& row : rows()) {
    std::vector<TensorSpec> specs;
    for (const Tensor& t : row.arguments) specs.push_back({t.shape(), t.dtype(), {}});
    const FunctionRef function = trace("f", specs, row.body);
    EXPECT_EQ(plan_of(function, row.arguments), row.plan) << row.what;
    const Tensors apart = run_apart(function, row.arguments);
    for (int again = 0; again < 2; ++again) {
      const Tensors fused = function->call(row.arguments);
      ASSERT_EQ(fused.size(), apart.size()) << row.what;
      for (size_t i = 0; i < fused.size(); ++i) {
        ASSERT_TRUE(fused[i].shape() == apart[i].shape()) << row.what;
        EXPECT_EQ(std::memcmp(fused[i].data(), apart[i].data(), fused[i].bytes()), 0) << row.what << ", result " << i;
      }
    }
  }
}

// A result takes the place of an input that nothing reads any more, and of no other.
TEST(Fusion, WorksInPlaceWhereTheInputDies) {
  const int64_t n = 4096;
  const Tensor x = ramp({3, n}, -1, 0.001f);
  const std::vector<TensorSpec> specs{{x.shape(), x.dtype(), "x"}};
  const auto total = [](const Tensor& t) { return op("Sum", {t, i32({1}, {0})}); };
  const FunctionRef dies = trace("f", specs, [&](const Tensors& a) { return Tensors{total(op("Exp", {total(a[0])}))}; });
  const FunctionRef lives = trace("f", specs, [&](const Tensors& a) {
    const Tensor t = total(a[0]), e = op("Exp", {t});
    return Tensors{total(e), total(t)};
  });
  const FunctionRef shared = trace("f", specs, [&](const Tensors& a) {   // through another shape
    const Tensor t = total(a[0]), e = op("Exp", {t});
    return Tensors{total(e), total(op("Reshape", {t, i32({2}, {2, 2048})}))};
  });
  const auto one = static_cast<size_t>(n) * sizeof(float);
  EXPECT_LT(graph::Plan(graph::concrete(dies), inputs_of(dies, {x})).slab_bytes(), 2 * one);
  EXPECT_GE(graph::Plan(graph::concrete(lives), inputs_of(lives, {x})).slab_bytes(), 2 * one);
  const Tensor t = total(x);
  EXPECT_EQ(values(dies->call(Tensors{x})[0]), values(total(op("Exp", {t}))));
  EXPECT_EQ(values(lives->call(Tensors{x})[1]), values(total(t)));
  EXPECT_EQ(values(shared->call(Tensors{x})[1]), values(total(op("Reshape", {t, i32({2}, {2, 2048})}))));
}

// A write between two reads: the ops before it stay before it.
TEST(Fusion, NothingCrossesAnEffect) {
  const Variable v(f32({2}, {1, 2}), {.name = "v"});
  const FunctionRef function = trace("f", {}, [&](const Tensors&) {
    const Tensor before = op("Exp", {v.read() * num(0.5f)});
    v.assign_add(f32({2}, {10, 10}));
    return Tensors{op("Sqrt", {before}) + num(1), v.read()};
  });
  EXPECT_EQ(plan_of(function, {}), "ReadVariableOp, (Mul Exp), AssignAddVariableOp, (Sqrt AddV2), ReadVariableOp");
  EXPECT_EQ(values(function->call({})[1]), (std::vector<double>{11, 12}));
}

// Longer than a chain may be: several chains, the same numbers.
TEST(Fusion, LongChainsAreCut) {
  const FunctionRef function = trace("f", std::vector<TensorSpec>{{{3, 4}, DType::f32, "x"}}, [](const Tensors& a) {
    Tensor t = a[0];
    for (int i = 0; i < 60; ++i) t = i % 2 ? op("Sin", {t}) : t * num(1.25f) + a[0];
    return Tensors{t};
  });
  const Tensors apart = run_apart(function, {small()}), fused = function->call(Tensors{small()});
  EXPECT_EQ(std::memcmp(fused[0].data(), apart[0].data(), fused[0].bytes()), 0);
}

}  // namespace
}  // namespace ninefold
