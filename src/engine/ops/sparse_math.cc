// In: sparse tensors. Out: sums, maxima, products and softmaxes of them; rows of a table summed by sparse ids.
#include "base/check.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/element_type.h"
#include "engine/ops/sparse.gpu.h"
#include "engine/ops/sparse.h"

namespace ninefold::ops {
namespace {

using namespace sparse;

Tensor joined(const Tensors& parts, int axis = 0) { return parts.size() == 1 ? parts[0] : ragged::concat(parts, axis); }
Tensor dense(const Value& v, DType like) { return is_tensor(v) ? ragged::numbers(v) : to_tensor(v, like); }
Tensor segments(const char* how, const Tensor& x, const Tensor& ids, const Tensor& count) { return op(how, {x, ids, count}); }

// ---- two of one shape, element by element; what is not written down is 0 ----

struct Aligned { Tensor indices, a, b; };   // the places of either, in order, and both values at each
Aligned aligned(const Sparse& a, const Sparse& b) {
  const Tensor indices = ragged::concat({a.indices(), b.indices()});
  const Merged m = merged(indices, a.dense_shape());
  const Tensor x = ragged::concat({a.values(), op("ZerosLike", {b.values()})}), y = ragged::concat({op("ZerosLike", {a.values()}), b.values()});
  return {m.indices, segments("UnsortedSegmentSum", x, m.own, m.count), segments("UnsortedSegmentSum", y, m.own, m.count)};
}
void require_same_shape(const Sparse& a, const Sparse& b) {
  const Shape x = a.shape(), y = b.shape();
  check(x.rank() == y.rank(), "Ranks of input tensors must match, but saw ranks: {} and {}", x.rank(), y.rank());
  for (int i = 0; i < x.rank(); ++i)
    check(x[i] < 0 || y[i] < 0 || x[i] == y[i], "Input shapes must match: got {} and {} for dimension {}", x[i], y[i], i);
}
const Function add = {
    .names = {"tf.sparse.add"}, .signature = "(a: value, b: value, threshold: value = 0)",
    .doc = "The sum of two sparse tensors, without what is below `threshold`; of a sparse and a dense one a dense tensor.",
    .body = [](Args& args) -> Value {
      const SparseRef a = Sparse::of(args["a"]), b = Sparse::of(args["b"]);
      check(a || b, Code::type, "At least one input should be SparseTensor; do you mean to use tf.add()?");
      if (!a || !b) {
        const SparseRef s = a ? a : b;
        const Tensor other = dense(args[a ? "b" : "a"], s->dtype());
        return other + op("ScatterNd", {s->indices(), s->values(), s->dense_shape()});
      }
      const Shape one = a->shape(), two = b->shape();
      check(one.rank() == two.rank(), "Input indices must have the same dimension, got {} and {} [Op:SparseAdd]", one.rank(), two.rank());
      for (int i = 0; i < one.rank(); ++i)
        check(one[i] < 0 || two[i] < 0 || one[i] == two[i], "Operands' shapes do not match: got {} and {} for dimension {} [Op:SparseAdd]", one[i],
              two[i], i);
      const Tensor x = a->values(), y = b->values();
      const Merged m = merged(ragged::concat({a->indices(), b->indices()}), a->dense_shape());
      const Tensor sum = segments("UnsortedSegmentSum", ragged::concat({x, y}), m.own, m.count);
      const SparseRef all = Sparse::of(m.indices, sum, a->dense_shape());
      const Tensor least = to_tensor(args["threshold"], real_part_of(sum.dtype()));
      if (!least.symbolic() && least.float_at(0) <= 0) return Sparse::value(all);
      const Tensor size = is_complex(sum.dtype()) ? op("ComplexAbs", {sum}) : op("Abs", {sum});
      return Sparse::value(kept(*all, op("LessEqual", {least, size})));
    },
    .result = "value",
};
NINEFOLD_REGISTER(add);
template <bool greatest>
Value extreme(Args& args) {
  const SparseRef a = argument(args, "sp_a"), b = argument(args, "sp_b");
  require_same_shape(*a, *b);
  const Aligned both = aligned(*a, *b);
  return Sparse::value(Sparse::of(both.indices, op(greatest ? "Maximum" : "Minimum", {both.a, both.b}), a->dense_shape()));
}
const Function maximum = {
    .names = {"tf.sparse.maximum"}, .signature = "(sp_a: value, sp_b: value, name: str = None)",
    .doc = "The greater one at each place that either writes down; what is not written down is 0.", .body = extreme<true>, .result = "value",
};
NINEFOLD_REGISTER(maximum);
const Function minimum = {
    .names = {"tf.sparse.minimum"}, .signature = "(sp_a: value, sp_b: value, name: str = None)",
    .doc = "The lesser one at each place that either writes down; what is not written down is 0.", .body = extreme<false>, .result = "value",
};
NINEFOLD_REGISTER(minimum);

// ---- reductions: over what is written down ----

template <bool greatest>
Value reduced(Args& args) {
  const SparseRef s = argument(args, "sp_input");
  const int rank = rank_of(*s);
  const bool keep = !args.none("keepdims") && args.flag("keepdims");
  std::vector<bool> gone(static_cast<size_t>(rank), args.none("axis"));
  if (!args.none("axis"))
    for (int64_t axis : args.ints("axis")) {
      check(axis >= -rank && axis < rank, "Invalid reduction dimension {}, for input with {} dimensions. [Op:{}]", axis, rank,
            greatest ? "SparseReduceMax" : "SparseReduceSum");
      gone[static_cast<size_t>(axis < 0 ? axis + rank : axis)] = true;
    }
  std::vector<int64_t> left, shown;   // the axes that stay; those of the result, -1 for one of size 1
  for (int i = 0; i < rank; ++i) {
    if (!gone[static_cast<size_t>(i)]) left.push_back(i);
    if (!gone[static_cast<size_t>(i)] || keep) shown.push_back(gone[static_cast<size_t>(i)] ? -1 : i);
  }
  const Tensor sizes = ragged::gather(s->dense_shape(), int_vector(left)), one = int_scalar(1, DType::i64);
  const Tensor places = flat_places(columns(s->indices(), left), sizes), count = product(sizes);
  const auto shape_of = [&](const Tensor& of) {   // `of` has a column or size for each axis that stays
    Tensors parts;
    for (size_t i = 0, at = 0; i < shown.size(); ++i)
      parts.push_back(shown[i] < 0 ? Tensor() : op("GatherV2", {of, int_vector({static_cast<int64_t>(at++)}), int_scalar(of.rank() - 1)}));
    return parts;
  };
  if (args.flag("output_is_sparse")) {
    const Merged m = merged(columns(s->indices(), left), sizes);
    Tensor values = segments(greatest ? "UnsortedSegmentMax" : "UnsortedSegmentSum", s->values(), m.own, m.count);
    Tensors at = shape_of(m.indices), all = shape_of(sizes);
    for (Tensor& t : at)
      if (!t.defined()) t = op("ExpandDims", {op("ZerosLike", {ragged::up_to(m.count)}), int_scalar(1)});
    for (Tensor& t : all)
      if (!t.defined()) t = Tensor::of<int64_t>({1}, {1});
    if (shown.empty()) return Sparse::value(Sparse::of(op("Reshape", {m.indices, int_vector({-1, 0})}), values, Tensor::zeros(DType::i64, {0})));
    return Sparse::value(Sparse::of(joined(at, 1), values, joined(all)));
  }
  Tensor out = segments(greatest ? "UnsortedSegmentMax" : "UnsortedSegmentSum", s->values(), places, count);
  if (greatest) {   // where nothing is written down there is 0
    const Tensor some = segments("UnsortedSegmentSum", op("OnesLike", {places}), places, count);
    out = op("SelectV2", {op("Greater", {some, int_scalar(0, DType::i64)}), out, op("ZerosLike", {out})});
  }
  Tensors all = shape_of(sizes);
  for (Tensor& t : all)
    if (!t.defined()) t = Tensor::of<int64_t>({1}, {1});
  return op("Reshape", {out, all.empty() ? int_vector({}) : joined(all)});
}
const std::string reduce_signature =
    "(sp_input: value, axis: ints = None, keepdims: value = None, output_is_sparse: bool = False, name: str = None)";
const Function reduce_sum = {
    .names = {"tf.sparse.reduce_sum"}, .signature = reduce_signature,
    .doc = "The sum over the axes (all of them), as a dense tensor unless output_is_sparse.", .body = reduced<false>, .result = "value",
};
NINEFOLD_REGISTER(reduce_sum);
const Function reduce_max = {
    .names = {"tf.sparse.reduce_max"}, .signature = reduce_signature,
    .doc = "The greatest of the elements that are written down, over the axes (all of them); 0 where there is none.",
    .body = reduced<true>, .result = "value",
};
NINEFOLD_REGISTER(reduce_max);

const Function softmax = {
    .names = {"tf.sparse.softmax"}, .signature = "(sp_input: value, name: str = None)",
    .doc = "The softmax over the elements of each row of the last dimension that are written down.",
    .body = [](Args& a) -> Value {
      const SparseRef s = argument(a, "sp_input");
      const int rank = rank_of(*s);
      check(rank >= 2, "Input should have rank >= 2, but got shape: {}", s->shape().str());
      std::vector<int64_t> rows = counting(rank - 1);
      const Tensor sizes = ragged::gather(s->dense_shape(), int_vector(rows));
      const Tensor row = flat_places(columns(s->indices(), rows), sizes), count = product(sizes);
      const Tensor high = op("StopGradient", {segments("UnsortedSegmentMax", s->values(), row, count)});
      const Tensor e = op("Exp", {s->values() - ragged::gather(high, row)});
      return Sparse::value(s->with_values(e / ragged::gather(segments("UnsortedSegmentSum", e, row, count), row)));
    },
    .result = "value",
};
NINEFOLD_REGISTER(softmax);

// ---- SparseTensorDenseMatMul ----

const Op matmul_op = {
    .name = "SparseTensorDenseMatMul", .inputs = {"a_indices: Tindices", "a_values: T", "a_shape: int64", "b: T"}, .outputs = {"product: T"},
    .attrs = {"T: numeric", "Tindices: index = int64", "adjoint_a: bool = false", "adjoint_b: bool = false"},
    .doc = "The product of a sparse and a dense matrix.",
    .shape = [](ShapeCtx& c) {
      c.rank(0, 2), c.rank(1, 1), c.rank(2, 1), c.rank(3, 2);
      const Tensor* a = c.value(2);
      const Shape& b = c.shape(3);
      const bool at = c.flag("adjoint_a"), bt = c.flag("adjoint_b");
      c.output({a ? a->int_at(at ? 1 : 0) : -1, b.known_rank() ? b[bt ? 0 : 1] : -1});
    },
    .grad = [](GradCtx& g) {
      const Tensor at = g.in(0), b = g.in(3), dy = g.dy();
      const bool adjoint_a = std::get<bool>(g.attr("adjoint_a")), adjoint_b = std::get<bool>(g.attr("adjoint_b"));
      const auto taken = [](const Tensor& x, const Tensor& rows) { return op("GatherV2", {x, rows, int_scalar(0)}); };
      const auto flipped = [](const Tensor& x) { return op("ConjugateTranspose", {x, int_vector({1, 0})}); };
      // dA at (i, j) is row i of dy by row j of b, and the other way round where a was transposed.
      const Tensor rows = column(at, adjoint_a ? 1 : 0), cols = column(at, adjoint_a ? 0 : 1);
      const Tensor of_b = taken(adjoint_b ? flipped(b) : b, cols), of_y = taken(dy, rows);
      const bool complex = is_complex(dy.dtype());
      Tensor da = op("Sum", {of_y * (complex ? op("Conj", {of_b}) : of_b), int_vector({1})});
      if (complex && adjoint_a) da = op("Conj", {da});
      g.to(1, da);
      const Tensor db = op("SparseTensorDenseMatMul", {at, g.in(1), g.in(2), dy}, {{"adjoint_a", !adjoint_a}});
      g.to(3, adjoint_b ? flipped(db) : db);
    },
    .host = {"a_shape"}, .grad_reads = {"a_indices", "a_values", "a_shape", "b"},
};
NINEFOLD_REGISTER(matmul_op);
}  // namespace
SparseSizes product_sizes(const KernelCtx& k) {
  const bool at = k.flag("adjoint_a"), bt = k.flag("adjoint_b");
  const Tensor &places = k.in(0), &sizes = k.in(2), &b = k.in(3);
  k.check(sizes.size() == 2, "Tensor 'a_shape' must have 2 elements");
  k.check(places.dim(1) == 2, "Tensor 'a_indices' must have 2 columns, got shape {}", places.shape().str());
  k.check(places.dim(0) == k.in(1).size(), "Number of rows of a_indices does not match number of entries in a_values");
  const int64_t outer = sizes.int_at(at ? 1 : 0), inner = sizes.int_at(at ? 0 : 1);
  const int64_t rows_b = b.dim(bt ? 1 : 0), width = b.dim(bt ? 0 : 1);
  k.check(inner == rows_b, "Cannot multiply A and B because inner dimension does not match: {} vs. {}.  Did you forget a transpose?  "
          "Dimensions of A: [{}, {}).  Dimensions of B: {}", inner, rows_b, sizes.int_at(0), sizes.int_at(1), b.shape().str());
  return {outer, inner, width};
}
namespace {
NINEFOLD_KERNEL(matmul_op, "CPU", (Kernel{[](KernelCtx& k) {
  const bool at = k.flag("adjoint_a"), bt = k.flag("adjoint_b");
  const Tensor &places = k.in(0), &b = k.in(3);
  const auto [outer, inner, width] = product_sizes(k);
  Tensor& out = k.has_output(0) ? k.out(0) : k.allocate(0, b.dtype(), {outer, width});
  const auto run = [&]<class T>(T, auto conj) {
    auto* y = static_cast<T*>(out.impl()->data);
    std::fill_n(y, out.size(), T{});
    const T *x = k.in<T>(1), *w = k.in<T>(3);
    for (int64_t i = 0; i < places.dim(0); ++i) {
      const int64_t r = places.int_at(2 * i + (at ? 1 : 0)), c = places.int_at(2 * i + (at ? 0 : 1));
      k.check(c >= 0 && c < inner, "k ({}) from index[{},{}] out of bounds (>={})", c, i, at ? 0 : 1, inner);
      k.check(r >= 0 && r < outer, "m ({}) from index[{},{}] out of bounds (>={})", r, i, at ? 1 : 0, outer);
      const T v = at ? conj(x[i]) : x[i];
      T* to = y + r * width;
      if (bt) for (int64_t j = 0; j < width; ++j) to[j] += v * conj(w[j * inner + c]);
      else for (int64_t j = 0; j < width; ++j) to[j] += v * w[c * width + j];
    }
  };
  const auto same = [](auto v) { return v; };
  const auto conjugate = [](auto v) { return std::conj(v); };
  switch (b.dtype()) {
    case DType::f32: return run(float{}, same);
    case DType::f64: return run(double{}, same);
    case DType::i32: return run(int32_t{}, same);
    case DType::c64: return run(std::complex<float>{}, conjugate);
    case DType::c128: return run(std::complex<double>{}, conjugate);
    default: k.check(false, "sparse matrices of {} are not multiplied; cast them to float32", name_of(b.dtype()));
  }
}}));
Tensor product_of(const Sparse& a, const Tensor& b, bool adjoint_a, bool adjoint_b) {
  return op("SparseTensorDenseMatMul", {a.indices(), a.values(), a.dense_shape(), b}, {{"adjoint_a", adjoint_a}, {"adjoint_b", adjoint_b}});
}
const Function matmul = {
    .names = {"tf.sparse.sparse_dense_matmul"},
    .signature = "(sp_a: value, b: value, adjoint_a: bool = False, adjoint_b: bool = False, name: str = None)",
    .doc = "The product of a sparse and a dense matrix, in either order; each may be conjugated and transposed.",
    .body = [](Args& a) -> Value {
      const bool ta = a.flag("adjoint_a"), tb = a.flag("adjoint_b");
      if (const SparseRef right = Sparse::of(a["b"])) {
        const Tensor left = dense(a["sp_a"], right->dtype());
        return op("Transpose", {product_of(*right, left, !tb, !ta), int_vector({1, 0})});
      }
      const SparseRef left = argument(a, "sp_a");
      return product_of(*left, dense(a["b"], left->dtype()), ta, tb);
    },
};
NINEFOLD_REGISTER(matmul);

// ---- rows of data, summed by segment ----

enum class Mean { no, yes, root };   // the sum, divided by the count, or by its root
template <Mean mean>
Value segment(Args& a) {
  const Tensor data = ragged::numbers(a["data"]), at = int_operand(a, "indices"), ids = int_operand(a, "segment_ids");
  const Tensor rows = ragged::gather(data, at);
  const Tensor one = op("OnesLike", {ids});
  Tensor sum, count;
  if (a.none("num_segments")) {
    sum = op("SegmentSum", {rows, ids}), count = op("SegmentSum", {one, ids});
  } else {
    const Tensor n = int_operand(a, "num_segments");
    sum = op("UnsortedSegmentSum", {rows, ids, n}), count = op("UnsortedSegmentSum", {one, ids, n});
  }
  if constexpr (mean == Mean::no) return sum;
  Tensor by = op("Maximum", {cast(count, data.dtype()), scalar(1, data.dtype())});
  by = op("Reciprocal", {mean == Mean::root ? op("Sqrt", {by}) : by});   // rounded as TensorFlow's kernel does
  const int rank = data.rank();
  check(rank >= 1, Code::value, "tf.sparse.segment: data must have rank 1 or more");
  std::vector<int64_t> wide(static_cast<size_t>(rank), 1);
  wide[0] = -1;
  return sum * op("Reshape", {by, int_vector(wide)});
}
const std::string segment_signature =
    "(data: tensor, indices: ints, segment_ids: ints, num_segments: ints = None, name: str = None)";
const Function segment_sum = {
    .names = {"tf.sparse.segment_sum"}, .signature = segment_signature,
    .doc = "The sums of those rows of data that `indices` names, one a segment; segment_ids rise.", .body = segment<Mean::no>,
};
NINEFOLD_REGISTER(segment_sum);
const Function segment_mean = {
    .names = {"tf.sparse.segment_mean"}, .signature = segment_signature,
    .doc = "The means of those rows of data that `indices` names, one a segment; segment_ids rise.", .body = segment<Mean::yes>,
};
NINEFOLD_REGISTER(segment_mean);
const Function segment_sqrt_n = {
    .names = {"tf.sparse.segment_sqrt_n"}, .signature = segment_signature,
    .doc = "The sums of those rows of data that `indices` names, each divided by the root of its count; segment_ids rise.",
    .body = segment<Mean::root>,
};
NINEFOLD_REGISTER(segment_sqrt_n);

// ---- embeddings by sparse ids ----

// Each row of ids gives one row: its embeddings, weighted, summed and divided as the combiner says.
Tensor combined(const Value& params, const Sparse& ids, const SparseRef& weights, const std::string& combiner, const Value& max_norm) {
  const Tensor rows = column(ids.indices(), 0);
  Tensor found = *call("tf.nn.embedding_lookup", {{"params", params}, {"ids", ids.values()}, {"max_norm", max_norm}}).get<Tensor>();
  const Tensor n = op("Max", {ragged::concat({rows, Tensor::of<int64_t>({1}, {-1})}), int_vector({0})}) + int_scalar(1, DType::i64);
  Tensor by;   // of each row what its sum is divided by
  std::vector<int64_t> wide(static_cast<size_t>(found.rank()), 1);
  wide[0] = -1;
  if (weights) {
    const Tensor w = cast(weights->values(), found.dtype());
    found = found * op("Reshape", {w, int_vector(wide)});
    if (combiner == "mean") by = segments("UnsortedSegmentSum", w, rows, n);
    if (combiner == "sqrtn") by = op("Sqrt", {segments("UnsortedSegmentSum", w * w, rows, n)});
  } else if (combiner != "sum") {
    by = segments("UnsortedSegmentSum", op("Cast", {op("OnesLike", {rows})}, {{"DstT", found.dtype()}}), rows, n);
    by = op("Maximum", {by, scalar(1, found.dtype())});
    by = op("Reciprocal", {combiner == "sqrtn" ? op("Sqrt", {by}) : by});
  }
  const Tensor sum = segments("UnsortedSegmentSum", found, rows, n);
  if (!by.defined()) return sum;
  by = op("Reshape", {by, int_vector(wide)});
  return weights ? op("DivNoNan", {sum, by}) : sum * by;
}
std::string combiner_of(const Args& a) {
  const std::string how = a.none("combiner") ? "mean" : a.text("combiner");
  check(how == "mean" || how == "sqrtn" || how == "sum", Code::value,
        "combiner must be one of 'mean', 'sqrtn' or 'sum', got {}", how);
  return how;
}
const Function embedding_lookup_sparse = {
    .names = {"tf.nn.embedding_lookup_sparse"},
    .signature = "(params: value, sp_ids: value, sp_weights: value, combiner: str = None, max_norm: value = None, name: str = None)",
    .doc = "For each row of sparse ids their rows of the table, weighted, as sum, mean (weights count) or sum by the root of the squared weights.",
    .body = [](Args& a) -> Value {
      const std::string how = combiner_of(a);
      const SparseRef ids = Sparse::of(a["sp_ids"]), weights = Sparse::of(a["sp_weights"]);
      check(ids != nullptr, Code::type, "sp_ids must be SparseTensor, got {}", "a tensor");
      check(a.none("sp_weights") || weights, Code::type, "sp_weights must be either None or SparseTensor, got {}", "a tensor");
      return combined(a["params"], *ids, weights, how, a["max_norm"]);
    },
};
NINEFOLD_REGISTER(embedding_lookup_sparse);
const Function safe_embedding_lookup_sparse = {
    .names = {"tf.nn.safe_embedding_lookup_sparse"},
    .signature = "(embedding_weights: value, sparse_ids: value, sparse_weights: value = None, combiner: str = 'mean', default_id: value = None, "
                 "max_norm: value = None, name: str = None)",
    .doc = "As embedding_lookup_sparse, [..., embedding]; negative ids and weights that are not positive are left out, and rows without ids "
           "have the embedding of default_id, or zeros.",
    .body = [](Args& a) -> Value {
      const std::string how = combiner_of(a);
      SparseRef ids = argument(a, "sparse_ids"), weights = Sparse::of(a["sparse_weights"]);
      const int rank = rank_of(*ids);
      const Tensor sizes = op("Slice", {ids->dense_shape(), int_vector({0}), int_vector({rank - 1})});
      if (rank != 2) {   // all dimensions but the last count as rows
        const Tensor flat = ragged::concat({op("Reshape", {product(sizes), int_vector({1})}), Tensor::of<int64_t>({1}, {-1})});
        const auto flattened = [&](const SparseRef& s) { return Sparse::of(call("tf.sparse.reshape", {{"sp_input", Sparse::value(s)}, {"shape", flat}})); };
        ids = flattened(ids);
        if (weights) weights = flattened(weights);
      }
      Tensor fine = op("GreaterEqual", {ids->values(), op("ZerosLike", {ids->values()})});
      if (weights && how != "sum") fine = op("LogicalAnd", {fine, op("Greater", {weights->values(), op("ZerosLike", {weights->values()})})});
      ids = kept(*ids, fine);
      if (weights) weights = kept(*weights, fine);
      const auto filled = [&](const SparseRef& s, const Value& with) {
        return call("tf.sparse.fill_empty_rows", {{"sp_input", Sparse::value(s)}, {"default_value", with}});
      };
      const Value all = filled(ids, a.none("default_id") ? Value(0) : a["default_id"]);
      const ValueList& parts = *all.get<ValueList>();
      if (weights) weights = Sparse::of(filled(weights, 1.0).get<ValueList>()->at(0));
      Tensor out = combined(a["embedding_weights"], *Sparse::of(parts[0]), weights, how, a["max_norm"]);
      if (a.none("default_id")) out = op("SelectV2", {op("ExpandDims", {*parts[1].get<Tensor>(), int_scalar(1)}), op("ZerosLike", {out}), out});
      const Tensor width = op("Slice", {op("Shape", {out}, {{"out_type", DType::i64}}), int_vector({1}), int_vector({-1})});
      return op("Reshape", {out, ragged::concat({sizes, width})});
    },
};
NINEFOLD_REGISTER(safe_embedding_lookup_sparse);

}  // namespace
}  // namespace ninefold::ops
