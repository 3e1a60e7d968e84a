// In: functions with branches and loops on a GPU (emulated, or a card). Out: one graph that decides by itself, with the numbers of the
// ops one by one; or why there is none.
#include "ninefold/function.h"
#include "ninefold/grad.h"
#include "step_runs.h"

namespace ninefold {
namespace {

Tensor total(const Tensor& x) { return op("Sum", {x, Tensor::of<int32_t>({1}, {0})}); }
Tensor positive(const Tensor& x) { return op("Greater", {total(x), Tensor(0.0f)}); }
Tensor drawn(int seed, int64_t n = 4) {
  return op("RandomUniform", {Tensor::of<int32_t>({1}, {static_cast<int32_t>(n)})}, {{"dtype", DType::f32}, {"seed", seed}, {"seed2", 9}});
}
// As often as the sum of x tells, modulo 5.
Tensor times(const Tensor& x) { return op("FloorMod", {op("Abs", {total(x)}), Tensor(5.0f)}); }
Tensors repeated(const Tensor& n, Tensors state, const Body& body) {
  state.insert(state.begin(), Tensor(0.0f));
  const Tensors end = while_loop([&](const Tensors& s) { return op("Less", {s[0], n}); }, [&](const Tensors& s) {
    Tensors next = body({s.begin() + 1, s.end()});
    next.insert(next.begin(), s[0] + Tensor(1.0f));
    return next;
  }, std::move(state));
  return {end.begin() + 1, end.end()};
}

struct FlowRow { const char* what; Tensors first; std::function<Body()> make; };
TEST_F(Gpu, BranchesAndLoopsOfAStepGiveTheNumbersOfTheirOps) {
  const Tensor x = whole(DType::f32, {4});
  const auto plain = [](Body b) { return [b = std::move(b)] { return b; }; };
  const FlowRow rows[] = {
      {"a branch with results", {x}, plain([](const Tensors& a) {
         return cond(positive(a[0]), [&] { return Tensors{a[0] + a[0], Tensor(1.0f)}; }, [&] { return Tensors{a[0], total(a[0])}; });
       })},
      {"branches in branches", {x, x}, plain([](const Tensors& a) {
         return cond(positive(a[0]), [&] {
           return cond(positive(a[1]), [&] { return Tensors{a[0] * a[1]}; }, [&] { return Tensors{a[0] - a[1]}; });
         }, [&] { return Tensors{op("Cumsum", {a[1], Tensor(int32_t{0})})}; });
       })},
      {"a branch that wants more memory", {x}, plain([](const Tensors& a) {
         return cond(positive(a[0]), [&] { return Tensors{total(a[0])}; }, [&] {
           const Tensor many = op("Tile", {a[0], Tensor::of<int32_t>({1}, {1 << 12})});
           return Tensors{total(op("Cumsum", {op("Cumsum", {many * many, Tensor(int32_t{0})}), Tensor(int32_t{0})}))};
         });
       })},
      {"constants in a branch", {whole(DType::f32, {700})}, [] {
         const Tensor big = whole(DType::f32, {700});
         return [=](const Tensors& a) { return cond(positive(a[0]), [&] { return Tensors{a[0] * big}; }, [&] { return Tensors{a[0] + Tensor(2.0f)}; }); };
       }},
      {"a loop", {x}, plain([](const Tensors& a) {
         return repeated(times(a[0]), {a[0]}, [&](const Tensors& s) { return Tensors{s[0] + a[0] * Tensor(0.5f)}; });
       })},
      {"variables that change places", {x, x}, plain([](const Tensors& a) {
         return repeated(times(a[0]), {a[0], a[1], a[0]}, [](const Tensors& s) { return Tensors{s[1], s[0] + s[1], op("Reshape", {s[0], Tensor::of<int32_t>({1}, {4})})}; });
       })},
      {"a counter of int32, and a limit", {x}, plain([](const Tensors& a) {
         WhileOptions most;
         most.maximum_iterations = 3;
         const Tensors end = while_loop([&](const Tensors& s) { return op("Less", {s[0], op("Cast", {times(a[0])}, {{"DstT", DType::i32}})}); },
                                        [](const Tensors& s) { return Tensors{s[0] + Tensor(int32_t{1}), s[1] * Tensor(2.0f)}; }, {Tensor(int32_t{0}), a[0]}, most);
         return Tensors{end[1], op("Cast", {end[0]}, {{"DstT", DType::f32}})};
       })},
      {"branches in loops in loops", {x}, plain([](const Tensors& a) {
         return repeated(times(a[0]), {a[0]}, [&](const Tensors& s) {
           return repeated(times(s[0]), {s[0]}, [&](const Tensors& t) {
             return cond(positive(t[0]), [&] { return Tensors{t[0] - a[0]}; }, [&] { return Tensors{t[0] * Tensor(0.5f) + Tensor(1.0f)}; });
           });
         });
       })},
      {"loops in a branch", {x}, plain([](const Tensors& a) {
         return cond(positive(a[0]), [&] { return repeated(times(a[0]), {a[0]}, [](const Tensors& s) { return Tensors{s[0] + s[0]}; }); },
                     [&] { return Tensors{op("Neg", {a[0]})}; });
       })},
      {"a product in a loop", {whole(DType::f32, {3, 3}), x}, plain([](const Tensors& a) {
         return repeated(times(a[1]), {a[0]}, [&](const Tensors& s) { return Tensors{op("MatMul", {s[0], a[0]}) - s[0]}; });
       })},
      {"gradients through branches", {x, x}, plain([](const Tensors& a) {
         GradientTape tape;
         tape.watch(a[0]);
         tape.watch(a[1]);
         const Tensors y = cond(positive(a[0]), [&] { return Tensors{a[0] * a[0] * a[1]}; }, [&] {
           return cond(positive(a[1]), [&] { return Tensors{a[0] * a[1]}; }, [&] { return Tensors{op("Exp", {a[0] * Tensor(0.25f)})}; });
         });
         const std::vector<Tensor> g = tape.gradient({total(y[0])}, {a[0], a[1]});
         return Tensors{y[0], g[0], g[1]};
       })},
      {"numbers drawn in branches and loops", {x}, plain([](const Tensors& a) {
         const Tensor before = drawn(1);
         const Tensors y = cond(positive(a[0]), [&] { return Tensors{drawn(2) + drawn(3)}; }, [&] { return Tensors{a[0]}; });
         const Tensors z = repeated(times(a[0]), {a[0]}, [](const Tensors& s) {
           const Tensors more = cond(positive(s[0]), [&] { return Tensors{s[0] - drawn(5)}; }, [&] { return Tensors{s[0] + drawn(5) + drawn(6)}; });
           return Tensors{more[0] + drawn(4)};
         });
         return Tensors{before, y[0], z[0], drawn(7)};
       })},
      {"variables written in branches and loops", {x}, [] {
         struct Model { Variable sum{Tensor::of<float>({4}, {1, 2, 3, 4})}, count{Tensor(0.0f)}, rate{Tensor(0.5f)}; };
         const auto m = std::make_shared<Model>();
         return [m](const Tensors& a) {
           const Tensors y = repeated(times(a[0]), {a[0]}, [&](const Tensors& s) {
             m->sum.assign_add(s[0] * m->rate.read());
             return cond(positive(s[0]), [&] {
               m->count.assign(m->count.read() + Tensor(1.0f));
               return Tensors{s[0] - Tensor(1.0f)};
             }, [&] { return Tensors{op("Cumsum", {m->sum.read(), Tensor(int32_t{0})})}; });
           });
           return Tensors{y[0], m->sum.read(), m->count.read() + Tensor(0.0f)};
         };
       }},
  };
  for (const FlowRow& r : rows) same_steps(r.what, r.first, r.make, 9);
}

// Both ways, an odd number of times, none at all: what each asks of the card is decided there.
TEST_F(Gpu, AGraphFollowsItsInputs) {
  Runs run({Tensor(0.0f)}, [](const Tensors& a) {
    const Tensors end = repeated(a[0], {Tensor(0.0f), Tensor(1.0f)}, [](const Tensors& s) {
      const Tensors odd = cond(op("Equal", {op("FloorMod", {s[0], Tensor(2.0f)}), Tensor(0.0f)}), [&] { return Tensors{s[1] * Tensor(3.0f)}; },
                               [&] { return Tensors{s[1] + Tensor(1.0f)}; });
      return Tensors{s[0] + Tensor(1.0f), odd[0]};
    });
    return end;
  });
  for (int i = 0; i < 4; ++i) run({Tensor(0.0f)});     // captured though neither the loop nor a branch was entered
  EXPECT_EQ(run.state(), "captured");
  for (int n : {3, 0, 1, 7, 2, 0}) {
    float want = 1;
    for (int i = 0; i < n; ++i) want = i % 2 ? want + 1 : want * 3;
    const Tensors got = run({Tensor(static_cast<float>(n))});
    EXPECT_EQ(got[0].as<float>()[0], static_cast<float>(n));
    EXPECT_EQ(got[1].as<float>()[0], want) << n;
  }
  EXPECT_EQ(run.state(), "captured");
}

// What a branch that was not taken keeps for its gradient is nothing: no gradient from outside of the function may count on its shape.
TEST_F(Gpu, GradientsFromOutsideFollowTheBranchThatWasTaken) {
  const Tensor x = Tensor::of<float>({3}, {1, 2, 3}), minus = op("Neg", {x});
  const FunctionRef f = traced({x}, [](const Tensors& a) {
    return cond(positive(a[0]), [&] { return Tensors{total(a[0] * a[0])}; }, [&] { return Tensors{total(op("Exp", {a[0]}))}; });
  });
  for (int i = 0; i < 8; ++i) {
    const Tensor& at = i % 3 ? x : minus;
    GradientTape tape;
    tape.watch(at);
    const Tensor y = f->call(std::vector<Tensor>{at})[0];
    expect_near(tape.gradient({y}, {at})[0], i % 3 ? x + x : op("Exp", {minus}), 16, "gradient " + std::to_string(i));
  }
}

// set_seed begins the streams within branches and loops anew, too.
TEST_F(Gpu, SeedsReachBranchesAndLoops) {
  const Tensor x = Tensor::of<float>({4}, {1, 1, 1, 0});
  set_seed(3);
  Runs run({x}, [](const Tensors& a) { return repeated(times(a[0]), {a[0]}, [](const Tensors& s) { return Tensors{s[0] * Tensor(0.5f) + drawn(4)}; }); });
  std::vector<Tensor> first, second;
  for (int round = 0; round < 2; ++round) {
    run.f->call(std::vector<Tensor>{x});               // the function's own streams begin where the seed says
    set_seed(3);
    for (int i = 0; i < 5; ++i) (round ? second : first).push_back(run({x})[0]);
  }
  EXPECT_EQ(run.state(), "captured");
  for (size_t i = 0; i < first.size(); ++i) expect_near(second[i], first[i], 0, "after a seed, step " + std::to_string(i));
  EXPECT_NE(std::memcmp(first[0].data(), first[1].data(), 16), 0);
}

struct RefusedRow { const char* what; Tensors arguments; Body body; const char* state; };
TEST_F(Gpu, BranchesAndLoopsThatCannotBeGraphsSayWhy) {
  const Tensor x = whole(DType::f32, {4});
  const RefusedRow rows[] = {
      {"lists that grow", {x}, [](const Tensors& a) {
         GradientTape tape;
         tape.watch(a[0]);
         const Tensor y = repeated(Tensor(2.0f), {a[0]}, [](const Tensors& s) { return Tensors{s[0] * s[0]}; })[0];
         return Tensors{tape.gradient({total(y)}, {a[0]})[0]};
       }, "StatelessWhile keeps lists, which grow"},
      {"a shape that grows", {x}, [](const Tensors& a) {
         WhileOptions any;
         any.shape_invariants = {Shape{}, Shape{-1}};
         return Tensors{total(while_loop([](const Tensors& s) { return op("Less", {s[0], Tensor(2.0f)}); }, [](const Tensors& s) {
           return Tensors{s[0] + Tensor(1.0f), op_all("ConcatV2", std::vector<Tensor>{s[1], s[1], Tensor(int32_t{0})}, std::vector<NamedAttr>{{"N", 2}})[0]};
         }, {Tensor(0.0f), a[0]}, any)[1])};
       }, "StatelessWhile gives sizes that follow from data"},
      {"branches of two shapes", {x}, [](const Tensors& a) {
         return Tensors{total(cond(positive(a[0]), [&] { return Tensors{a[0]}; }, [&] { return Tensors{op("Reshape", {total(a[0]), Tensor::of<int32_t>({1}, {1})})}; })[0])};
       }, "StatelessIf gives sizes that follow from data"},
      {"printing in a branch", {x}, [](const Tensors& a) {
         return cond(positive(a[0]), [&] {
           op_all("PrintV2", std::vector<Tensor>{Tensor::of_string("")}, std::vector<NamedAttr>{{"output_stream", "stderr"}, {"end", ""}});
           return Tensors{a[0]};
         }, [&] { return Tensors{a[0] + a[0]}; });
       }, "If enters a function: PrintV2 acts on the world"},
      {"an op of the host in a loop", {x}, [](const Tensors& a) {
         return repeated(times(a[0]), {a[0]}, [](const Tensors& s) { return Tensors{op("RandomShuffle", {s[0]})}; });
       }, "While enters a function: RandomShuffle has no kernel for GPUs"},
      {"an axis that the card counts", {x}, [](const Tensors& a) {
         return Tensors{while_loop([](const Tensors& s) { return op("Less", {s[0], Tensor(int32_t{1})}); }, [](const Tensors& s) {
           return Tensors{s[0] + Tensor(int32_t{1}), op("Cumsum", {s[1], s[0]})};
         }, {Tensor(int32_t{0}), a[0]})[1]};
       }, "StatelessWhile enters a function: Cumsum reads on the host what the card computes"},
  };
  for (const RefusedRow& r : rows) {
    graph::set_step_graphs(false);
    set_seed(5);
    std::vector<Tensors> want;
    {
      Runs apart(r.arguments, r.body);
      for (int i = 0; i < 5; ++i) want.push_back(apart(r.arguments));
    }
    graph::set_step_graphs(true);
    set_seed(5);
    Runs run(r.arguments, r.body);
    for (size_t i = 0; i < 5; ++i) {
      const Tensors got = run(r.arguments);
      for (size_t k = 0; k < got.size(); ++k)
        if (std::string(r.what) != "an op of the host in a loop") expect_near(got[k], want[i][k], 0, r.what);
    }
    EXPECT_EQ(run.state(), r.state) << r.what;
  }
}

// A variable whose old value somebody holds goes elsewhere when it is written: not while that is captured.
TEST_F(Gpu, ABranchThatMovesItsVariableIsNoGraph) {
  const Variable v(Tensor::of<float>({4}, {1, 2, 3, 4}));
  const Tensor down = Tensor::of<float>({4}, {-1, 0, 0, 0}), up = Tensor::of<float>({4}, {1, 0, 0, 0});
  Runs run({down}, [&](const Tensors& a) {
    return cond(positive(a[0]), [&] {
      const Tensor old = v.read();
      v.assign_add(a[0]);
      return Tensors{op("Cumsum", {old, Tensor(int32_t{0})})};
    }, [&] { return Tensors{a[0]}; });
  });
  for (int i = 0; i < 12; ++i) expect_near(run({down})[0], down, 0, "not taken");
  EXPECT_EQ(run.state(), "If: a variable is written while its old value is read");
  EXPECT_EQ(v.read().as<float>()[0], 1) << "it is where it was";
  EXPECT_EQ(run({up})[0].as<float>()[3], 10);
  EXPECT_EQ(v.read().as<float>()[0], 2);
}

TEST_F(Gpu, DriversWithoutConditionsRunOpByOp) {
  if (!device::build().targets.starts_with("emulated")) GTEST_SKIP() << "a card has them or not";
  setenv("NINEFOLD_EMULATED_WITHOUT_CONDITIONS", "1", 1);
  const Tensor x = Tensor::of<float>({4}, {1, 2, 3, 1});
  Runs run({x}, [](const Tensors& a) { return repeated(times(a[0]), {a[0]}, [](const Tensors& s) { return Tensors{s[0] + s[0]}; }); });
  for (int i = 0; i < 5; ++i) EXPECT_EQ(run({x})[0].as<float>()[2], 12) << i;
  unsetenv("NINEFOLD_EMULATED_WITHOUT_CONDITIONS");
  EXPECT_EQ(run.state(), "StatelessWhile enters a function: graphs have branches and loops since CUDA 12.4");
}

TEST_F(Gpu, BranchesAndLoopsGiveTheirMemoryBack) {
  const int64_t before = device::memory_of_gpu(0).current;
  {
    const Tensor x = whole(DType::f32, {1000}), big = whole(DType::f32, {1000});
    Runs run({x}, [&](const Tensors& a) { return repeated(times(a[0]), {a[0]}, [&](const Tensors& s) { return Tensors{op("Cumsum", {s[0] * big, Tensor(int32_t{0})})}; }); });
    for (int i = 0; i < 6; ++i) run({x});
    EXPECT_EQ(run.state(), "captured");
  }
  EXPECT_EQ(device::memory_of_gpu(0).current, before);
}

}  // namespace
}  // namespace ninefold
