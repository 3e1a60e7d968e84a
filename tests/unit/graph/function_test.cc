// In: functions of ops. Out: the same values traced as eagerly, state that lasts, derivatives from outside.
#include "ninefold/function.h"

#include <gtest/gtest.h>

#include <thread>

#include "../engine/op_rows.h"
#include "ninefold/grad.h"

namespace ninefold {
namespace {

using namespace testing;

FunctionRef traced(const std::vector<TensorSpec>& specs, const std::function<Tensors(const Tensors&)>& body) {
  return trace("f", specs, body);
}
double one(const Tensors& t) { return t.at(0).float_at(0); }

TEST(Function, RunsForEveryShapeItsSpecAllows) {
  int traces = 0;
  const FunctionRef f = traced({{{-1, 2}, DType::f32, "x"}}, [&](const Tensors& a) {
    ++traces;
    EXPECT_EQ(a[0].shape().tuple(), "(None, 2)");
    return Tensors{a[0] * a[0] + Tensor(1.0f), op("Sum", {a[0], i32({1}, {0})})};
  });
  EXPECT_EQ(f->outputs()[0].shape.tuple(), "(None, 2)");
  for (int64_t rows : {1, 3, 0, 3}) {
    const std::vector<float> v(static_cast<size_t>(2 * rows), 3);
    const Tensor x = Tensor::of<float>({rows, 2}, v);
    const Tensors y = f->call({&x, 1});
    EXPECT_TRUE(y[0].shape() == Shape({rows, 2}));
    EXPECT_EQ(values(y[0]), std::vector<double>(static_cast<size_t>(2 * rows), 10));
    EXPECT_EQ(values(y[1]), std::vector<double>(2, 3.0 * static_cast<double>(rows)));
  }
  EXPECT_EQ(traces, 1);
}

TEST(Function, ReadsAndWritesVariablesInTheOrderOfTheProgram) {
  const Variable v(f32({2}, {1, 2}), {.name = "v"});
  const FunctionRef f = traced({}, [&](const Tensors&) {
    const Tensor before = v.read();
    v.assign_add(f32({2}, {10, 10}));
    const Tensor between = v.read();
    v.assign(before * Tensor(2.0f));
    return Tensors{before, between, v.read()};
  });
  const Tensors y = f->call({});
  EXPECT_EQ(values(y[0]), (std::vector<double>{1, 2}));
  EXPECT_EQ(values(y[1]), (std::vector<double>{11, 12}));
  EXPECT_EQ(values(y[2]), (std::vector<double>{2, 4}));
  EXPECT_EQ(values(f->call({})[2]), (std::vector<double>{4, 8}));
  EXPECT_EQ(values(v.read()), (std::vector<double>{4, 8}));
  EXPECT_EQ(f->captures().size(), 1u);
}

TEST(Function, TapeInsideTheBody) {
  const Variable w(f32({2, 1}, {0.5f, -0.5f}));
  const FunctionRef step = traced({{{2, 2}, DType::f32, "x"}}, [&](const Tensors& a) {
    GradientTape tape;
    const Tensor y = op("MatMul", {a[0], w});
    const Tensor loss = op("Sum", {y * y, i32({2}, {0, 1})});
    const Tensors g = tape.gradient(loss, std::vector<Variable>{w});
    w.assign_sub(g[0] * Tensor(0.125f));
    return Tensors{loss, g[0]};
  });
  const Tensor x = f32({2, 2}, {1, 0, 0, 2});
  const Tensors y = step->call({&x, 1});
  EXPECT_EQ(values(y[0]), (std::vector<double>{1.25}));
  EXPECT_EQ(values(y[1]), (std::vector<double>{1, -4}));
  EXPECT_EQ(values(w.read()), (std::vector<double>{0.375, 0}));
}

TEST(Function, IsDifferentiatedFromOutsideTwice) {
  const FunctionRef cube = traced({{{}, DType::f64, "x"}}, [](const Tensors& a) { return Tensors{a[0] * a[0] * a[0]}; });
  const Tensor x(3.0);
  GradientTape outer;
  outer.watch(x);
  Tensor dy;
  {
    GradientTape inner;
    inner.watch(x);
    const Tensor y = cube->call({&x, 1})[0];
    EXPECT_EQ(y.item<double>(), 27);
    dy = inner.gradient({y}, {x})[0];
  }
  EXPECT_DOUBLE_EQ(dy.item<double>(), 27);
  EXPECT_DOUBLE_EQ(outer.gradient({dy}, {x})[0].item<double>(), 18);
}

TEST(Function, GivesGradientsOfItsVariablesAndCaptures) {
  const Variable w(f32({}, {2}));
  const Tensor outside(5.0f);
  GradientTape tape;
  tape.watch(outside);
  const FunctionRef f = traced({{{}, DType::f32, "x"}}, [&](const Tensors& a) { return Tensors{a[0] * w * outside}; });
  const Tensor x(3.0f);
  tape.watch(x);
  const Tensor y = f->call({&x, 1})[0];
  const Tensors g = tape.gradient({y}, {x, w.handle(), outside});
  EXPECT_EQ(g[0].item<float>(), 10);
  EXPECT_EQ(g[1].item<float>(), 15);
  EXPECT_EQ(g[2].item<float>(), 6);
}

TEST(Function, CalledWithinAnotherTraceJoinsIt) {
  const Variable n(f32({}, {0}));
  const FunctionRef inner = traced({{{}, DType::f32, "x"}}, [&](const Tensors& a) {
    n.assign_add(Tensor(1.0f));
    return Tensors{a[0] * a[0]};
  });
  const FunctionRef outer = traced({{{}, DType::f32, "x"}}, [&](const Tensors& a) {
    GradientTape tape;
    tape.watch(a[0]);
    const Tensor y = inner->call(inner->call(a))[0];
    return Tensors{tape.gradient({y}, {a[0]})[0]};
  });
  const Tensor x(2.0f);
  EXPECT_EQ(one(outer->call({&x, 1})), 32);
  EXPECT_EQ(n.read().item<float>(), 2);
}

// What a second derivative runs once more draws the numbers of the first run, also if other runs came between.
TEST(Function, SecondDerivativesDrawTheSameNumbers) {
  set_seed(7);
  const FunctionRef f = traced({{{}, DType::f32, "x"}}, [](const Tensors& a) {
    const auto [seed, seed2] = op_seeds(5);
    const Tensor y = a[0] * op("RandomUniform", {i32({0}, {})}, {{"dtype", DType::f32}, {"seed", seed}, {"seed2", seed2}});
    return Tensors{y * y};
  });
  for (int call = 0; call < 3; ++call) {
    const Tensor x(3.0f);
    GradientTape outer;
    outer.watch(x);
    Tensor y, slope;
    {
      GradientTape inner;
      inner.watch(x);
      y = f->call({&x, 1})[0];
      f->call({&x, 1});
      slope = inner.gradient({y}, {x})[0];
    }
    const double drawn = one({y}) / 9;   // its square
    EXPECT_NEAR(one({slope}), 6 * drawn, 1e-5);
    EXPECT_NEAR(one(outer.gradient({slope}, {x})), 2 * drawn, 1e-5);
  }
}

// tf29-random.md 2.4: a function of three uniform([2]) after set_seed(7), called twice.
TEST(Function, RandomStreamsAreItsOwnAndRestartWithTheSeed) {
  set_seed(7);
  auto uniform = [] {
    const auto [seed, seed2] = op_seeds(std::nullopt);
    return op("RandomUniform", {i32({1}, {2})}, {{"dtype", DType::f32}, {"seed", seed}, {"seed2", seed2}});
  };
  const FunctionRef f = traced({}, [&](const Tensors&) { return Tensors{uniform(), uniform(), uniform()}; });
  const std::vector<std::vector<float>> first = {{.7537285f, .0779376f}, {.46037483f, .9285182f}, {.2800094f, .68686736f}};
  const std::vector<std::vector<float>> second = {{.39710164f, .6849351f}, {.74075186f, .29213786f}, {.8908981f, .5970242f}};
  for (const auto& want : {first, second, first}) {
    const Tensors y = f->call({});
    for (size_t i = 0; i < 3; ++i)
      for (int64_t k = 0; k < 2; ++k) EXPECT_FLOAT_EQ(y[i].as<float>()[k], want[i][static_cast<size_t>(k)]);
    if (want == second) set_seed(8);
  }
}

TEST(Function, RunsInManyThreads) {
  const Variable w(f32({2}, {1, 2}));
  const FunctionRef f = traced({{{2}, DType::f32, "x"}}, [&](const Tensors& a) { return Tensors{a[0] * w + a[0]}; });
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        const float v = static_cast<float>(t * 1000 + i);
        const Tensor x = f32({2}, {v, v});
        if (values(f->call({&x, 1})[0]) != std::vector<double>{2 * v, 3 * v}) ++wrong;
      }
    });
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Function, ASymbolDoesNotLeaveItsTrace) {
  Tensor kept;
  traced({{{}, DType::f32, "x"}}, [&](const Tensors& a) { kept = a[0] + a[0]; return Tensors{kept}; });
  try {
    traced({}, [&](const Tensors&) { return Tensors{kept + kept}; });
    ADD_FAILURE() << "no error";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::type);
    EXPECT_TRUE(e.message().starts_with("<tf.Tensor 'tensor:0' shape=() dtype=float32> is out of scope and cannot be used "
                                        "here. Use return values, explicit Python locals")) << e.message();
    EXPECT_TRUE(e.message().ends_with("because it was defined in a function that is gone, which is out of scope."));
  }
}

TEST(Traced, TracesOnceASignature) {
  const Traced f([](const Tensors& a) { return Tensors{a[0] + a[0]}; });
  EXPECT_EQ(one(f({Tensor(1.0f)})), 2);
  EXPECT_EQ(one(f({Tensor(2.0f)})), 4);
  EXPECT_EQ(one(f({Tensor(2.0)})), 4);
  EXPECT_EQ(one(f({f32({1}, {3})})), 6);
  EXPECT_EQ(f.tracing_count(), 3);
  const Traced wide([](const Tensors& a) { return Tensors{a[0] + a[0]}; }, {.name = "wide", .reduce_retracing = true});
  for (int64_t n = 1; n < 6; ++n) wide({Tensor::of<float>({n}, std::vector<float>(static_cast<size_t>(n), 1))});
  EXPECT_EQ(wide.tracing_count(), 2);
}

TEST(Traced, InitScopeRunsAtOnce) {
  Variable made;
  const Traced f([&](const Tensors& a) {
    EXPECT_FALSE(executing_eagerly());
    if (!made.defined()) {
      InitScope now;
      EXPECT_TRUE(executing_eagerly());
      made = Variable(Tensor(2.0f) + Tensor(3.0f));
    }
    return Tensors{a[0] * made};
  });
  EXPECT_EQ(one(f({Tensor(2.0f)})), 10);
}

}  // namespace
}  // namespace ninefold
