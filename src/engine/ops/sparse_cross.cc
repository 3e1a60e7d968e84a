// In: columns of features, sparse, ragged or dense: rows of strings or integers. Out: every combination of one feature a
// column, row by row, as text or as a hash: SparseCross, SparseCrossV2, RaggedCross and the functions made of them.
#include <limits>
#include <memory>

#include "base/check.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/fingerprint.h"
#include "engine/ops/sparse.h"

namespace ninefold::ops {
namespace {

using Types = std::vector<DType>;
constexpr uint64_t kHashKey = 0xDECAFCAFFEull;   // TensorFlow's default

// The features of one input: those of row r are values[first[r]] ... values[first[r + 1] - 1].
struct Column {
  const Tensor* values = nullptr;
  std::vector<int64_t> first;
  int64_t count(int64_t row) const { return first[static_cast<size_t>(row) + 1] - first[static_cast<size_t>(row)]; }
  int64_t place(int64_t row, int64_t i) const { return first[static_cast<size_t>(row)] + i; }
  uint64_t number(int64_t at) const {
    return values->dtype() == DType::string ? farm_fingerprint(values->as<std::string>()[at]) : static_cast<uint64_t>(values->as<int64_t>()[at]);
  }
  std::string text(int64_t at) const {
    return values->dtype() == DType::string ? values->as<std::string>()[at] : std::to_string(values->as<int64_t>()[at]);
  }
};

// FarmHash' combination of two fingerprints, as TensorFlow writes it (core/platform/fingerprint.h).
uint64_t combined(uint64_t a, uint64_t b) {
  constexpr uint64_t mul = 0xc6a4a7935bd1e995ull;
  const auto shifted = [](uint64_t v) { return v ^ (v >> 47); };
  uint64_t h = a ^ mul;
  h ^= shifted(b * mul) * mul;
  h *= mul;
  h = shifted(h) * mul;
  return shifted(h);
}

struct Crossing {
  bool hashed = false;
  int64_t buckets = 0;
  uint64_t key = kHashKey;
  std::string separator = "_X_";
};

Column dense_column(KernelCtx& k, const Tensor& t, int64_t rows, int which) {
  k.check(t.rank() == 2, "Dense inputs should be a matrix but received shape {} at position {}", t.shape().str(), which);
  k.check(t.dim(0) == rows, "Expected batch size {} got {} at dense tensor {}", rows, t.dim(0), which);
  Column c{&t, {}};
  for (int64_t r = 0; r <= rows; ++r) c.first.push_back(r * t.dim(1));
  return c;
}
Column sparse_column(KernelCtx& k, const Tensor& indices, const Tensor& values, const Tensor& shape, int64_t rows) {
  k.check(indices.rank() == 2, "Input indices should be a matrix but received shape {}", indices.shape().str());
  k.check(indices.dim(1) == 2, "Expected D2 of index to be 2 got {}", indices.dim(1));
  k.check(values.rank() == 1, "Input values should be a std::vector but received shape {}", values.shape().str());
  k.check(indices.dim(0) == values.dim(0), "Expected size of values to be {} got {}", indices.dim(0), values.dim(0));
  k.check(shape.rank() == 1 && shape.size() == 2, "Input shapes should be a std::vector of 2 but received shape {}", shape.shape().str());
  k.check(shape.int_at(0) == rows, "Expected batch size {}, got {}", rows, shape.int_at(0));
  Column c{&values, std::vector<int64_t>(static_cast<size_t>(rows) + 1, 0)};
  int64_t before = 0;
  for (int64_t i = 0; i < values.size(); ++i) {
    const int64_t row = indices.as<int64_t>()[2 * i];
    k.check(row >= before && row < rows, "Rows of sparse inputs must be in order and within [0, {}), got row {} at {}", rows, row, i);
    before = row;
    ++c.first[static_cast<size_t>(row) + 1];
  }
  for (size_t r = 1; r < c.first.size(); ++r) c.first[r] += c.first[r - 1];
  return c;
}
Column ragged_column(KernelCtx& k, const Tensor& values, const Tensor& splits) {
  k.check(values.rank() == 1, "tf.ragged.cross only supports inputs with rank=2.");
  k.check(splits.rank() == 1 && splits.size() > 0, "Invalid RaggedTensor");
  Column c{&values, splits.ints()};
  k.check(c.first.front() == 0 && c.first.back() == values.size(), "Invalid RaggedTensor");
  for (size_t r = 1; r < c.first.size(); ++r) k.check(c.first[r - 1] <= c.first[r], "Invalid RaggedTensor");
  return c;
}

// How many combinations each row has.
std::vector<int64_t> counts_of(KernelCtx& k, const std::vector<Column>& columns, int64_t rows) {
  std::vector<int64_t> counts;
  int64_t all = 0;
  for (int64_t r = 0; r < rows; ++r) {
    int64_t n = columns.empty() ? 0 : 1;
    for (const Column& c : columns)
      k.check(!__builtin_mul_overflow(n, c.count(r), &n), "Row {} has more combinations than there are numbers", r);
    k.check(!__builtin_add_overflow(all, n, &all) && all < std::numeric_limits<int32_t>::max(), "There are too many combinations: {} and more", all);
    counts.push_back(n);
  }
  return counts;
}

// All combinations, row after row, the last column's features changing first.
void write_values(Tensor& out, const std::vector<Column>& columns, const std::vector<int64_t>& counts, const Crossing& how) {
  auto* texts = how.hashed ? nullptr : static_cast<std::string*>(out.writable());
  auto* numbers = how.hashed ? static_cast<int64_t*>(out.writable()) : nullptr;
  std::vector<int64_t> at(columns.size());
  for (size_t row = 0; row < counts.size(); ++row) {
    const auto r = static_cast<int64_t>(row);
    std::fill(at.begin(), at.end(), 0);
    for (int64_t i = 0; i < counts[row]; ++i) {
      if (how.hashed) {
        uint64_t h = how.key;
        for (size_t c = 0; c < columns.size(); ++c) h = combined(h, columns[c].number(columns[c].place(r, at[c])));
        // Without buckets, modulo the greatest int64, so that no number is negative.
        *numbers++ = static_cast<int64_t>(h % static_cast<uint64_t>(how.buckets > 0 ? how.buckets : std::numeric_limits<int64_t>::max()));
      } else {
        std::string text;
        for (size_t c = 0; c < columns.size(); ++c) text += (c ? how.separator : "") + columns[c].text(columns[c].place(r, at[c]));
        *texts++ = std::move(text);
      }
      for (size_t c = columns.size(); c-- > 0;) {
        if (++at[c] < columns[c].count(r)) break;
        at[c] = 0;
      }
    }
  }
}
void write_sparse(KernelCtx& k, const std::vector<Column>& columns, int64_t rows, const Crossing& how) {
  const std::vector<int64_t> counts = counts_of(k, columns, rows);
  int64_t all = 0, widest = 0;
  for (int64_t n : counts) all += n, widest = std::max(widest, n);
  auto* indices = static_cast<int64_t*>(k.allocate(0, DType::i64, {all, 2}).writable());
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t i = 0; i < counts[static_cast<size_t>(r)]; ++i) *indices++ = r, *indices++ = i;
  write_values(k.allocate(1, how.hashed ? DType::i64 : DType::string, {all}), columns, counts, how);
  auto* shape = static_cast<int64_t*>(k.allocate(2, DType::i64, {2}).writable());
  shape[0] = rows;
  shape[1] = widest;
}
std::vector<Column> columns_of_parts(KernelCtx& k, int64_t* rows) {
  const auto n = static_cast<int>(k.integer("N")), dense = static_cast<int>(std::get<Types>(k.attr("dense_types")).size());
  k.check(n + dense > 0, "At least one input is required");
  const Tensor& first = n ? k.in(2 * n) : k.in(3 * n);
  if (n) k.check(first.rank() == 1 && first.size() == 2, "Input shapes should be a std::vector of 2 but received shape {}", first.shape().str());
  else k.check(first.rank() == 2, "Dense inputs should be a matrix but received shape {} at position 0", first.shape().str());
  *rows = n ? first.int_at(0) : first.dim(0);
  k.check(*rows >= 0 && *rows < std::numeric_limits<int32_t>::max(), "A batch of {} rows is out of range", *rows);
  std::vector<Column> columns;
  for (int i = 0; i < n; ++i) columns.push_back(sparse_column(k, k.in(i), k.in(n + i), k.in(2 * n + i), *rows));
  for (int i = 0; i < dense; ++i) columns.push_back(dense_column(k, k.in(3 * n + i), *rows, i));
  return columns;
}

void only_text_and_int64(const ShapeCtx& c, const char* name) {
  for (const DType d : std::get<Types>(c.attr(name)))
    check(d == DType::i64 || d == DType::string, "Value for attr '{}' of {} is not in the list of allowed values: int64, string", name, short_name(d));
}
void sparse_shape(ShapeCtx& c) {
  only_text_and_int64(c, "sparse_types");
  only_text_and_int64(c, "dense_types");
  check(static_cast<size_t>(c.integer("N")) == std::get<Types>(c.attr("sparse_types")).size(), "len(indices) != len(values)");
  c.output(0, {-1, 2});
  c.output(1, {-1});
  c.output(2, {2});
}
#define CROSS_INPUTS "indices: N * int64", "values: sparse_types", "shapes: N * int64", "dense_inputs: dense_types"
const Op sparse_cross = {
    .name = "SparseCross", .inputs = {CROSS_INPUTS}, .outputs = {"output_indices: int64", "output_values: out_type", "output_shape: int64"},
    .attrs = {"N: int >= 0", "hashed_output: bool", "num_buckets: int >= 0", "hash_key: int", "sparse_types: list(type) >= 0",
              "dense_types: list(type) >= 0", "out_type: {int64, string}", "internal_type: {int64, string}"},
    .doc = "Every combination of one feature a column, row by row: joined by _X_, or their hash.", .shape = sparse_shape, .stops_gradient = true,
};
NINEFOLD_REGISTER(sparse_cross);
NINEFOLD_KERNEL(sparse_cross, "CPU", (Kernel{[](KernelCtx& k) {
  const bool hashed = k.flag("hashed_output");
  k.check(hashed == (k.type("out_type") == DType::i64), "hashed_output must be true for int64 results, and false for strings");
  int64_t rows = 0;
  const std::vector<Column> columns = columns_of_parts(k, &rows);
  write_sparse(k, columns, rows, {hashed, k.integer("num_buckets"), static_cast<uint64_t>(k.integer("hash_key")), "_X_"});
}}));
const Op sparse_cross_text = {
    .name = "SparseCrossV2", .inputs = {CROSS_INPUTS, "sep: string"},
    .outputs = {"output_indices: int64", "output_values: string", "output_shape: int64"},
    .attrs = {"N: int >= 0", "sparse_types: list(type) >= 0", "dense_types: list(type) >= 0"},
    .doc = "Every combination of one feature a column, row by row, joined by a separator.", .shape = sparse_shape, .stops_gradient = true,
};
NINEFOLD_REGISTER(sparse_cross_text);
NINEFOLD_KERNEL(sparse_cross_text, "CPU", (Kernel{[](KernelCtx& k) {
  const Tensor& separator = k.in(k.num_inputs() - 1);
  k.check(separator.rank() == 0, "Input separator should be a scalar. Received: {}", separator.shape().str());
  int64_t rows = 0;
  const std::vector<Column> columns = columns_of_parts(k, &rows);
  write_sparse(k, columns, rows, {false, 0, kHashKey, separator.as<std::string>()[0]});
}}));

const Op ragged_cross = {
    .name = "RaggedCross",
    .inputs = {"ragged_values: ragged_values_types", "ragged_row_splits: ragged_splits_types", "sparse_indices: Nsparse * int64",
               "sparse_values: sparse_values_types", "sparse_shape: Nsparse * int64", "dense_inputs: dense_types"},
    .outputs = {"output_values: out_values_type", "output_row_splits: out_row_splits_type"},
    .attrs = {"Nsparse: int >= 0", "input_order: string", "hashed_output: bool", "num_buckets: int >= 0", "hash_key: int",
              "ragged_values_types: list(type) >= 0", "ragged_splits_types: list(type) >= 0", "sparse_values_types: list(type) >= 0",
              "dense_types: list(type) >= 0", "out_values_type: {int64, string}", "out_row_splits_type: {int32, int64}"},
    .doc = "Every combination of one feature a column, row by row, as the rows of a ragged tensor.",
    .shape = [](ShapeCtx& c) {
      for (const char* name : {"ragged_values_types", "sparse_values_types", "dense_types"}) only_text_and_int64(c, name);
      for (const DType d : std::get<Types>(c.attr("ragged_splits_types")))
        check(d == DType::i32 || d == DType::i64, "Value for attr 'ragged_splits_types' of {} is not in the list of allowed values: int32, int64", short_name(d));
      c.output(0, {-1});
      c.output(1, {-1});
    },
    .stops_gradient = true,
};
NINEFOLD_REGISTER(ragged_cross);
NINEFOLD_KERNEL(ragged_cross, "CPU", (Kernel{[](KernelCtx& k) {
  const auto ragged = static_cast<int>(std::get<Types>(k.attr("ragged_values_types")).size()), sparse = static_cast<int>(k.integer("Nsparse")),
             dense = static_cast<int>(std::get<Types>(k.attr("dense_types")).size());
  k.check(std::get<Types>(k.attr("ragged_splits_types")).size() == static_cast<size_t>(ragged), "ragged values and splits must have the same length");
  const std::string& order = k.text("input_order");
  k.check(order.size() == static_cast<size_t>(ragged + sparse + dense), "input order length must match number of inputs: {} letters, {} inputs",
          order.size(), ragged + sparse + dense);
  k.check(!order.empty(), "tf.ragged.cross: at least one input is required");
  const int at_sparse = 2 * ragged, at_dense = at_sparse + 3 * sparse;
  int64_t rows = -1;
  if (ragged) rows = k.in(ragged).size() - 1;
  else if (sparse) rows = k.in(at_sparse + 2 * sparse).size() ? k.in(at_sparse + 2 * sparse).int_at(0) : -1;
  else rows = k.in(at_dense).rank() ? k.in(at_dense).dim(0) : -1;
  k.check(rows >= 0 && rows < std::numeric_limits<int32_t>::max(), "tf.ragged.cross only supports inputs with rank=2.");
  std::vector<Column> columns;
  int r = 0, s = 0, d = 0;
  for (const char kind : order) {
    if (kind == 'R') {
      k.check(r < ragged, "input_order has more 'R's than there are ragged inputs");
      columns.push_back(ragged_column(k, k.in(r), k.in(ragged + r)));
      ++r;
    } else if (kind == 'S') {
      k.check(s < sparse, "input_order has more 'S's than there are sparse inputs");
      columns.push_back(sparse_column(k, k.in(at_sparse + s), k.in(at_sparse + sparse + s), k.in(at_sparse + 2 * sparse + s), rows));
      ++s;
    } else {
      k.check(kind == 'D' && d < dense, "input_order must hold an 'R', 'S' or 'D' for each input");
      columns.push_back(dense_column(k, k.in(at_dense + d), rows, d));
      ++d;
    }
    k.check(static_cast<int64_t>(columns.back().first.size()) == rows + 1, "inputs must all have the same batch dimension size.");
  }
  const std::vector<int64_t> counts = counts_of(k, columns, rows);
  int64_t all = 0;
  Tensor& splits = k.allocate(1, k.type("out_row_splits_type"), {rows + 1});
  for (size_t i = 0; i <= static_cast<size_t>(rows); ++i) {
    if (splits.dtype() == DType::i32) static_cast<int32_t*>(splits.writable())[i] = static_cast<int32_t>(all);
    else static_cast<int64_t*>(splits.writable())[i] = all;
    if (i < counts.size()) all += counts[i];
  }
  const bool hashed = k.flag("hashed_output");
  k.check(hashed == (k.type("out_values_type") == DType::i64), "hashed_output must be true for int64 results, and false for strings");
  write_values(k.allocate(0, k.type("out_values_type"), {all}), columns, counts,
               {hashed, k.integer("num_buckets"), static_cast<uint64_t>(k.integer("hash_key")), "_X_"});
}}));

// ---- the functions ----

Tensor text_or_int64(const Tensor& t) { return t.dtype() == DType::string ? t : cast(t, DType::i64); }
Types types_of(const Tensors& ts) {
  Types out;
  for (const Tensor& t : ts) out.push_back(t.dtype());
  return out;
}
const ValueList& inputs_of(const Args& a) {
  const ValueList* list = a["inputs"].get<ValueList>();
  check(list != nullptr, Code::type, "Inputs must be a list");
  return *list;
}
int64_t buckets_of(const Args& a) {
  const int64_t n = a.integer("num_buckets");
  check(n >= 0, "Value for attr 'num_buckets' of {} must be at least minimum 0", n);
  return n;
}
int64_t key_of(const Args& a) { return a.none("hash_key") ? static_cast<int64_t>(kHashKey) : a.integer("hash_key"); }

struct SparseParts {
  Tensors indices, values, shapes, dense;
  Tensors all() const {
    Tensors out = indices;
    for (const Tensors* part : {&values, &shapes, &dense}) out.insert(out.end(), part->begin(), part->end());
    return out;
  }
};
SparseParts parts_of(const Args& a) {
  SparseParts p;
  for (const Value& v : inputs_of(a)) {
    if (const SparseRef s = Sparse::of(v)) {
      p.indices.push_back(s->indices());
      p.values.push_back(text_or_int64(s->values()));
      p.shapes.push_back(s->dense_shape());
      continue;
    }
    check(is_tensor(v), Code::type, "All inputs must be Tensor or SparseTensor.");
    p.dense.push_back(text_or_int64(to_tensor(v)));
  }
  return p;
}
Value sparse_crossed(Args& a, bool hashed) {
  const SparseParts p = parts_of(a);
  Tensors in = p.all();
  const NamedAttr count("N", static_cast<int64_t>(p.indices.size())), sparse("sparse_types", types_of(p.values)), dense("dense_types", types_of(p.dense));
  Tensors made;
  if (hashed) {
    bool numbers = false;
    for (const Tensors* part : {&p.values, &p.dense})
      for (const Tensor& t : *part) numbers = numbers || t.dtype() != DType::string;
    const NamedAttr attrs[] = {count, sparse, dense, {"hashed_output", true}, {"num_buckets", buckets_of(a)}, {"hash_key", key_of(a)},
                               {"out_type", DType::i64}, {"internal_type", numbers ? DType::i64 : DType::string}};
    made = op_all("SparseCross", in, attrs);
  } else {
    in.push_back(a.none("separator") ? Tensor::of_string("_X_") : operand(a, "separator", DType::string));
    const NamedAttr attrs[] = {count, sparse, dense};
    made = op_all("SparseCrossV2", in, attrs);
  }
  return Sparse::value(Sparse::of(made[0], made[1], made[2]));
}
Value ragged_crossed(Args& a, bool hashed) {
  Tensors values, splits, indices, sparse_values, shapes, dense;
  std::string order;
  DType splits_type = DType::i64;
  bool any64 = false, any = false;
  for (const Value& v : inputs_of(a)) {
    if (const RaggedRef r = Ragged::of(v)) {
      check(r->ragged_rank() == 1 && r->flat_values().rank() == 1, Code::value, "tf.ragged.cross only supports inputs with rank=2.");
      values.push_back(text_or_int64(r->flat_values()));
      splits.push_back(r->row_splits());
      any = true;
      any64 = any64 || r->splits_dtype() == DType::i64;
      order += 'R';
    } else if (const SparseRef s = Sparse::of(v)) {
      check(!s->shape().known_rank() || s->shape().rank() == 2, Code::value, "tf.ragged.cross only supports inputs with rank=2.");
      indices.push_back(s->indices());
      sparse_values.push_back(text_or_int64(s->values()));
      shapes.push_back(s->dense_shape());
      order += 'S';
    } else {
      const Tensor t = to_tensor(v);
      check(!t.shape().known_rank() || t.rank() == 2, Code::value, "tf.ragged.cross only supports inputs with rank=2.");
      dense.push_back(text_or_int64(t));
      order += 'D';
    }
  }
  check(!order.empty(), Code::value, "tf.ragged.cross: expected at least one input");
  if (any && !any64) splits_type = DType::i32;
  Tensors in = values;
  for (const Tensors* part : {&splits, &indices, &sparse_values, &shapes, &dense}) in.insert(in.end(), part->begin(), part->end());
  const NamedAttr attrs[] = {{"Nsparse", static_cast<int64_t>(indices.size())}, {"input_order", order}, {"hashed_output", hashed},
                             {"num_buckets", hashed ? buckets_of(a) : int64_t{0}}, {"hash_key", hashed ? key_of(a) : static_cast<int64_t>(kHashKey)},
                             {"ragged_values_types", types_of(values)}, {"ragged_splits_types", types_of(splits)},
                             {"sparse_values_types", types_of(sparse_values)}, {"dense_types", types_of(dense)},
                             {"out_values_type", hashed ? DType::i64 : DType::string}, {"out_row_splits_type", splits_type}};
  const Tensors made = op_all("RaggedCross", in, attrs);
  return Ragged::value(Ragged::from_row_splits(made[0], made[1], false));
}

const char* const kHashed = "(inputs: value, num_buckets: int = 0, hash_key: int = None, name: str = None)";
const Function functions[] = {
    {{"tf.sparse.cross"}, "(inputs: value, name: str = None, separator: value = None)",
     "Every combination of one feature of each input, row by row, as text joined by the separator (_X_): first the sparse inputs, then the tensors.",
     [](Args& a) { return sparse_crossed(a, false); }, "value"},
    {{"tf.sparse.cross_hashed"}, kHashed, "The hash of every combination of one feature of each input, row by row; modulo num_buckets, if that is not 0.",
     [](Args& a) { return sparse_crossed(a, true); }, "value"},
    {{"tf.ragged.cross"}, "(inputs: value, name: str = None)",
     "Every combination of one feature of each input, row by row, as text joined by _X_. Inputs are ragged, sparse or tensors of two dimensions.",
     [](Args& a) { return ragged_crossed(a, false); }, "value"},
    {{"tf.ragged.cross_hashed"}, kHashed, "The hash of every combination of one feature of each input, row by row, as ragged rows.",
     [](Args& a) { return ragged_crossed(a, true); }, "value"},
};
const std::vector<Registrar> known(std::begin(functions), std::end(functions));

}  // namespace
}  // namespace ninefold::ops
