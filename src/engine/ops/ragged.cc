// In: values and where their rows end. Out: Ragged: what is made of such a partition, what is asked of it, and
// how it becomes a dense tensor.
#include "engine/ops/ragged.h"

#include "base/check.h"

namespace ninefold {
namespace ops::ragged {

Tensor concat(const Tensors& parts, int axis) {
  Tensors in = parts;
  in.push_back(int_scalar(axis));
  return op_all("ConcatV2", in).at(0);
}

Tensor piece(const Tensor& x, std::optional<int64_t> begin, std::optional<int64_t> end) {
  return op("StridedSlice", {x, int_vector({begin.value_or(0)}), int_vector({end.value_or(0)}), int_vector({1})},
            {{"begin_mask", begin ? 0 : 1}, {"end_mask", end ? 0 : 1}});
}
Tensor last(const Tensor& x) {
  return op("StridedSlice", {x, int_vector({-1}), int_vector({0}), int_vector({1})},
            {{"end_mask", 1}, {"shrink_axis_mask", 1}});
}

Tensor count_of(const Value& values, DType dtype) {
  if (const RaggedRef r = Ragged::of(values)) return cast(r->nrows(), dtype);
  const Tensor& t = *values.get<Tensor>();
  if (t.shape().known_rank() && t.dim(0) >= 0) return int_scalar(t.dim(0), dtype);
  return op("StridedSlice", {shape_tensor(t, dtype), int_vector({0}), int_vector({1}), int_vector({1})},
            {{"shrink_axis_mask", 1}});
}
Tensor up_to(const Tensor& n) {
  return op("Range", {int_scalar(0, n.dtype()), n, int_scalar(1, n.dtype())});
}
Tensor splits_of(const Tensor& lengths) {
  const Tensor zero = int_vector({0}, lengths.dtype());
  return concat({zero, op("Cumsum", {lengths, int_scalar(0)})});
}
Tensor rowids_of(const Tensor& splits) {
  const Tensor ends = op("ExpandDims", {piece(splits, 1, {}), int_scalar(0)});
  const Tensor places = op("ExpandDims", {up_to(last(splits)), int_scalar(0)});
  const NamedAttr type("out_type", splits.dtype());
  const Tensor in[] = {ends, places};
  return op("Reshape", {op_all("UpperBound", in, {&type, 1}).at(0), int_vector({-1})});
}
Tensor ranges(const Tensor& starts, const Tensor& lengths, const Tensor& step) {
  const Tensor splits = splits_of(lengths), ids = rowids_of(splits);
  const Tensor place = up_to(last(splits)) - gather(splits, ids);
  return gather(starts, ids) + place * step;
}
Value take(const Value& values, const Tensor& rows) {
  if (const RaggedRef r = Ragged::of(values)) return Ragged::value(take(*r, rows));
  return gather(*values.get<Tensor>(), rows);
}
RaggedRef take(const Ragged& r, const Tensor& rows) {
  const Tensor lengths = gather(r.row_lengths(), rows);
  const Tensor places = ranges(gather(r.row_starts(), rows), lengths, int_scalar(1, r.splits_dtype()));
  return std::make_shared<Ragged>(take(r.values(), places), splits_of(lengths), r.uniform_row_length());
}

namespace {
std::string listed(const Tensor& t, const char* quote, const char* between) {
  std::string out;
  for (int64_t i = 0; i < t.size(); ++i)
    out += (i ? between : "") + std::string(quote) + std::to_string(t.int_at(i)) + quote;
  return out;
}
std::string some(const Tensor& t, int64_t most = 3) {
  std::string out = "[";
  for (int64_t i = 0; i < std::min(t.size(), most); ++i) out += (i ? " " : "") + std::to_string(t.int_at(i));
  return out + "]";
}
// A condition that only the run knows.
void assert_later(const Tensor& holds, const std::string& message) {
  const Tensor in[] = {holds, Tensor::of_string(message)};
  op_all("Assert", in);
}
}  // namespace

void require_equal(const Tensor& x, const Tensor& y, const std::string& message) {
  if (x.impl() == y.impl()) return;
  const std::string head = message.empty() ? "" : message + "\n";
  if (x.symbolic() || y.symbolic()) {
    assert_later(op("All", {op("Equal", {x, y}), all_axes(x)}), head + "Condition x == y did not hold.");
    return;
  }
  const auto n = std::to_string(std::min<int64_t>(x.size(), 3)), m = std::to_string(std::min<int64_t>(y.size(), 3));
  bool same = x.shape() == y.shape();
  for (int64_t i = 0; same && i < x.size(); ++i) same = x.int_at(i) == y.int_at(i);
  check(same, "{}Condition x == y did not hold.\nFirst {} elements of x:\n{}\nFirst {} elements of y:\n{}", head, n, some(x), m,
        some(y));
}
void require_not_negative(const Tensor& x, const std::string& message) {
  if (x.symbolic()) {
    const Tensor holds = op("GreaterEqual", {x, int_scalar(0, x.dtype())});
    return assert_later(op("All", {holds, all_axes(x)}), message + "Condition x >= 0 did not hold element-wise:");
  }
  for (int64_t i = 0; i < x.size(); ++i)
    check(x.int_at(i) >= 0, "{}Condition x >= 0 did not hold element-wise:\nx (shape={} dtype={}) = \n[{}]", message,
          x.shape().tuple(), name_of(x.dtype()), listed(x, "'", ", "));
}

}  // namespace ops::ragged

using namespace ops;
using namespace ops::ragged;

// ---- the form -------------------------------------------------------------------------------------------------

std::vector<TensorSpec> RaggedSpec::parts() const {
  std::vector<int64_t> flat{-1};
  if (shape.known_rank())
    for (int i = ragged_rank + 1; i < shape.rank(); ++i) flat.push_back(shape[i]);
  std::vector<TensorSpec> out{{shape.known_rank() ? Shape(flat) : Shape::unknown(), dtype, {}}};
  for (int i = 0; i < ragged_rank; ++i) {
    const bool known = i == 0 && shape.known_rank() && shape[0] >= 0;
    out.push_back({{known ? shape[0] + 1 : -1}, splits_dtype, {}});
  }
  return out;
}

Ragged::Ragged(Value values, Tensor row_splits, int64_t uniform)
    : values_(std::move(values)), row_splits_(std::move(row_splits)), uniform_(uniform) {}

const Ragged* RaggedRef::none() { fail(Code::type, "expected a ragged tensor, got something else"); }
RaggedRef Ragged::of(const Value& v) {
  const auto* f = v.get<std::shared_ptr<Foreign>>();
  return f ? std::dynamic_pointer_cast<const Ragged>(*f) : nullptr;
}
const Ragged* Ragged::inner() const {
  const auto* f = values_.get<std::shared_ptr<Foreign>>();
  return f ? static_cast<const Ragged*>(f->get()) : nullptr;
}
const Tensor& Ragged::flat_values() const {
  const Ragged* in = inner();
  return in ? in->flat_values() : *values_.get<Tensor>();
}
int Ragged::ragged_rank() const { return inner() ? inner()->ragged_rank() + 1 : 1; }
Tensors Ragged::nested_row_splits() const {
  Tensors out;
  for (const Ragged* r = this; r; r = r->inner()) out.push_back(r->row_splits_);
  return out;
}
Shape Ragged::shape() const {
  const Shape below = inner() ? inner()->shape() : flat_values().shape();
  if (!below.known_rank()) return below;
  const Shape& s = row_splits_.shape();
  const int64_t rows = s.known_rank() && s[0] >= 0 ? s[0] - 1 : -1;
  return Shape({rows, uniform_}).concat(below.slice(1, below.rank()));
}
Tensors Ragged::parts() const {
  Tensors out = nested_row_splits();
  out.insert(out.begin(), flat_values());
  return out;
}
RaggedRef Ragged::from_parts(const RaggedSpec& spec, std::span<const Tensor> parts) {
  check(parts.size() == static_cast<size_t>(spec.ragged_rank) + 1, Code::value,
        "RaggedTensor: expected {} parts (the flat values and {} row_splits), got {}", spec.ragged_rank + 1, spec.ragged_rank,
        parts.size());
  Value values = parts[0];
  for (int i = spec.ragged_rank; i >= 1; --i) {
    const int64_t uniform = spec.shape.known_rank() && i < spec.shape.rank() ? spec.shape[i] : -1;
    values = value(std::make_shared<Ragged>(std::move(values), parts[static_cast<size_t>(i)], uniform));
  }
  return of(values);
}
std::shared_ptr<Composite> Ragged::with_parts(std::span<const Tensor> parts) const {
  return std::const_pointer_cast<Ragged>(from_parts(spec(), parts));
}
std::string Ragged::describe() const {
  for (const Tensor& t : parts())
    if (t.symbolic()) return "<tf.RaggedTensor of shape " + shape().tuple() + ">";
  return "<tf.RaggedTensor " + row_text(*this) + ">";
}

// ---- made of a partition --------------------------------------------------------------------------------------

namespace {

Value checked_values(Value v) {
  if (Ragged::of(v)) return v;
  if (!v.get<Tensor>()) v = to_tensor(v, DType::invalid, "RaggedTensor");
  const Shape& s = v.get<Tensor>()->shape();
  check(s.rank() != 0, Code::value, "Shape {} must have rank at least 1", s.tuple());
  return v;
}
Tensor checked_partition(Tensor t, const char* what) {
  check(t.dtype() == DType::i32 || t.dtype() == DType::i64, Code::value, "{} must have dtype int32 or int64", what);
  check(t.rank() == 1 || !t.shape().known_rank(), Code::value, "Shape {} must have rank 1", t.shape().tuple());
  return t;
}
const char kPartition[] = "Arguments to _from_row_partition do not form a valid RaggedTensor";
std::string invalid(const char* what) {
  return std::string("Arguments to ") + what + " do not form a valid RowPartition.  \n";
}
RaggedRef made(Value values, Tensor splits, bool validate, int64_t uniform = -1) {
  if (validate) require_equal(last(splits), count_of(values, splits.dtype()), kPartition);
  return std::make_shared<Ragged>(std::move(values), std::move(splits), uniform);
}

}  // namespace

RaggedRef Ragged::from_row_splits(Value v, Tensor splits, bool validate) {
  Value values = checked_values(std::move(v));
  splits = checked_partition(std::move(splits), "row_splits");
  check(splits.shape() != Shape({0}), Code::value, "row_splits tensor may not be empty.");
  if (validate) {
    const std::string head = "Arguments to from_row_splits do not form a valid RaggedTensor:";
    require_equal(piece(splits, 0, 1), int_vector({0}, splits.dtype()), head + "zero");
    require_not_negative(piece(splits, 1, {}) - piece(splits, {}, -1), head + "monotonic.  \n");
  }
  return made(std::move(values), splits, validate);
}
RaggedRef Ragged::from_row_lengths(Value v, Tensor lengths, bool validate) {
  Value values = checked_values(std::move(v));
  lengths = checked_partition(std::move(lengths), "row_lengths");
  if (validate) require_not_negative(lengths, invalid("from_row_lengths"));
  return made(std::move(values), splits_of(lengths), validate);
}
RaggedRef Ragged::from_row_starts(Value v, Tensor starts, bool validate) {
  Value values = checked_values(std::move(v));
  starts = checked_partition(std::move(starts), "row_starts");
  const Tensor end = op("Reshape", {count_of(values, starts.dtype()), int_vector({1})});
  const Tensor splits = concat({starts, end});
  if (validate) {
    require_equal(piece(splits, 0, 1), int_vector({0}, splits.dtype()), invalid("from_row_starts"));
    require_not_negative(piece(splits, 1, {}) - piece(splits, {}, -1), invalid("from_row_starts"));
  }
  return made(std::move(values), splits, false);
}
RaggedRef Ragged::from_row_limits(Value v, Tensor limits, bool validate) {
  Value values = checked_values(std::move(v));
  limits = checked_partition(std::move(limits), "row_limits");
  const Tensor splits = concat({int_vector({0}, limits.dtype()), limits});
  if (validate) require_not_negative(piece(splits, 1, {}) - piece(splits, {}, -1), invalid("from_row_limits"));
  return made(std::move(values), splits, validate);
}
RaggedRef Ragged::from_value_rowids(Value v, Tensor rowids, Tensor nrows, bool validate) {
  Value values = checked_values(std::move(v));
  rowids = checked_partition(std::move(rowids), "value_rowids");
  const DType d = rowids.dtype();
  if (validate) {
    require_equal(count_of(rowids, d), count_of(values, d), kPartition);
    require_not_negative(rowids, invalid("from_value_rowids"));
    require_not_negative(piece(rowids, 1, {}) - piece(rowids, {}, -1), invalid("from_value_rowids"));
  }
  if (!nrows.defined()) nrows = last(concat({int_vector({-1}, d), rowids})) + int_scalar(1, d);
  nrows = cast(nrows, d);
  if (validate && !nrows.symbolic() && !rowids.symbolic() && rowids.size())
    check(rowids.int_at(rowids.size() - 1) < nrows.int_at(0), "{}Condition x < y did not hold: a row id is {}, nrows is {}",
          invalid("from_value_rowids"), rowids.int_at(rowids.size() - 1), nrows.int_at(0));
  const Tensor ones = op("Fill", {shape_tensor(rowids), int_scalar(1, d)});
  return made(std::move(values), splits_of(op("UnsortedSegmentSum", {ones, rowids, nrows})), false);
}
RaggedRef Ragged::from_uniform_row_length(Value v, int64_t length, Tensor nrows, bool validate) {
  Value values = checked_values(std::move(v));
  check(length >= 0, Code::value, "`uniform_row_length` must be a nonnegative scalar integer, got {}", length);
  const DType d = nrows.defined() ? nrows.dtype() : DType::i64;
  const Tensor n = count_of(values, d);
  if (!nrows.defined()) nrows = length ? op("FloorDiv", {n, int_scalar(length, d)}) : int_scalar(0, d);
  if (validate) {
    if (!n.symbolic() && !nrows.symbolic())
      check(nrows.int_at(0) * length == n.int_at(0), Code::value, "uniform_row_length={} times nrows={} must equal nvals={}",
            length, nrows.int_at(0), n.int_at(0));
    else require_equal(nrows * int_scalar(length, d), n, kPartition);
  }
  return std::make_shared<Ragged>(std::move(values), up_to(nrows + int_scalar(1, d)) * int_scalar(length, d), length);
}
RaggedRef Ragged::from_tensor(const Tensor& t, const Tensor& lengths, const Tensor& padding, int ragged_rank, DType d) {
  check(t.shape().known_rank(), Code::value, "RaggedTensor.from_tensor: the tensor's rank must be known");
  check(t.rank() > 1, Code::value, "The rank of a RaggedTensor must be greater than 1, i.e., a list of scalars won't have "
        "ragged dimensions. Received argument `tensor` with rank {}.", t.rank());
  check(ragged_rank >= 1 && ragged_rank < t.rank(), Code::value,
        "RaggedTensor.from_tensor: ragged_rank must be between 1 and {} for a tensor of rank {}, got {}", t.rank() - 1,
        t.rank(), ragged_rank);
  const Tensor sizes = shape_tensor(t, d);
  auto size = [&](int i) {
    if (t.dim(i) >= 0) return int_scalar(t.dim(i), d);
    return op("Reshape", {piece(sizes, i, i + 1), int_vector({}, DType::i32)});
  };
  const Tensor rows = size(0), width = size(1);
  std::vector<int64_t> inner = {-1};
  for (int i = 2; i < t.rank(); ++i) inner.push_back(t.dim(i));
  const bool known = std::count(inner.begin(), inner.end(), -1) == 1;   // else a trace would forget what it knows
  const Tensor flat = op("Reshape", {t, known ? int_vector(inner, d) : concat({int_vector({-1}, d), piece(sizes, 2, {})})});
  if (ragged_rank > 1) {
    check(!lengths.defined(), Code::value, "If ragged_rank is {}, lengths must be given for each ragged dimension; use "
          "RaggedTensor.from_nested_row_lengths", ragged_rank);
    const RaggedRef inside = from_tensor(flat, {}, padding, ragged_rank - 1, d);
    return std::make_shared<Ragged>(value(inside), up_to(rows + int_scalar(1, d)) * width, t.dim(1));
  }
  if (!lengths.defined() && !padding.defined())
    return std::make_shared<Ragged>(flat, up_to(rows + int_scalar(1, d)) * width, t.dim(1));
  check(!lengths.defined() || !padding.defined(), Code::value, "Specify argument `lengths` or `padding`, but not both.");
  Tensor keep;
  if (lengths.defined()) {
    keep = op("Minimum", {cast(lengths, d), width});
  } else {
    Tensor real = op("NotEqual", {t, padding});
    for (int i = t.rank() - 1; i > 1; --i) real = op("Any", {real, int_scalar(i)});
    const Tensor ends = op("SelectV2", {real, up_to(width) + int_scalar(1, d), int_scalar(0, d)});
    const Tensor zeros = op("Fill", {concat({op("Reshape", {rows, int_vector({1})}), int_vector({1}, d)}), int_scalar(0, d)});
    keep = op("Max", {concat({zeros, ends}, 1), int_scalar(1)});
  }
  const Tensor places = ranges(up_to(rows) * width, keep, int_scalar(1, d));
  return std::make_shared<Ragged>(gather(flat, places), splits_of(keep));
}

// ---- asked of one ---------------------------------------------------------------------------------------------

Tensor Ragged::nrows() const { return count_of(row_splits_, splits_dtype()) - int_scalar(1, splits_dtype()); }
Tensor Ragged::row_starts() const { return piece(row_splits_, {}, -1); }
Tensor Ragged::row_limits() const { return piece(row_splits_, 1, {}); }
Tensor Ragged::row_lengths() const { return row_limits() - row_starts(); }
Tensor Ragged::value_rowids() const { return rowids_of(row_splits_); }

namespace {
Tensor widest(const Ragged& r) {   // 0 where there are no rows
  if (r.uniform_row_length() >= 0) return int_scalar(r.uniform_row_length(), r.splits_dtype());
  return op("Max", {concat({int_vector({0}, r.splits_dtype()), r.row_lengths()}), int_scalar(0)});
}
}  // namespace

Tensor Ragged::bounding_shape() const {
  const DType d = splits_dtype();
  Tensors sizes{op("Reshape", {nrows(), int_vector({1})})};
  for (const Ragged* r = this; r; r = r->inner()) sizes.push_back(op("Reshape", {cast(widest(*r), d), int_vector({1})}));
  if (flat_values().rank() != 1) sizes.push_back(piece(shape_tensor(flat_values(), d), 1, {}));
  return concat(sizes);
}

RaggedRef Ragged::with_values(Value v) const {
  Value values = checked_values(std::move(v));
  auto rows = [](const Value& x) { const RaggedRef r = of(x); return r ? r->shape() : x.get<Tensor>()->shape(); };
  const Shape a = rows(values_), b = rows(values);
  if (a.known_rank() && b.known_rank() && a[0] >= 0 && b[0] >= 0)
    check(a[0] == b[0], Code::value, "Shapes ({},) and ({},) are incompatible", a[0], b[0]);
  return std::make_shared<Ragged>(std::move(values), row_splits_, uniform_);
}
RaggedRef Ragged::with_flat_values(const Tensor& t) const {
  return with_values(inner() ? value(inner()->with_flat_values(t)) : Value(t));
}
RaggedRef Ragged::with_splits_dtype(DType d) const {
  check(d == DType::i32 || d == DType::i64, Code::value, "Argument `row_splits` dtype must be int32 or int64, got {}", name_of(d));
  Value values = inner() ? value(inner()->with_splits_dtype(d)) : values_;
  return std::make_shared<Ragged>(std::move(values), cast(row_splits_, d), uniform_);
}

Value Ragged::merge_dims(int outer, int inner_axis) const {
  const int rank = this->rank();
  outer = static_cast<int>(normal_axis(outer, rank)), inner_axis = static_cast<int>(normal_axis(inner_axis, rank));
  check(outer < inner_axis, Code::value, "Expected outer_axis ({}) to be less than or equal to inner_axis ({})", outer, inner_axis);
  if (outer > 0) {
    const int steps = inner_axis - outer;
    if (outer == 1 && inner()) {   // rows of rows become rows
      const Ragged* in = inner();
      Value merged = value(std::make_shared<Ragged>(in->values(), gather(in->row_splits(), row_splits_)));
      return steps == 1 ? merged : of(merged)->merge_dims(1, inner_axis - 1);
    }
    if (inner()) return value(with_values(inner()->merge_dims(outer - 1, inner_axis - 1)));
  }
  Value v = values_;
  if (outer == 0) {   // the partition is dropped
    if (inner_axis == 1) return v;
    if (const RaggedRef r = of(v)) return r->merge_dims(0, inner_axis - 1);
  }
  const Tensor& flat = *v.get<Tensor>();   // dense dimensions behind the partition
  const Tensor sizes = shape_tensor(flat);
  if (outer == 0)
    return op("Reshape", {flat, concat({int_vector({-1}), piece(sizes, inner_axis, {})})});
  if (outer == 1) {   // the last ragged dimension takes the dense one in
    Tensor width = op("Prod", {piece(sizes, 1, inner_axis), int_scalar(0)});
    const Tensor merged = op("Reshape", {flat, concat({int_vector({-1}), piece(sizes, inner_axis, {})})});
    return value(std::make_shared<Ragged>(merged, row_splits_ * cast(width, splits_dtype())));
  }
  const Tensor head = piece(sizes, 0, outer - 1), tail = piece(sizes, inner_axis, {});
  return value(with_values(op("Reshape", {flat, concat({head, int_vector({-1}), tail})})));
}

// ---- dense ----------------------------------------------------------------------------------------------------

namespace {
// `x` with one more row at its end, all `fill`.
Tensor and_a_row(const Tensor& x, const Tensor& fill) {
  const Tensor row = op("Fill", {concat({int_vector({1}), piece(shape_tensor(x), 1, {})}), fill});
  return concat({x, row});
}
}  // namespace

Tensor Ragged::to_tensor(const Tensor& given, const Shape& shape) const {
  const DType d = splits_dtype();
  Tensor fill = given;
  if (!fill.defined()) fill = dtype() == DType::string ? Tensor::of_string("") : Tensor::zeros(dtype(), {});
  check(fill.dtype() == dtype(), Code::value, "RaggedTensor.to_tensor: default_value has dtype {}, the values have {}",
        name_of(fill.dtype()), name_of(dtype()));
  check(fill.rank() <= 0, Code::unimplemented, "RaggedTensor.to_tensor: default_value must be a scalar, got shape {}",
        fill.shape().tuple());
  auto asked = [&](int i) { return shape.known_rank() && i < shape.rank() ? shape[i] : -1; };
  check(!shape.known_rank() || shape.rank() == rank(), Code::value,
        "RaggedTensor.to_tensor: shape {} has rank {}, the ragged tensor has rank {}", shape.tuple(), shape.rank(), rank());
  Tensor values = flat_values();
  if (inner()) {
    std::vector<int64_t> below;
    for (int i = 1; i < rank(); ++i) below.push_back(asked(i));
    below[0] = -1;   // as many rows as there are
    for (int i = 2; i < rank(); ++i) below[static_cast<size_t>(i) - 1] = asked(i);
    values = inner()->to_tensor(fill, Shape(below));
  } else {
    for (int i = 2; i < rank(); ++i)
      check(asked(i) < 0 || values.dim(i - 1) < 0 || asked(i) == values.dim(i - 1), Code::value,
            "RaggedTensor.to_tensor: dimension {} of the values is {}, `shape` asks for {}", i, values.dim(i - 1), asked(i));
  }
  const Tensor width = asked(1) >= 0 ? int_scalar(asked(1), d) : widest(*this);
  const Tensor columns = op("ExpandDims", {up_to(width), int_scalar(0)});
  auto column = [](const Tensor& t) { return op("ExpandDims", {t, int_scalar(1)}); };
  const Tensor inside = op("Less", {columns, column(row_lengths())});
  const Tensor places = op("SelectV2", {inside, column(row_starts()) + columns, count_of(Value(values), d)});
  const Tensor out = gather(and_a_row(values, fill), places);
  if (asked(0) < 0) return out;
  const Tensor rows = up_to(int_scalar(asked(0), d));
  return gather(and_a_row(out, fill), op("Minimum", {rows, nrows()}));
}

}  // namespace ninefold
