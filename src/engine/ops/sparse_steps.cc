// In: places and values of sparse tensors. Out: the steps of engine/ops/sparse.h.
#include "base/check.h"
#include "engine/ops/sparse.h"

namespace ninefold::ops::sparse {

SparseRef argument(const Value& v) {
  const SparseRef s = Sparse::of(v);
  check(s != nullptr, Code::type, "Input must be a SparseTensor.");
  return s;
}
SparseRef argument(const Args& a, std::string_view name) { return argument(a[name]); }

Tensor column(const Tensor& indices, int64_t axis) {
  const Tensor all = op("GatherV2", {indices, int_scalar(axis < 0 ? axis + indices.dim(1) : axis), int_scalar(1)});
  return all;
}
Tensor columns(const Tensor& indices, const std::vector<int64_t>& axes) {
  return op("GatherV2", {indices, int_vector(axes), int_scalar(1)});
}
int rank_of(const Sparse& s) {
  const Shape shape = s.shape();
  check(shape.known_rank(), Code::value, "tf.sparse: the rank of the sparse tensor must be known while tracing");
  return shape.rank();
}
Tensor one_of(const Tensor& vector, int64_t at) { return op("GatherV2", {vector, int_scalar(at), int_scalar(0)}); }
Tensor product(const Tensor& sizes) { return op("Prod", {sizes, int_vector({0})}); }
Tensor flat_places(const Tensor& indices, const Tensor& sizes) {
  const Tensor strides = op("Cumprod", {sizes, int_scalar(0)}, {{"exclusive", true}, {"reverse", true}});
  return op("Sum", {indices * strides, int_vector({1})});
}
Tensor places_of(const Tensor& flat, const Tensor& sizes) {
  const Tensor strides = op("Cumprod", {sizes, int_scalar(0)}, {{"exclusive", true}, {"reverse", true}});
  const Tensor wide = op("ExpandDims", {flat, int_scalar(1)});
  const Tensor one = int_scalar(1, DType::i64);   // of nothing there are no places, and no division by zero
  return op("FloorMod", {op("FloorDiv", {wide, op("Maximum", {strides, one})}), op("Maximum", {sizes, one})});
}
SparseRef in_order(const Tensor& indices, const Tensor& values, const Tensor& dense_shape) {
  const Tensor in[] = {indices, values, dense_shape};
  const Tensors made = op_all("SparseReorder", in);
  return Sparse::of(made[0], made[1], dense_shape);
}
SparseRef kept(const Sparse& s, const Tensor& which) {
  const Tensor at = op("Reshape", {op("Where", {which}), int_vector({-1})});
  return Sparse::of(ragged::gather(s.indices(), at), ragged::gather(s.values(), at), s.dense_shape());
}
Merged merged(const Tensor& indices, const Tensor& dense_shape) {
  const Tensor count = op("Size", {column(indices, 0)}, {{"out_type", DType::i64}});
  const SparseRef sorted = in_order(indices, op("Range", {int_scalar(0, DType::i64), count, int_scalar(1, DType::i64)}), dense_shape);
  const Tensor flat[] = {flat_places(sorted->indices(), dense_shape)};
  const NamedAttr wide("out_idx", DType::i64);
  const Tensors unique = op_all("Unique", flat, {&wide, 1});
  return {places_of(unique[0], dense_shape), ragged::gather(unique[1], op("InvertPermutation", {sorted->values()})),
          op("Size", {unique[0]}, {{"out_type", DType::i64}})};
}

}  // namespace ninefold::ops::sparse
