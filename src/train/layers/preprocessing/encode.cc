// In: ids of categories, dense, ragged or sparse. Out: which occur, or how often, as output_mode says.
#include "train/layers/preprocessing/encode.h"

#include <algorithm>

#include "base/check.h"
#include "train/layers/nest.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

Shape shape_of(const Value& v) {
  if (const auto spec = CompositeSpec::of(v)) return spec->rows.shape;
  return v.get<Tensor>()->shape();
}
Value with_last_axis(const Value& ids) {
  const SparseRef sparse = Sparse::of(ids);
  return sparse ? call("tf.sparse.expand_dims", {{"sp_input", ids}, {"axis", -1}}) : call("tf.expand_dims", {{"input", ids}, {"axis", -1}});
}
Value cast_to(const Value& v, DType d) {
  if (const Tensor* t = v.get<Tensor>()) return cast(*t, d);
  return call("tf.cast", {{"x", v}, {"dtype", d}});
}
// A list of tensors, as calls of layers make of lists of numbers, or of lists of those.
bool has_tensors(const Value& v) {
  const ValueList* list = v.get<ValueList>();
  return list ? std::any_of(list->begin(), list->end(), has_tensors) : v.get<Tensor>() != nullptr;
}
Tensor stacked(const Value& v) {
  const ValueList* list = v.get<ValueList>();
  if (!list) return v.get<Tensor>() ? *v.get<Tensor>() : to_tensor(v);
  Tensors items;
  for (const Value& item : *list) items.push_back(stacked(item));
  const NamedAttr axis("axis", 0);
  return op_all("Pack", items, {&axis, 1}).at(0);
}
// What is known of the result beforehand: [depth] or [batch, depth].
Shape counts_shape(const Shape& ids, int64_t depth) {
  return ids.rank() == 1 ? Shape{depth} : Shape{ids.known_rank() ? ids.dim(0) : -1, depth};
}

Tensor dense_counts(const Value& ids, const Encoding& how) {
  const Shape shape = shape_of(ids);
  const bool binary = how.mode == "multi_hot" || how.mode == "one_hot";
  if (const Tensor* t = ids.get<Tensor>()) {
    const Tensor whole = t->dtype() == DType::i32 || t->dtype() == DType::i64 ? *t : cast(*t, DType::i64);
    const Tensor size = whole.dtype() == DType::i32 ? Tensor(static_cast<int32_t>(how.depth)) : Tensor(how.depth);
    const Tensor by = how.weights ? cast(how.weights, how.dtype) : Tensor::zeros(how.dtype, {0});
    return with_static_shape(op("DenseBincount", {whole, size, by}, {{"binary_output", binary}}), counts_shape(shape, how.depth));
  }
  const Value counts = call("tf.math.bincount", {{"arr", ids}, {"minlength", how.depth}, {"maxlength", how.depth}, {"dtype", how.dtype},
                                                 {"axis", -1}, {"binary_output", binary}});
  return with_static_shape(*counts.get<Tensor>(), counts_shape(shape, how.depth));
}
SparseRef sparse_counts(const Value& ids, const Encoding& how) {
  const bool binary = how.mode == "multi_hot" || how.mode == "one_hot";
  const Shape shape = shape_of(ids);
  const SparseRef counts = Sparse::of(call("tf.sparse.bincount", {
      {"values", ids}, {"weights", how.weights ? Value(how.weights) : Value()}, {"minlength", how.depth}, {"maxlength", how.depth},
      {"axis", -1}, {"binary_output", binary}}));
  Tensor sizes = Tensor::of<int64_t>({1}, {how.depth});
  if (shape.rank() != 1) {
    const Tensor batch = op("StridedSlice", {counts->dense_shape(), ints({0}), ints({1}), ints({1})});
    const Tensor both[] = {batch, sizes, Tensor(int32_t{0})};
    sizes = op_all("ConcatV2", both).at(0);
  }
  return Sparse::of(counts->indices(), cast(counts->values(), how.dtype), sizes, counts_shape(shape, how.depth));
}

}  // namespace

void check_output_mode(const std::string& mode, const std::vector<std::string>& allowed, const std::string& layer) {
  std::string list;
  for (const std::string& m : allowed) list += (list.empty() ? "'" : ", '") + m + "'";
  check(std::find(allowed.begin(), allowed.end(), mode) != allowed.end(), Code::value,
        "Unkown value for `output_mode` argument of layer {}. Allowed values are: or one of the following values: ({}). "
        "Received: {}", layer, list, mode);
}

Value tensor_like(const Value& v, const std::string& who, DType dtype) {
  if (CompositeSpec::of(v)) return dtype == DType::invalid || CompositeSpec::of(v)->rows.dtype == dtype ? v : cast_to(v, dtype);
  if (const ValueList* list = v.get<ValueList>(); list && list->size() == 1 && CompositeSpec::of(list->front()))
    return tensor_like(list->front(), who, dtype);
  const bool made = v.get<Tensor>() || v.get<Variable>();
  if (!made && v.get<ValueList>()) {
    if (!has_tensors(v)) return to_tensor(v, dtype, who);
    const Tensor whole = stacked(v);
    return dtype == DType::invalid ? whole : cast(whole, dtype);
  }
  const Tensor t = made || dtype == DType::invalid ? nest::tensor(v, who) : to_tensor(v, dtype, who);
  return dtype == DType::invalid ? t : cast(t, dtype);
}

Value encoded(Value ids, const Encoding& how) {
  if (how.mode == "int") {
    const Value whole = cast_to(ids, how.dtype);
    return whole.get<Tensor>() ? Value(op("Identity", {*whole.get<Tensor>()})) : whole;
  }
  const Shape given = shape_of(ids);
  if (given.rank() == 0) ids = with_last_axis(ids);
  if (how.mode == "one_hot" && shape_of(ids).dim(-1) != 1) ids = with_last_axis(ids);
  check(shape_of(ids).rank() <= 2, Code::value, "When output_mode is not `'int'`, maximum supported output rank is 2. Received output_mode {} "
        "and input shape {}, which would result in output rank {}.", how.mode, given.tuple(), shape_of(ids).rank());
  if (how.sparse) {
    const SparseRef counts = sparse_counts(ids, how);
    if (how.mode != "tf_idf") return Sparse::value(counts);
    const Tensor columns = op("StridedSlice", {counts->indices(), ints({0, -1}), ints({0, 0}), ints({1, 1})},
                              {{"begin_mask", 1}, {"end_mask", 1}, {"shrink_axis_mask", 2}});
    return Sparse::value(counts->with_values(op("GatherV2", {how.idf_weights, columns, Tensor(int32_t{0})}) * counts->values()));
  }
  const Tensor counts = dense_counts(ids, how);
  return how.mode == "tf_idf" ? counts * how.idf_weights : counts;
}

Shape encoded_shape(const Shape& in, const std::string& mode, int64_t depth) {
  if (mode == "int") return in;
  if (in.rank() == 0) return {depth};
  if (mode == "one_hot" && in.dim(-1) != 1) return in.concat({depth});
  return in.slice(0, in.rank() - 1).concat({depth});
}

}  // namespace ninefold::keras
