// In: whole arrays. Out: batches of rows.
#include "train/fit/array_source.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/check.h"
#include "base/threads.h"
#include "engine/ops/random/distributions.h"
#include "engine/ops/random/shuffle_buffer.h"
#include "engine/tensor/tensor_impl.h"
#include "ninefold/composite.h"
#include "train/model/values.h"

namespace ninefold::keras {
namespace {

constexpr int64_t kPiece = 1 << 16;   // bytes a thread gathers at once
constexpr size_t kAligned = 64;   // a slice that begins on such an address needs no copy

size_t row_bytes(const Tensor& t) {
  const int64_t rows = t.dim(0);
  return rows == 0 ? 0 : t.bytes() / static_cast<size_t>(rows);
}
Shape with_rows(const Tensor& t, int64_t rows) {
  Shape s = t.shape();
  s.set(0, rows);
  return s;
}

// Rows [from, from + count) without a copy.
Tensor view(const Tensor& t, int64_t from, int64_t count) {
  TensorImpl* impl = t.impl();
  impl->buffer->retain();
  return tensor_in(impl->buffer, static_cast<char*>(impl->data) + static_cast<size_t>(from) * row_bytes(t), t.dtype(),
                   with_rows(t, count));
}

bool is_number(const Value& v) { return v.get<int64_t>() || v.get<double>() || v.get<bool>() || v.get<std::string>(); }
bool list_of_numbers(const Value& v) {
  const ValueList* list = v.get<ValueList>();
  return list && !list->empty() && (is_number(list->front()) || list_of_numbers(list->front()));
}

Value array(const Value& v, const char* who) {
  if (v.none()) return v;
  Tensor t;
  if (const Tensor* given = v.get<Tensor>()) t = *given;
  else if (const Variable* variable = v.get<Variable>()) t = variable->value();
  else if (CompositeSpec::of(v)) return v;
  else if (is_number(v) || list_of_numbers(v)) t = to_tensor(v, DType::invalid, who);
  else fail(Code::value, "Failed to find data adapter that can handle input: {}, {}", nest::python_text(v), who);
  check(!t.symbolic(), Code::value, "{}: expected arrays, got a symbolic tensor of shape {}", who, t.shape().tuple());
  // Keras takes NumPy's doubles as floatx.
  if (is_floating(t.dtype()) && t.dtype() == DType::f64 && floatx() != DType::f64)
    t = op("Cast", {t}, {{"DstT", floatx()}});
  check(t.rank() > 0, Code::value, "{}: expected arrays with rows, got a scalar of dtype {}", who, name_of(t.dtype()));
  return t;
}

}  // namespace

Value as_arrays(const Value& v, const char* who) {
  if (list_of_numbers(v)) return array(v, who);
  return nest::map(v, [&](const Value& leaf) { return array(leaf, who); });
}

namespace {
// -1: None, which has no rows.
int64_t rows_in(const Value& leaf) {
  if (const RaggedRef rows = Ragged::of(leaf)) return rows->nrows().int_at(0);
  if (const SparseRef s = Sparse::of(leaf)) return s->dense_shape().int_at(0);
  if (CompositeSpec::of(leaf)) {   // of an extension type each part has the rows
    const Tensors parts = std::dynamic_pointer_cast<Composite>(*leaf.get<std::shared_ptr<Foreign>>())->parts();
    return parts.empty() || parts[0].rank() < 1 ? -1 : parts[0].dim(0);
  }
  const Tensor* t = leaf.get<Tensor>();
  return t ? t->dim(0) : -1;
}
}  // namespace

int64_t rows_of(const Value& v) {
  for (const Value& leaf : nest::flatten(v))
    if (const int64_t rows = rows_in(leaf); rows >= 0) return rows;
  return -1;
}
bool any_composite(const Value& v) {
  const ValueList leaves = nest::flatten(v);
  return std::any_of(leaves.begin(), leaves.end(), [](const Value& leaf) { return CompositeSpec::of(leaf).has_value(); });
}

void check_cardinality(const Value& x, const Value& y, const Value& sample_weight) {
  bool same = true;
  const int64_t rows = rows_of(x);
  std::string text = "Data cardinality is ambiguous:\n";
  const std::pair<const char*, const Value*> parts[] = {{"x", &x}, {"y", &y}, {"sample_weight", &sample_weight}};
  for (const auto& [label, part] : parts) {
    if (part->none()) continue;
    std::string sizes;
    for (const Value& leaf : nest::flatten(*part)) {
      const int64_t own = rows_in(leaf);
      if (own < 0) continue;
      same = same && (rows < 0 || own == rows);
      sizes += (sizes.empty() ? "" : ", ") + std::to_string(own);
    }
    text += fmt::format("  {} sizes: {}\n", label, sizes);
  }
  check(same, Code::value, "{}Make sure all arrays contain the same number of samples.", text);
}

Value sliced(const Value& v, int64_t from, int64_t to) {
  return nest::map(v, [&](const Value& leaf) -> Value {
    const Tensor* t = leaf.get<Tensor>();
    if (!t) return leaf;
    if (is_plain(t->dtype())) return view(*t, from, to - from);
    std::vector<std::string> rows;
    const int64_t each = t->dim(0) ? t->size() / t->dim(0) : 0;
    for (int64_t i = from * each; i < to * each; ++i) rows.push_back(t->as<std::string>()[i]);
    return Tensor::of_strings(with_rows(*t, to - from), std::move(rows));
  });
}

ArraySource::ArraySource(const Value& x, const Value& y, const Value& sample_weight, int64_t batch_size,
                         int64_t passes, Shuffle shuffle)
    : form_x_(x), form_y_(y), form_weight_(sample_weight), batch_(batch_size), passes_(passes), shuffle_(shuffle) {
  check_cardinality(x, y, sample_weight);
  for (Value* form : {&form_x_, &form_y_, &form_weight_})
    *form = nest::map(*form, [&](const Value& leaf) -> Value {
      if (leaf.none()) return leaf;
      arrays_.push_back(*leaf.get<Tensor>());
      return true;   // a place to fill, met in this order again
    });
  rows_ = arrays_.empty() ? 0 : arrays_[0].dim(0);
  spare_.resize(arrays_.size());
  component_blocks_.resize(arrays_.size());
  // Without a global seed the order differs each time; 87654321 is what TensorFlow pairs an op seed with then.
  if (const int64_t seed = op_seeds(0).first; seed != 87654321) global_ = seed;
}

void ArraySource::restart() {
  pass_ = 0;
  begin_pass();
}

rng::Philox ArraySource::stream(int64_t op_seed, uint64_t skipped) const {
  if (!global_) return rng::nondeterministic_state();
  return rng::state_of(rng::combine(global_, op_seed)).at(skipped);
}

void ArraySource::begin_pass() {
  at_ = 0;
  if (shuffle_ == Shuffle::rows) {
    order_.resize(static_cast<size_t>(rows_));
    rng::permutation(stream(0, blocks_), rows_, order_.data());
    blocks_ += rng::reserve_shuffle(rows_, rows_);
  } else if (shuffle_ == Shuffle::batches) {
    // tf.data's shuffle of a list of batches through a buffer of 1,024; each pass is a new iterator.
    rng::IteratorSeeds iterators(stream(0, 0), 2 * static_cast<uint64_t>(pass_));
    const auto [a, b] = iterators.next();
    rng::ShuffleBuffer<int64_t> buffer(1024, rng::Philox::from_seeds(a, b));
    order_.clear();
    ends_.clear();
    for (int64_t i = 0; i < size() || !buffer.empty();) {
      while (i < size() && !buffer.full()) buffer.push(i++);
      const int64_t first = buffer.pop() * batch_;
      for (int64_t r = first; r < std::min(first + batch_, rows_); ++r) order_.push_back(r);
      ends_.push_back(static_cast<int64_t>(order_.size()));
    }
  }
}

Tensor ArraySource::take(size_t array, const int64_t* rows, int64_t from, int64_t count) {
  const Tensor& source = arrays_[array];
  if (!is_plain(source.dtype())) {
    Tensor index = Tensor::empty(DType::i64, {count});
    for (int64_t i = 0; i < count; ++i) static_cast<int64_t*>(index.writable())[i] = rows ? rows[i] : from + i;
    return op("GatherV2", {source, index, Tensor(int32_t{0})});
  }
  const size_t bytes = row_bytes(source);
  const char* data = static_cast<const char*>(source.data());
  if (!rows && (count == rows_ || (static_cast<size_t>(from) * bytes) % kAligned == 0)) return view(source, from, count);
  Tensor& spare = spare_[array];
  if (!spare || spare.dim(0) != count || !sole_owner(spare)) spare = Tensor::empty(source.dtype(), with_rows(source, count));
  char* out = static_cast<char*>(spare.writable());
  if (!rows) {
    std::memcpy(out, data + static_cast<size_t>(from) * bytes, static_cast<size_t>(count) * bytes);
  } else if (bytes == sizeof(float)) {
    for (int64_t i = 0; i < count; ++i)
      reinterpret_cast<uint32_t*>(out)[i] = reinterpret_cast<const uint32_t*>(data)[rows[i]];
  } else {
    const int64_t each = static_cast<int64_t>(bytes);
    parallel_for(count, std::max<int64_t>(1, kPiece / std::max<int64_t>(each, 1)), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) std::memcpy(out + i * each, data + rows[i] * each, bytes);
    });
  }
  return spare;
}

bool ArraySource::next(Batch& out) {
  if (at_ >= rows_) {
    if (rows_ == 0 || pass_ + 1 >= passes_) return false;
    ++pass_;
    begin_pass();
  }
  int64_t count = std::min(batch_, rows_ - at_);
  if (shuffle_ == Shuffle::batches) count = *std::upper_bound(ends_.begin(), ends_.end(), at_) - at_;
  const int64_t* rows = order_.empty() ? nullptr : order_.data() + at_;
  size_t array = 0;
  std::vector<int64_t> own;
  const auto fill = [&](const Value& form) {
    return nest::map(form, [&](const Value& leaf) -> Value {
      if (leaf.none()) return leaf;
      const int64_t* from = rows;
      if (shuffle_ == Shuffle::batches) {
        // TensorFlow 2.9 shuffles the rows of each component by a stream of its own, which parts x from y.
        own.resize(static_cast<size_t>(count));
        rng::permutation(stream(static_cast<int64_t>(array), component_blocks_[array]), count, own.data());
        component_blocks_[array] += rng::reserve_shuffle(count, count);
        for (int64_t& r : own) r = rows[r];
        from = own.data();
      }
      return take(array++, from, at_, count);
    });
  };
  out.x = fill(form_x_);
  out.y = fill(form_y_);
  out.sample_weight = fill(form_weight_);
  at_ += count;
  return true;
}

namespace {

// Keras' dict of class weights as a table; keys are the classes from 0 on.
std::vector<float> class_table(const Value& class_weight) {
  const ValueDict* dict = class_weight.get<ValueDict>();
  std::map<int64_t, float> table;
  bool ints = dict != nullptr;
  std::string text;
  if (dict)
    for (const Entry& e : *dict) {
      text += (text.empty() ? "" : ", ") + e.key + ": " + nest::python_text(e.value);
      char* end = nullptr;
      const int64_t key = std::strtoll(e.key.c_str(), &end, 10);
      ints = ints && !e.key.empty() && *end == 0;
      table[key] = static_cast<float>(to_tensor(e.value, DType::f64, "class_weight").item<double>());
    }
  const bool dense = ints && (table.empty() || (table.begin()->first == 0 &&
                                                table.rbegin()->first + 1 == static_cast<int64_t>(table.size())));
  check(dense, Code::value, "Expected `class_weight` to be a dict with keys from 0 to one less than the number of "
        "classes, found {{{}}}", text);
  std::vector<float> out;
  for (const auto& [key, weight] : table) out.push_back(weight);
  return out;
}

}  // namespace

Value class_weighted(const Value& y, const Value& sample_weight, const Value& class_weight) {
  const std::vector<float> table = class_table(class_weight);
  const Tensor* labels = y.get<Tensor>();
  check(labels, Code::value, "`class_weight` is only supported for Models with a single output.");
  check(labels->rank() <= 2, Code::value, "`class_weight` not supported for 3+ dimensional targets.");
  const int64_t rows = labels->dim(0), columns = labels->rank() == 2 ? labels->dim(1) : 1;
  const Tensor* given = sample_weight.get<Tensor>();
  Tensor out = Tensor::empty(given && is_floating(given->dtype()) ? given->dtype() : DType::f32, {rows});
  check(out.dtype() == DType::f32, Code::value, "class_weight: sample_weight must be float32, got {}",
        name_of(out.dtype()));
  auto* weights = static_cast<float*>(out.writable());
  for (int64_t r = 0; r < rows; ++r) {
    int64_t label = 0;
    if (columns > 1) {
      for (int64_t c = 1; c < columns; ++c)
        if (labels->float_at(r * columns + c) > labels->float_at(r * columns + label)) label = c;
    } else {
      label = static_cast<int64_t>(labels->float_at(r));
    }
    check(label >= 0 && label < static_cast<int64_t>(table.size()), Code::invalid_argument,
          "indices[{}] = {} is not in [0, {})", r, label, table.size());
    const double own = given ? given->float_at(r * (given->size() / std::max<int64_t>(rows, 1))) : 1.0;
    weights[r] = static_cast<float>(own * static_cast<double>(table[static_cast<size_t>(label)]));
  }
  return out;
}

}  // namespace ninefold::keras
