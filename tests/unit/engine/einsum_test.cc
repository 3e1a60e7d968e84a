// In: equations and tensors. Out: NumPy's sums of products, and TensorFlow's errors.
#include <gtest/gtest.h>

#include "function_rows.h"

namespace ninefold {
namespace {

using namespace testing;
constexpr DType F = DType::f32;

Tensor count(const Shape& s) {   // 0, 1, 2, ...
  std::vector<float> v(static_cast<size_t>(s.size()));
  for (size_t i = 0; i < v.size(); ++i) v[i] = static_cast<float>(i);
  return f32(s, v);
}

TEST(Einsum, Values) {
  const Tensor m = count({2, 3}), n = count({3, 2}), v = count({3}), s = count({2, 2});
  check_calls({
      {"tf.einsum", {"ij,jk->ik", L{m, n}}, F, {2, 2}, {10, 13, 28, 40}},
      {"tf.einsum", {"ij,jk", L{m, n}}, F, {2, 2}, {10, 13, 28, 40}},
      {"tf.einsum", {"ij,jk->ki", L{m, n}}, F, {2, 2}, {10, 28, 13, 40}},
      {"tf.einsum", {"ij->ji", L{m}}, F, {3, 2}, {0, 3, 1, 4, 2, 5}},
      {"tf.einsum", {"ij->", L{m}}, F, {}, {15}},
      {"tf.einsum", {"ij->j", L{m}}, F, {3}, {3, 5, 7}},
      {"tf.einsum", {"ii->i", L{s}}, F, {2}, {0, 3}},
      {"tf.einsum", {"ii", L{s}}, F, {}, {3}},
      {"tf.einsum", {"i,i->", L{v, v}}, F, {}, {5}},
      {"tf.einsum", {"i,j->ij", L{count({2}), v}}, F, {2, 3}, {0, 0, 0, 0, 1, 2}},
      {"tf.einsum", {"ij,j->ij", L{m, v}}, F, {2, 3}, {0, 1, 4, 0, 4, 10}},
      {"tf.einsum", {"bij,bjk->bik", L{count({2, 1, 2}), count({2, 2, 1})}}, F, {2, 1, 1}, {1, 13}},
      {"tf.einsum", {"...ij,...jk->...ik", L{count({2, 1, 2}), count({2, 1})}}, F, {2, 1, 1}, {1, 3}},
      {"tf.einsum", {"ij,jk,k->i", L{m, n, count({2})}}, F, {2}, {13, 40}},
      {"tf.linalg.einsum", {"ab , cd -> ", L{s, s}}, F, {}, {36}},
      {"tf.einsum", {"ij,jk->ik", L{count({2, 0}), count({0, 2})}}, F, {2, 2}, {0, 0, 0, 0}},
  });
}

TEST(Einsum, ErrorsAreTensorFlows) {
  const Tensor m = count({2, 3}), n = count({3, 4});
  check_bad_calls({
      {"tf.einsum", {"ij,jk->iz", L{m, n}}, Code::value, "Output subscripts contain the label z not present in the input subscripts."},
      {"tf.einsum", {"ijk,jk->i", L{m, n}}, Code::invalid_argument, "Expected input 0 to have rank 3 but got: 2 [Op:Einsum]"},
      {"tf.einsum", {"ij,jk->ik", L{m}}, Code::value, "Got 1 inputs for equation \"ij,jk->ik\", expecting 2"},
      {"tf.einsum", {"ij,jk->ik", L{m, count({2, 4})}}, Code::invalid_argument,
       "Expected dimension 3 at axis 0 of the input shaped [2,4] but got dimension 2 [Op:Einsum]"},
      {"tf.einsum", {"ii->i", L{m}}, Code::invalid_argument,
       "Expected dimension 2 at axis 1 of the input shaped [2,3] but got dimension 3 [Op:Einsum]"},
  });
}

}  // namespace
}  // namespace ninefold
