// In: ops that order, select, count and draw (emulated, or on a card). Out: that they give what the CPU gives, or, where
// TensorFlow's GPU kernels have numbers of their own, those; and what their plans say.
#include "engine/ops/order.gpu.h"

#include "engine/op/place.h"
#include "engine/ops/random/seeds.h"
#include "engine/tensor/resource.h"
#include "same_on_both.h"

namespace ninefold {
namespace {

TEST(GpuPlans, SortsByTheBitsThatDiffer) {
  struct Row { DType dtype; int bits; };
  for (const Row& r : {Row{DType::f32, 32}, {DType::f16, 32}, {DType::i8, 32}, {DType::boolean, 32}, {DType::f64, 64}, {DType::u32, 64}, {DType::u64, 64}})
    EXPECT_EQ(ops::key_bits(r.dtype), r.bits) << name_of(r.dtype);
  struct Tiles { int64_t columns, tiles; };
  for (const Tiles& t : {Tiles{0, 0}, {1, 1}, {1023, 1}, {1024, 1}, {1025, 2}, {int64_t{1} << 31, 1 << 21}})
    EXPECT_EQ(ops::digit_pass(3, t.columns).tiles, t.tiles) << t.columns;
}

constexpr DType kReals[] = {DType::f32, DType::f64, DType::f16, DType::bf16, DType::i8, DType::u8, DType::i16, DType::u16, DType::i32,
                            DType::u32, DType::i64, DType::u64};

TEST_F(Gpu, TheBestOfRowsAreTheCpus) {
  struct Row { Shape shape; int k; };
  for (const Row& r : {Row{{1}, 1}, {{7}, 3}, {{3, 257}, 257}, {{2, 1023}, 5}, {{1025}, 1025}, {{2, 2, 3000}, 3000}, {{3, 5}, 0}, {{0, 5}, 2}})
    for (DType d : kReals) {
      same_on_both("TopKV2", {some(d, r.shape), Tensor(int32_t{r.k})});      // special values
      same_on_both("TopKV2", {whole(d, r.shape, 5), Tensor(int32_t{r.k})});  // of equal ones the first
      if (HasFatalFailure()) return;
    }
  same_on_both("TopKV2", {Tensor::of<float>({7}, {-0.0f, NAN, 0.0f, INFINITY, -INFINITY, NAN, -1}), Tensor(int32_t{7})});
  same_on_both("TopKV2", {Tensor::of<int64_t>({4}, {INT64_MIN, INT64_MAX, 0, -1}), Tensor(int32_t{4})});
  same_on_both("TopKV2", {Tensor::of<uint64_t>({3}, {1, UINT64_MAX, 0}), Tensor(int32_t{3})});
  for (DType index : {DType::i32, DType::i64}) {
    const Tensor x = whole(DType::f32, {6, 300}, 500);
    for (int k : {0, 1, 60, 300, 1000})
      same_on_both("InTopKV2", {x, numbers({0, 299, 17, -1, 300, 5}, index), numbers({k}, index, std::make_unique<Shape>(Shape{}).get())});
    same_on_both("InTopKV2", {some(DType::f32, {2, 300}), numbers({0, 9}, index), numbers({300}, index, std::make_unique<Shape>(Shape{}).get())});
  }
}

TEST_F(Gpu, WhatIsNotZeroIsFoundInItsOrder) {
  for (const Shape& s : {Shape{1}, Shape{1023}, Shape{1025}, Shape{5000}, Shape{33, 65}, Shape{2, 3, 4, 5}, Shape{0}, Shape{3, 0}, Shape{1, 1, 1, 1, 2, 1, 1, 3}})
    for (DType d : {DType::boolean, DType::f32, DType::f64, DType::f16, DType::i8, DType::i16, DType::u32, DType::i64, DType::c64, DType::c128}) {
      same_on_both("Where", {d == DType::boolean ? on_cpu(find_op("Greater"), {some(DType::f64, s), Tensor(1.0)}, {})[0] : whole(d, s, 2)});
      if (HasFatalFailure()) return;
    }
  same_on_both("Where", {Tensor::of<float>({5}, {-0.0f, NAN, 0.0f, 1e-45f, -1})});
  same_on_both("Where", {Tensor::zeros(DType::f32, {3000})});
}

TEST_F(Gpu, DistinctValuesComeInTheOrderOfTheirFirst) {
  for (const char* op : {"Unique", "UniqueWithCounts"})
    for (DType index : {DType::i32, DType::i64}) {
      for (int64_t n : {0, 1, 5, 1023, 1025, 4000})
        for (int most : {1, 9, 2000})
          for (DType d : kReals) {
            same_on_both(op, {whole(d, {n}, most)}, {{"out_idx", index}});
            if (HasFatalFailure()) return;
          }
      same_on_both(op, {Tensor::of<bool>({4}, {true, false, false, true})}, {{"out_idx", index}});
      same_on_both(op, {Tensor::of<float>({8}, {NAN, 1, -0.0f, NAN, 0.0f, 1, INFINITY, -1})}, {{"out_idx", index}});
      same_on_both(op, {Tensor::of<uint64_t>({4}, {UINT64_MAX, 0, UINT64_MAX, 5})}, {{"out_idx", index}});
    }
}

TEST_F(Gpu, RowsArePartitionedAndStitchedAsOnTheCpu) {
  for (DType d : {DType::f32, DType::f64, DType::i8, DType::c128, DType::boolean})
    for (const Shape& inner : {Shape{}, Shape{3}, Shape{2, 2}, Shape{0}}) {
      struct Row { Shape which; int parts; };
      for (const Row& r : {Row{{7}, 1}, {{7}, 3}, {{1030}, 17}, {{4, 5}, 4}, {{0}, 2}, {{}, 3}}) {
        std::vector<int64_t> which(static_cast<size_t>(r.which.size()));
        for (int64_t& w : which) w = static_cast<int64_t>(random_bits() % static_cast<unsigned>(r.parts));
        const Tensor x = d == DType::boolean ? on_cpu(find_op("Greater"), {some(DType::f64, r.which.concat(inner)), Tensor(0.0)}, {})[0] : whole(d, r.which.concat(inner));
        const Tensor at = numbers(which, DType::i32, &r.which);
        same_on_both("DynamicPartition", {x, at}, {{"num_partitions", r.parts}});
        if (d == DType::boolean) continue;
        same_on_both("DynamicStitch", {at, x}, {{"N", 1}});   // of several rows of one place the last
        const Shape two{2};
        same_on_both("DynamicStitch", {at, numbers({40, 0}, DType::i32, &two), x, whole(d, two.concat(inner))}, {{"N", 2}});
        if (HasFatalFailure()) return;
      }
    }
  for (const auto& [op, in, text] : {std::tuple{"DynamicPartition", Tensors{whole(DType::f32, {3}), numbers({0, 2, -1})}, "partitions[1] = 2 is not in [0, 2)"},
                                     std::tuple{"DynamicStitch", Tensors{numbers({1, -1}), whole(DType::f32, {2})}, "indices[1] is out of range"}}) {
    const device::Within gpu("/device:GPU:0");
    try {
      dispatch(find_op(op), in, Attrs(find_op(op), std::vector<NamedAttr>{op[7] == 'P' ? NamedAttr{"num_partitions", 2} : NamedAttr{"N", 1}}));
      ADD_FAILURE() << op;
    } catch (const Error& e) {
      EXPECT_NE(e.message().find(text), std::string::npos) << e.message();
    }
  }
}

TEST_F(Gpu, BinsAndPlacesAreTheCpus) {
  for (DType d : {DType::i32, DType::i64, DType::f32, DType::f64}) {
    for (int64_t n : {0, 1, 1025}) {
      const Tensor ids = numbers([&] { std::vector<int64_t> v(static_cast<size_t>(n)); for (int64_t& x : v) x = random_bits() % 40; return v; }());
      const Tensor none = Tensor::zeros(d, {0});
      same_on_both("Bincount", {ids, Tensor(int32_t{30}), none});
      if (n > 0) same_on_both("Bincount", {ids, Tensor(int32_t{50}), whole(d, {n}, 7)});
      for (bool binary : {false, true}) same_on_both("DenseBincount", {ids, Tensor(int32_t{30}), none}, {{"binary_output", binary}});
      same_on_both("Bucketize", {n > 1 ? some(d, {n}) : whole(d, {n})}, {{"boundaries", std::vector<double>{-2, 0, 0, 0.5, 3}}});
      const Tensor range = on_cpu(find_op("Cast"), {Tensor::of<double>({2}, {-3, 3})}, std::vector<NamedAttr>{{"DstT", d}})[0];
      for (DType to : {DType::i32, DType::i64})
        same_on_both("HistogramFixedWidth", {n > 1 ? some(d, {n}) : whole(d, {n}), range, Tensor(int32_t{7})}, {{"dtype", to}});
    }
    const Shape rows{3, 100};
    const Tensor ids = whole(DType::u8, rows, 20);
    for (bool binary : {false, true})
      for (DType index : {DType::i32, DType::i64}) {
        const Tensor wide = on_cpu(find_op("Cast"), {ids}, std::vector<NamedAttr>{{"DstT", index}})[0];
        const Tensor size = numbers({16}, index, std::make_unique<Shape>(Shape{}).get());
        same_on_both("DenseBincount", {wide, size, whole(d, rows, 5)}, {{"binary_output", binary}});
        same_on_both("DenseBincount", {wide, size, Tensor::zeros(d, {0})}, {{"binary_output", binary}});
      }
    const double step = is_floating(d) ? 0.375 : 3;
    const auto one = [&](double v) { return on_cpu(find_op("Cast"), {Tensor(v)}, std::vector<NamedAttr>{{"DstT", d}})[0]; };
    same_on_both("Range", {one(-5), one(1000), one(step)});       // multiples of 3/8: sums and products are the same
    same_on_both("Range", {one(5), one(-5), one(-step)});
    same_on_both("Range", {one(5), one(5), one(1)});
    if (HasFatalFailure()) return;
  }
  for (const char* op : {"LowerBound", "UpperBound"})
    for (DType d : kReals)
      for (DType to : {DType::i32, DType::i64}) {
        const Tensor sorted = on_cpu(find_op("Cast"), {Tensor::of<double>({2, 6}, {0, 1, 1, 1, 3, 4, 2, 2, 2, 2, 2, 2})}, std::vector<NamedAttr>{{"DstT", d}})[0];
        same_on_both(op, {sorted, whole(d, {2, 9}, 6)}, {{"out_type", to}});
        same_on_both(op, {on_cpu(find_op("Slice"), {sorted, numbers({0, 0}), numbers({2, 0})}, {})[0], whole(d, {2, 3})}, {{"out_type", to}});
      }
  const Tensor bytes = on_cpu(find_op("Bitcast"), {some(DType::u8, {2, 4, 6, 3})}, std::vector<NamedAttr>{{"type", DType::qi8}})[0];
  same_on_both("SpaceToDepth", {bytes}, {{"block_size", 2}});
  same_on_both("DepthToSpace", {on_cpu(find_op("SpaceToDepth"), {bytes}, std::vector<NamedAttr>{{"block_size", 2}})[0]}, {{"block_size", 2}});
  const device::Within gpu("/device:GPU:0");
  const Op& constant = find_op("Const");
  const Tensor value = some(DType::f64, {3, 2});
  const Tensor got = dispatch(constant, Tensors{}, Attrs(constant, std::vector<NamedAttr>{{"value", value}, {"dtype", DType::f64}}))[0];
  EXPECT_FALSE(on_host(got));
  expect_near(got, value, 0, "Const");
}

TEST_F(Gpu, IntegersFlowBackThroughConvolutions) {
  const std::vector<NamedAttr> how = {{"strides", std::vector<int64_t>{1, 2, 1, 1}}, {"padding", "SAME"}};
  const Tensor filter = whole(DType::f64, {3, 2, 3, 4}), dy = whole(DType::f64, {2, 3, 6, 4}), sizes = numbers({2, 5, 6, 3});
  auto cast = [](const Tensor& x, DType d) { return on_cpu(find_op("Cast"), {x}, std::vector<NamedAttr>{{"DstT", d}})[0]; };
  const Tensor want = cast(on_cpu(find_op("Conv2DBackpropInput"), {sizes, filter, dy}, how)[0], DType::i32);
  const device::Within gpu("/device:GPU:0");
  const Op& op = find_op("Conv2DBackpropInput");
  const Tensor got = dispatch(op, Tensors{sizes, cast(filter, DType::i32), cast(dy, DType::i32)}, Attrs(op, how))[0];
  EXPECT_FALSE(on_host(got));
  expect_near(got, want, 0, op.name);
}

TEST_F(Gpu, GammaNumbersAreTheCpusAndClassesFollowGumbel) {
  const Tensor seed = Tensor::of<int64_t>({2}, {3, 77});
  for (DType d : {DType::f32, DType::f64, DType::f16}) {
    const Tensor alpha = on_cpu(find_op("Cast"), {Tensor::of<double>({5}, {0.3, 1, 2.5, 40, -1})}, std::vector<NamedAttr>{{"DstT", d}})[0];
    same_on_both("StatelessRandomGammaV2", {numbers({300, 5}), seed, alpha}, {}, d == DType::f64 ? 256 : 2);
    same_on_both("StatelessRandomGammaV2", {numbers({0, 5}), seed, alpha});
  }
  const device::Within gpu("/device:GPU:0");
  constexpr int64_t rows = 2, samples = 500, classes = 7;
  const float logits[] = {0, 1, 2, 0.5f, -1, 0, 3, -INFINITY, 0, 0, 0, -2, 0, 0};
  for (DType d : {DType::f32, DType::f64, DType::f16})
    for (DType to : {DType::i32, DType::i64}) {
      const Op& op = find_op("StatelessMultinomial");
      const Tensor x = on_cpu(find_op("Cast"), {Tensor::of<float>({rows, classes}, std::vector<float>(logits, logits + rows * classes))}, std::vector<NamedAttr>{{"DstT", d}})[0];
      const Tensor got = dispatch(op, Tensors{x, Tensor(int32_t{samples}), seed}, Attrs(op, std::vector<NamedAttr>{{"output_dtype", to}}))[0];
      EXPECT_FALSE(on_host(got));
      const rng::Philox base = rng::stateless(3, 77);
      int counts[rows][classes] = {};
      for (int64_t b = 0; b < rows * samples; ++b) {
        float best = -INFINITY;
        int64_t place = 0;
        for (int64_t c = 0; c < classes; ++c) {
          const int64_t i = b * classes + c;
          const float u = std::bit_cast<float>(0x3f800000u | (base.at(static_cast<uint64_t>(i / 4)).next()[static_cast<size_t>(i % 4)] & 0x7fffffu)) - 1.0f;
          const float score = logits[b / samples * classes + c] - std::log(-std::log(u + 2e-30f));
          if (score >= best) best = score, place = c;
        }
        ASSERT_EQ(got.int_at(b), place) << b;
        ++counts[b / samples][place];
      }
      EXPECT_NEAR(counts[0][6], samples * 0.587, 50);   // e^3 / sum
      EXPECT_EQ(counts[1][0], 0);
    }
}

TEST_F(Gpu, GeneratorsMoveOnWhereTheirStateLies) {
  const device::Within gpu("/device:GPU:0");
  const Variable state(Tensor::of<int64_t>({3}, {1, 2, 3}));
  const Tensor was = op("RngReadAndSkip", {state.handle(), Tensor(int32_t{1}), Tensor(uint64_t{5})});
  EXPECT_EQ(was.int_at(0), 1);
  EXPECT_EQ(state.read().int_at(0), 1 + 256 * 5);
  op_all("RngSkip", Tensors{state.handle(), Tensor(int64_t{1}), Tensor(int64_t{1})});
  EXPECT_EQ(state.read().int_at(0), 1 + 256 * 6);
}

}  // namespace
}  // namespace ninefold
