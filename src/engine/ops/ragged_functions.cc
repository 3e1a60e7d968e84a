// In: calls of public functions with ragged arguments. Out: what each means for them: element-wise functions run on
// the flat values, others on the partition too.
#include "base/check.h"
#include "engine/ops/ragged.h"

namespace ninefold {
namespace ops::ragged {
namespace {

// The functions that TensorFlow 2.9 takes element by element, by what their tensors are.
constexpr std::string_view kFlat[] = {   // the first argument, or every ragged one of the same rows
    "tf.bitwise.invert", "tf.cast", "tf.clip_by_value", "tf.debugging.check_numerics", "tf.identity", "tf.io.decode_base64",
    "tf.io.encode_base64", "tf.math.abs", "tf.math.acos", "tf.math.acosh", "tf.math.angle", "tf.math.asin", "tf.math.asinh",
    "tf.math.atan", "tf.math.atanh", "tf.math.bessel_i0", "tf.math.bessel_i0e", "tf.math.bessel_i1", "tf.math.bessel_i1e",
    "tf.math.ceil", "tf.math.conj", "tf.math.cos", "tf.math.cosh", "tf.math.digamma", "tf.math.erf", "tf.math.erfc",
    "tf.math.erfcinv", "tf.math.erfinv", "tf.math.exp", "tf.math.expm1", "tf.math.floor", "tf.math.imag",
    "tf.math.is_finite", "tf.math.is_inf", "tf.math.is_nan", "tf.math.lgamma", "tf.math.log", "tf.math.log1p",
    "tf.math.log_sigmoid", "tf.math.logical_not", "tf.math.ndtri", "tf.math.negative", "tf.math.nextafter", "tf.math.real",
    "tf.math.reciprocal", "tf.math.reciprocal_no_nan", "tf.math.rint", "tf.math.round", "tf.math.rsqrt", "tf.math.sigmoid",
    "tf.math.sign", "tf.math.sin", "tf.math.sinh", "tf.math.softplus", "tf.math.special.bessel_j0",
    "tf.math.special.bessel_j1", "tf.math.special.bessel_k0", "tf.math.special.bessel_k0e", "tf.math.special.bessel_k1",
    "tf.math.special.bessel_k1e", "tf.math.special.bessel_y0", "tf.math.special.bessel_y1", "tf.math.special.dawsn",
    "tf.math.special.expint", "tf.math.special.spence", "tf.math.sqrt", "tf.math.square", "tf.math.tan", "tf.math.tanh",
    "tf.nn.dropout", "tf.nn.elu", "tf.nn.gelu", "tf.nn.leaky_relu", "tf.nn.relu", "tf.nn.relu6", "tf.nn.selu", "tf.nn.silu",
    "tf.nn.softsign", "tf.one_hot", "tf.ones_like", "tf.saturate_cast", "tf.stop_gradient", "tf.strings.as_string",
    "tf.strings.length", "tf.strings.lower", "tf.strings.regex_full_match", "tf.strings.regex_replace", "tf.strings.strip",
    "tf.strings.substr", "tf.strings.to_hash_bucket", "tf.strings.to_hash_bucket_fast", "tf.strings.to_hash_bucket_strong",
    "tf.strings.to_number", "tf.strings.unicode_script", "tf.strings.unicode_transcode", "tf.strings.upper", "tf.where",
    "tf.zeros_like"};
constexpr std::string_view kOwn[] = {   // their bodies take ragged arguments
    "tf.math.bincount", "tf.ragged.cross", "tf.ragged.cross_hashed", "tf.sparse.bincount", "tf.sparse.cross", "tf.sparse.cross_hashed", "tf.strings.bytes_split", "tf.strings.ngrams", "tf.strings.split", "tf.strings.unicode_decode",
    "tf.strings.unicode_decode_with_offsets", "tf.strings.unicode_encode", "tf.strings.unicode_split",
    "tf.strings.unicode_split_with_offsets"};
constexpr std::string_view kPairs[] = {   // the first two, broadcast against each other
    "tf.bitwise.bitwise_and", "tf.bitwise.bitwise_or", "tf.bitwise.bitwise_xor", "tf.bitwise.left_shift",
    "tf.bitwise.right_shift", "tf.complex", "tf.math.add", "tf.math.atan2", "tf.math.divide", "tf.math.divide_no_nan",
    "tf.math.equal", "tf.math.floordiv", "tf.math.floormod", "tf.math.greater", "tf.math.greater_equal", "tf.math.less",
    "tf.math.less_equal", "tf.math.logical_and", "tf.math.logical_or", "tf.math.logical_xor", "tf.math.maximum",
    "tf.math.minimum", "tf.math.multiply", "tf.math.multiply_no_nan", "tf.math.not_equal", "tf.math.pow",
    "tf.math.scalar_mul", "tf.math.squared_difference", "tf.math.subtract", "tf.math.truediv", "tf.math.xdivy",
    "tf.math.xlog1py", "tf.math.xlogy", "tf.math.zeta", "tf.nn.sigmoid_cross_entropy_with_logits", "tf.realdiv",
    "tf.truncatediv", "tf.truncatemod"};

bool among(std::span<const std::string_view> names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}
Value with_flat(const Ragged& r, const Value& flat) {
  const Tensor* t = flat.get<Tensor>();
  check(t, Code::value, "RaggedTensor: the function gives no tensor for its flat values");
  return Ragged::value(r.with_flat_values(*t));
}

RaggedRef first_of(const std::vector<Value>& values) {
  for (const Value& v : values)
    if (RaggedRef r = Ragged::of(v)) return r;
  return nullptr;
}

// A dense tensor's element for each flat value: size 1 goes along, other sizes must be those of all rows.
Tensor broadcast(const Tensor& dense, const Ragged& r) {
  Tensor y = dense;
  check(y.rank() <= r.rank(), "RaggedTensor: cannot broadcast a tensor of shape {} to the ragged shape {}", y.shape().tuple(),
        r.shape().tuple());
  while (y.rank() < r.rank()) y = op("ExpandDims", {y, int_scalar(0)});
  const DType d = r.splits_dtype();
  const Tensor sizes = shape_tensor(y, d);
  auto size = [&](int i) { return op("Reshape", {piece(sizes, i, i + 1), int_vector({}, DType::i32)}); };
  std::vector<const Ragged*> levels;
  for (const Ragged* at = &r; at; at = at->inner()) levels.push_back(at);
  // From the innermost partition outward: the row of each value, and its place in it.
  Tensor row = up_to(last(levels.back()->row_splits())), at = int_scalar(0, d), stride = int_scalar(1, d);
  for (size_t i = levels.size(); i-- > 0;) {
    const int axis = static_cast<int>(i) + 1;
    const Tensor ids = levels[i]->value_rowids(), up = gather(ids, row);
    const Tensor place = row - gather(levels[i]->row_starts(), up);
    if (y.dim(axis) != 1) {
      require_equal(up_to(levels[i]->nrows() + int_scalar(1, d)) * size(axis), levels[i]->row_splits(), "");
      at = at + place * stride;
      stride = stride * size(axis);
    }
    row = up;
  }
  if (y.dim(0) != 1) {
    require_equal(op("Reshape", {size(0), int_vector({1})}), op("Reshape", {r.nrows(), int_vector({1})}), "");
    at = at + row * stride;
  }
  at = at + op("ZerosLike", {row});
  const int kept = static_cast<int>(levels.size()) + 1;
  return gather(op("Reshape", {y, concat({int_vector({-1}, d), piece(sizes, kept, {})})}), at);
}

Value tiled(const Value& r, const Value& multiples);
// A ragged tensor with as many dimensions as `t`: the new outer ones have its sizes.
Value with_outer(Value r, const Tensor& t) {
  std::vector<int64_t> times(static_cast<size_t>(t.rank()), 1);
  for (int i = 0; i < t.rank() - Ragged::of(r)->rank(); ++i)
    times[static_cast<size_t>(i)] = std::max<int64_t>(t.dim(i), 1);
  while (Ragged::of(r)->rank() < t.rank()) r = expand_dims(r, 0);
  return tiled(r, int_vector(times));
}

Value elementwise(const Function& f, std::vector<Value> values, bool pairs) {
  RaggedRef like = first_of(values);
  check(f.names[0] != "tf.where" || !values[1].none(), Code::unimplemented,
        "tf.where: the places of a ragged condition are not told; give x and y");
  check(like != nullptr, Code::value, "{}: a list of ragged tensors is no argument for it", f.names[0]);
  for (size_t i = 0; pairs && i < 2; ++i) {
    const Tensor* t = values[i].get<Tensor>();
    if (t && t->rank() > like->rank()) values[1 - i] = with_outer(values[1 - i], *t), like = first_of(values);
  }
  for (size_t i = 0; i < values.size(); ++i) {
    if (const RaggedRef r = Ragged::of(values[i])) {
      if (r != like) require_same_rows(*like, *r);
      values[i] = r->flat_values();
      continue;
    }
    if (!pairs || i > 1) continue;
    Value& v = values[i];
    const Tensor* t = v.get<Tensor>();
    if (v.get<ValueList>()) {
      v = to_tensor(v, like->dtype(), f.names[0]);
      t = v.get<Tensor>();
    }
    if (const Variable* x = v.get<Variable>()) v = x->read(), t = v.get<Tensor>();
    if (t && t->rank() > 0 && t->rank() >= like->flat_values().rank()) v = broadcast(*t, *like);
  }
  return with_flat(*like, ninefold::call(f, std::move(values)));
}

std::vector<int64_t> axes_of(const Value& axis, int rank) {
  const int64_t* one = axis.get<int64_t>();
  std::vector<int64_t> out;
  if (one) out = {*one};
  else if (const Tensor* t = axis.get<Tensor>()) out = t->ints();
  else if (const ValueList* list = axis.get<ValueList>())
    for (const Value& v : *list) {
      const int64_t* i = v.get<int64_t>();
      check(i, Code::type, "axis must be an int or a list of ints");
      out.push_back(*i);
    }
  for (int64_t& a : out) a = normal_axis(a, rank);
  return out;
}

const Value& argument(const Function& f, const std::vector<Value>& values, std::string_view name) {
  const auto& parameters = parameters_of(f);
  for (size_t i = 0; i < values.size(); ++i)
    if (parameters[i].name == name) return values[i];
  fail(Code::internal, "{} has no parameter {}", f.names[0], name);
}
int64_t axis_of(const Function& f, const std::vector<Value>& values) {
  const int64_t* axis = argument(f, values, "axis").get<int64_t>();
  check(axis, Code::type, "{}: axis must be an int where an argument is ragged", f.names[0]);
  return *axis;
}
std::vector<Value> list_of(const Value& v) {
  const ValueList* list = v.get<ValueList>();
  return list ? *list : std::vector<Value>{v};
}

Value gathered(const Function& f, const std::vector<Value>& values) {
  const Value &params = argument(f, values, "params"), &indices = argument(f, values, "indices");
  const Value& axis = argument(f, values, "axis");
  check(axis.none() || (axis.get<int64_t>() && *axis.get<int64_t>() == 0), Code::unimplemented,
        "tf.gather: ragged arguments are gathered along axis 0 only");
  if (const RaggedRef at = Ragged::of(indices)) {
    const Value rows = take(Ragged::of(params) ? params : Value(numbers(params)), at->flat_values());
    if (const RaggedRef r = Ragged::of(rows)) {
      std::function<Value(const Ragged&)> within = [&](const Ragged& level) -> Value {
        return Ragged::value(level.with_values(level.inner() ? within(*level.inner()) : rows));
      };
      return within(*at);
    }
    return with_flat(*at, rows);
  }
  const RaggedRef rows = Ragged::of(params);
  check(rows != nullptr, Code::value,
        "tf.gather: neither params nor indices is a ragged tensor, but another argument is or holds one");
  const Tensor at = numbers(indices);
  check(is_integer(at.dtype()), Code::type, "tf.gather: indices must be integers, got {}", name_of(at.dtype()));
  if (at.rank() == 0) return rows->index({{RaggedIndex::at, at, {}, {}}});
  check(at.rank() == 1, Code::unimplemented,
        "tf.gather: rows of a ragged tensor are gathered by a vector, got indices of shape {}", at.shape().tuple());
  return Ragged::value(take(*rows, cast(at, rows->splits_dtype())));
}

Value stacked(const std::vector<Value>& values, int64_t axis) {
  check(!values.empty(), Code::value, "tf.ragged.stack: expected at least one value");
  int rank = 0;
  for (const Value& v : values) rank = std::max(rank, Ragged::of(v) ? Ragged::of(v)->rank() : numbers(v).rank());
  axis = normal_axis(axis, rank + 1);
  std::vector<Value> apart;
  for (const Value& v : values) apart.push_back(expand_dims(Ragged::of(v) ? v : Value(numbers(v)), axis));
  if (axis == 0 && rank == 0) return ninefold::call("tf.concat", {{"values", apart}, {"axis", 0}});
  return concat_values(std::move(apart), axis);
}

// Without the dimension `axis`, in which every row has one element.
Value squeezed(const Ragged& r, int64_t axis) {
  const DType d = r.splits_dtype();
  const Tensor one = int_scalar(1, d);
  if (axis == 0) {
    require_equal(r.nrows(), one, "");
    return r.values();
  }
  if (axis == 1) {
    require_equal(r.row_lengths(), op("OnesLike", {r.row_lengths()}), "");
    return r.values();
  }
  if (r.inner()) return Ragged::value(r.with_values(squeezed(*r.inner(), axis - 1)));
  return Ragged::value(r.with_values(op("Squeeze", {r.flat_values()}, {{"squeeze_dims", std::vector<int64_t>{axis - 1}}})));
}
Value tiled(const Value& r, const Value& multiples) {
  const std::vector<int64_t> times = numbers(multiples).ints();
  const int rank = Ragged::of(r)->rank();
  check(static_cast<int>(times.size()) == rank, Code::value, "tf.tile: expected {} multiples for a ragged tensor of rank {}, got {}", rank, rank,
        times.size());
  Value out = r;
  for (size_t axis = 0; axis < times.size(); ++axis) {
    check(times[axis] >= 0, "tf.tile: expected multiples that are not negative, got {}", times[axis]);
    if (times[axis] == 1) continue;
    if (times[axis] > 1) {
      out = concat_values(std::vector<Value>(static_cast<size_t>(times[axis]), out), static_cast<int64_t>(axis));
      continue;
    }
    std::vector<RaggedIndex> none(axis, RaggedIndex{RaggedIndex::slice, {}, {}, {}});
    none.push_back({RaggedIndex::slice, int_scalar(0), int_scalar(0), {}});
    out = Ragged::of(out)->index(std::move(none));
  }
  return out;
}
Value reversed(const Value& r, const std::vector<int64_t>& axes) {
  Value out = r;
  for (int64_t axis : axes) {
    std::vector<RaggedIndex> at(static_cast<size_t>(axis), RaggedIndex{RaggedIndex::slice, {}, {}, {}});
    at.push_back({RaggedIndex::slice, {}, {}, int_scalar(-1)});
    out = Ragged::of(out)->index(std::move(at));
  }
  return out;
}

const Function ragged_stack = {
    .names = {"tf.ragged.stack"}, .signature = "(values: value, axis: int = 0, name: str = None)",
    .doc = "The tensors, which may differ in the length of their rows, one after another along a new axis.",
    .body = [](Args& a) -> Value { return stacked(list_of(a["values"]), a.integer("axis")); }, .result = "value",
};
NINEFOLD_REGISTER(ragged_stack);
const Function ragged_constant = {
    .names = {"tf.ragged.constant"},
    .signature = "(pylist: value, dtype: dtype = None, ragged_rank: value = None, inner_shape: value = None, name: str = None, "
                 "row_splits_dtype: dtype = tf.int64)",
    .doc = "A ragged tensor of nested lists whose lengths differ; a tensor if no level can. Raises ValueError where "
           "scalars stand at different depths.",
    .body = [](Args& a) -> Value {
      std::optional<Shape> inner;
      if (!a.none("inner_shape")) inner = Shape(a.ints("inner_shape"));
      return Ragged::constant(a["pylist"], a.dtype("dtype"), a.none("ragged_rank") ? -1 : static_cast<int>(a.integer("ragged_rank")),
                              inner, a.dtype("row_splits_dtype"));
    },
    .result = "value",
};
NINEFOLD_REGISTER(ragged_constant);
const Function ragged_range = {
    .names = {"tf.ragged.range"},
    .signature = "(starts: value, limits: value = None, deltas: value = 1, dtype: dtype = None, name: str = None, "
                 "row_splits_dtype: dtype = tf.int64)",
    .doc = "Row i counts from starts[i] to below limits[i] by deltas[i]; scalars serve every row. Integers only.",
    .body = [](Args& a) -> Value {
      const bool one = a.none("limits");
      Tensor starts = numbers(a["starts"]), limits = one ? starts : numbers(a["limits"]), deltas = numbers(a["deltas"]);
      if (one) starts = op("ZerosLike", {starts});
      const DType want = a.none("dtype") ? limits.dtype() : a.dtype("dtype"), d = a.dtype("row_splits_dtype");
      check(is_integer(starts.dtype()) && is_integer(limits.dtype()) && is_integer(deltas.dtype()), Code::unimplemented,
            "tf.ragged.range: expected integers, got {} and {}", name_of(starts.dtype()), name_of(limits.dtype()));
      starts = cast(starts, d), limits = cast(limits, d), deltas = cast(deltas, d);
      const Tensor zero = int_scalar(0, d), one_more = op("Sign", {deltas});
      Tensor counts = op("Maximum", {op("FloorDiv", {limits - starts + deltas - one_more, deltas}), zero});
      counts = op("Reshape", {counts, int_vector({-1})});
      starts = op("Reshape", {starts + op("ZerosLike", {counts}), int_vector({-1})});
      const Tensor ids = rowids_of(splits_of(counts));
      const Tensor steps = deltas.rank() == 0 ? deltas : gather(deltas, ids);
      return Ragged::value(std::make_shared<Ragged>(cast(ranges(starts, counts, steps), want), splits_of(counts)));
    },
    .result = "value",
};
NINEFOLD_REGISTER(ragged_range);
const Function to_segment_ids = {
    .names = {"tf.ragged.row_splits_to_segment_ids"}, .signature = "(splits: tensor, name: str = None, out_type: dtype = None)",
    .doc = "The row of each value, given where the rows end.",
    .body = [](Args& a) -> Value {
      Tensor splits = numbers(a["splits"]);
      if (splits.dtype() != DType::i32) splits = cast(splits, DType::i64);
      if (!is_tensor(a["splits"])) splits = cast(splits, DType::i64);
      require_not_negative(piece(splits, 1, {}) - piece(splits, {}, -1),
                           "tf.ragged.row_splits_to_segment_ids: expected splits that do not decrease");
      const Tensor ids = rowids_of(splits - piece(splits, {}, 1));   // only where rows end from the first on counts
      return a.none("out_type") ? ids : cast(ids, a.dtype("out_type"));
    },
};
NINEFOLD_REGISTER(to_segment_ids);
const Function to_row_splits = {
    .names = {"tf.ragged.segment_ids_to_row_splits"},
    .signature = "(segment_ids: tensor, num_segments: value = None, out_type: dtype = None, name: str = None)",
    .doc = "Where the rows end, given the row of each value.",
    .body = [](Args& a) -> Value {
      Tensor ids = numbers(a["segment_ids"]);
      if (!is_tensor(a["segment_ids"]) || !a.none("out_type")) ids = cast(ids, a.none("out_type") ? DType::i64 : a.dtype("out_type"));
      const Tensor n = a.none("num_segments") ? Tensor() : numbers(a["num_segments"]);
      return Ragged::from_value_rowids(ids, ids, n)->row_splits();
    },
};
NINEFOLD_REGISTER(to_row_splits);

}  // namespace

void require_same_rows(const Ragged& a, const Ragged& b) {
  const Tensors x = a.nested_row_splits(), y = b.nested_row_splits();
  check(x.size() == y.size(), "RaggedTensor: arguments have ragged ranks {} and {}; they must be equal", x.size(), y.size());
  for (size_t i = 0; i < x.size(); ++i) require_equal(cast(x[i], DType::i64), cast(y[i], DType::i64), "");
}
}  // namespace ops::ragged

using namespace ops;
using namespace ops::ragged;

Value Ragged::call(const Function& f, std::vector<Value> values) {
  const std::string& name = f.names[0];
  if (among(kFlat, name)) return elementwise(f, std::move(values), false);
  if (among(kPairs, name)) return elementwise(f, std::move(values), true);
  if (among(kOwn, name)) {
    Args args(f, std::move(values));
    return f.body(args);
  }
  if (name == "tf.concat") return concat_values(list_of(values[0]), axis_of(f, values));
  if (name == "tf.stack" || name == "tf.ragged.stack") return stacked(list_of(values[0]), axis_of(f, values));
  if (name == "tf.gather") return gathered(f, values);
  if (name == "tf.expand_dims" && of(values[0])) return expand_dims(values[0], axis_of(f, values));
  if (name == "tf.tile" && of(values[0])) return tiled(values[0], argument(f, values, "multiples"));
  if (name == "tf.reverse" && of(values[0])) return reversed(values[0], axes_of(argument(f, values, "axis"), rank()));
  if (name == "tf.squeeze" && of(values[0])) {
    check(!argument(f, values, "axis").none(), Code::value, "Ragged.squeeze must have an axis argument.");
    std::vector<int64_t> axes = axes_of(argument(f, values, "axis"), rank());
    std::sort(axes.rbegin(), axes.rend());
    Value out = values[0];
    for (int64_t axis : axes)
      out = of(out) ? squeezed(*of(out), axis) : Value(op("Squeeze", {*out.get<Tensor>()}, {{"squeeze_dims", std::vector<int64_t>{axis}}}));
    return out;
  }
  if (name == "tf.rank" && of(values[0])) return Tensor(static_cast<int32_t>(rank()));
  if (name == "tf.reshape" && of(values[0])) {   // as in TensorFlow that of the flat values
    values[0] = flat_values();
    return ninefold::call(f, std::move(values));
  }
  if (name == "tf.strings.join" || name == "tf.math.add_n") return over_list(f, std::move(values), 0);
  if (name == "tf.linalg.matmul") return matmul(f, std::move(values));
  if (name == "tf.nn.softmax" && of(values[0])) {
    const Value& axis = argument(f, values, "axis");
    return softmax(*of(values[0]), axis.none() ? -1 : axis_of(f, values));
  }
  if (name.starts_with("tf.keras.losses.")) {
    const auto at = [&](const char* parameter) {
      for (size_t i = 0; i < values.size(); ++i)
        if (parameters_of(f)[i].name == parameter) return i;
      fail(Code::internal, "{} has no parameter {}", name, parameter);
    };
    const size_t labels = at("y_true"), predicted = at("y_pred");
    const Value y_true = values[labels], y_pred = values[predicted];
    return over_last_axis(name, [&](const Tensor& t, const Tensor& p) {
      values[labels] = t, values[predicted] = p;
      return *ninefold::call(f, values).get<Tensor>();
    }, y_true, y_pred);
  }
  if (name == "tf.nn.embedding_lookup") {
    const RaggedRef ids = of(argument(f, values, "ids"));
    check(ids != nullptr, Code::value, "{}: params must be dense", name);
    for (Value& v : values)
      if (of(v)) v = ids->flat_values();
    return with_flat(*ids, ninefold::call(f, std::move(values)));
  }
  if (name == "tf.print") {   // its rows as text, once they are known
    std::function<void(Value&)> said = [&](Value& v) {
      if (auto* list = std::get_if<ValueList>(&v))
        for (Value& item : *list) said(item);
      if (auto* dict = std::get_if<ValueDict>(&v))
        for (Entry& e : *dict) said(e.value);
      const RaggedRef r = of(v);
      if (!r) return;
      for (const Tensor& t : r->parts())
        check(!t.symbolic(), Code::unimplemented, "tf.print: a ragged tensor is printed eagerly only; print its to_tensor()");
      v = row_text(*r);
    };
    for (Value& v : values) said(v);
    return ninefold::call(f, std::move(values));
  }
  if (name == "tf.size" && of(values[0])) {
    values[0] = flat_values();
    return ninefold::call(f, std::move(values));
  }
  if (name == "tf.strings.reduce_join" && of(values[0])) {
    const RaggedRef r = of(values[0]);
    const Value &axis = argument(f, values, "axis"), &keep = argument(f, values, "keepdims");
    const bool* kept = keep.get<bool>();
    check(axis.none() || (axes_of(axis, r->rank()) == std::vector<int64_t>{r->rank() - 1} && r->flat_values().rank() == 1 && !(kept && *kept)),
          Code::unimplemented, "tf.strings.reduce_join: of a ragged tensor all strings are joined, or those along the last axis");
    if (axis.none()) {
      values[0] = r->flat_values();
      return ninefold::call(f, std::move(values));
    }
    const std::string between = *argument(f, values, "separator").get<std::string>();
    const std::function<Value(const Ragged&)> joined = [&](const Ragged& rows) -> Value {
      if (rows.inner()) return Ragged::value(rows.with_values(joined(*rows.inner())));
      return op("UnsortedSegmentJoin", {rows.flat_values(), rows.value_rowids(), rows.nrows()}, {{"separator", between}});
    };
    return joined(*r);
  }
  if (name.starts_with("tf.math.reduce_") && of(values[0])) {
    const Value axis = argument(f, values, "axis");
    const RaggedRef r = of(values[0]);
    if (axis.none()) {
      values[0] = r->flat_values();
      return ninefold::call(f, std::move(values));
    }
    const bool* keep = argument(f, values, "keepdims").get<bool>();
    return reduce(f, *r, axes_of(axis, r->rank()), keep && *keep);
  }
  fail(Code::value, "{}: expected a tensor, got {}; pass its flat_values, or to_tensor() of it", name, describe());
}

}  // namespace ninefold
