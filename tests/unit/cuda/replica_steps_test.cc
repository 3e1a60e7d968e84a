// In: steps of replicas on several GPUs (emulated, or cards) that run again and again. Out: one graph on all of them, with the numbers
// of the ops one by one; what keeps a step from it; communicators that end take their graphs with them.
#include <thread>

#include "engine/device/cuda/library.h"
#include "ninefold/function.h"
#include "replicas.h"
#include "step_runs.h"

namespace ninefold::distribute {
namespace {

// What is captured belongs to the stream where that began: others join it, and are joined before the end.
struct CaptureRow {
  const char* what;
  std::function<int(const cuda::Table&, void* first, void* other)> between;   // the capture's beginning and end
  bool fits;
};
TEST_F(GpuReplicas, CapturesHaveWhatFollowsThemAndIsFollowed) {
  const cuda::Table& t = *cuda::table();
  void *contexts[2] = {}, *memory[2] = {};
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(t.open(i, &contexts[i]), 0);
    ASSERT_EQ(t.allocate(contexts[i], 256, &memory[i]), 0);
    ASSERT_EQ(t.wait(contexts[i]), 0);
  }
  const auto work = [&](int i) { return t.fill(contexts[i], memory[i], 1, 256); };
  const CaptureRow rows[] = {
      {"alone", [&](const cuda::Table&, void*, void*) { return work(0); }, true},
      {"another that is joined", [&](const cuda::Table& c, void* first, void* other) {
         int status = c.follow(other, first);
         if (!status) status = work(1);
         return status ? status : c.follow(first, other);
       }, true},
      {"another that nobody joins", [&](const cuda::Table& c, void* first, void* other) {
         const int status = c.follow(other, first);
         return status ? status : work(1);
       }, false},
      {"work behind what was joined", [&](const cuda::Table& c, void* first, void* other) {
         int status = c.follow(other, first);
         if (!status) status = c.follow(first, other);
         return status ? status : work(1);
       }, false},
      {"one that is no part of it", [&](const cuda::Table& c, void* first, void* other) { return c.follow(first, other); }, false},
  };
  for (const CaptureRow& row : rows) {
    SCOPED_TRACE(row.what);
    void* graph = nullptr;
    ASSERT_EQ(t.begin(contexts[0]), 0);
    const int status = row.between(t, contexts[0], contexts[1]), ended = t.end(contexts[0], true, &graph);
    EXPECT_EQ(status == 0 && ended == 0, row.fits) << status << " " << ended;
    EXPECT_EQ(graph != nullptr, row.fits);
    EXPECT_EQ(work(0), 0) << "the capture is over";
    EXPECT_EQ(work(1), 0);
    if (!graph) continue;
    EXPECT_EQ(t.follow(contexts[0], contexts[1]), 0);
    EXPECT_EQ(t.replay(contexts[0], graph), 0);
    EXPECT_EQ(t.follow(contexts[1], contexts[0]), 0);
    EXPECT_EQ(t.drop(contexts[0], graph), 0);
  }
  for (int i = 0; i < 2; ++i) EXPECT_EQ(t.release(contexts[i], memory[i]), 0);
}

// Each replica's part of a batch, and a step of all.
Tensor part_of(const Tensor& batch, int r) { return op("Slice", {batch, Tensor::of<int32_t>({2}, {2 * r, 0}), Tensor::of<int32_t>({2}, {2, 2})}); }
Body step_of(const StrategyPtr& s, const CommunicationOptions& options = {}) {
  const auto model = std::make_shared<TwoLayers>();
  return [=](const Tensors& in) {
    s->run([&](int r) -> Value {
      merge_call(model->gradients(part_of(in[0], r)), [&](const std::vector<Tensors>& all) {
        model->step(summed(all, options));
        return Tensors{};
      });
      return {};
    });
    return Tensors{model->a.read(), model->b.read()};
  };
}

struct WayRow { const char* what; Communication how; CommunicationOptions options = {}; };
TEST_F(GpuReplicas, AStepOfSeveralGpusIsOneGraph) {
  const WayRow rows[] = {
      {"one bucket", {}},
      {"a bucket a layer", {.bytes = 12}},
      {"by packs", {.how = Communication::nccl, .num_packs = 2}},
      {"by a ring", {}, {.implementation = CommunicationOptions::ring}},
      {"by halves", {.how = Communication::hierarchical}},
      {"on one device", {.how = Communication::one_device}},
      {"on another device", {.how = Communication::one_device, .device = "/device:GPU:1"}},
  };
  for (const WayRow& row : rows)
    for (const std::vector<std::string>& devices : {two_, all_})
      same_steps(row.what, {whole(DType::f32, {2 * static_cast<int64_t>(devices.size()), 2})}, [&] { return step_of(mirrored(devices, row.how), row.options); });
}

struct BodyRow { const char* what; Tensors first; std::function<Body()> make; };
TEST_F(GpuReplicas, WhatReplicasDoIsPartOfTheGraph) {
  const auto s = mirrored(all_);
  const auto n = static_cast<int64_t>(all_.size());
  const auto every = [&](const std::function<Tensor(int, const Tensor&)>& f) {
    return [=] {
      return [=](const Tensors& in) {
        Tensors out;
        for (const Value& v : s->run([&](int r) -> Value { return f(r, part_of(in[0], r)); })) out.push_back(*v.get<Tensor>());
        out.push_back(op("AddV2", {out[0], out[1]}));
        return out;
      };
    };
  };
  const auto drawn = [](int seed) { return op("RandomUniform", {Tensor::of<int32_t>({2}, {2, 2})}, {{"dtype", DType::f32}, {"seed", seed}, {"seed2", 9}}); };
  const Tensor batch = whole(DType::f32, {2 * n, 2}), big = whole(DType::f32, {600});
  const BodyRow rows[] = {
      {"results of each", {batch}, every([](int, const Tensor& x) { return x * x; })},
      {"numbers that each draws", {batch}, every([&](int r, const Tensor& x) { return x + drawn(3 + r); })},
      {"large constants", {batch}, every([&](int, const Tensor& x) { return x + op("Sum", {big * op("Sum", {x, Tensor::of<int32_t>({2}, {0, 1})}), Tensor::of<int32_t>({1}, {0})}); })},
      {"a branch in one of them", {batch}, every([&](int r, const Tensor& x) {
         if (r == 0) return x;
         const Tensor sum = op("Sum", {x, Tensor::of<int32_t>({2}, {0, 1})});
         return cond(op("Greater", {sum, Tensor(0.0f)}), [&] { return Tensors{x + drawn(7)}; }, [&] { return Tensors{x - sum}; })[0];
       })},
      {"a loop in each", {batch}, every([&](int, const Tensor& x) {
         return while_loop([&](const Tensors& l) { return op("Less", {l[0], Tensor(3.0f)}); },
                           [&](const Tensors& l) { return Tensors{l[0] + Tensor(1.0f), l[1] * x}; }, {Tensor(0.0f), x})[1];
       })},
      {"devices that a function names", {whole(DType::f32, {5})}, [] {
         return [](const Tensors& a) {
           const Tensor twice = a[0] + a[0];
           const device::Within second("/GPU:1");
           const Tensor sum = op("Cumsum", {twice, Tensor(int32_t{0})});
           return Tensors{sum, twice * sum};
         };
       }},
      {"variables of both", {whole(DType::f32, {3})}, [] {
         const auto here = std::make_shared<Variable>(whole(DType::f32, {3}));
         const device::Within second("/GPU:1");
         const auto there = std::make_shared<Variable>(whole(DType::f32, {3}));
         return [=](const Tensors& a) {
           here->assign_add(a[0]);
           const device::Within second_again("/GPU:1");
           there->assign_sub(a[0] * here->read());
           return Tensors{here->read(), there->read()};
         };
       }},
  };
  for (const BodyRow& row : rows) {
    std::vector<int64_t> before;
    for (int i = 0; i < find_gpus(); ++i) before.push_back(device::memory_of_gpu(i).current);
    same_steps(row.what, row.first, row.make);
    for (int i = 0; i < find_gpus(); ++i) EXPECT_LE(device::memory_of_gpu(i).current, before[static_cast<size_t>(i)] + 4096) << row.what << ", GPU " << i;
  }
}

// In the graph as op by op: the last layer's gradient first, and a replay asks for the same.
TEST_F(GpuReplicas, ReplaysAskForTheSameSums) {
  if (!emulated()) GTEST_SKIP() << "reads what the emulated library wrote down";
  const Tensor x = whole(DType::f32, {2 * static_cast<int64_t>(all_.size()), 2});
  Runs run({x}, step_of(mirrored(all_, {.bytes = 12})));
  for (int i = 0; i < 6; ++i) {
    asked();
    run({x});
    const std::string log = asked();
    EXPECT_EQ(sums(log), "reduce 12 to 0\nreduce 24 to 0\n") << i << ": " << log;
    EXPECT_EQ(log.find("capture") != std::string::npos, i == 2) << log;
  }
  EXPECT_EQ(run.state(), "captured");
}

TEST_F(GpuReplicas, StepsOfSeveralGpusThatCannotBeGraphsSayWhy) {
  const Tensor x = whole(DType::f32, {4, 2});
  const StrategyPtr s = mirrored(two_);
  struct Row { const char* what; Body body; const char* state; };
  const Row rows[] = {
      {"a limit", step_of(s, {.timeout_seconds = 60}), "NcclReduce has timeout_seconds, by which the host waits for it"},
      {"an op of the host", [=](const Tensors& in) {
         return Tensors{*s->run([&](int r) -> Value { return r ? op("RandomShuffle", {part_of(in[0], r)}) : in[0]; })[1].get<Tensor>()};
       }, "RandomShuffle has no kernel for GPUs"},
      {"a variable of another GPU in a branch", [=, v = std::make_shared<Variable>(whole(DType::f32, {2, 2}))](const Tensors& in) {
         Tensors out;
         for (const Value& value : s->run([&](int r) -> Value {
                const Tensor own = part_of(in[0], r);
                const Tensor good = op("Greater", {op("Sum", {own, Tensor::of<int32_t>({2}, {0, 1})}), Tensor(0.0f)});
                return cond(good, [&] { return Tensors{own + v->read() * own}; }, [&] { return Tensors{own * own}; })[0];
              }))
           out.push_back(*value.get<Tensor>());
         return out;
       }, "it works on several GPUs within a branch or loop"},
  };
  for (const Row& row : rows) {
    Runs run({x}, row.body);
    for (int i = 0; i < 9; ++i) run({x});
    EXPECT_NE(run.state().find(row.state), std::string::npos) << row.what << ": " << run.state();
  }
}

// A graph's sum that fails is told before the next one starts: its graph goes, then its communicators, and both are made anew.
TEST_F(GpuReplicas, GraphsEndWithTheirCommunicators) {
  if (!emulated()) GTEST_SKIP() << "makes the emulated library fail";
  const StrategyPtr s = mirrored(two_);
  const Tensor x = whole(DType::f32, {4, 2});
  Runs run({x}, step_of(s));
  for (int i = 0; i < 4; ++i) run({x});
  EXPECT_EQ(run.state(), "captured");
  asked(1);
  run({x});                                  // a graph does not tell
  EXPECT_NE(asked().find("fault"), std::string::npos);
  try {
    run({x});
    ADD_FAILURE() << "no error";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::internal);
    EXPECT_NE(e.message().find("in the step before: unhandled system error; the communicators were ended"), std::string::npos) << e.message();
  }
  EXPECT_NE(asked().find("abort"), std::string::npos);
  run({x});
  EXPECT_EQ(run.state(), "its communicators were ended");
  EXPECT_TRUE(asked().starts_with("connect"));
  for (int i = 0; i < 2; ++i) run({x});
  EXPECT_EQ(run.state(), "captured") << "anew";
  // So does that of another step, by whose fault they end.
  asked(1);
  EXPECT_THROW(s->run([&](int) -> Value { return all_reduce({x + x}, Reduce::sum)[0]; }), Error);
  EXPECT_NE(asked().find("abort"), std::string::npos);
  for (int i = 0; i < 3; ++i) run({x});
  EXPECT_EQ(run.state(), "captured") << "and anew";
  // Communicators that end between measure and capture are not made within a capture.
  Runs late({x}, step_of(s));
  for (int i = 0; i < 2; ++i) late({x});
  asked(1);
  EXPECT_THROW(s->run([&](int) -> Value { return all_reduce({x + x}, Reduce::sum)[0]; }), Error);
  late({x});
  EXPECT_EQ(late.state(), "NcclReduce: it needs communicators that are not there any more");
  for (int i = 0; i < 2; ++i) late({x});
  EXPECT_EQ(late.state(), "captured");
}

// Sums that another thread asks for meanwhile neither become part of a capture nor wait for ever.
TEST_F(GpuReplicas, SumsBesideCaptures) {
  std::atomic<int> wrong{0};
  std::thread beside([&] {
    const StrategyPtr s = mirrored(two_);
    for (int i = 0; i < 40; ++i) {
      const Tensor one = Tensor::of<float>({2}, {1, 2});
      for (const Value& v : s->run([&](int) -> Value { return all_reduce({one + one}, Reduce::sum)[0]; })) wrong += v.get<Tensor>()->as<float>()[1] != 8;
    }
  });
  const Tensor x = whole(DType::f32, {4, 2});
  for (int i = 0; i < 4; ++i) {
    TwoLayers alone;
    Runs run({x}, step_of(mirrored(two_)));
    for (int k = 0; k < 5; ++k) {
      alone.step(alone.gradients(x));
      expect_near(run({x})[0], alone.a.value(), 64, "step " + std::to_string(k));
    }
    EXPECT_EQ(run.state(), "captured");
  }
  beside.join();
  EXPECT_EQ(wrong.load(), 0);
}

}  // namespace
}  // namespace ninefold::distribute
