// In: some elements of a tensor and their places. Out: Sparse: made, made dense, ordered, and what public functions
// mean for it.
#include <algorithm>
#include <cstring>
#include <numeric>

#include "base/check.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/partial_value.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/sparse.gpu.h"
#include "engine/ops/sparse.h"

namespace ninefold {
namespace ops {
namespace {

// ---- SparseToDense ----

const Op sparse_to_dense = {
    .name = "SparseToDense",
    .inputs = {"sparse_indices: Tindices", "output_shape: Tindices", "sparse_values: T", "default_value: T"}, .outputs = {"dense: T"},
    .attrs = {"validate_indices: bool = true", "T: type", "Tindices: {int32, int64}"},
    .doc = "A tensor of this shape with these values at these places, elsewhere the default.",
    .shape = [](ShapeCtx& c) { c.output(c.shape_value(1)); },
    .grad = [](GradCtx& g) {
      const Tensor dy = g.dy();
      const Tensor taken = op("GatherNd", {dy, g.in(0)});
      g.to(2, taken);
      g.to(3, op("Sum", {dy, all_axes(dy)}) - op("Sum", {taken, all_axes(taken)}));
    },
    .host = {"sparse_indices", "output_shape"}, .foldable = true, .grad_reads = {"sparse_indices"},
};
NINEFOLD_REGISTER(sparse_to_dense);
std::string place_text(const Tensor& at, int64_t row, int64_t rank) {
  std::string s;
  for (int64_t i = 0; i < rank; ++i) s += (i ? "," : "") + std::to_string(at.int_at(row * rank + i));
  return s;
}
}  // namespace
std::vector<int64_t> dense_places(KernelCtx& k) {
  const Tensor &at = k.in(0), &values = k.in(2);
  k.check(at.rank() <= 2, "sparse_indices should be a scalar, vector, or matrix, got shape {}", at.shape().str());
  const int64_t count = at.rank() > 0 ? at.dim(0) : 1, rank = at.rank() > 1 ? at.dim(1) : 1;
  k.check(k.shape(1).rank() == 1, "output_shape must be rank 1, got shape {}", k.shape(1).str());
  k.check(k.shape(1).size() == rank, "output_shape has incorrect number of elements: {} should be: {}", k.shape(1).size(), rank);
  k.check(values.rank() == 0 || (values.rank() == 1 && values.size() == count), "sparse_values has incorrect shape {}, should be [] or [{}]",
          values.shape().str(), count);
  k.check(k.shape(3).rank() == 0, "default_value should be a scalar.");
  if (!k.has_output(0)) give_outputs(k);
  const Shape& shape = k.out(0).shape();
  std::vector<int64_t> places, stride = strides_of(shape.dims());
  const bool validate = k.flag("validate_indices");
  int64_t before = -1;
  for (int64_t i = 0; i < count; ++i) {
    int64_t place = 0;
    for (int64_t j = 0; j < rank; ++j) {
      const int64_t x = at.int_at(i * rank + j);
      if (x < 0 || x >= shape[static_cast<int>(j)])
        k.raise(fmt::format("indices[{}] = [{}] is out of bounds: need 0 <= index < [{}]", i, place_text(at, i, rank), [&] {
          std::string s;
          for (int64_t n : shape) s += (s.empty() ? "" : ",") + std::to_string(n);
          return s;
        }()));
      place += x * stride[static_cast<size_t>(j)];
    }
    if (validate) {
      k.check(place != before, "indices[{}] = [{}] is repeated", i, place_text(at, i, rank));
      k.check(place > before, "indices[{}] = [{}] is out of order. Many sparse ops require sorted indices.\n"
              "    Use `tf.sparse.reorder` to create a correctly ordered copy.\n\n", i, place_text(at, i, rank));
    }
    before = place;
    places.push_back(place);
  }
  return places;
}
namespace {
NINEFOLD_KERNEL(sparse_to_dense, "CPU", (Kernel{[](KernelCtx& k) {
  const std::vector<int64_t> places = dense_places(k);
  const Tensor& values = k.in(2);
  const DType d = values.dtype();
  fill_run(d, k.out(0).impl()->data, k.in(3).data(), k.out(0).shape().size());
  for (size_t i = 0; i < places.size(); ++i)
    move_run(d, element(d, k.out(0).impl()->data, places[i]), element(d, values.data(), values.rank() ? static_cast<int64_t>(i) : 0), 1);
}}));

// ---- SparseReorder ----

const Op sparse_reorder = {
    .name = "SparseReorder", .inputs = {"input_indices: int64", "input_values: T", "input_shape: int64"},
    .outputs = {"output_indices: int64", "output_values: T"}, .attrs = {"T: type"}, .doc = "The same elements in the order of their places.",
    .shape = [](ShapeCtx& c) {
      c.check(!c.shape(0).known_rank() || c.shape(0).rank() == 2, "Input indices should be a matrix but received shape {}", c.shape(0).str());
      c.check(!c.shape(1).known_rank() || c.shape(1).rank() == 1, "Input values should be a vector but received shape {}", c.shape(1).str());
      c.check(!c.shape(2).known_rank() || c.shape(2).rank() == 1, "Input shape should be a vector but received shape {}", c.shape(2).str());
      c.output(0, c.shape(0));
      c.output(1, c.shape(1));
    },
    .grad = [](GradCtx& g) {   // the order in which they were taken, undone
      const Tensor n = op("Size", {g.in(1)}, {{"out_type", DType::i64}});
      const Tensor numbers = op("Range", {int_scalar(0, DType::i64), n, int_scalar(1, DType::i64)});
      const Tensor in[] = {g.in(0), numbers, g.in(2)};
      const Tensor order = op_all("SparseReorder", in).at(1);
      g.to(1, op("GatherV2", {g.dy(1), op("InvertPermutation", {order}), int_scalar(0)}));
    },
    .host = {"input_shape"}, .grad_reads = {"input_indices", "input_values", "input_shape"},
};
NINEFOLD_REGISTER(sparse_reorder);
NINEFOLD_KERNEL(sparse_reorder, "CPU", (Kernel{[](KernelCtx& k) {
  const int64_t n = k.shape(0)[0], rank = k.shape(0)[1];
  k.check(k.shape(1)[0] == n, "indices and values rows (indexing dimension) must match. (indices = {}, values = {})", n, k.shape(1)[0]);
  const int64_t* at = k.in<int64_t>(0);
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return std::lexicographical_compare(at + a * rank, at + (a + 1) * rank, at + b * rank, at + (b + 1) * rank);
  });
  const DType d = k.dtype(1);
  for (int64_t i = 0; i < n; ++i) {
    const int64_t from = order[static_cast<size_t>(i)];
    std::copy_n(at + from * rank, rank, k.out<int64_t>(0) + i * rank);
    move_run(d, element(d, k.out(1).impl()->data, i), element(d, k.in(1).data(), from), 1);
  }
}}));

const Function to_dense = {
    .names = {"tf.sparse.to_dense"},
    .signature = "(sp_input: value, default_value: value = None, validate_indices: bool = True, name: str = None)",
    .doc = "A tensor with the elements of a sparse one; `default_value` (0, \"\") where it has none. Raises InvalidArgumentError where "
           "places are out of order or stand twice, unless validate_indices is False.",
    .body = [](Args& a) -> Value {
      const SparseRef s = sparse::argument(a, "sp_input");
      return s->to_dense(a.none("default_value") ? Tensor() : to_tensor(a["default_value"], s->dtype()), a.flag("validate_indices"));
    },
};
NINEFOLD_REGISTER(to_dense);
const Function from_dense = {
    .names = {"tf.sparse.from_dense"}, .signature = "(tensor: tensor, name: str = None)",
    .doc = "The elements of a tensor that are not 0, \"\" or False, and their places.",
    .body = [](Args& a) -> Value { return Sparse::value(Sparse::from_dense(operand(a, "tensor"))); }, .result = "value",
};
NINEFOLD_REGISTER(from_dense);
const Function reorder = {
    .names = {"tf.sparse.reorder"}, .signature = "(sp_input: value, name: str = None)",
    .doc = "The same sparse tensor with its elements in the order of their places.",
    .body = [](Args& a) -> Value {
      const SparseRef s = sparse::argument(a, "sp_input");
      const Tensors parts = s->parts();
      const Tensors made = op_all("SparseReorder", parts);
      return Sparse::value(Sparse::of(made[0], made[1], s->dense_shape()));
    },
    .result = "value",
};
NINEFOLD_REGISTER(reorder);

// What TensorFlow 2.9 takes value by value.
constexpr std::string_view kUnary[] = {"tf.cast", "tf.identity", "tf.math.abs", "tf.math.bessel_i0e", "tf.math.bessel_i1e", "tf.math.erf",
                                       "tf.math.negative", "tf.math.sign", "tf.math.sqrt", "tf.math.square", "tf.math.tanh"};
constexpr std::string_view kOwn[] = {"tf.math.bincount", "tf.ragged.cross", "tf.ragged.cross_hashed", "tf.nn.embedding_lookup_sparse", "tf.nn.safe_embedding_lookup_sparse"};   // besides tf.sparse's

Tensor zero_of(DType d) {
  if (d == DType::string) return Tensor::of_string("");
  return Tensor::zeros(d, {});
}

}  // namespace
}  // namespace ops

using namespace ops;

SparseRef Sparse::of(const Value& v) {
  const auto* f = v.get<std::shared_ptr<Foreign>>();
  return f ? std::dynamic_pointer_cast<const Sparse>(*f) : nullptr;
}
SparseRef Sparse::of(Tensor indices, Tensor values, Tensor dense_shape, const Shape& known) {
  const auto rank = [](const Tensor& t, int rank) {
    check(!t.shape().known_rank() || t.rank() == rank, Code::value, "Shape {} must have rank {}", t.shape().tuple(), rank);
  };
  const auto same = [](const Tensor& a, int axis, const Tensor& b) {
    if (!a.shape().known_rank() || !b.shape().known_rank()) return;
    check(a.dim(axis) < 0 || b.dim(0) < 0 || a.dim(axis) == b.dim(0), Code::value, "Dimensions {} and {} are not compatible", a.dim(axis), b.dim(0));
  };
  check(indices.dtype() == DType::i64 && dense_shape.dtype() == DType::i64, Code::value,
        "SparseTensor: indices and dense_shape must be int64, got {} and {}", name_of(indices.dtype()), name_of(dense_shape.dtype()));
  rank(indices, 2);
  rank(values, 1);
  rank(dense_shape, 1);
  same(indices, 0, values);
  same(indices, 1, dense_shape);
  return SparseRef(new Sparse(std::move(indices), std::move(values), std::move(dense_shape), known));
}
SparseRef Sparse::from_dense(const Tensor& t) {
  const Tensor there = t.dtype() == DType::boolean ? t : op("NotEqual", {t, op("ZerosLike", {t})});
  const Tensor at = op("Where", {there});
  return of(at, op("GatherNd", {t, at}), shape_tensor(t, DType::i64));
}
Shape Sparse::shape() const {
  if (const Tensor* known = known_value(dense_shape_)) return Shape(known->ints());
  if (known_.known_rank()) return known_;
  if (dense_shape_.symbolic())
    if (const Shape some = partial_value()(dense_shape_); some.known_rank()) return some;
  if (dense_shape_.shape().known_rank() && dense_shape_.dim(0) >= 0) return Shape::of_rank(static_cast<int>(dense_shape_.dim(0)));
  return Shape::unknown();
}
SparseRef Sparse::with_values(const Tensor& v) const { return of(indices_, v, dense_shape_, known_); }
Tensor Sparse::to_dense(const Tensor& fill, bool validate) const {
  return op("SparseToDense", {indices_, dense_shape_, values_, fill.defined() ? fill : zero_of(dtype())}, {{"validate_indices", validate}});
}
std::string Sparse::describe() const { return "<tf.SparseTensor of shape " + shape().tuple() + ">"; }
std::vector<TensorSpec> Sparse::part_specs() const {
  const Shape s = shape();
  const int64_t rank = s.known_rank() ? s.rank() : -1;
  return {{{-1, rank}, DType::i64, {}}, {{-1}, dtype(), {}}, {{rank}, DType::i64, {}}};
}
std::shared_ptr<Composite> Sparse::with_parts(std::span<const Tensor> parts) const {
  check(parts.size() == 3, Code::value, "SparseTensor: expected indices, values and dense_shape, got {} parts", parts.size());
  return std::const_pointer_cast<Sparse>(of(parts[0], parts[1], parts[2]));
}
Value Sparse::call(const Function& f, std::vector<Value> values) {
  const std::string& name = f.names[0];
  const auto among = [&](std::span<const std::string_view> names) { return std::find(names.begin(), names.end(), name) != names.end(); };
  if (name.starts_with("tf.sparse.") || among(kOwn)) {
    Args args(f, std::move(values));
    return f.body(args);
  }
  if (const SparseRef s = of(values[0]); s && among(kUnary)) {
    values[0] = s->values_;
    const Value made = ninefold::call(f, std::move(values));
    return value(s->with_values(*made.get<Tensor>()));
  }
  if (name == "tf.shape" || name == "tf.size") {   // those of the tensor that it stands for
    const Tensor found = name == "tf.shape" ? dense_shape_ : op("Prod", {dense_shape_, to_tensor(Value(0), DType::i32)});
    return op("Cast", {found}, {{"DstT", Args(f, std::move(values)).dtype("out_type")}});
  }
  if (name == "tf.rank") return op("Size", {dense_shape_});
  fail(Code::value, "{}: expected a tensor, got {}; tf.sparse.to_dense makes one of it", name, describe());
}

}  // namespace ninefold
