// In: matrices some of which are ragged. Out: their products, batch by batch, in the rows that they have.
#include "base/check.h"
#include "engine/ops/ragged.h"

namespace ninefold::ops::ragged {
namespace {

Value multiplied(const Function& f, std::vector<Value> values, const Tensor& a, const Tensor& b) {
  values[0] = a, values[1] = b;
  return ninefold::call(f, std::move(values));
}
const char kInner[] = "The matrices in `a` and `b` may not be ragged in their innermost dimension.";

// A matrix whose rows have one length.
Tensor matrix(const Value& x) {
  const RaggedRef r = Ragged::of(x);
  if (!r) return *x.get<Tensor>();
  const Tensor dense = r->to_tensor();
  require_equal(op("Size", {r->flat_values()}), op("Size", {dense}), kInner);
  return dense;
}

// A batch of matrices, padded with zeros to one size, and what size each has without them.
struct Batch {
  Tensor padded, rows, columns;   // rows, columns [batch]
};
Batch batch_of(const Value& x, DType d) {
  const RaggedRef r = Ragged::of(x);
  const Tensor dense = r ? r->to_tensor() : *x.get<Tensor>();
  const Tensor sizes = shape_tensor(dense, d);
  const Tensor zeros = op("Fill", {piece(sizes, 0, 1), int_scalar(0, d)});
  const auto all = [&](int axis) { return zeros + piece(sizes, axis, axis + 1); };
  if (!r) return {dense, all(1), all(2)};
  const Ragged* in = r->inner();
  if (!in) return {dense, r->row_lengths(), all(2)};
  const Tensor lengths = in->row_lengths(), ids = r->value_rowids();
  const Tensor columns = op("Maximum", {op("UnsortedSegmentMax", {lengths, ids, r->nrows()}), int_scalar(0, d)});
  require_equal(lengths, gather(columns, ids), kInner);
  return {dense, r->row_lengths(), columns};
}

}  // namespace

Value matmul(const Function& f, std::vector<Value> values) {
  const auto flag = [&](const char* name) {
    const auto& parameters = parameters_of(f);
    for (size_t i = 0; i < values.size(); ++i)
      if (parameters[i].name == name) return values[i].get<bool>() && *values[i].get<bool>();
    fail(Code::internal, "{} has no parameter {}", f.names[0], name);
  };
  const bool turned_a = flag("transpose_a") || flag("adjoint_a"), turned_b = flag("transpose_b") || flag("adjoint_b");
  for (const char* side : {"a", "b"})
    check(!(flag(side[0] == 'a' ? "transpose_a" : "transpose_b") && flag(side[0] == 'a' ? "adjoint_a" : "adjoint_b")), Code::value,
          "Only one of transpose_{} and adjoint_{} can be True.", side, side);
  const RaggedRef ra = Ragged::of(values[0]), rb = Ragged::of(values[1]);
  const Value a = ra ? values[0] : Value(numbers(values[0])), b = rb ? values[1] : Value(numbers(values[1]));
  const auto dtype = [](const Value& v, const RaggedRef& r) { return r ? r->dtype() : v.get<Tensor>()->dtype(); };
  const auto rank_of = [](const Value& v, const RaggedRef& r) { return r ? r->rank() : v.get<Tensor>()->rank(); };
  check(dtype(a, ra) == dtype(b, rb), Code::value, "`a` and `b` must have the same dtype.");
  const int rank = rank_of(a, ra);
  check(rank == rank_of(b, rb) && rank >= 2, Code::value, "`a` and `b` must have the same rank.");
  const DType d = ra ? ra->splits_dtype() : rb->splits_dtype();
  if (rank > 3) {   // the batches of all batches
    const RaggedRef x = ra ? ra : Ragged::from_tensor(*a.get<Tensor>(), {}, {}, 1, d);
    const RaggedRef y = rb ? rb : Ragged::from_tensor(*b.get<Tensor>(), {}, {}, 1, d);
    require_equal(cast(x->row_splits(), DType::i64), cast(y->row_splits(), DType::i64), "Batch dimensions of `a` and `b` do not have the same size.");
    values[0] = x->values(), values[1] = y->values();
    return Ragged::value(x->with_values(ninefold::call(f, std::move(values))));
  }
  if (rank == 2) return multiplied(f, std::move(values), matrix(a), matrix(b));

  const Batch x = batch_of(a, d), y = batch_of(b, d);
  const int64_t here = x.padded.dim(0), there = y.padded.dim(0);
  check(here < 0 || there < 0 || here == there, Code::value, "Dimensions {} and {} are not compatible", there, here);
  const Tensor &rows = turned_a ? x.columns : x.rows, &over_a = turned_a ? x.rows : x.columns;
  const Tensor &columns = turned_b ? y.rows : y.columns, &over_b = turned_b ? y.columns : y.rows;
  require_equal(over_a, over_b, "Matrix size-incompatible: the inner sizes of the matrices in `a` and `b` differ.");
  const Value made = multiplied(f, std::move(values), x.padded, y.padded);
  const RaggedRef product = Ragged::from_tensor(*made.get<Tensor>(), rows, {}, 1, d);
  // As in TensorFlow the last dimension is ragged where b may have matrices of different widths.
  if (!rb || (rb->ragged_rank() < 2 && !turned_b)) return Ragged::value(product);
  const Tensor widths = gather(columns, product->value_rowids());
  return Ragged::value(product->with_values(Ragged::value(Ragged::from_tensor(product->flat_values(), widths, {}, 1, d))));
}

}  // namespace ninefold::ops::ragged
