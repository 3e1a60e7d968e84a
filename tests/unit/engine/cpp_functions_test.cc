// In: public functions as C++ programs call them. Out: the values of their records.
#include <gtest/gtest.h>

#include "ninefold/composite.h"
#include "ninefold/error.h"
#include "ninefold/functions/all.h"

namespace ninefold {
namespace {

std::vector<double> numbers(const Tensor& t) {
  std::vector<double> out;
  for (int64_t i = 0; i < t.size(); ++i) out.push_back(t.float_at(i));
  return out;
}

TEST(CppFunctions, OptionsHaveTheDefaultsOfTheRecords) {
  const Tensor x = Tensor::of<float>({2, 2}, {1, 2, 3, 4});
  EXPECT_EQ(numbers(reduce_sum(x)), (std::vector<double>{10}));
  EXPECT_EQ(numbers(reduce_sum(x, {.axis = 1})), (std::vector<double>{3, 7}));
  EXPECT_EQ(reduce_sum(x, {.axis = {0, 1}, .keepdims = true}).shape(), Shape({1, 1}));
  EXPECT_EQ(numbers(matmul(x, x, {.transpose_b = true})), (std::vector<double>{5, 11, 11, 25}));
  EXPECT_EQ(argmax(x, {.axis = 1}).dtype(), DType::i64);
}

TEST(CppFunctions, NumbersTakeTheDtypeOfTheTensorBesideThem) {
  const Tensor x = Tensor::of<double>({2}, {1, 2});
  EXPECT_EQ(add(x, 1).dtype(), DType::f64);
  EXPECT_EQ(numbers(multiply(2.5, x)), (std::vector<double>{2.5, 5}));
  EXPECT_EQ(numbers(concat(ValueList{x, x}, 0)), (std::vector<double>{1, 2, 1, 2}));
  EXPECT_EQ(numbers(reshape(x, {1, 2})), (std::vector<double>{1, 2}));
}

TEST(CppFunctions, NamespacesAreThoseOfPython) {
  const Tensor x = Tensor::of<float>({3}, {-1, 0, 2});
  EXPECT_EQ(numbers(nn::relu(x)), (std::vector<double>{0, 0, 2}));
  EXPECT_EQ(strings::lower(Tensor::of_string("AbC")).as<std::string>()[0], "abc");
  EXPECT_EQ(numbers(linalg::trace(eye(3))), (std::vector<double>{3}));
}

TEST(CppFunctions, ListsAndOtherValues) {
  const Tensors parts = unstack(Tensor::of<float>({2, 1}, {1, 2}));
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(numbers(parts[1]), (std::vector<double>{2}));
  const Value rows = ragged::stack(ValueList{Tensor::of<int>({1}, {1}), Tensor::of<int>({2}, {2, 3})});
  ASSERT_TRUE(Ragged::of(rows));
  EXPECT_EQ(Ragged::of(rows)->describe(), "<tf.RaggedTensor [[1], [2, 3]]>");
}

TEST(CppFunctions, ResultsOfAnotherKindSayWhatToCall) {
  const Value rows = ragged::stack(ValueList{Tensor::of<int>({1}, {1}), Tensor::of<int>({2}, {2, 3})});
  EXPECT_EQ(numbers(reduce_sum(rows, {.axis = 1})), (std::vector<double>{1, 5}));
  try {
    square(rows);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.message(), "tf.math.square: its result for these arguments is no tensor; use ninefold::call");
  }
}

}  // namespace
}  // namespace ninefold
