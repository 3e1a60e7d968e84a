// In: ragged tensors; sparse tensors whose rows have no gaps. Out: the one as the other; element-wise functions of
// lists of ragged tensors.
#include "base/check.h"
#include "engine/ops/sparse.h"

namespace ninefold {

using namespace ops;
using namespace ops::ragged;

SparseRef Ragged::to_sparse() const {
  // The place of each value, a column a dimension, from the outermost partition inward.
  Tensors columns;
  for (const Ragged* level = this; level; level = level->inner()) {
    const Tensor rows = level->value_rowids();
    if (columns.empty()) columns.push_back(rows);
    else for (Tensor& c : columns) c = gather(c, rows);
    columns.push_back(up_to(count_of(level->values(), splits_dtype())) - gather(level->row_starts(), rows));
  }
  for (Tensor& c : columns) c = cast(c, DType::i64);
  const NamedAttr axis("axis", 1);
  Tensor flat = flat_values(), indices = op_all("Pack", columns, {&axis, 1}).at(0);
  if (flat.rank() > 1) {   // each value is a tensor of its own
    const Tensor sizes = piece(shape_tensor(flat, DType::i64), 1, {}), each = sparse::product(sizes);
    flat = op("Reshape", {flat, int_vector({-1})});
    const Tensor all = up_to(count_of(flat, DType::i64));
    indices = concat({gather(indices, op("FloorDiv", {all, each})), sparse::places_of(op("FloorMod", {all, each}), sizes)}, 1);
  }
  return Sparse::of(indices, flat, cast(bounding_shape(), DType::i64), shape());
}

RaggedRef Ragged::from_sparse(const Sparse& s, DType splits_dtype) {
  const Shape indices = s.indices().shape(), sizes = s.dense_shape().shape();
  check((indices.known_rank() && indices[1] == 2) || (sizes.known_rank() && sizes[0] == 2), Code::value, "rank(st_input) must be 2.");
  const Tensor rows = cast(sparse::column(s.indices(), 0), splits_dtype);
  const RaggedRef r = from_value_rowids(s.values(), rows, cast(sparse::one_of(s.dense_shape(), 0), splits_dtype), false);
  const Tensor places = up_to(count_of(s.values(), splits_dtype)) - gather(r->row_starts(), rows);
  require_equal(cast(sparse::column(s.indices(), 1), splits_dtype), places,
                "SparseTensor is not right-ragged: each row begins at column 0 and leaves none out");
  return r;
}

namespace ops::ragged {

Value over_list(const Function& f, std::vector<Value> values, size_t at) {
  ValueList* const items = std::get_if<ValueList>(&values[at]);
  check(items != nullptr, Code::type, "{}: expected a list of ragged tensors first, got something else", f.names[0]);
  ValueList& list = *items;
  RaggedRef first;
  for (Value& v : list) {
    const RaggedRef r = Ragged::of(v);
    if (!r) continue;
    if (!first) first = r;
    else require_same_rows(*first, *r);
    v = r->flat_values();
  }
  const Value flat = ninefold::call(f, std::move(values));
  return Ragged::value(first->with_flat_values(*flat.get<Tensor>()));
}

}  // namespace ops::ragged
}  // namespace ninefold
