// In: bodies that replicas run. Out: what they bring together, in order, and who is told when one fails.
#include <gtest/gtest.h>

#include "ninefold/distribute.h"

namespace ninefold::distribute {
namespace {

StrategyPtr of(int replicas) {
  std::vector<std::string> devices;
  for (int i = 0; i < replicas; ++i) devices.push_back("/device:CPU:" + std::to_string(i));
  return mirrored(devices);
}
double number(const Value& v) { return v.get<Tensor>()->float_at(0); }

TEST(Strategy, ReplicasMeetInOrder) {
  for (int n : {1, 2, 3, 5}) {
    std::string order;
    const std::vector<Value> results = of(n)->run([&](int r) -> Value {
      order += static_cast<char>('a' + r);
      const Tensors sum = all_reduce({Tensor(static_cast<float>(r + 1)), Tensor()}, Reduce::sum);
      EXPECT_FALSE(sum[1].defined());
      order += static_cast<char>('A' + r);
      const Tensors mean = all_reduce({sum[0] * Tensor(static_cast<float>(r))}, Reduce::mean);
      return mean[0];
    });
    std::string want;
    for (char c = 'a'; c < 'a' + n; ++c) want += c;
    for (char c = 'A'; c < 'A' + n; ++c) want += c;
    EXPECT_EQ(order, want);
    const double total = n * (n + 1) / 2.0;
    for (const Value& v : results) EXPECT_DOUBLE_EQ(number(v), total * (n - 1) / 2.0) << n;
  }
}

TEST(Strategy, AMergeRunsOnceForAll) {
  int merges = 0;
  const Variable v(Tensor(1.0f), {.name = "v"});
  of(4)->run([&](int r) -> Value {
    merge_call({Tensor(static_cast<float>(r))}, [&](const std::vector<Tensors>& all) {
      ++merges;
      EXPECT_EQ(replica(), -1);
      v.assign_add(summed(all)[0]);
      return Tensors{};
    });
    return v.read();
  });
  EXPECT_EQ(merges, 1);
  EXPECT_EQ(v.value().item<float>(), 7);
}

TEST(Strategy, TracesHaveTheSameOrderEachTime) {
  const FunctionRef f = trace("f", std::vector<TensorSpec>{{{}, DType::f32, ""}}, [](const Tensors& in) {
    Tensors out;
    for (const Value& v : of(3)->run([&](int r) -> Value {
           return all_reduce({in[0] * Tensor(static_cast<float>(r))}, Reduce::sum)[0];
         }))
      out.push_back(*v.get<Tensor>());
    return out;
  });
  for (const Tensor& t : f->call(Tensors{Tensor(2.0f)})) EXPECT_EQ(t.item<float>(), 6);
}

struct FaultRow {
  const char* what;
  Value (*body)(int replica);
  Code code;
  const char* says;
};
TEST(Strategy, OneReplicasFaultIsTheRuns) {
  const FaultRow rows[] = {
      {"a fault", [](int r) -> Value {
         if (r == 1) throw Error(Code::value, "mine");
         return all_reduce({Tensor(1.0f)}, Reduce::sum)[0];
       }, Code::value, "mine"},
      {"a fault in a merge", [](int) -> Value {
         return merge_call({}, [](const std::vector<Tensors>&) -> Tensors { throw Error(Code::value, "merged"); })[0];
       }, Code::value, "merged"},
      {"a replica that does not come", [](int r) -> Value {
         if (r == 2) return {};
         return all_reduce({Tensor(1.0f)}, Reduce::sum)[0];
       }, Code::runtime,
       "merge_call: replica 2 ended while others wait for it; all replicas must make the same updates in the same order"},
      {"a run in a run", [](int) -> Value { return of(2)->run([](int) -> Value { return {}; })[0]; }, Code::runtime,
       "Cannot run a strategy within a replica of another run: `strategy.run` was called from inside a function that "
       "`strategy.run` runs"},
  };
  for (const FaultRow& row : rows) {
    SCOPED_TRACE(row.what);
    try {
      of(3)->run(row.body);
      ADD_FAILURE() << "no error";
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), row.code);
      EXPECT_EQ(e.message(), row.says);
    }
    EXPECT_EQ(replica(), -1);
  }
  EXPECT_THROW(mirrored({"/device:CPU:0", "/device:CPU:0"}), Error);
}

TEST(Strategy, AScopeIsCurrentWhileItLasts) {
  EXPECT_FALSE(in_scope());
  {
    Scope scope(of(2));
    EXPECT_TRUE(in_scope());
    EXPECT_EQ(current()->replicas(), 2);
    EXPECT_EQ(replicas(), 1);   // no replica runs yet
  }
  EXPECT_EQ(current(), default_strategy());
}

}  // namespace
}  // namespace ninefold::distribute
