// In: ops while a tape listens. Out: whether the tape lets go of what no gradient reads, and of nothing else.
#include <gtest/gtest.h>

#include <functional>

#include "engine/op/op.h"
#include "ninefold/grad.h"
#include "op_rows.h"

namespace ninefold {
namespace {

using testing::f32;
using testing::i32;
using testing::values;

// A vector whose memory tells when it goes.
struct Watched {
  explicit Watched(std::vector<float> v) : memory(std::move(v)) {}
  Tensor tensor() {
    return Tensor::wrap(DType::f32, {static_cast<int64_t>(memory.size())}, memory.data(), [this] { gone = true; });
  }
  std::vector<float> memory;
  bool gone = false;
};

struct Row {
  const char* what;
  std::function<Tensor(const Tensor& x, const Tensor& part)> f;
  bool kept;                 // does the gradient read `part`?
  std::vector<double> dx;    // of the sum of f, for x = {1, 4} and part = {3, 5}
};

// A name that is none would let go of what the gradient reads.
TEST(Tape, WhatGradientsReadAreArguments) {
  for (const Op* op : all_ops())
    for (const std::string& name : op->grad_reads)
      EXPECT_TRUE(name == "*" || def(*op).input(name) >= 0 || def(*op).output(name) >= 0) << op->name << " reads " << name;
}

TEST(Tape, HoldsOnlyWhatGradientsRead) {
  const std::vector<Row> rows = {
      {"x + part", [](const Tensor& x, const Tensor& part) { return x + part; }, false, {1, 1}},
      {"part - x, repeated", [](const Tensor& x, const Tensor& part) { return op("Reshape", {part, i32({2}, {2, 1})}) - x; },
       false, {-2, -2}},
      {"x * part", [](const Tensor& x, const Tensor& part) { return x * part; }, true, {3, 5}},
      {"relu(x - part)", [](const Tensor& x, const Tensor& part) { return op("Relu", {part - x}); }, false, {-1, -1}},
      {"square(x - part)", [](const Tensor& x, const Tensor& part) { return op("Square", {x - part}); }, false, {-4, -2}},
      {"sqrt(x + part)", [](const Tensor& x, const Tensor& part) { return op("Sqrt", {x + part}); }, false, {.25, 1. / 6}},
      {"concat", [](const Tensor& x, const Tensor& part) { return op("ConcatV2", {x, part, Tensor(0)}); }, false, {1, 1}},
      {"two outputs, one used", [](const Tensor& x, const Tensor& part) {
         const NamedAttr n("num_split", 2);
         return op_all("Split", Tensors{Tensor(0), x + part}, {&n, 1}).at(1);
       }, false, {0, 1}},
  };
  for (const Row& r : rows) {
    SCOPED_TRACE(r.what);
    Watched memory({3, 5});
    GradientTape tape;
    const Tensor x = f32({2}, {1, 4});
    tape.watch(x);
    const Tensor y = r.f(x, memory.tensor());
    EXPECT_EQ(memory.gone, !r.kept);
    std::vector<int32_t> axes;
    for (int i = 0; i < y.rank(); ++i) axes.push_back(i);
    const Tensor sum = op("Sum", {y, i32({y.rank()}, axes)});
    const std::vector<double> got = values(tape.gradient(Tensors{sum}, {x}).at(0));
    ASSERT_EQ(got.size(), r.dx.size());
    for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], r.dx[i], 1e-6);
    EXPECT_TRUE(memory.gone);
  }
}

}  // namespace
}  // namespace ninefold
