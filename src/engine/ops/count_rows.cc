// In: ids in rows: of a matrix, of a ragged or of a sparse tensor. Out: how often each id occurs in each row, as a matrix
// (RaggedBincount, SparseBincount) or as a sparse tensor (the ...CountSparseOutput ops, tf.sparse.bincount).
#include <map>

#include "engine/op/shape_ctx.h"
#include "engine/ops/count_rows.h"
#include "engine/ops/element_type.h"

namespace ninefold::ops {
namespace {

// The row of the i-th id.
using Row = std::function<int64_t(int64_t i)>;

int64_t bins_of(const ShapeCtx& c, const char* size) {
  const Tensor* n = c.value(size);
  c.check(!c.shape(size).known_rank() || c.shape(size).rank() == 0, "Shape must be rank 0 but is rank {}", c.shape(size).rank());
  if (n) c.check(n->int_at(0) >= 0, "size ({}) must be non-negative", n->int_at(0));
  return n ? n->int_at(0) : -1;
}
Row row_of_splits(KernelCtx& k, const Tensor& splits, int64_t values) {
  const int64_t n = splits.size() - 1;
  k.check(splits.rank() == 1 && n >= 0, "Splits must be non-empty");
  const auto* s = splits.as<int64_t>();
  k.check(s[0] == 0, "Splits must start with 0, not with {}", s[0]);
  k.check(s[n] == values, "Splits must end with the number of values, got {} instead of {}", s[n], values);
  for (int64_t i = 0; i < n; ++i) k.check(s[i] <= s[i + 1], "Splits must be increasing");
  return [s, at = int64_t{0}](int64_t i) mutable {
    while (s[at + 1] <= i) ++at;
    return at;
  };
}
Row row_of_indices(KernelCtx& k, const Tensor& indices, const Tensor& values, const Tensor& shape) {
  k.check(indices.rank() == 2, "Input indices must be a 2-dimensional tensor. Got: {}", indices.shape().str());
  const int64_t rank = shape.size();
  k.check(indices.dim(0) == values.size(), "Number of values must match first dimension of indices.Got {} values, indices shape: {}",
          values.size(), indices.shape().str());
  k.check(indices.dim(1) == rank, "Number of dimensions must match second dimension of indices.Got {} dimensions, indices shape: {}", rank,
          indices.shape().str());
  k.check(rank > 0, "The shape argument requires at least one element.");
  const auto* at = indices.as<int64_t>();
  for (int64_t i = 0; i < values.size(); ++i) {
    const int64_t row = rank == 1 ? 0 : at[i * rank];
    k.check(row >= 0 && row < (rank == 1 ? 1 : shape.int_at(0)), "Index value along the first dimension must be within [0, {}), got {}",
            shape.int_at(0), row);
  }
  return [at, rank](int64_t i) { return rank == 1 ? 0 : at[i * rank]; };
}

// ---- as a matrix ----

void bincount(KernelCtx& k, int ids, int size, int weights, int64_t rows, bool vector, Row row) {
  const int64_t bins = k.in(size).int_at(0), n = k.in(ids).size();
  k.check(bins >= 0, "size ({}) must be non-negative", bins);
  const bool weighted = k.in(weights).size() > 0, binary = k.flag("binary_output");
  k.check(!weighted || k.in(weights).size() == n, "`weights` must be the same shape as `arr` or a length-0 `Tensor`, in which case it acts "
          "as all weights equal to 1. Received {}", k.shape(weights).str());
  Tensor& out = k.has_output(0) ? k.out(0) : k.allocate(0, k.dtype(weights), vector ? Shape{bins} : Shape{rows, bins});
  with_real(k.dtype(weights), [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_arithmetic_v<T>) {
      auto* sums = static_cast<T*>(out.impl()->data);
      std::fill_n(sums, out.size(), T{0});
      for (int64_t i = 0; i < n; ++i) {
        const int64_t id = k.in(ids).int_at(i);
        k.check(id >= 0, "Input must be non-negative");
        if (id >= bins) continue;
        T& sum = sums[(vector ? 0 : row(i)) * bins + id];
        if (binary) sum = T{1};
        else sum += weighted ? k.in<T>(weights)[i] : T{1};
      }
    }
  });
}
const Op ragged_bincount = {
    .name = "RaggedBincount", .inputs = {"splits: int64", "values: Tidx", "size: Tidx", "weights: T"}, .outputs = {"output: T"},
    .attrs = {"Tidx: index", "T: {int32, int64, float, double}", "binary_output: bool = false"},
    .doc = "How often each of 0 ... size - 1 occurs in each row of a ragged tensor; with binary_output, whether.",
    .shape = [](ShapeCtx& c) {
      const Shape& s = c.shape(0);
      c.output({s.known_rank() && s.rank() == 1 && s[0] >= 0 ? s[0] - 1 : -1, bins_of(c, "size")});
    },
    .host = {"splits", "size"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(ragged_bincount);
NINEFOLD_KERNEL(ragged_bincount, "CPU", (Kernel{[](KernelCtx& k) {
  bincount(k, 1, 2, 3, k.in(0).size() - 1, false, row_of_splits(k, k.in(0), k.in(1).size()));
}}));
const Op sparse_bincount = {
    .name = "SparseBincount", .inputs = {"indices: int64", "values: Tidx", "dense_shape: int64", "size: Tidx", "weights: T"},
    .outputs = {"output: T"}, .attrs = {"Tidx: index", "T: {int32, int64, float, double}", "binary_output: bool = false"},
    .doc = "How often each of 0 ... size - 1 stands in a sparse tensor, or in each of its rows; with binary_output, whether.",
    .shape = [](ShapeCtx& c) {
      const Shape& s = c.shape(2);
      if (!s.known_rank() || s[0] < 0) return c.unknown();
      const Tensor* sizes = c.value(2);
      c.output(s[0] == 1 ? Shape{bins_of(c, "size")} : Shape{sizes ? sizes->int_at(0) : -1, bins_of(c, "size")});
    },
    .host = {"indices", "dense_shape", "size"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(sparse_bincount);
NINEFOLD_KERNEL(sparse_bincount, "CPU", (Kernel{[](KernelCtx& k) {
  bincount(k, 1, 3, 4, k.in(2).size() > 1 ? k.in(2).int_at(0) : 1, k.in(2).size() == 1, row_of_indices(k, k.in(0), k.in(1), k.in(2)));
}}));

// ---- as a sparse tensor ----

void count(KernelCtx& k, int ids, int weights, int64_t rows, bool vector, Row row) {
  const int64_t most = k.integer("maxlength"), least = k.integer("minlength"), n = k.in(ids).size();
  const bool weighted = k.in(weights).size() > 0, binary = k.flag("binary_output");
  k.check(!weighted || k.in(weights).size() == n, "Weights and values must have the same shape. Weight shape: {}; values shape: {}",
          k.shape(weights).str(), k.shape(ids).str());
  with_real(k.type("output_type"), [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_arithmetic_v<T>) {
      std::map<std::pair<int64_t, int64_t>, T> counts;   // by row and id: in the order of the result
      int64_t highest = 0;
      for (int64_t i = 0; i < n; ++i) {
        const int64_t id = k.in(ids).int_at(i), at = vector ? 0 : row(i);
        if (id < 0 || (most > 0 && id >= most)) continue;
        T& sum = counts[{at, id}];
        if (binary) sum = T{1};
        else sum += weighted ? k.in<T>(weights)[i] : T{1};
        highest = std::max(highest, id);
      }
      const auto found = static_cast<int64_t>(counts.size()), rank = int64_t{vector ? 1 : 2};
      auto* at = static_cast<int64_t*>(k.allocate(0, DType::i64, {found, rank}).writable());
      auto* sum = static_cast<T*>(k.allocate(1, k.type("output_type"), {found}).writable());
      for (const auto& [place, value] : counts) {
        if (!vector) *at++ = place.first;
        *at++ = place.second;
        *sum++ = value;
      }
      auto* shape = static_cast<int64_t*>(k.allocate(2, DType::i64, {rank}).writable());
      if (!vector) *shape++ = rows;
      *shape = most > 0 ? most : std::max(highest + 1, least);
    }
  });
}
const std::vector<std::string> count_attrs = {"T: index", "minlength: int >= -1 = -1", "maxlength: int >= -1 = -1", "binary_output: bool",
                                              "output_type: {int32, int64, float, double}"};
const std::vector<std::string> count_outputs = {"output_indices: int64", "output_values: output_type", "output_dense_shape: int64"};
void count_shape(ShapeCtx& c, int rank) {
  c.output(0, {-1, rank});
  c.output(1, {-1});
  c.output(2, {rank});
}
const Op dense_count = {
    .name = "DenseCountSparseOutput", .inputs = {"values: T", "weights: output_type"}, .outputs = count_outputs, .attrs = count_attrs,
    .doc = "How often each id occurs in a vector, or in each row of a matrix.",
    .shape = [](ShapeCtx& c) {
      if (!c.shape(0).known_rank()) return c.unknown();
      c.check(c.shape(0).rank() == 1 || c.shape(0).rank() == 2, "Input must be a 1 or 2-dimensional tensor. Got: {}", c.shape(0).str());
      count_shape(c, c.shape(0).rank());
    },
    .stops_gradient = true,
};
NINEFOLD_REGISTER(dense_count);
NINEFOLD_KERNEL(dense_count, "CPU", (Kernel{[](KernelCtx& k) {
  const bool vector = k.shape(0).rank() == 1;
  const int64_t width = vector ? 1 : std::max<int64_t>(k.shape(0)[1], 1);
  count(k, 0, 1, k.shape(0)[0], vector, [width](int64_t i) { return i / width; });
}}));
const Op sparse_count = {
    .name = "SparseCountSparseOutput", .inputs = {"indices: int64", "values: T", "dense_shape: int64", "weights: output_type"},
    .outputs = count_outputs, .attrs = count_attrs, .doc = "How often each id stands in a sparse vector, or in each row of a sparse matrix.",
    .shape = [](ShapeCtx& c) {
      if (!c.shape(2).known_rank() || c.shape(2)[0] < 0) return c.unknown();
      count_shape(c, c.shape(2)[0] == 1 ? 1 : 2);
    },
    .host = {"indices", "dense_shape"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(sparse_count);
NINEFOLD_KERNEL(sparse_count, "CPU", (Kernel{[](KernelCtx& k) {
  const bool vector = k.in(2).size() == 1;
  count(k, 1, 3, k.in(2).int_at(0), vector, row_of_indices(k, k.in(0), k.in(1), k.in(2)));
}}));
const Op ragged_count = {
    .name = "RaggedCountSparseOutput", .inputs = {"splits: int64", "values: T", "weights: output_type"}, .outputs = count_outputs,
    .attrs = count_attrs, .doc = "How often each id occurs in each row of a ragged tensor.",
    .shape = [](ShapeCtx& c) { count_shape(c, 2); }, .host = {"splits"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(ragged_count);
NINEFOLD_KERNEL(ragged_count, "CPU", (Kernel{[](KernelCtx& k) {
  count(k, 1, 2, k.in(0).size() - 1, false, row_of_splits(k, k.in(0), k.in(1).size()));
}}));

// ---- the functions ----

// Ids and weights of one form; the form of a composite is that of its ids.
struct Counted {
  RaggedRef ragged;
  SparseRef sparse;
  Tensor ids, weights;   // the values of a composite
};
Counted counted(const Value& values, const Value& weights, bool flat, DType of_none) {
  Counted c{Ragged::of(values), Sparse::of(values), {}, {}};
  const char* form = c.sparse ? "SparseTensor" : "RaggedTensor";
  if (c.sparse || c.ragged) {
    c.ids = c.sparse ? c.sparse->values() : c.ragged->flat_values();
    check(c.sparse || c.ragged->ragged_rank() == 1 || flat, Code::value, "bincount: a ragged tensor of one ragged dimension is wanted, got {}",
          c.ragged ? c.ragged->ragged_rank() : 0);
    const SparseRef s = Sparse::of(weights);
    const RaggedRef r = Ragged::of(weights);
    check(weights.none() || (c.sparse ? s != nullptr : r != nullptr), Code::value, "Argument `weights` must be a {0} if `values` is a {0}.", form);
    if (!weights.none()) {
      if (c.sparse) {
        ragged::require_equal(s->indices(), c.sparse->indices(), "");
        ragged::require_equal(s->dense_shape(), c.sparse->dense_shape(), "");
      } else {
        ragged::require_equal(cast(r->row_splits(), DType::i64), cast(c.ragged->row_splits(), DType::i64), "");
      }
      c.weights = s ? s->values() : r->flat_values();
    }
  } else {
    c.ids = ragged::numbers(values);
    if (!weights.none()) c.weights = ragged::numbers(weights);
    if (flat) {
      c.ids = op("Reshape", {c.ids, int_vector({-1})});
      if (c.weights.defined()) c.weights = op("Reshape", {c.weights, int_vector({-1})});
    }
  }
  if (c.ids.dtype() != DType::i32 && c.ids.dtype() != DType::i64) c.ids = cast(c.ids, is_integer(c.ids.dtype()) ? DType::i64 : DType::i32);
  if (!c.weights.defined()) c.weights = Tensor::zeros(of_none == DType::invalid ? c.ids.dtype() : of_none, {0});
  if (flat) c.sparse = nullptr, c.ragged = nullptr;
  return c;
}
void check_axis(const Args& a) {
  check(a.none("axis") || a.integer("axis") == 0 || a.integer("axis") == -1, Code::value,
        "Unsupported value for argument axis={}. Only 0 and -1 are currently supported.", a.none("axis") ? 0 : a.integer("axis"));
}

const Function sparse_bincount_function = {
    .names = {"tf.sparse.bincount"},
    .signature = "(values: value, weights: value = None, axis: int = 0, minlength: int = None, maxlength: int = None, "
                 "binary_output: bool = False, name: str = None)",
    .doc = "How often each id occurs, or the sums of their weights, as a sparse tensor; with axis -1 in each row of a matrix, ragged or "
           "sparse tensor; with binary_output, whether it occurs.",
    .body = [](Args& a) -> Value {
      check_axis(a);
      const Counted c = counted(a["values"], a["weights"], a.none("axis") || a.integer("axis") == 0, DType::invalid);
      const NamedAttr attrs[] = {{"minlength", a.none("minlength") ? int64_t{-1} : a.integer("minlength")},
                                 {"maxlength", a.none("maxlength") ? int64_t{-1} : a.integer("maxlength")},
                                 {"binary_output", a.flag("binary_output")}, {"output_type", c.weights.dtype()}};
      Tensors in, out;
      if (c.sparse) {
        in = {c.sparse->indices(), c.ids, c.sparse->dense_shape(), c.weights};
        out = op_all("SparseCountSparseOutput", in, attrs);
      } else if (c.ragged) {
        in = {cast(c.ragged->row_splits(), DType::i64), c.ids, c.weights};
        out = op_all("RaggedCountSparseOutput", in, attrs);
      } else {
        in = {c.ids, c.weights};
        out = op_all("DenseCountSparseOutput", in, attrs);
      }
      return Sparse::value(Sparse::of(out[0], out[1], out[2]));
    },
    .result = "value",
};
NINEFOLD_REGISTER(sparse_bincount_function);

}  // namespace

Tensor bin_count(const Args& a, const Tensor& ids) {
  const DType d = ids.dtype();
  const Tensor some = cast(op("Greater", {op("Size", {ids}), int_scalar(0)}), d);
  Tensor size = op("Maximum", {op("Max", {ids, all_axes(ids)}), int_scalar(-1, d)});   // of nothing it would be the least integer
  size = (size + int_scalar(1, d)) * some;
  if (!a.none("minlength")) size = op("Maximum", {size, cast(int_operand(a, "minlength"), d)});
  if (!a.none("maxlength")) size = op("Minimum", {size, cast(int_operand(a, "maxlength"), d)});
  return size;
}

Value bincount_of_rows(const Args& a) {
  check_axis(a);
  const bool binary = a.flag("binary_output");
  check(!binary || a.none("weights"), Code::value, "Arguments `binary_output` and `weights` are mutually exclusive. Please specify only one.");
  const Counted c = counted(a["arr"], a["weights"], a.none("axis") || a.integer("axis") == 0, a.dtype("dtype"));
  const Tensor size = bin_count(a, c.ids);
  if (c.sparse)
    return op("SparseBincount", {c.sparse->indices(), c.ids, c.sparse->dense_shape(), size, c.weights}, {{"binary_output", binary}});
  if (c.ragged) return op("RaggedBincount", {cast(c.ragged->row_splits(), DType::i64), c.ids, size, c.weights}, {{"binary_output", binary}});
  return op("DenseBincount", {c.ids, size, c.weights}, {{"binary_output", binary}});
}

}  // namespace ninefold::ops
