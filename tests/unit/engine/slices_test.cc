// In: gathers while a tape listens. Out: whether their gradients stay rows where TensorFlow's do, and add up.
#include <gtest/gtest.h>

#include <functional>

#include "ninefold/function.h"
#include "ninefold/grad.h"
#include "op_rows.h"

namespace ninefold {
namespace {

using testing::f32;
using testing::i32;
using testing::values;

Tensor squares(const Tensor& x) {
  std::vector<int32_t> axes;
  for (int i = 0; i < x.rank(); ++i) axes.push_back(i);
  return op("Sum", {op("Square", {x}), i32({x.rank()}, axes)});
}
Tensor gathered(const Tensor& x, std::vector<int32_t> at) {
  const auto n = static_cast<int64_t>(at.size());
  return op("GatherV2", {x, i32({n}, std::move(at)), Tensor(0)});
}

// The gradient by a table of [3, 2] with values 0 .. 5; indices empty: a tensor.
struct Row {
  const char* what;
  std::function<Tensor(const Tensor&)> f;
  std::vector<double> indices, values;
};

TEST(Slices, GradientsOfGathersAreRows) {
  const std::vector<Row> rows = {
      {"gather", [](const Tensor& x) { return squares(gathered(x, {2, 0, 2})); }, {2, 0, 2}, {8, 10, 0, 2, 8, 10}},
      {"indices of rank 2", [](const Tensor& x) { return squares(op("GatherV2", {x, i32({1, 2}, {1, 1}), Tensor(0)})); },
       {1, 1}, {4, 6, 4, 6}},
      {"scalar index", [](const Tensor& x) { return squares(op("GatherV2", {x, Tensor(1), Tensor(0)})); }, {1}, {4, 6}},
      {"no index", [](const Tensor& x) { return squares(gathered(x, {})); }, {}, {}},
      {"GatherNd of rows", [](const Tensor& x) { return squares(op("GatherNd", {x, i32({2, 1}, {1, 1})})); }, {1, 1}, {4, 6, 4, 6}},
      {"two gathers, in the order of the program",
       [](const Tensor& x) {
         const Tensor first = squares(gathered(x, {2}));   // before the second: operands have no order in C++
         return first + squares(gathered(x, {1, 0}));
       },
       {2, 1, 0}, {8, 10, 4, 6, 0, 2}},
      {"Identity, Cast and Neg hand rows on",
       [](const Tensor& x) { return squares(gathered(-op("Cast", {op("Identity", {x})}, {{"DstT", DType::f64}}), {1})); }, {1}, {4, 6}},
      {"other ops want the whole tensor", [](const Tensor& x) { return squares(gathered(x + x, {1})); }, {},
       {0, 0, 16, 24, 0, 0}},
      {"rows and a tensor", [](const Tensor& x) { return squares(gathered(x, {1, 1})) + squares(x); }, {}, {0, 2, 12, 18, 8, 10}},
      {"along axis 1", [](const Tensor& x) { return squares(op("GatherV2", {x, i32({1}, {0}), Tensor(1)})); }, {},
       {0, 0, 4, 0, 8, 0}},
  };
  for (const Row& r : rows) {
    SCOPED_TRACE(r.what);
    const Tensor x = f32({3, 2}, {0, 1, 2, 3, 4, 5});
    for (const bool traced : {false, true}) {
      GradientTape tape;
      tape.watch(x);
      const std::vector<TensorSpec> specs = {{x.shape(), x.dtype(), {}}};
      const Tensor in[] = {x};
      const Tensor y = traced ? trace("f", specs, [&](const Tensors& t) { return Tensors{r.f(t[0])}; })->call(in).at(0) : r.f(x);
      const Gradient g = tape.gradients(Tensors{y}, {x}).at(0);
      const bool rows_expected = !r.indices.empty() || r.values.empty();
      ASSERT_EQ(g.sparse(), rows_expected) << (traced ? "traced" : "eager");
      EXPECT_EQ(values(g.slices().values), r.values);
      if (!rows_expected) continue;
      EXPECT_EQ(values(g.slices().indices), r.indices);
      EXPECT_EQ(values(g.slices().dense_shape), (std::vector<double>{3, 2}));
      EXPECT_EQ(g.dense().shape(), x.shape());
    }
  }
}

TEST(Slices, SumsAndConversion) {
  const Gradient a = IndexedSlices{f32({2, 1}, {1, 2}), i32({2}, {0, 2}), i32({2}, {3, 1})};
  const Gradient wide = IndexedSlices{f32({1, 1}, {5}), Tensor::of<int64_t>({1}, {2}), i32({2}, {3, 1})};
  EXPECT_EQ(values(a.dense()), (std::vector<double>{1, 0, 2}));
  const Gradient both[] = {a, Gradient(), wide};
  const Gradient sum = total(both);
  EXPECT_TRUE(sum.sparse());
  EXPECT_EQ(sum.slices().indices.dtype(), DType::i64);
  EXPECT_EQ(values(sum.slices().indices), (std::vector<double>{0, 2, 2}));
  EXPECT_EQ(values(sum.dense()), (std::vector<double>{1, 0, 7}));
  const Gradient mixed[] = {a, f32({3, 1}, {10, 10, 10})};
  EXPECT_FALSE(total(mixed).sparse());
  EXPECT_EQ(values(total(mixed).dense()), (std::vector<double>{11, 10, 12}));
  EXPECT_FALSE(total({}).defined());
  EXPECT_EQ(values(a.map([](const Tensor& t) { return t + t; }).dense()), (std::vector<double>{2, 0, 4}));
  try {
    Gradient(IndexedSlices{f32({1, 1}, {5}), i32({1}, {0}), {}}).dense();
    ADD_FAILURE() << "no error";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::value);
    EXPECT_EQ(e.message(), "Tensor conversion requested for IndexedSlices without dense_shape; give the shape of the whole tensor");
  }
}

TEST(Slices, SecondDerivativesGoThroughTheRows) {
  const Variable table(f32({3, 1}, {1, 2, 3}));
  GradientTape outer;
  Tensor z;
  {
    GradientTape inner;
    const Tensor rows = op("ResourceGather", {table.handle(), i32({2}, {2, 2})}, {{"dtype", DType::f32}});
    const Tensor y = op("Sum", {rows * rows * rows, i32({2}, {0, 1})});
    const Gradient g = inner.gradients(y, {table}).at(0);
    ASSERT_TRUE(g.sparse());
    EXPECT_EQ(values(g.slices().values), (std::vector<double>{27, 27}));
    z = op("Sum", {g.slices().values, i32({2}, {0, 1})});
  }
  EXPECT_EQ(values(outer.gradients(z, {table}).at(0).dense()), (std::vector<double>{0, 0, 36}));
}

}  // namespace
}  // namespace ninefold
