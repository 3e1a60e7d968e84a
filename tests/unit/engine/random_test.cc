// In: seeds and calls in a program's order. Out: TensorFlow 2.9.0's numbers (tf29-random.md 2.4), to the last digit.
#include <gtest/gtest.h>

#include "ninefold/ops.h"

namespace ninefold {
namespace {

Tensor draw(const char* name, int32_t n, std::optional<int64_t> seed = {}) {
  auto [a, b] = op_seeds(seed);
  return op(name, {Tensor::of<int32_t>({1}, {n})}, {{"dtype", DType::f32}, {"seed", a}, {"seed2", b}});
}
void expect(const Tensor& t, std::vector<float> want) {
  ASSERT_EQ(t.size(), static_cast<int64_t>(want.size()));
  for (size_t i = 0; i < want.size(); ++i) EXPECT_FLOAT_EQ(t.as<float>()[i], want[i]) << i;
}

TEST(RandomOps, OpsWithoutASeedDrawOne) {
  set_seed(7);
  expect(draw("RandomUniform", 3), {.8344538f, .23336661f, .8796519f});
  expect(draw("RandomUniform", 3), {.01905346f, .6496551f, .6962069f});
  set_seed(1234);
  expect(draw("RandomUniform", 2), {.5380393f, .36461866f});
  expect(draw("RandomStandardNormal", 2), {1.1468066f, .96459925f});
}

TEST(RandomOps, EqualSeedsContinueOneStreamUntilSetSeed) {
  for (int round = 0; round < 2; ++round) {
    set_seed(7);
    expect(draw("RandomUniform", 3, 5), {.8669311f, .0021675825f, .91945195f});
    expect(draw("RandomUniform", 3, 5), {.7997453f, .9907882f, .44618702f});
  }
}

TEST(RandomOps, ShuffleIsTensorFlows) {
  set_seed(7);
  auto [a, b] = op_seeds({});
  const Tensor t = op("RandomShuffle", {Tensor::of<int32_t>({10}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})}, {{"seed", a}, {"seed2", b}});
  EXPECT_EQ(t.ints(), (std::vector<int64_t>{4, 8, 9, 1, 6, 7, 0, 3, 2, 5}));
}

TEST(RandomOps, IntegersAreThoseOfTheVectors) {
  const Tensor t = op("RandomUniformInt", {Tensor::of<int32_t>({1}, {5}), Tensor(int32_t{-7}), Tensor(int32_t{1000003})},
                      {{"seed", 3}, {"seed2", 4}});
  EXPECT_EQ(t.ints(), (std::vector<int64_t>{829004, 59683, 501514, 228697, 381692}));
  try {
    op("RandomUniformInt", {Tensor::of<int32_t>({1}, {5}), Tensor(int32_t{3}), Tensor(int32_t{3})});
    ADD_FAILURE() << "no error";
  } catch (const Error& e) {
    EXPECT_EQ(e.message(), "Need minval < maxval, got 3 >= 3 [Op:RandomUniformInt]");
  }
}

TEST(RandomOps, WithoutAnySeedRunsDiffer) {
  const AttrList none = {{"dtype", DType::f64}};
  const Tensor shape = Tensor::of<int32_t>({1}, {4});
  EXPECT_NE(op("RandomUniform", {shape}, none).item<double>(), op("RandomUniform", {shape}, none).item<double>());
  EXPECT_EQ(op("TruncatedNormal", {Tensor::of<int32_t>({2}, {0, 3})}, none).size(), 0);
}

}  // namespace
}  // namespace ninefold
