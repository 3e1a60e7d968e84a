// In: matrices. Out: products, adjoints, triangles of numbers.
#include "engine/ops/matrices.h"

#include "base/check.h"

namespace ninefold::ops::matrices {

Tensor times(const Tensor& a, const Tensor& b, bool adj_a, bool adj_b) {
  return op("BatchMatMulV2", {a, b}, {{"adj_x", adj_a}, {"adj_y", adj_b}});
}
Tensor adjoint_of(const Tensor& a) { return *call("tf.linalg.matrix_transpose", {{"a", a}, {"conjugate", true}}).get<Tensor>(); }
Tensor pattern(const Tensor& a, double below, double diagonal, double above) {
  const Extent n = columns_of(a);
  if (n.known()) {
    std::vector<double> v(static_cast<size_t>(n.value() * n.value()));
    for (int64_t i = 0; i < n.value(); ++i)
      for (int64_t j = 0; j < n.value(); ++j) v[static_cast<size_t>(i * n.value() + j)] = i > j ? below : i == j ? diagonal : above;
    return cast(Tensor::of<double>({n.value(), n.value()}, v), a.dtype());
  }
  const Tensor j = counted(n), i = op("ExpandDims", {j, int_scalar(-1)});
  const auto number = [&](double x) { return cast(Tensor(x), a.dtype()); };
  return op("SelectV2", {op("Greater", {i, j}), number(below), op("SelectV2", {op("Equal", {i, j}), number(diagonal), number(above)})});
}

}  // namespace ninefold::ops::matrices
