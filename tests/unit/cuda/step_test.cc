// In: functions that run again and again on a GPU (emulated, or a card). Out: one graph from the third run on, with the numbers
// of the ops one by one; what keeps a function from it; memory and variables that stay right.
#include <dlfcn.h>

#include <thread>

#include "base/slab.h"
#include "ninefold/grad.h"
#include "step_runs.h"

namespace ninefold {
namespace {

// ---- decisions ----

// Bytes that are asked for; below zero: what number -n asked for, from 1, is given back.
struct SlabRow { std::vector<int> steps; std::vector<size_t> offsets; size_t total; bool left; };
TEST(GpuPlans, MemoryOfAStepIsOneSlab) {
  const SlabRow rows[] = {
      {{}, {}, 0, false},
      {{100}, {0}, 256, true},
      {{0, -1, 256}, {0, 0}, 256, true},                                  // what was given back is given again
      {{100, 100, -2, -1, 100}, {0, 256, 0}, 512, true},
      {{1000, 10, -2, 300, -1}, {0, 1024, 1024}, 1536, true},             // into a hole, or behind
      {{256, 256, 256, -1, 512}, {0, 256, 512, 768}, 1280, true},         // the hole is too small
      {{256, 256, -1, -2}, {0, 256}, 512, false},
  };
  for (const SlabRow& r : rows) {
    Slab slab(256);
    std::vector<size_t> offsets;
    for (int s : r.steps) {
      if (s >= 0) offsets.push_back(slab.place(static_cast<size_t>(s)));
      else EXPECT_TRUE(slab.free(offsets[static_cast<size_t>(-s - 1)]));
    }
    EXPECT_EQ(offsets, r.offsets);
    EXPECT_EQ(slab.high(), r.total);
    EXPECT_EQ(slab.empty(), !r.left);
    EXPECT_FALSE(slab.free(100000));
  }
}

struct BlockRow { const char* what; Tensors arguments; Body body; const char* state; };
TEST_F(Gpu, StepsThatCannotBeGraphsSayWhy) {
  const Variable on_cpu(Tensor(int32_t{3}));
  const BlockRow rows[] = {
      {"only kernels", {some(DType::f32, {3, 4})}, [](const Tensors& a) { return Tensors{op("MatMul", {a[0], a[0]}, {{"transpose_b", true}})}; }, "captured"},
      {"printing", {some(DType::f32, {3})}, [](const Tensors& a) {
         op_all("PrintV2", std::vector<Tensor>{Tensor::of_string("x")}, std::vector<NamedAttr>{{"output_stream", "stderr"}});
         return Tensors{a[0] + a[0]};
       }, "PrintV2 acts on the world"},
      {"strings", {Tensor::of_string("a")}, [](const Tensors& a) { return Tensors{op("StringLength", {a[0]})}; }, "an input is string"},
      {"an op of the CPU", {some(DType::f32, {9})}, [](const Tensors& a) { return Tensors{op("RandomShuffle", {a[0]}) + a[0]}; }, "RandomShuffle has no kernel for GPUs"},
      {"a size that data tells", {some(DType::f32, {9})}, [](const Tensors& a) { return Tensors{op("Where", {op("Greater", {a[0], Tensor(0.0f)})})}; },
       "Where gives a size that follows from data"},
      {"a shape that the card computes", {numbers({2, 3})}, [](const Tensors& a) { return Tensors{op("Fill", {a[0], Tensor(1.0f)})}; },
       "Fill gives a size that follows from data"},
      {"an axis that is an input", {some(DType::f32, {2, 3}), Tensor(int32_t{1})}, [](const Tensors& a) { return Tensors{op("Cumsum", {a[0], a[1]})}; },
       "Cumsum reads on the host what the card computes"},
      {"int32 results", {numbers({1, 2})}, [](const Tensors& a) { return Tensors{a[0] + a[0]}; }, "a result is int32 and stays with the host"},
      {"two devices", {some(DType::f32, {3})}, [](const Tensors& a) {
         const Tensor twice = op("Cumsum", {a[0], Tensor(int32_t{0})});
         const device::Within second("/GPU:1");
         return Tensors{op("Sum", {twice, Tensor::of<int32_t>({1}, {0})})};
       }, "captured"},
      {"a function that calls another", {some(DType::f32, {3})}, [](const Tensors& a) {
         static const Traced f([](const Tensors& b) -> Tensors { return {op("Cumsum", {b[0], Tensor(int32_t{0})}), b[0]}; });
         const Tensors once = f({a[0]}), twice = f({once[0] + once[1]});
         return Tensors{twice[0], twice[1]};
       }, "captured"},
      {"a variable of the host", {some(DType::f32, {3})}, [&](const Tensors& a) { return Tensors{a[0] * a[0] + op("Cast", {on_cpu.read()}, {{"DstT", DType::f32}})}; }, ""},
  };
  for (const BlockRow& r : rows) {
    Runs run(r.arguments, r.body);
    for (int i = 0; i < 6; ++i) run(r.arguments);
    if (*r.state) EXPECT_EQ(run.state(), r.state) << r.what;
    else EXPECT_NE(run.state().find("lies on"), std::string::npos) << r.what << ": " << run.state();
  }
}

// ---- numbers ----

TEST_F(Gpu, StepsGiveTheNumbersOfTheirOps) {
  const Tensor w = whole(DType::f32, {8, 5}), b = whole(DType::f32, {5});
  same_steps("a layer", {whole(DType::f32, {6, 8})}, [&] {
    return [=](const Tensors& a) {
      const Tensor y = op("Relu", {op("BiasAdd", {op("MatMul", {a[0], w}), b})});
      return Tensors{y, op("Sum", {y, Tensor::of<int32_t>({1}, {1})}), a[0]};
    };
  });
  same_steps("a large constant and one of the host", {whole(DType::f32, {700})}, [&] {
    const Tensor big = whole(DType::f32, {700}), few = whole(DType::f32, {3});
    return [=](const Tensors& a) { return Tensors{op("Sum", {a[0] * big, Tensor::of<int32_t>({1}, {0})}) + op("Cumsum", {few, Tensor(int32_t{0})})}; };
  });
  // Seeded draws are those of the ops one by one; the stream goes on between replays.
  same_steps("dropout", {whole(DType::f32, {40})}, [&] {
    return [=](const Tensors& a) {
      const Tensor u = op("RandomUniform", {Tensor::of<int32_t>({1}, {40})}, {{"dtype", DType::f32}, {"seed", 3}, {"seed2", 4}});
      const Tensor n = op("RandomStandardNormal", {Tensor::of<int32_t>({1}, {40})}, {{"dtype", DType::f32}, {"seed", 3}, {"seed2", 9}});
      return Tensors{op("SelectV2", {op("Less", {u, Tensor(0.5f)}), a[0], n})};
    };
  });
}

// What a training step does: variables that are read and written, a counter of steps, a rate that follows from it.
TEST_F(Gpu, TrainingStepsGiveTheNumbersOfTheirOps) {
  same_steps("Adam", {whole(DType::f32, {6, 8}), whole(DType::f32, {6, 1})}, [] {
    struct Model {
      Variable w{whole(DType::f32, {8, 1}, 3)}, m{Tensor::zeros(DType::f32, {8, 1})}, v{Tensor::zeros(DType::f32, {8, 1})};
      Variable total{Tensor(0.0f)}, step{Tensor(int64_t{0})};
    };
    const auto model = std::make_shared<Model>();
    return [model](const Tensors& a) {
      const Model& s = *model;
      GradientTape tape;
      const Tensor error = op("MatMul", {a[0], s.w.read()}) - a[1];
      const Tensor loss = op("Mean", {error * error, Tensor::of<int32_t>({2}, {0, 1})});
      const Tensor gradient = tape.gradient({loss}, {s.w.handle()})[0];
      s.step.assign_add(Tensor(int64_t{1}));
      const Tensor t = op("Cast", {s.step.read()}, {{"DstT", DType::f32}});
      const Tensor rate = Tensor(0.1f) / op("Sqrt", {t});
      op_all("ResourceApplyAdam", std::vector<Tensor>{s.w.handle(), s.m.handle(), s.v.handle(), op("Pow", {Tensor(0.9f), t}), op("Pow", {Tensor(0.999f), t}),
                                                      rate, Tensor(0.9f), Tensor(0.999f), Tensor(1e-7f), gradient}, {});
      s.total.assign_add(loss);
      return Tensors{loss, s.total.read() / t, s.w.read()};
    };
  });
}

// Unique rows follow from data; on a GPU they are as many as there are indices, and no size does.
TEST_F(Gpu, StepsThatTrainRowsAreGraphs) {
  for (const DType index : {DType::i32, DType::i64})
    for (const bool scattered : {false, true})
      same_steps(scattered ? "rows that are added" : "rows with momentum", {whole(index, {12}, 6), whole(DType::f32, {12, 3})}, [=] {
        const auto table = std::make_shared<Variable>(whole(DType::f32, {9, 3})), momentum = std::make_shared<Variable>(Tensor::zeros(DType::f32, {9, 3}));
        return [=](const Tensors& a) {
          const Tensor ids = op("Abs", {a[0]});
          const Tensors unique = op_all("Unique", {{ids}});
          const Tensor sums = op("UnsortedSegmentSum", {a[1], unique[1], op("Size", {unique[0]})});
          if (scattered) op_all("ResourceScatterAdd", {{table->handle(), unique[0], sums * Tensor(2.0f) + Tensor(1.0f)}});
          else
            op_all("ResourceSparseApplyKerasMomentum", std::vector<Tensor>{table->handle(), momentum->handle(), Tensor(0.5f), sums, unique[0], Tensor(0.5f)}, {});
          return Tensors{table->read(), momentum->read()};
        };
      });
}

// What else reads the distinct elements sees their true number.
TEST_F(Gpu, StepsThatReadUniqueElementsDoNot) {
  const Tensor x = numbers({3, 1, 3, 2, 1}, DType::i64);
  Runs run({x}, [](const Tensors& a) { return Tensors{op_all("Unique", {{a[0]}})[0]}; });
  for (int i = 0; i < 4; ++i) expect_near(run({x})[0], numbers({3, 1, 2}, DType::i64), 0, "distinct");
  EXPECT_EQ(run.state(), "Unique gives a size that follows from data");
}

// A branch that only writes asks the card: nothing is written where the condition does not hold.
TEST_F(Gpu, StepsThatWriteOnAConditionAreGraphs) {
  const auto make = [] {
    struct Model {
      Variable w{whole(DType::f32, {4}, 3)}, m{Tensor::zeros(DType::f32, {4})}, rows{whole(DType::f32, {3, 2})}, scale{Tensor(8.0f)};
      Variable steps{Tensor(int64_t{0})}, skipped{Tensor(int64_t{0})};
    };
    const auto model = std::make_shared<Model>();
    return [model](const Tensors& a) {
      const Model& s = *model;
      const Tensor good = op("Greater", {op("Sum", {a[0], Tensor::of<int32_t>({1}, {0})}), Tensor(0.0f)});
      cond(good, [&] {
        op_all("ResourceApplyKerasMomentum", std::vector<Tensor>{s.w.handle(), s.m.handle(), Tensor(0.5f), a[0], Tensor(0.5f)}, {});
        op_all("ResourceScatterAdd", {{s.rows.handle(), Tensor::of<int64_t>({2}, {2, 0}), op("Reshape", {a[0], Tensor::of<int32_t>({2}, {2, 2})})}});
        s.scale.assign(s.scale.read() * Tensor(2.0f));
        s.steps.assign_add(Tensor(int64_t{1}));
        return Tensors{};
      }, [&] {
        s.scale.assign_sub(Tensor(1.0f));
        s.skipped.assign_add(Tensor(int64_t{1}));
        return Tensors{};
      });
      return Tensors{s.w.read(), s.m.read(), s.rows.read(), s.scale.read(), op("Cast", {s.steps.read()}, {{"DstT", DType::f32}}),
                     op("Cast", {s.skipped.read()}, {{"DstT", DType::f32}}), op("Cast", {good}, {{"DstT", DType::f32}})};
    };
  };
  const Tensor first = Tensor::of<float>({4}, {1, 1, 2, 1});
  const auto body = make();
  Runs run({first}, body);
  float w = -1, scale = 8, steps = 0, skipped = 0;
  for (int i = 0; i < 12; ++i) {
    const bool good = i % 3 != 1;
    const Tensor x = good ? first : Tensor::of<float>({4}, {-1, -1, -2, -1});
    const Tensors got = run({x});
    if (good) scale *= 2, ++steps;
    else scale -= 1, ++skipped;
    EXPECT_EQ(got[3].as<float>()[0], scale) << i;
    EXPECT_EQ(got[4].as<float>()[0], steps) << i;
    EXPECT_EQ(got[5].as<float>()[0], skipped) << i;
    EXPECT_EQ(i == 0 || got[2].as<float>()[0] == w, i == 0 || !good) << i << ": rows stay";
    w = got[2].as<float>()[0];
  }
  EXPECT_EQ(run.state(), "captured");
  same_steps("conditions", {whole(DType::f32, {4})}, make, 12);
}

// A step whose ops all wish for a GPU that is not the caller's.
TEST_F(Gpu, StepsOfAnotherGpuAreGraphsThere) {
  if (!gpu_device(1)) GTEST_SKIP() << "there is one GPU";
  std::unique_ptr<Variable> v;
  {
    const device::Within second("/GPU:1");
    v = std::make_unique<Variable>(Tensor::of<float>({3}, {1, 2, 3}));
  }
  const Tensor one = Tensor::of<float>({3}, {1, 1, 1});
  Runs run({one}, [&](const Tensors& a) {
    const device::Within second("/GPU:1");
    v->assign_add(a[0]);
    return Tensors{op("Cumsum", {v->read(), Tensor(int32_t{0})})};
  });
  for (int i = 0; i < 6; ++i) {
    const Tensor got = run({one})[0];
    EXPECT_EQ(got.as<float>()[2], static_cast<float>(6 + 3 * (i + 1))) << i;
    EXPECT_NE(got.device_name().find("GPU:1"), std::string::npos) << i;
  }
  EXPECT_EQ(run.state(), "captured");
}

// What is large comes through memory that the card reads by itself, and may be changed at once; what is small, and all where there
// is no such memory, the usual way.
TEST_F(Gpu, LargeInputsTravelBesideTheWork) {
  void* const library = dlopen(std::getenv("NINEFOLD_CUDA_LIBRARY"), RTLD_NOW | RTLD_NOLOAD);
  const auto count = library ? reinterpret_cast<int (*)()>(dlsym(library, "ninefold_emulated_staged")) : nullptr;
  const int64_t before = device::memory_of_gpu(0).current;
  for (const bool pinned : {true, false}) {
    if (!pinned && !count) continue;
    if (!pinned) setenv("NINEFOLD_EMULATED_WITHOUT_PINNED", "1", 1);
    for (const int64_t n : {int64_t{16383}, int64_t{16384}, int64_t{1} << 20}) {
      Tensor x = whole(DType::f32, {n});
      const int staged = count ? count() : 0;
      const Tensor there = on_device(x, *gpu_device());
      const float first = x.as<float>()[0], last = x.as<float>()[n - 1];
      static_cast<float*>(x.impl()->data)[0] = static_cast<float*>(x.impl()->data)[n - 1] = 77;
      EXPECT_EQ(there.as<float>()[0], first);
      EXPECT_EQ(there.as<float>()[n - 1], last);
      if (count) {
        EXPECT_EQ(count() - staged, pinned && n >= 16384) << n;
      }
    }
  }
  unsetenv("NINEFOLD_EMULATED_WITHOUT_PINNED");
  EXPECT_EQ(device::memory_of_gpu(0).current, before);
  const int staged = count ? count() : 0;
  same_steps("large inputs", {whole(DType::f32, {20000}), whole(DType::f32, {3})}, [] {
    return [](const Tensors& a) { return Tensors{op("Cumsum", {a[0], Tensor(int32_t{0})}), a[1] + a[1]}; };
  });
  if (count) {
    EXPECT_EQ(count() - staged, 14) << "one a step";
  }
}

TEST(GpuPlans, StepGraphsCanBeTurnedOff) {
  EXPECT_TRUE(graph::wants_step_graphs(nullptr));
  EXPECT_TRUE(graph::wants_step_graphs("1"));
  EXPECT_TRUE(graph::wants_step_graphs(""));
  EXPECT_FALSE(graph::wants_step_graphs("0"));
}

TEST_F(Gpu, StepsDrawFreshNumbersThoughNobodySeededThem) {
  const Tensor x = some(DType::f32, {50});
  Runs run({x}, [](const Tensors& a) { return Tensors{a[0] + op("RandomUniform", {Tensor::of<int32_t>({1}, {50})}, {{"dtype", DType::f32}})}; });
  std::vector<Tensor> drawn;
  for (int i = 0; i < 6; ++i) {
    drawn.push_back(run({x})[0]);
    for (int k = 0; k < i; ++k) EXPECT_NE(std::memcmp(drawn[static_cast<size_t>(k)].data(), drawn.back().data(), 4), 0) << i << " " << k;
  }
  EXPECT_EQ(run.state(), "captured");
}

// ---- variables ----

TEST_F(Gpu, StepsFollowVariablesThatMove) {
  const Variable v(Tensor::of<float>({3}, {1, 2, 3}));
  const Tensor one = Tensor::of<float>({3}, {1, 1, 1});
  Runs run({one}, [&](const Tensors& a) {
    v.assign_add(a[0]);
    return Tensors{op("Sum", {v.read(), Tensor::of<int32_t>({1}, {0})})};
  });
  float want = 6;
  const auto steps = [&](int n) {
    for (int i = 0; i < n; ++i) {
      want += 3;
      ASSERT_EQ(run({one})[0].as<float>()[0], want) << i;
    }
  };
  steps(5);
  EXPECT_EQ(run.state(), "captured");
  const Tensor held = v.read();              // a reader keeps what it read: the variable goes elsewhere
  const float before = want;
  steps(1);
  EXPECT_EQ(run.state(), "its variables move from run to run");
  steps(4);
  EXPECT_EQ(run.state(), "captured") << "anew";
  EXPECT_EQ(op("Sum", {held, Tensor::of<int32_t>({1}, {0})}).as<float>()[0], before) << "a read outlives the writes";
  v.assign(Tensor::of<float>({3}, {0, 0, 0}));
  want = 0;
  steps(2);
  EXPECT_EQ(run.state(), "captured") << "written where it lies";
}

// Variables that are arguments: the graph is that of one of them, others' runs go op by op.
TEST_F(Gpu, StepsAreForTheVariablesTheyWereCapturedWith) {
  auto a = std::make_unique<Variable>(Tensor::of<float>({2}, {1, 2}));
  const Variable b(Tensor::of<float>({2}, {10, 20}));
  Runs run({a->handle()}, [](const Tensors& in) {
    return Tensors{op("Neg", {op("Sum", {op("ReadVariableOp", {in[0]}, {{"dtype", DType::f32}}), Tensor::of<int32_t>({1}, {0})})})};
  });
  for (int i = 0; i < 4; ++i) EXPECT_EQ(run({a->handle()})[0].as<float>()[0], -3);
  EXPECT_EQ(run.state(), "captured");
  EXPECT_EQ(run({b.handle()})[0].as<float>()[0], -30);
  EXPECT_EQ(run({a->handle()})[0].as<float>()[0], -3);
  EXPECT_EQ(run.state(), "captured");
  a = std::make_unique<Variable>(Tensor::of<float>({2}, {5, 6}));
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(run({a->handle()})[0].as<float>()[0], -11);
    EXPECT_EQ(run.state(), i < 2 ? "its variables are gone" : "captured") << i;
  }
}

// ---- memory, threads, errors ----

TEST_F(Gpu, StepsGiveTheirMemoryBack) {
  const int64_t before = device::memory_of_gpu(0).current;
  {
    const Tensor x = some(DType::f32, {1000});
    Runs run({x}, [](const Tensors& a) { return Tensors{op("Cumsum", {op("Cumsum", {a[0], Tensor(int32_t{0})}), Tensor(int32_t{0})})}; });
    Tensors kept;
    for (int i = 0; i < 5; ++i) kept.push_back(run({x})[0]);
    EXPECT_EQ(run.state(), "captured");
    for (const Tensor& t : kept) expect_near(t, kept[0], 0, "results are nobody else's");
  }
  EXPECT_EQ(device::memory_of_gpu(0).current, before);
}

// A capture that comes to nothing is ended, and that run, as all others, is the ops'.
TEST_F(Gpu, CapturesThatFailLeaveTheOps) {
  const int64_t before = device::memory_of_gpu(0).current;
  const Variable v(Tensor(0.0f));
  {
    const Tensor x = whole(DType::f32, {10000});
    Runs run({x}, [&](const Tensors& a) {    // 40 KB that the host computes in each run
      const Tensor many = op("Cast", {op("Range", {Tensor(int32_t{0}), Tensor(int32_t{10000}), Tensor(int32_t{1})})}, {{"DstT", DType::f32}});
      v.assign_add(Tensor(1.0f));
      return Tensors{a[0] + many, v.read()};
    });
    for (int i = 0; i < 12; ++i) {
      const Tensors got = run({x});
      for (int64_t k : {0, 9999}) ASSERT_EQ(got[0].as<float>()[k], x.as<float>()[k] + static_cast<float>(k)) << i;
      ASSERT_EQ(got[1].as<float>()[0], static_cast<float>(i + 1)) << "written once a run";
    }
    EXPECT_NE(run.state().find("it brings large values from the host"), std::string::npos) << run.state();
  }
  EXPECT_EQ(device::memory_of_gpu(0).current - before, 4) << "the variable";
}

TEST_F(Gpu, StepsThatHaveNoRoomRunOpByOp) {
  if (!device::build().targets.starts_with("emulated")) GTEST_SKIP() << "takes all memory there is";
  const Tensor x = op("Fill", {Tensor::of<int32_t>({1}, {1 << 20}), Tensor(1.0f)});
  Runs run({x}, [](const Tensors& a) {
    const Tensor sum = op("Cumsum", {op("Cumsum", {a[0], Tensor(int32_t{0})}), Tensor(int32_t{0})});
    return Tensors{op("Max", {sum, Tensor::of<int32_t>({1}, {0})})};
  });
  run({x});
  run({x});                                  // measured: two sums of 4 MB are held at a time
  Tensors all;
  for (int64_t size : {int64_t{8} << 20, int64_t{1} << 19}) {
    try {
      for (;;) all.push_back(empty_on(*gpu_device(), DType::f32, {size}));
    } catch (const Error&) {
    }
  }
  all.resize(all.size() - 3);                // 6 MB: too little for the slab, enough with the slot of x
  EXPECT_NO_THROW(run({x}));
  EXPECT_NE(run.state().find("OOM when allocating"), std::string::npos) << run.state();
  all.clear();
  for (int i = 0; i < 4; ++i) run({x});
  EXPECT_EQ(run.state(), "captured") << "later there is room";
}

TEST_F(Gpu, StepsOfSeveralThreads) {
  const Tensor x = whole(DType::f32, {64});
  Runs run({x}, [](const Tensors& a) { return Tensors{op("Cumsum", {a[0] * a[0] + a[0], Tensor(int32_t{0})})}; });
  const Tensor want = run({x})[0];
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) {
        const Tensor got = run({x})[0], more = got + got;
        wrong += std::memcmp(got.data(), want.data(), want.bytes()) != 0 || more.as<float>()[0] != 2 * want.as<float>()[0];
      }
    });
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(wrong.load(), 0);
}

}  // namespace
}  // namespace ninefold
