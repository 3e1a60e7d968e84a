// In: small matrices. Out: TensorFlow 2.9.0's factors, solutions, determinants and errors; finite differences.
#include <gtest/gtest.h>

#include <cmath>

#include "function_rows.h"

namespace ninefold {
namespace {

using namespace testing;
Tensor spd() { return f64({3, 3}, {4, 1, 2, 1, 3, 0, 2, 0, 5}); }
Tensor tall() { return f64({3, 2}, {1, 2, 3, 4, 5, 7}); }
Tensor indefinite() { return f64({2, 2}, {1, 2, 2, 1}); }
Tensor null() { return f64({2, 2}, {0, 0, 0, 0}); }
const std::vector<double> solution = {-0.6976744186046513, -0.7441860465116279, 1.232558139534884,
                                      1.5813953488372092, 1.2790697674418605, 1.6976744186046513};

TEST(Linalg, FactorsAndSolutionsAreTensorFlows) {
  constexpr double e = 1e-13;
  constexpr DType D = DType::f64;
  check_calls({
      {"tf.linalg.cholesky", {spd()}, D, {3, 3},
       {2, 0, 0, 0.5, 1.6583123951777, 0, 1, -0.30151134457776363, 1.9771421064483223}, e},
      {"tf.linalg.cholesky", {indefinite()}, D, {2, 2}, {NAN, 0, NAN, NAN}, e},
      {"tf.linalg.inv", {spd()}, D, {3, 3},
       {0.3488372093023256, -0.11627906976744187, -0.13953488372093023, -0.11627906976744187, 0.372093023255814,
        0.04651162790697675, -0.13953488372093023, 0.04651162790697675, 0.2558139534883721}, e},
      {"tf.linalg.solve", {spd(), tall()}, D, {3, 2}, solution, e},
      {"tf.linalg.cholesky_solve", {*call("tf.linalg.cholesky", {{"input", spd()}}).get<Tensor>(), tall()}, D, {3, 2}, solution, e},
      {"tf.linalg.triangular_solve", {spd(), tall()}, D, {3, 2}, {0.25, 0.5, 11.0 / 12, 7.0 / 6, 0.9, 1.2}, e},
      {"tf.linalg.triangular_solve", {spd(), tall(), false}, D, {3, 2}, {-0.5, -8.0 / 15, 1, 4.0 / 3, 1, 1.4}, e},
      {"tf.linalg.triangular_solve", {spd(), tall(), true, true}, D, {3, 2}, {-0.5, -8.0 / 15, 1, 4.0 / 3, 1, 1.4}, e},
      {"tf.linalg.det", {spd()}, D, {}, {43}, e},
      {"tf.linalg.det", {null()}, D, {}, {0}},
      {"tf.linalg.det", {f32({0, 2, 2}, {})}, DType::f32, {0}, {}},
      {"tf.linalg.logdet", {spd()}, D, {}, {3.761200115693563}, e},
      {"tf.linalg.eigvalsh", {spd()}, D, {3}, {1.8548973087995781, 3.476023602918134, 6.669079088282286}, e},
      {"tf.linalg.svd", {tall(), false, false}, D, {2}, {10.191428257097225, 0.36713768594389984}, e},
  });
  const std::vector<NamedAttr> none;
  check_values({
      {"Qr", {tall()}, none, {3, 2},
       {-0.16903085094570325, 0.948683298050514, -0.5070925528371099, -0.3162277660168368, -0.8451542547285166, 0}, 1e-14},
      {"Qr", {f64({2, 3}, {1, 2, 3, 4, 5, 7})}, none, {2, 2},
       {-0.24253562503633308, -0.970142500145332, -0.970142500145332, 0.24253562503633286}, 1e-14},
      {"LogMatrixDeterminant", {null()}, none, {}, {0}},
      {"LogMatrixDeterminant", {f64({1, 2, 2}, {0, 1, 1, 0})}, none, {1}, {-1}},
  });
}

TEST(Linalg, FactorsMultiplyToTheirMatrix) {
  const auto product = [](const Tensor& a, const Tensor& b, bool adj) { return op("BatchMatMulV2", {a, b}, {{"adj_y", adj}}); };
  const auto expect = [](const Tensor& got, const Tensor& want) {
    ASSERT_TRUE(got.shape() == want.shape()) << got.shape().str();
    for (int64_t i = 0; i < want.size(); ++i) EXPECT_NEAR(got.float_at(i), want.float_at(i), 1e-13) << i;
  };
  for (const Tensor& a : {tall(), f64({2, 3}, {1, 2, 3, 4, 5, 7}), f64({3, 2}, {1, 2, 2, 4, 3, 6})})
    for (const bool full : {false, true}) {
      const NamedAttr attr("full_matrices", full);
      const Tensors qr = op_all("Qr", {&a, 1}, {&attr, 1});
      expect(product(qr[0], qr[1], false), a);
      const Tensors svd = op_all("Svd", {&a, 1}, {&attr, 1});
      if (full) continue;
      expect(product(svd[1] * op("ExpandDims", {svd[0], Tensor(int32_t{0})}), svd[2], true), a);
    }
  const Tensor a = spd();
  const Tensors e = op_all("SelfAdjointEigV2", {&a, 1});
  expect(product(e[1] * op("ExpandDims", {e[0], Tensor(int32_t{0})}), e[1], true), a);
}

TEST(Linalg, GradientsAreThoseOfFiniteDifferences) {
  const Tensor a = f64({3, 3}, {4, 1, 2, -1, 3, 0.5, 2, 0.7, 5}), lower = f64({2, 2}, {2, 0, 0.5, 3});
  const Tensor two = f64({2, 2}, {1, 2, 3, -1});
  check_gradients({
      {"MatrixInverse", {a}},
      {"MatrixInverse", {a}, 1, {{"adjoint", true}}},
      {"MatrixSolve", {a, tall()}, 2},
      {"MatrixSolve", {a, tall()}, 2, {{"adjoint", true}}},
      {"MatrixTriangularSolve", {lower, two}, 2},
      {"MatrixTriangularSolve", {lower, two}, 2, {{"adjoint", true}}},
      {"MatrixDeterminant", {a}},
      {"Qr", {tall()}},
  });
}

TEST(Linalg, ErrorsAreTensorFlows) {
  constexpr auto IA = Code::invalid_argument;
  check_bad_calls({
      {"tf.linalg.cholesky", {tall()}, IA, "Input matrix must be square. [Op:Cholesky]"},
      {"tf.linalg.cholesky", {f64({2}, {1, 2})}, IA, "Input tensor 0 must have rank >= 2, got 1 [Op:Cholesky]"},
      {"tf.linalg.inv", {null()}, IA, "Input is not invertible. [Op:MatrixInverse]"},
      {"tf.linalg.solve", {null(), indefinite()}, IA, "Input matrix is not invertible. [Op:MatrixSolve]"},
      {"tf.linalg.solve", {spd(), indefinite()}, IA, "Input matrix and rhs are incompatible. [Op:MatrixSolve]"},
      {"tf.linalg.det", {tall()}, IA, "Input matrix must be square. [Op:MatrixDeterminant]"},
  });
}

TEST(Assertions, RaiseWithTheFirstElements) {
  constexpr auto IA = Code::invalid_argument;
  check_bad_calls({
      {"tf.Assert", {false, L{"x", i32({4}, {1, 2, 3, 4})}}, IA, "Expected 'False' to be true. Summarized data: b'x'\n1, 2, 3, ..."},
      {"tf.debugging.assert_less", {i32({2}, {1, 2}), 2}, IA,
       "Condition x < y did not hold.\nFirst 2 elements of x:\n[1 2]\nFirst 1 elements of y:\n[2]"},
      {"tf.debugging.assert_greater", {1, 2, "hi"}, IA,
       "hi\nCondition x > y did not hold.\nFirst 1 elements of x:\n[1]\nFirst 1 elements of y:\n[2]"},
      {"tf.debugging.assert_equal", {i32({2}, {1, 2}), i32({2}, {1, 3})}, IA,
       "Condition x == y did not hold.\nIndices of first 1 different values:\n[[1]]\nCorresponding x values:\n[2]\n"
       "Corresponding y values:\n[3]\nFirst 2 elements of x:\n[1 2]\nFirst 2 elements of y:\n[1 3]"},
      {"tf.debugging.assert_equal", {1, 2, "hi"}, IA,
       "hi\nCondition x == y did not hold.\nFirst 1 elements of x:\n[1]\nFirst 1 elements of y:\n[2]"},
  });
  EXPECT_TRUE(call("tf.Assert", {{"condition", true}, {"data", L{"x"}}}).none());
  EXPECT_TRUE(call("tf.debugging.assert_less", {{"x", 1}, {"y", 2}}).none());
}

}  // namespace
}  // namespace ninefold
