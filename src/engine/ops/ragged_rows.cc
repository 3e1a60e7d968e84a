// In: ragged tensors and axes. Out: what joins rows, reduces them, and makes them of nested lists.
#include <algorithm>

#include "base/check.h"
#include "engine/ops/ragged.h"

namespace ninefold {
namespace ops::ragged {

int64_t normal_axis(int64_t axis, int rank) {
  check(axis >= -rank && axis < rank, Code::value, "axis={} out of bounds: expected {}<=axis<{}", axis, -rank, rank);
  return axis < 0 ? axis + rank : axis;
}
Tensor numbers(const Value& v) {
  if (const Tensor* t = v.get<Tensor>()) return *t;
  if (const Variable* x = v.get<Variable>()) return x->read();
  return to_tensor(v, DType::invalid, "RaggedTensor");
}

// ---- joined ---------------------------------------------------------------------------------------------------

Value expand_dims(const Value& v, int64_t axis) {
  const RaggedRef r = Ragged::of(v);
  if (!r) return op("ExpandDims", {*v.get<Tensor>(), int_scalar(axis)});
  axis = normal_axis(axis, r->rank() + 1);
  const DType d = r->splits_dtype();
  if (axis == 0) {
    const Tensor splits = concat({int_vector({0}, d), op("Reshape", {r->nrows(), int_vector({1})})});
    return Ragged::value(std::make_shared<Ragged>(v, splits, r->shape()[0]));
  }
  if (axis == 1) return Ragged::value(std::make_shared<Ragged>(v, up_to(r->nrows() + int_scalar(1, d)), 1));
  return Ragged::value(std::make_shared<Ragged>(expand_dims(r->values(), axis - 1), r->row_splits(), r->uniform_row_length()));
}

namespace {

Value concat_rows(const std::vector<Value>& values) {   // along axis 0; all ragged or all dense
  Tensors dense;
  for (const Value& v : values)
    if (!Ragged::of(v)) dense.push_back(*v.get<Tensor>());
  if (!dense.empty()) return concat(dense);
  std::vector<Value> inside;
  Tensors splits;
  Tensor end;
  for (const Value& v : values) {
    const RaggedRef r = Ragged::of(v);
    inside.push_back(r->values());
    splits.push_back(end.defined() ? piece(r->row_splits(), 1, {}) + end : r->row_splits());
    end = end.defined() ? end + last(r->row_splits()) : last(r->row_splits());
  }
  return Ragged::value(std::make_shared<Ragged>(concat_rows(inside), concat(splits)));
}

// Dense values become ragged, and all get the deepest ragged rank and the widest splits.
void unify(std::vector<Value>& values) {
  int deepest = 1, rank = 0;
  DType d = DType::i32;
  bool any = false;
  DType like = DType::invalid;
  for (const Value& v : values)
    if (const RaggedRef r = Ragged::of(v)) {
      deepest = std::max(deepest, r->ragged_rank()), rank = r->rank(), any = true, like = r->dtype();
      if (r->splits_dtype() == DType::i64) d = DType::i64;
    }
  if (!any) d = DType::i64;
  for (Value& v : values) {
    if (!Ragged::of(v)) {
      const Tensor t = v.get<Tensor>() || v.get<Variable>() ? numbers(v) : to_tensor(v, like, "concat");
      check(!any || t.rank() == rank, Code::value, "tf.concat: expected tensors of rank {}, got shape {}", rank, t.shape().tuple());
      v = Ragged::value(Ragged::from_tensor(t, {}, {}, std::min(deepest, t.rank() - 1), d));
    }
    RaggedRef r = Ragged::of(v);
    check(!any || r->rank() == rank, Code::value, "tf.concat: expected ragged tensors of rank {}, got shape {}", rank,
          r->shape().tuple());
    if (r->splits_dtype() != d) r = r->with_splits_dtype(d);
    if (r->ragged_rank() < deepest) {   // the dense dimensions behind become partitions too
      const Tensor& flat = r->flat_values();
      r = Ragged::of([&] {
        std::function<Value(const Ragged&)> deeper = [&](const Ragged& x) -> Value {
          if (x.inner()) return Ragged::value(x.with_values(deeper(*x.inner())));
          return Ragged::value(x.with_values(Ragged::value(Ragged::from_tensor(flat, {}, {}, deepest - r->ragged_rank(), d))));
        };
        return deeper(*r);
      }());
    }
    v = Ragged::value(r);
  }
}

}  // namespace

Value concat_values(std::vector<Value> values, int64_t axis) {
  check(!values.empty(), Code::value, "tf.concat: expected at least one value");
  if (std::none_of(values.begin(), values.end(), [](const Value& v) { return Ragged::of(v) != nullptr; }) && axis > 0 &&
      numbers(values[0]).rank() == 1)
    return ninefold::call("tf.concat", {{"values", values}, {"axis", axis}});
  int rank = 0;
  for (const Value& v : values)
    if (const RaggedRef r = Ragged::of(v)) rank = r->rank();
  if (!rank) rank = numbers(values[0]).rank();
  axis = normal_axis(axis, rank);
  unify(values);
  if (values.size() == 1) return values[0];
  if (axis == 0) return concat_rows(values);
  const RaggedRef first = Ragged::of(values[0]);
  if (axis == 1) {   // all rows one after another, then row 0 of each, row 1 of each, ... made one
    for (const Value& v : values) {
      auto rows = [](const RaggedRef& r) { return op("Reshape", {r->nrows(), int_vector({1})}); };
      require_equal(rows(Ragged::of(v)), rows(first), "Input tensors have incompatible shapes.");
    }
    const auto k = static_cast<int64_t>(values.size());
    const RaggedRef all = Ragged::of(concat_rows(values));
    const Tensor places = op("Reshape", {up_to(all->nrows()), int_vector({k, -1})});
    const RaggedRef sorted = take(*all, op("Reshape", {op("Transpose", {places, int_vector({1, 0})}), int_vector({-1})}));
    const Tensor ends = op("StridedSlice", {sorted->row_splits(), int_vector({0}), int_vector({0}), int_vector({k})},
                           {{"begin_mask", 1}, {"end_mask", 1}});
    return Ragged::value(std::make_shared<Ragged>(sorted->values(), ends));
  }
  std::vector<Value> inside;
  for (const Value& v : values) {
    const RaggedRef r = Ragged::of(v);
    require_equal(r->row_splits(), first->row_splits(), "Input tensors have incompatible shapes.");
    inside.push_back(r->values());
  }
  const bool dense = !first->inner();
  Tensors flat;
  for (const Value& v : inside)
    if (dense) flat.push_back(*v.get<Tensor>());
  return Ragged::value(first->with_values(dense ? Value(concat(flat, static_cast<int>(axis) - 1)) : concat_values(inside, axis - 1)));
}

// ---- reduced --------------------------------------------------------------------------------------------------

namespace {

// The rows of `values` with the same id, taken together by `by`; ragged rows meet place by place.
Value segments(const char* by, const Value& values, const Tensor& ids, const Tensor& count) {
  const RaggedRef r = Ragged::of(values);
  if (!r) return op(by, {*values.get<Tensor>(), ids, count});
  const DType d = r->splits_dtype();
  const Tensor longest = op("Maximum", {op("UnsortedSegmentMax", {r->row_lengths(), ids, count}), int_scalar(0, d)});
  const Tensor splits = splits_of(longest), rows = r->value_rowids();
  const Tensor place = up_to(last(r->row_splits())) - gather(r->row_starts(), rows);
  const Tensor inside = gather(gather(splits, ids), rows) + place;
  return Ragged::value(std::make_shared<Ragged>(segments(by, r->values(), inside, last(splits)), splits));
}

Value one_axis(const Function& f, const char* by, const Value& v, int64_t axis) {
  const RaggedRef r = Ragged::of(v);
  if (!r) return ninefold::call(f, {v, axis});
  const DType d = r->splits_dtype();
  if (axis == 1) return segments(by, r->values(), r->value_rowids(), r->nrows());
  if (axis > 1) {
    Value inside = one_axis(f, by, r->values(), axis - 1);
    return Ragged::value(std::make_shared<Ragged>(std::move(inside), r->row_splits(), r->uniform_row_length()));
  }
  const Tensor place = up_to(last(r->row_splits())) - gather(r->row_starts(), r->value_rowids());
  return segments(by, r->values(), place, op("Max", {concat({int_vector({0}, d), r->row_lengths()}), int_scalar(0)}));
}

Value of_values(const char* function, const Value& v) {   // an element-wise function
  return ninefold::call(*find_function(function), {v});
}
Value of_values(const char* function, const Value& a, const Value& b) {
  return ninefold::call(*find_function(function), {a, b});
}

}  // namespace

Value reduce(const Function& f, const Ragged& r, const std::vector<int64_t>& given, bool keepdims) {
  static const std::pair<std::string_view, const char*> kinds[] = {
      {"tf.math.reduce_sum", "UnsortedSegmentSum"}, {"tf.math.reduce_prod", "UnsortedSegmentProd"},
      {"tf.math.reduce_max", "UnsortedSegmentMax"}, {"tf.math.reduce_min", "UnsortedSegmentMin"}};
  const std::string& name = f.names[0];
  const Value self = Ragged::value(r.shared_from_this());
  auto again = [&](const char* function, const Value& v) {
    const Function& g = *find_function(function);
    const RaggedRef x = Ragged::of(v);
    return reduce(g, *x, given, keepdims);
  };
  if (name == "tf.math.reduce_mean") {
    const Value total = again("tf.math.reduce_sum", self), count = again("tf.math.reduce_sum", of_values("tf.ones_like", self));
    return of_values("tf.math.divide", total, count);
  }
  if (name == "tf.math.reduce_variance" || name == "tf.math.reduce_std") {
    const Value square = of_values("tf.math.square", self);
    const Value mean = again("tf.math.reduce_mean", self);
    const Value variance = of_values("tf.math.subtract", again("tf.math.reduce_mean", square), of_values("tf.math.square", mean));
    return name == "tf.math.reduce_std" ? of_values("tf.math.sqrt", variance) : variance;
  }
  if (name == "tf.math.reduce_any" || name == "tf.math.reduce_all") {
    const Value counts = ninefold::call("tf.cast", {{"x", self}, {"dtype", DType::i32}});
    const Value out = again(name == "tf.math.reduce_any" ? "tf.math.reduce_sum" : "tf.math.reduce_prod", counts);
    return ninefold::call("tf.cast", {{"x", out}, {"dtype", DType::boolean}});
  }
  const char* by = nullptr;
  for (const auto& [function, op] : kinds)
    if (function == name) by = op;
  check(by, Code::value, "{}: it is not defined for ragged tensors; reduce to_tensor() of it", name);
  std::vector<int64_t> axes = given;
  std::sort(axes.rbegin(), axes.rend());
  check(std::adjacent_find(axes.begin(), axes.end()) == axes.end(), Code::value, "{}: an axis stands twice", name);
  Value out = self;
  for (int64_t axis : axes) {
    out = one_axis(f, by, out, axis);
    if (keepdims) out = expand_dims(out, axis);
  }
  return out;
}

// ---- nested lists ---------------------------------------------------------------------------------------------

namespace {

// The depth of the scalars, -1 if there are none; raises where they differ.
int scalar_depth(const Value& v, int& deepest, int depth = 0) {
  const ValueList* list = v.get<ValueList>();
  if (!list) {
    const Tensor* t = v.get<Tensor>();
    deepest = std::max(deepest, depth + (t ? t->rank() : 0));
    return depth + (t ? t->rank() : 0);
  }
  deepest = std::max(deepest, depth + 1);
  int found = -1;
  for (const Value& item : *list) {
    const int below = scalar_depth(item, deepest, depth + 1);
    check(found < 0 || below < 0 || below == found, Code::value, "all scalar values must have the same nesting depth");
    if (below >= 0) found = below;
  }
  return found;
}
// A tensor of rank 1 or more in the list, as a list.
ValueList items(const Value& v) {
  if (const ValueList* list = v.get<ValueList>()) return *list;
  const Tensor* t = v.get<Tensor>();
  check(t && t->rank() > 0, Code::value, "all scalar values must have the same nesting depth");
  ValueList out;
  for (int64_t i = 0; i < t->dim(0); ++i)
    out.emplace_back(gather(*t, int_scalar(i)));
  return out;
}

}  // namespace

}  // namespace ops::ragged

using namespace ops;
using namespace ops::ragged;

Value Ragged::constant(const Value& nested, DType dtype, int ragged_rank, std::optional<Shape> inner_shape, DType splits_dtype) {
  if (!nested.get<ValueList>()) {
    check(ragged_rank <= 0, Code::value, "Invalid pylist={}: incompatible with ragged_rank={}", "a scalar", ragged_rank);
    return ninefold::ops::ragged::numbers(dtype == DType::invalid ? nested : Value(ninefold::to_tensor(nested, dtype, "tf.ragged.constant")));
  }
  int deepest = 0;
  const int scalars = scalar_depth(nested, deepest), depth = scalars < 0 ? deepest : scalars;
  check(deepest <= depth, Code::value, "Invalid pylist: empty list nesting is greater than scalar value nesting");
  if (ragged_rank < 0) ragged_rank = inner_shape ? std::max(0, depth - 1 - inner_shape->rank()) : std::max(0, depth - 1);
  check(ragged_rank < depth, Code::value, "Invalid pylist: its scalars are {} deep, incompatible with ragged_rank={}", depth, ragged_rank);
  const DType of_none = dtype == DType::invalid ? DType::f32 : dtype;
  std::vector<std::vector<int64_t>> splits;
  ValueList level = *nested.get<ValueList>();
  for (int i = 0; i < ragged_rank; ++i) {
    splits.push_back({0});
    ValueList next;
    for (const Value& row : level) {
      const ValueList all = items(row);
      next.insert(next.end(), all.begin(), all.end());
      splits.back().push_back(static_cast<int64_t>(next.size()));
    }
    level = std::move(next);
  }
  Tensor flat;
  if (level.empty()) {
    Shape shape({0});
    if (inner_shape) shape = shape.concat(*inner_shape);
    else if (ragged_rank + 1 < depth) shape = shape.concat(Shape(std::vector<int64_t>(static_cast<size_t>(depth - ragged_rank - 1), 0)));
    flat = Tensor::zeros(of_none, shape);
  } else {
    flat = ninefold::to_tensor(Value(level), dtype, "tf.ragged.constant");
    if (inner_shape) flat = op("Reshape", {flat, concat({int_vector({-1}), int_vector(inner_shape->vector())})});
  }
  Value out = flat;
  for (size_t i = splits.size(); i-- > 0;) {
    const Tensor ends = int_vector(splits[i], splits_dtype);
    out = value(std::make_shared<Ragged>(std::move(out), ends));
  }
  return out;
}

namespace ops::ragged {
namespace {

std::string element_text(const Tensor& t, int64_t i) {
  if (t.dtype() == DType::string) return "b'" + t.as<std::string>()[i] + "'";
  if (t.dtype() == DType::boolean) return t.as<bool>()[i] ? "True" : "False";
  if (is_integer(t.dtype())) return std::to_string(t.int_at(i));
  std::string s = fmt::format("{}", t.dtype() == DType::f32 ? t.as<float>()[i] : t.float_at(i));
  return s.find_first_of(".en") == std::string::npos ? s + ".0" : s;
}
std::string dense_text(const Tensor& t, int axis, int64_t& at) {
  if (axis == t.rank()) return element_text(t, at++);
  std::string out = "[";
  for (int64_t i = 0; i < t.dim(axis); ++i) out += (i ? ", " : "") + dense_text(t, axis + 1, at);
  return out + "]";
}
std::string rows_text(const Ragged& r, int64_t begin, int64_t end) {
  std::string out = "[";
  for (int64_t row = begin; row < end; ++row) {
    const int64_t from = r.row_splits().int_at(row), to = r.row_splits().int_at(row + 1);
    out += row == begin ? "" : ", ";
    if (r.inner()) {
      out += rows_text(*r.inner(), from, to);
      continue;
    }
    const Tensor& t = r.flat_values();
    int64_t width = 1;
    for (int i = 1; i < t.rank(); ++i) width *= t.dim(i);
    out += "[";
    for (int64_t i = from; i < to; ++i) {
      int64_t at = i * width;
      out += (i > from ? ", " : "") + dense_text(t, 1, at);
    }
    out += "]";
  }
  return out + "]";
}

}  // namespace

std::string row_text(const Ragged& r) { return rows_text(r, 0, r.row_splits().size() - 1); }

}  // namespace ops::ragged
}  // namespace ninefold
