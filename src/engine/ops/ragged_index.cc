// In: r[i], r[:, 1:], r[..., tf.newaxis]. Out: rows, or ragged tensors of the places that are left.
#include "base/check.h"
#include "engine/ops/ragged.h"

namespace ninefold {
namespace ops::ragged {
namespace {

using Keys = std::span<const RaggedIndex>;

bool whole(const RaggedIndex& k) {
  return k.kind == RaggedIndex::slice && !k.start.defined() && !k.stop.defined() && !k.step.defined();
}
std::vector<RaggedIndex> vector_of(Keys keys) { return {keys.begin(), keys.end()}; }

// An ellipsis stands for as many whole slices as `rank` leaves.
std::vector<RaggedIndex> expanded(Keys keys, int rank) {
  int named = 0;
  for (const RaggedIndex& k : keys) named += k.kind == RaggedIndex::at || k.kind == RaggedIndex::slice;
  std::vector<RaggedIndex> out;
  for (const RaggedIndex& k : keys) {
    if (k.kind != RaggedIndex::ellipsis) {
      out.push_back(k);
      continue;
    }
    for (; named < rank; ++named) out.push_back({RaggedIndex::slice, {}, {}, {}});
  }
  check(named <= rank, Code::index, "Too many indices for a ragged tensor of rank {}: {}", rank, named);
  return out;
}

// Where a slice of rows of these lengths starts, and how many places it takes of each.
struct Reach {
  Tensor start, count, step;
};
Reach reach(const RaggedIndex& k, const Tensor& length) {
  const DType d = length.dtype();
  const Tensor zero = int_scalar(0, d), one = int_scalar(1, d);
  const Tensor step = k.step.defined() ? cast(k.step, d) : one;
  check(known_value(step), Code::value, "RaggedTensor: the step of a slice must be known when it is traced");
  const int64_t by = known_value(step)->int_at(0);
  check(by != 0, Code::value, "slice step cannot be zero");
  const Tensor low = by > 0 ? zero : int_scalar(-1, d), high = by > 0 ? length : length - one;
  auto bound = [&](const Tensor& given, const Tensor& omitted) {
    if (!given.defined()) return omitted;
    const Tensor v = cast(given, d);
    const Tensor from_end = op("SelectV2", {op("Less", {v, zero}), v + length, v});
    return op("Minimum", {op("Maximum", {from_end, low}), high});
  };
  const Tensor start = bound(k.start, by > 0 ? zero : high), stop = bound(k.stop, by > 0 ? length : low);
  const Tensor far = by > 0 ? stop - start + step - one : stop - start + step + one;
  const Tensor count = op("Maximum", {op("FloorDiv", {far, step}), zero});
  return {start + zero * length, count + zero * length, step};   // of each row, where `length` is one a row
}

Value rows_of(const Ragged& r, const RaggedIndex& k) {
  if (whole(k)) return Ragged::value(r.shared_from_this());
  const Reach s = reach(k, r.nrows());
  const Tensor rows = op("Range", {s.start, s.start + s.count * s.step, s.step});
  return Ragged::value(take(r, rows));
}

Value inner_dimensions(const Ragged& r, Keys keys);

// The keys behind the first dimension of values, which stays whole.
Value behind(const Value& values, Keys keys) {
  if (keys.empty()) return values;
  if (const RaggedRef r = Ragged::of(values)) return inner_dimensions(*r, keys);
  std::vector<RaggedIndex> all{{RaggedIndex::slice, {}, {}, {}}};
  all.insert(all.end(), keys.begin(), keys.end());
  return subscript(*values.get<Tensor>(), all);
}

// The keys of dimension 1 and what follows.
Value inner_dimensions(const Ragged& r, Keys keys) {
  if (keys.empty()) return Ragged::value(r.shared_from_this());
  const RaggedIndex& k = keys[0];
  const Keys rest = keys.subspan(1);
  const DType d = r.splits_dtype();
  if (k.kind == RaggedIndex::new_axis) {
    Value inside = inner_dimensions(r, rest);
    return Ragged::value(std::make_shared<Ragged>(std::move(inside), up_to(r.nrows() + int_scalar(1, d)), 1));
  }
  if (k.kind == RaggedIndex::at) {
    check(r.uniform_row_length() >= 0, Code::value, "Cannot index into an inner ragged dimension.");
    const Tensor width = int_scalar(r.uniform_row_length(), d), at = cast(k.start, d);
    const Tensor place = op("SelectV2", {op("Less", {at, int_scalar(0, d)}), at + width, at});
    return behind(take(r.values(), r.row_starts() + place), rest);
  }
  if (whole(k)) {
    const Value values = behind(r.values(), rest);
    return Ragged::value(std::make_shared<Ragged>(values, r.row_splits(), r.uniform_row_length()));
  }
  const Reach s = reach(k, r.row_lengths());
  const Value values = take(r.values(), ranges(r.row_starts() + s.start, s.count, s.step));
  return Ragged::value(std::make_shared<Ragged>(behind(values, rest), splits_of(s.count)));
}

}  // namespace

// x[...] of a dense tensor, by one StridedSlice.
Value subscript(const Tensor& t, const std::vector<RaggedIndex>& keys) {
  if (keys.empty()) return t;
  Tensors begin, end, step;
  int64_t begin_mask = 0, end_mask = 0, ellipsis = 0, new_axis = 0, shrink = 0;
  const Tensor zero = int_scalar(0, DType::i64), one = int_scalar(1, DType::i64);
  for (size_t i = 0; i < keys.size(); ++i) {
    const RaggedIndex& k = keys[i];
    const int64_t bit = int64_t{1} << i;
    const Tensor start = k.start.defined() ? cast(k.start, DType::i64) : zero;
    if (k.kind == RaggedIndex::slice && !k.start.defined()) begin_mask |= bit;
    if (k.kind == RaggedIndex::slice && !k.stop.defined()) end_mask |= bit;
    if (k.kind == RaggedIndex::ellipsis) ellipsis |= bit;
    if (k.kind == RaggedIndex::new_axis) new_axis |= bit;
    if (k.kind == RaggedIndex::at) shrink |= bit;
    begin.push_back(start);
    end.push_back(k.kind == RaggedIndex::at ? start + one : k.stop.defined() ? cast(k.stop, DType::i64) : zero);
    step.push_back(k.step.defined() ? cast(k.step, DType::i64) : one);
  }
  auto packed = [](const Tensors& ts) { return op_all("Pack", ts).at(0); };
  return op("StridedSlice", {t, packed(begin), packed(end), packed(step)},
            {{"begin_mask", begin_mask}, {"end_mask", end_mask}, {"ellipsis_mask", ellipsis},
             {"new_axis_mask", new_axis}, {"shrink_axis_mask", shrink}});
}

}  // namespace ops::ragged

using namespace ops;
using namespace ops::ragged;

Value Ragged::index(std::vector<RaggedIndex> given) const {
  const std::vector<RaggedIndex> keys = expanded(given, rank());
  const Keys all(keys);
  if (all.empty()) return value(shared_from_this());
  const RaggedIndex& k = all[0];
  const Keys rest = all.subspan(1);
  const DType d = splits_dtype();
  if (k.kind == RaggedIndex::new_axis) {
    const Value inside = index(vector_of(rest));
    const RaggedRef r = of(inside);
    if (!r) return op("ExpandDims", {*inside.get<Tensor>(), int_scalar(0)});
    const int64_t rows = r->shape()[0];
    return value(std::make_shared<Ragged>(inside, concat({int_vector({0}, d), op("Reshape", {r->nrows(), int_vector({1})})}), rows));
  }
  if (k.kind == RaggedIndex::slice) return inner_dimensions(*of(rows_of(*this, k)), rest);
  const Tensor at = cast(k.start, d), n = nrows();
  if (!at.symbolic() && !n.symbolic())
    check(at.int_at(0) < n.int_at(0) && at.int_at(0) >= -n.int_at(0), Code::index, "Row key {} out of bounds", at.int_at(0));
  const Tensor row = op("SelectV2", {op("Less", {at, int_scalar(0, d)}), at + n, at});
  const Tensor from = gather(row_splits_, row), to = gather(row_splits_, row + int_scalar(1, d));
  const RaggedIndex span{RaggedIndex::slice, from, to, {}};
  if (inner()) return of(rows_of(*inner(), span))->index(vector_of(rest));
  return subscript(*subscript(flat_values(), {span}).get<Tensor>(), vector_of(rest));
}

}  // namespace ninefold
