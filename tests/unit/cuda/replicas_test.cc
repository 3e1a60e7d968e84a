// In: steps of replicas on several GPUs (emulated, or cards). Out: the numbers of one device; what is asked of the collective
// library, in which order; that a fault ends the communicators and the next step makes new ones.
#include <chrono>

#include "engine/device/cuda/collective.h"
#include "engine/graph/plan.h"
#include "engine/graph/program.h"
#include "engine/op/place.h"
#include "ninefold/function.h"
#include "replicas.h"

namespace ninefold::distribute {
namespace {

TEST_F(GpuReplicas, RunOnTheirOwnGpus) {
  for (const Value& v : mirrored(all_)->run([&](int r) -> Value {
         const Tensor x = Tensor::of<float>({2}, {1, 2}) + Tensor::of<float>({2}, {1, 1});
         EXPECT_TRUE(x.device_name().ends_with(all_[static_cast<size_t>(r)])) << x.device_name();
         EXPECT_TRUE(on_host(Tensor(int32_t{1}) + Tensor(int32_t{2}))) << "int32 stays";
         const device::Within wish("/device:CPU:0");
         EXPECT_TRUE(on_host(x + x)) << "a wish is stronger";
         return x;
       }))
    EXPECT_EQ(v.get<Tensor>()->as<float>()[1], 3);
  const Tensor outside = Tensor::of<float>({2}, {1, 2}) + Tensor::of<float>({2}, {1, 1});
  EXPECT_TRUE(outside.device_name().ends_with("GPU:0"));
  one_device(two_[1])->run([&](int) -> Value {
    EXPECT_TRUE((outside + outside).device_name().ends_with("GPU:1"));
    return {};
  });
  EXPECT_EQ(mirrored()->replicas(), find_gpus());
}

struct SumRow {
  const char* what;
  Communication how;
  std::string asked;
  CommunicationOptions options = {};
};
TEST_F(GpuReplicas, SumsTravelInBuckets) {
  const auto by_function = [](const std::vector<Tensors>& all, Reduce how, const CommunicationOptions&) {
    EXPECT_EQ(how, Reduce::sum);
    EXPECT_EQ(all[0].size(), 6u) << "without what is undefined";
    Tensors sums = all[0];
    for (size_t r = 1; r < all.size(); ++r)
      for (size_t i = 0; i < sums.size(); ++i) sums[i] = sums[i] + all[r][i];
    return sums;
  };
  const SumRow rows[] = {
      {"by size", {}, "reduce 6 to 0\nreduce 48 to 0\nreduce 48 to 0\n"},           // 3 halves; 2 doubles and 4 doubles; 12 floats
      {"by size, small", {.bytes = 24}, "reduce 6 to 0\nreduce 16 to 0\nreduce 24 to 0\nreduce 32 to 0\nreduce 24 to 0\n"},
      {"one pack of each dtype", {.how = Communication::nccl}, "reduce 6 to 0\nreduce 48 to 0\nreduce 48 to 0\n"},
      {"by size, small, in options", {}, "reduce 6 to 0\nreduce 16 to 0\nreduce 24 to 0\nreduce 32 to 0\nreduce 24 to 0\n", {.bytes_per_pack = 24}},
      {"by size instead of packs", {.how = Communication::nccl}, "reduce 6 to 0\nreduce 16 to 0\nreduce 24 to 0\nreduce 32 to 0\nreduce 24 to 0\n",
       {.bytes_per_pack = 24}},
      {"a limit that is kept", {}, "reduce 6 to 0\nreduce 48 to 0\nreduce 48 to 0\n", {.timeout_seconds = 60}},
      {"by NCCL", {}, "reduce 6 to 0\nreduce 48 to 0\nreduce 48 to 0\n", {.implementation = CommunicationOptions::nccl}},
      {"by a ring", {}, "", {.implementation = CommunicationOptions::ring}},
      {"by packs, whatever options say of rings", {.how = Communication::nccl}, "reduce 6 to 0\nreduce 48 to 0\nreduce 48 to 0\n",
       {.implementation = CommunicationOptions::ring}},
      {"by a function", {.how = Communication::own, .function = by_function}, ""},
      {"no packs", {.how = Communication::nccl, .num_packs = 0}, "reduce 6 to 0\nreduce 16 to 0\nreduce 24 to 0\nreduce 32 to 0\nreduce 24 to 0\n"},
      {"halves", {.how = Communication::hierarchical}, ""},
      {"one device", {.how = Communication::one_device}, ""},
      {"another device", {.how = Communication::one_device, .device = "/device:GPU:1"}, ""},
  };
  const Tensors values = {whole(DType::f32, {6}),
                          whole(DType::f64, {4}), whole(DType::f32, {2, 3}), whole(DType::f64, {2, 1}), Tensor(), numbers({4, 5}), whole(DType::f16, {3})};
  for (const SumRow& row : rows) {
    SCOPED_TRACE(row.what);
    const StrategyPtr s = mirrored(all_, row.how);
    asked();
    const std::vector<Value> got = s->run([&](int r) -> Value {
      Tensors own;
      for (const Tensor& t : values) own.push_back(t.defined() ? t * op("Cast", {Tensor(static_cast<float>(r + 1))}, {{"DstT", t.dtype()}}) : t);
      const Tensors sum = all_reduce(own, Reduce::sum, row.options);
      EXPECT_FALSE(sum[4].defined());
      ValueList out;
      for (const Tensor& t : sum) out.push_back(t.defined() ? Value(t) : Value());
      return out;
    });
    const auto n = static_cast<float>(s->replicas());
    for (const Value& v : got)
      for (size_t i = 0; i < values.size(); ++i) {
        if (!values[i].defined()) continue;
        const device::Within cpu("/device:CPU:0");
        const Tensor want = values[i] * op("Cast", {Tensor(n * (n + 1) / 2)}, {{"DstT", values[i].dtype()}});
        const Tensor sum = *(*v.get<ValueList>())[i].get<Tensor>();
        expect_near(sum, want, 0, row.what);
        EXPECT_TRUE(!is_floating(sum.dtype()) || sum.device_name().ends_with(s->root())) << sum.device_name();
      }
    const std::string log = sums(asked());
    EXPECT_TRUE(!emulated() || log == row.asked) << log;
  }
}

TEST_F(GpuReplicas, AStepGivesTheNumbersOfOneDevice) {
  const int64_t n = find_gpus();
  std::vector<Tensor> batches;
  for (int i = 0; i < 5; ++i) batches.push_back(whole(DType::f32, {2 * n, 2}));
  TwoLayers one, many;
  const StrategyPtr s = mirrored(all_, {.bytes = 12});
  const FunctionRef f = trace("step", std::vector<TensorSpec>{{{2 * n, 2}, DType::f32, ""}}, [&](const Tensors& in) {
    s->run([&](int r) -> Value {
      const Tensor x = op("Slice", {in[0], Tensor::of<int32_t>({2}, {2 * r, 0}), Tensor::of<int32_t>({2}, {2, 2})});
      merge_call(many.gradients(x), [&](const std::vector<Tensors>& all) {
        many.step(summed(all));
        return Tensors{};
      });
      return {};
    });
    return Tensors{many.a.read(), many.b.read()};
  });
  asked();
  for (const Tensor& x : batches) {
    one.step(one.gradients(x));
    const Tensors got = f->call(Tensors{x});
    expect_near(got[0], one.a.value(), 0, "a");
    expect_near(got[1], one.b.value(), 0, "b");
    // The last layer's gradient first; what comes after a step finds both in its order.
    const std::string log = sums(asked());
    EXPECT_TRUE(!emulated() || log == "reduce 12 to 0\nreduce 24 to 0\n") << log;
  }
}

std::vector<float> numbers_of(const Tensor& t) { return {t.as<float>(), t.as<float>() + t.size()}; }

// In the plan a bucket is asked for before the rest of the backward pass of any replica.
TEST_F(GpuReplicas, SumsBeginBeforeTheBackwardPassEnds) {
  TwoLayers model;
  const StrategyPtr s = mirrored(two_, {.bytes = 12});
  const FunctionRef f = trace("step", std::vector<TensorSpec>{{{2, 2}, DType::f32, ""}}, [&](const Tensors& in) {
    s->run([&](int) -> Value {
      merge_call(model.gradients(in[0]), [&](const std::vector<Tensors>& all) {
        model.step(summed(all));
        return Tensors{};
      });
      return {};
    });
    return Tensors{};
  });
  Tensors arguments{whole(DType::f32, {2, 2})};
  arguments.insert(arguments.end(), f->captures().begin(), f->captures().end());
  std::vector<graph::Value> values;
  for (size_t i = 0; i < arguments.size(); ++i)
    values.push_back({arguments[i].dtype(), arguments[i].shape(), i ? arguments[i] : Tensor()});
  graph::Program p = graph::lower(graph::concrete(f), values);
  const auto order = [&] {
    std::string out;
    for (const graph::Instruction& c : p.code)
      if (c.op->name == "MatMul") out += 'm';
      else if (c.op->name == "NcclReduce") out += 'R';
      else if (c.op->name.starts_with("AssignSub")) out += 'w';
    return out;
  };
  graph::drop_unread(p);
  EXPECT_EQ(order(), "mmmmmmmmRRww") << "four products a replica with the gradients of both layers, none for x";
  graph::begin_collectives_early(p);
  graph::verify(p);
  const std::string now = order();
  EXPECT_LT(now.find('R'), now.rfind('m')) << now;
  EXPECT_EQ(now.substr(now.size() - 2), "ww") << now;
}

struct FaultRow {
  const char* what;
  std::function<void(int replica)> before;   // each replica's own part, after the first sum
  int fails;                                 // which call of the library, from the step's first
  Code code;
  const char* says;
  const char* then;                          // what became of the communicators
};
TEST_F(GpuReplicas, AFaultEndsTheCommunicatorsAndTheNextStepMakesNew) {
  if (!emulated()) GTEST_SKIP() << "makes the emulated library fail";
  const StrategyPtr s = mirrored(two_);
  const auto step = [&](const std::function<void(int)>& before) {
    return s->run([&](int r) -> Value {
      const Tensor x = whole(DType::f32, {4}) * Tensor(0.0f) + Tensor(static_cast<float>(r + 1));
      return merge_call({x}, [&](const std::vector<Tensors>& all) {
        Tensors sum = summed(all);
        for (int k = 0; k < 2; ++k)
          if (before) before(k);
        return Tensors{sum[0] + sum[0]};
      })[0];
    });
  };
  const FaultRow rows[] = {
      {"the library's", {}, 1, Code::internal, "unhandled system error", "fault"},
      {"a replica's", [](int r) { if (r == 1) throw Error(Code::value, "mine"); }, 0, Code::value, "mine", "abort"},
      {"no memory", [](int r) {
         if (r == 1) empty_on(*gpu_device(1), DType::u8, {int64_t{1} << 40});
       }, 0, Code::resource_exhausted, "OOM when allocating", "abort"},
  };
  for (const FaultRow& row : rows) {
    SCOPED_TRACE(row.what);
    EXPECT_EQ(step({})[1].get<Tensor>()->as<float>()[0], 6);
    asked(row.fails);
    try {
      step(row.before);
      ADD_FAILURE() << "no error";
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), row.code);
      EXPECT_NE(e.message().find(row.says), std::string::npos) << e.message();
    }
    const std::string log = asked();
    EXPECT_NE(log.find(row.then), std::string::npos) << log;
    EXPECT_NE(log.find("abort"), std::string::npos) << log;
    EXPECT_EQ(step({})[0].get<Tensor>()->as<float>()[3], 6) << "the next step";
    EXPECT_TRUE(asked().starts_with("connect"));
  }
}

struct HangRow {
  const char* what;
  int hangs;                                 // which call of the library, of the step's two
  double limit;
  Code code;
  const char* says;
};
TEST_F(GpuReplicas, AHungSumEndsAtItsLimitAndChangesNoVariable) {
  if (!emulated()) GTEST_SKIP() << "makes the emulated library hang";
  const HangRow rows[] = {
      {"the first bucket", 1, 0.05, Code::deadline_exceeded, "did not end within the 0.05 s of timeout_seconds"},
      {"the last bucket", 2, 0.05, Code::deadline_exceeded, "did not end within the 0.05 s of timeout_seconds"},
      {"no limit: nobody asks how far it is", 1, 0, Code::internal, "waiting for a sum over"},
  };
  for (const HangRow& row : rows)
    for (const bool traced : {true, false}) {
      SCOPED_TRACE(row.what);
      const TwoLayers model;
      const StrategyPtr s = mirrored(two_, {.bytes = 12});
      const auto step = [&](const Tensors& in) {
        s->run([&](int) -> Value {
          merge_call(model.gradients(in[0]), [&](const std::vector<Tensors>& all) {
            model.step(summed(all, {.timeout_seconds = row.limit}));
            return Tensors{};
          });
          return {};
        });
        return Tensors{model.a.read()};
      };
      const FunctionRef f = trace("step", std::vector<TensorSpec>{{{2, 2}, DType::f32, ""}}, step);
      const Tensors x = {Tensor::of<float>({2, 2}, {1, 2, 3, 4})};
      const auto go = [&] { return traced ? f->call(x) : step(x); };
      go();
      const std::vector<float> a = numbers_of(model.a.value()), b = numbers_of(model.b.value());
      asked(-row.hangs);
      const auto begun = std::chrono::steady_clock::now();
      try {
        go();
        ADD_FAILURE() << "no error";
      } catch (const Error& e) {
        EXPECT_EQ(e.code(), row.code);
        EXPECT_NE(e.message().find(row.says), std::string::npos) << e.message();
        EXPECT_NE(e.message().find("GPU:0, /job:localhost/replica:0/task:0/device:GPU:1"), std::string::npos) << e.message();
      }
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
      if (row.limit > 0) {
        EXPECT_GE(took.count(), 0.1 + row.limit) << "the devices' own work, a tenth of a second here, does not count";
      }
      const std::string log = asked();
      EXPECT_NE(log.find("abort"), std::string::npos) << log;
      EXPECT_EQ(log.find("hang") == std::string::npos, row.limit > 0) << log;
      EXPECT_EQ(log.find("join"), std::string::npos) << log;
      EXPECT_EQ(numbers_of(model.a.value()), a);
      EXPECT_EQ(numbers_of(model.b.value()), b);
      go();
      EXPECT_NE(numbers_of(model.a.value()), a) << "the next step";
      EXPECT_TRUE(asked().starts_with("connect"));
    }
}

// Without NCCL (asked for once a set of devices) the same sums come by copies and additions.
TEST_F(GpuReplicas, WithoutTheLibrarySumsAreCopiedAndAdded) {
  if (!emulated()) GTEST_SKIP() << "takes the emulated library away";
  setenv("NINEFOLD_EMULATED_WITHOUT_NCCL", "1", 1);
  ::testing::internal::CaptureStderr();
  const StrategyPtr s = mirrored({two_[1], two_[0]});
  for (int step = 0; step < 2; ++step)
    for (const Value& v : s->run([&](int r) -> Value {
           return all_reduce({Tensor::of<float>({2}, {1, 2}) * Tensor(static_cast<float>(r + 1)), Tensor::of<float>({1}, {4})}, Reduce::sum)[0];
         }))
      EXPECT_EQ(v.get<Tensor>()->as<float>()[1], 6);
  unsetenv("NINEFOLD_EMULATED_WITHOUT_NCCL");
  const std::string told = ::testing::internal::GetCapturedStderr();
  const size_t first = told.find("values are summed by copies and additions: sums over several GPUs need NCCL");
  EXPECT_NE(first, std::string::npos) << told;
  EXPECT_EQ(told.find("values are summed", first + 1), std::string::npos) << "told once";
  EXPECT_EQ(asked(), "");
}

// The error comes between the sum's beginning and its first reader.
TEST_F(GpuReplicas, APlanThatFailsEndsTheCommunicators) {
  if (!emulated()) GTEST_SKIP() << "reads what the emulated library wrote down";
  const StrategyPtr s = mirrored(two_);
  const FunctionRef f = trace("step", std::vector<TensorSpec>{{{3}, DType::f32, ""}}, [&](const Tensors& in) {
    Tensors out;
    for (const Value& v : s->run([&](int) -> Value {
           return merge_call({in[0] + in[0]}, [&](const std::vector<Tensors>& all) {
             const Tensor sum = summed(all)[0], checked = op("CheckNumerics", {in[0]}, {{"message", "not a number"}});
             return Tensors{sum + checked};
           })[0];
         }))
      out.push_back(*v.get<Tensor>());
    return out;
  });
  const Tensor good = Tensor::of<float>({3}, {1, 2, 3}), bad = Tensor::of<float>({3}, {1, NAN, 3});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(f->call(Tensors{good})[1].as<float>()[2], 15) << i;
    asked();
    EXPECT_THROW(f->call(Tensors{bad}), Error) << i;
    const std::string log = asked();
    EXPECT_TRUE(log.starts_with("collect") && log.find("abort") != std::string::npos && log.find("join") == std::string::npos) << log << "end";
  }
}

// Variables that replicas share stay where they are: what they compute with them comes to them.
TEST_F(GpuReplicas, VariablesStayOnTheirGpu) {
  const Variable v(Tensor::of<float>({2}, {1, 2}));
  mirrored(two_)->run([&](int r) -> Value {
    const Tensor y = v.read() * Tensor::of<float>({2}, {2, 2});
    EXPECT_TRUE(y.device_name().ends_with(two_[static_cast<size_t>(r)]));
    v.assign_add(Tensor::of<float>({2}, {1, 1}));
    EXPECT_TRUE(v.value().device_name().ends_with("GPU:0"));
    return y;
  });
  EXPECT_EQ(v.value().as<float>()[0], 3);
}

}  // namespace
}  // namespace ninefold::distribute
