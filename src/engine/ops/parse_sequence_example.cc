// In: serialized tf.train.SequenceExample messages. Out: their context's features and their lists of features as dense,
// sparse and ragged tensors: ParseSequenceExampleV2. The context is parsed as an Example: it stands in the same field.
#include <algorithm>
#include <unordered_map>

#include "base/check.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/run.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/moves.h"
#include "ninefold/example.h"

namespace ninefold::ops {
namespace {

using Types = std::vector<DType>;
template <class C>
const Types& types_of(const C& c, const char* name) { return std::get<Types>(c.attr(name)); }

// Where the outputs and the dtypes of each kind begin; `list`: of the lists of features.
struct Layout {
  size_t sparse, dense, ragged, list_sparse, list_dense, list_ragged;
  size_t context() const { return 3 * sparse + dense + 2 * ragged; }
  size_t indices() const { return context(); }
  size_t values() const { return indices() + list_sparse; }
  size_t shapes() const { return values() + list_sparse; }
  size_t dense_values() const { return shapes() + list_sparse; }
  size_t lengths() const { return dense_values() + list_dense; }
  size_t ragged_values() const { return lengths() + list_dense; }
  size_t outer_splits() const { return ragged_values() + list_ragged; }
  size_t inner_splits() const { return outer_splits() + list_ragged; }
};
template <class C>
Layout layout_of(const C& c) {
  return {types_of(c, "context_sparse_types").size(), types_of(c, "Tcontext_dense").size(), types_of(c, "context_ragged_value_types").size(),
          types_of(c, "feature_list_sparse_types").size(), types_of(c, "feature_list_dense_types").size(),
          types_of(c, "feature_list_ragged_value_types").size()};
}

void parsed_shape(ShapeCtx& c) {
  for (const char* name : {"context_sparse_types", "Tcontext_dense", "context_ragged_value_types", "feature_list_sparse_types",
                           "feature_list_dense_types", "feature_list_ragged_value_types"})
    for (const DType d : types_of(c, name))
      check(d == DType::f32 || d == DType::i64 || d == DType::string,
            "Value for attr '{}' of {} is not in the list of allowed values: float, int64, string", name, short_name(d));
  for (const char* name : {"context_ragged_split_types", "feature_list_ragged_split_types"})
    for (const DType d : types_of(c, name))
      check(d == DType::i32 || d == DType::i64, "Value for attr '{}' of {} is not in the list of allowed values: int32, int64", name, short_name(d));
  const Layout at = layout_of(c);
  const auto& shapes = std::get<std::vector<Shape>>(c.attr("context_dense_shapes"));
  const auto& list_shapes = std::get<std::vector<Shape>>(c.attr("feature_list_dense_shapes"));
  c.check(static_cast<size_t>(c.integer("Ncontext_sparse")) == at.sparse, "len(context_sparse_keys) != len(context_sparse_types)");
  c.check(static_cast<size_t>(c.integer("Nfeature_list_sparse")) == at.list_sparse, "len(feature_list_sparse_keys) != len(feature_list_sparse_types)");
  c.check(static_cast<size_t>(c.integer("Nfeature_list_dense")) == at.list_dense, "len(feature_list_dense_keys) != len(feature_list_dense_types)");
  c.check(shapes.size() == at.dense, "len(context_dense_keys) != len(context_dense_shapes)");
  c.check(list_shapes.size() == at.list_dense, "len(feature_list_dense_keys) != len(feature_list_dense_shapes)");
  c.check(types_of(c, "context_ragged_split_types").size() == at.ragged, "len(context_ragged_value_types) != len(context_ragged_split_types)");
  c.check(types_of(c, "feature_list_ragged_split_types").size() == at.list_ragged,
          "len(feature_list_ragged_value_types) != len(feature_list_ragged_split_types)");
  c.check(!c.shape(0).known_rank() || c.shape(0).rank() <= 1, "Shape must be at most rank 1 but is rank {}", c.shape(0).rank());
  const Shape& batch = c.shape(0);
  const int64_t rank = batch.known_rank() ? batch.rank() : -1;
  const auto out = [&](size_t i, Shape s) { c.output(static_cast<int>(i), std::move(s)); };
  const auto splits = [&] { return Shape{!batch.known_rank() ? -1 : batch.rank() == 0 ? 0 : batch[0] < 0 ? -1 : batch[0] + 1}; };
  const auto sparse = [&](size_t first, size_t n, int64_t r) {
    for (size_t i = 0; i < n; ++i) {
      out(first + i, {-1, r});
      out(first + n + i, {-1});
      out(first + 2 * n + i, {r});
    }
  };
  sparse(0, at.sparse, rank < 0 ? -1 : rank + 1);
  for (size_t i = 0; i < at.dense; ++i) out(3 * at.sparse + i, rank >= 0 && shapes[i].known_rank() ? batch.concat(shapes[i]) : Shape::unknown());
  for (size_t i = 0; i < at.ragged; ++i) {
    out(3 * at.sparse + at.dense + i, {-1});
    out(3 * at.sparse + at.dense + at.ragged + i, splits());
  }
  sparse(at.indices(), at.list_sparse, rank < 0 ? -1 : rank + 2);
  for (size_t i = 0; i < at.list_dense; ++i) {
    out(at.dense_values() + i, rank >= 0 && list_shapes[i].known_rank() ? batch.concat(Shape{-1}).concat(list_shapes[i]) : Shape::unknown());
    out(at.lengths() + i, batch);
  }
  for (size_t i = 0; i < at.list_ragged; ++i) {
    out(at.ragged_values() + i, {-1});
    out(at.outer_splits() + i, splits());
    out(at.inner_splits() + i, {-1});
  }
}

const Op parse_sequence_example = {
    .name = "ParseSequenceExampleV2",
    .inputs = {"serialized: string", "debug_name: string", "context_sparse_keys: string", "context_dense_keys: string",
               "context_ragged_keys: string", "feature_list_sparse_keys: string", "feature_list_dense_keys: string",
               "feature_list_ragged_keys: string", "feature_list_dense_missing_assumed_empty: bool", "context_dense_defaults: Tcontext_dense"},
    .outputs = {"context_sparse_indices: Ncontext_sparse * int64", "context_sparse_values: context_sparse_types",
                "context_sparse_shapes: Ncontext_sparse * int64", "context_dense_values: Tcontext_dense",
                "context_ragged_values: context_ragged_value_types", "context_ragged_row_splits: context_ragged_split_types",
                "feature_list_sparse_indices: Nfeature_list_sparse * int64", "feature_list_sparse_values: feature_list_sparse_types",
                "feature_list_sparse_shapes: Nfeature_list_sparse * int64", "feature_list_dense_values: feature_list_dense_types",
                "feature_list_dense_lengths: Nfeature_list_dense * int64", "feature_list_ragged_values: feature_list_ragged_value_types",
                "feature_list_ragged_outer_splits: feature_list_ragged_split_types",
                "feature_list_ragged_inner_splits: feature_list_ragged_split_types"},
    .attrs = {"Ncontext_sparse: int >= 0 = 0", "Tcontext_dense: list(type) >= 0 = []", "context_sparse_types: list(type) >= 0 = []",
              "context_ragged_value_types: list(type) >= 0 = []", "context_ragged_split_types: list(type) >= 0 = []",
              "context_dense_shapes: list(shape) >= 0 = []", "Nfeature_list_sparse: int >= 0 = 0", "Nfeature_list_dense: int >= 0 = 0",
              "feature_list_dense_types: list(type) >= 0 = []", "feature_list_sparse_types: list(type) >= 0 = []",
              "feature_list_ragged_value_types: list(type) >= 0 = []", "feature_list_ragged_split_types: list(type) >= 0 = []",
              "feature_list_dense_shapes: list(shape) >= 0 = []"},
    .doc = "The context and the lists of features of serialized SequenceExamples, a vector of them or one.",
    .shape = parsed_shape, .stops_gradient = true,
};
NINEFOLD_REGISTER(parse_sequence_example);

constexpr DType dtype_of_kind[] = {DType::invalid, DType::string, DType::f32, DType::i64};

// The values of one list of features, example after example: `steps` ends each step, `ends` each example.
struct Rows {
  std::string_view key;
  DType dtype;
  std::vector<std::string_view> texts;
  std::vector<float> floats;
  std::vector<int64_t> ints;
  std::vector<size_t> steps = {0}, ends = {0};
  size_t size() const { return dtype == DType::string ? texts.size() : dtype == DType::f32 ? floats.size() : ints.size(); }
  bool read(std::string_view list) {
    return dtype == DType::string ? wire::read_list(list, texts) : dtype == DType::f32 ? wire::read_list(list, floats) : wire::read_list(list, ints);
  }
  void copy(size_t at, size_t n, Tensor& out, int64_t to) const {
    const auto from = static_cast<std::ptrdiff_t>(at);
    if (dtype == DType::string) std::copy_n(texts.begin() + from, n, static_cast<std::string*>(out.writable()) + to);
    else if (dtype == DType::f32) std::copy_n(floats.begin() + from, n, static_cast<float*>(out.writable()) + to);
    else std::copy_n(ints.begin() + from, n, static_cast<int64_t*>(out.writable()) + to);
  }
  int64_t steps_in(size_t example) const { return static_cast<int64_t>(ends[example + 1] - ends[example]); }
};

void write_splits(Tensor& out, const std::vector<size_t>& ends) {
  for (size_t i = 0; i < ends.size(); ++i)
    if (out.dtype() == DType::i32) static_cast<int32_t*>(out.writable())[i] = static_cast<int32_t>(ends[i]);
    else static_cast<int64_t*>(out.writable())[i] = static_cast<int64_t>(ends[i]);
}

class Parse {
 public:
  explicit Parse(KernelCtx& k) : k_(k), at_(layout_of(k)), single_(k.shape(0).rank() == 0), count_(static_cast<size_t>(k.shape(0).size())) {
    k.check(k.shape(0).rank() <= 1, "Expected serialized to be a scalar or vector, got shape: {}", k.shape(0).str());
    k.check(k.shape(1).size() == 0 || k.shape(1) == k.shape(0), "Expected debug_name to have the shape of serialized, got shapes {} and {}",
            k.shape(1).str(), k.shape(0).str());
    const char* const kinds[] = {"context_sparse", "context_dense", "context_ragged", "feature_list_sparse", "feature_list_dense", "feature_list_ragged"};
    const size_t counts[] = {at_.sparse, at_.dense, at_.ragged, at_.list_sparse, at_.list_dense, at_.list_ragged};
    for (int i = 0; i < 6; ++i) {
      k.check(k.shape(2 + i).rank() == 1, "Expected {}_keys to be a vector, got shape: {}", kinds[i], k.shape(2 + i).str());
      k.check(static_cast<size_t>(k.shape(2 + i).size()) == counts[i], "Expected len({}_keys) == {}, got {}", kinds[i], counts[i], k.shape(2 + i).size());
    }
    k.check(k.shape(8).rank() == 1 && static_cast<size_t>(k.shape(8).size()) == at_.list_dense,
            "Expected feature_list_dense_missing_assumed_empty to be a vector of {}, got shape: {}", at_.list_dense, k.shape(8).str());
    for (const auto& [first, types] : {std::pair{5, "feature_list_sparse_types"}, {6, "feature_list_dense_types"}, {7, "feature_list_ragged_value_types"}})
      for (size_t i = 0; i < types_of(k, types).size(); ++i) {
        Rows r;
        r.key = k.in<std::string>(first)[i];
        r.dtype = types_of(k, types)[i];
        lists_.push_back(std::move(r));
      }
    for (const Shape& s : std::get<std::vector<Shape>>(k.attr("feature_list_dense_shapes"))) {
      k.check(s.fully_known(), "feature_list_dense_shapes must be fully known, got {}", s.str());
      shapes_.push_back(s);
      k.check(s.size() >= 0 && s.size() < (int64_t{1} << 40), "feature_list_dense_shapes is too large: {}", s.str());
    }
  }

  void run() {
    for (size_t i = 0; i < lists_.size(); ++i) by_key_[lists_[i].key].push_back(i);
    for (size_t i = 0; i < count_; ++i) one(i);
    context();
    for (size_t i = 0; i < at_.list_sparse; ++i) write_sparse(lists_[i], i);
    for (size_t i = 0; i < at_.list_dense; ++i) write_dense(lists_[at_.list_sparse + i], i);
    for (size_t i = 0; i < at_.list_ragged; ++i) write_ragged(lists_[at_.list_sparse + at_.list_dense + i], i);
  }

 private:
  void context() {
    if (!at_.sparse && !at_.dense && !at_.ragged) return;
    const Op& example = find_op("ParseExampleV2");
    Tensors in = {k_.in(0), k_.in(1), k_.in(2), k_.in(3), k_.in(4)};
    for (size_t i = 0; i < at_.dense; ++i) in.push_back(k_.in(9 + static_cast<int>(i)));
    const NamedAttr attrs[] = {{"Tdense", types_of(k_, "Tcontext_dense")}, {"num_sparse", static_cast<int64_t>(at_.sparse)},
                               {"sparse_types", types_of(k_, "context_sparse_types")},
                               {"ragged_value_types", types_of(k_, "context_ragged_value_types")},
                               {"ragged_split_types", types_of(k_, "context_ragged_split_types")},
                               {"dense_shapes", std::get<std::vector<Shape>>(k_.attr("context_dense_shapes"))}};
    Tensors made = run_now(example, in, Attrs(example, attrs));
    for (size_t i = 0; i < made.size(); ++i) k_.set_output(static_cast<int>(i), std::move(made[i]));
  }
  std::string name_of_example(size_t i) const {
    const std::string name = k_.shape(1).size() ? k_.in<std::string>(1)[i] : "";
    return name.empty() ? "<unknown>" : name;
  }
  std::string who(size_t i) const { return "Name: " + name_of_example(i); }
  bool is_dense(size_t list) const { return list >= at_.list_sparse && list < at_.list_sparse + at_.list_dense; }

  void one(size_t i) {
    std::vector<bool> there(lists_.size(), false);
    wire::Fields message(k_.in<std::string>(0)[i]);
    while (message.next()) {
      if (message.number() != 2 || message.type() != 2) continue;
      wire::Fields lists(message.bytes());
      while (lists.next()) {
        k_.check(lists.number() == 1 && lists.type() == 2, "Invalid protocol message input, example id: {}", name_of_example(i));
        std::string_view key, list;
        wire::Fields entry(lists.bytes());
        while (entry.next()) {
          k_.check(entry.type() == 2 && entry.number() <= 2, "Invalid protocol message input, example id: {}", name_of_example(i));
          (entry.number() == 1 ? key : list) = entry.bytes();
        }
        k_.check(entry.good(), "Invalid protocol message input, example id: {}", name_of_example(i));
        const auto known = by_key_.find(key);
        if (known == by_key_.end()) continue;
        for (const size_t at : known->second)
          if (!there[at]) take(i, at, list), there[at] = true;
      }
      k_.check(lists.good(), "Invalid protocol message input, example id: {}", name_of_example(i));
    }
    k_.check(message.good(), "Invalid protocol message input, example id: {}", name_of_example(i));
    for (size_t at = 0; at < lists_.size(); ++at) {
      if (is_dense(at) && !there[at])
        k_.check(k_.in<bool>(8)[at - at_.list_sparse], "{}, Feature list '{}' is required but could not be found.  Did you mean to include it in "
                 "feature_list_dense_missing_assumed_empty or feature_list_dense_defaults?", who(i), lists_[at].key);
      lists_[at].ends.push_back(lists_[at].steps.size() - 1);
    }
  }
  void take(size_t i, size_t at, std::string_view list) {
    Rows& rows = lists_[at];
    wire::Fields steps(list);
    while (steps.next()) {
      wire::FeatureView feature;
      k_.check(steps.number() == 1 && steps.type() == 2 && wire::read_feature(steps.bytes(), feature) && feature.kind != wire::ListKind::other,
               "{}, Key: {}, Index: {}.  Can't parse serialized Example.", who(i), rows.key, rows.steps.size() - 1 - rows.ends.back());
      const size_t before = rows.size();
      if (feature.kind != wire::ListKind::none) {
        const DType d = dtype_of_kind[static_cast<int>(feature.kind)];
        k_.check(d == rows.dtype, "{}, Feature list: {}, Index: {}.  Data types don't match. Expected type: {}", who(i), rows.key,
                 rows.steps.size() - 1 - rows.ends.back(), short_name(rows.dtype));
        k_.check(rows.read(feature.list), "{}, Key: {}.  Can't parse serialized Example.", who(i), rows.key);
      }
      const auto n = static_cast<int64_t>(rows.size() - before);
      if (is_dense(at)) {
        const Shape& shape = shapes_[at - at_.list_sparse];
        k_.check(n == shape.size(), "{}, Key: {}, Index: {}.  Number of values != expected.  values size: {} but output shape: {}", who(i), rows.key,
                 rows.steps.size() - 1 - rows.ends.back(), n, shape.str());
      }
      rows.steps.push_back(rows.size());
    }
    k_.check(steps.good(), "{}, Key: {}.  Can't parse serialized Example.", who(i), rows.key);
  }

  void write_sparse(const Rows& rows, size_t i) {
    const auto all = static_cast<int64_t>(rows.size());
    const int64_t rank = single_ ? 2 : 3;
    auto* at = static_cast<int64_t*>(k_.allocate(static_cast<int>(at_.indices() + i), DType::i64, {all, rank}).writable());
    int64_t longest = 0, widest = 0;
    for (size_t e = 0; e < count_; ++e) {
      longest = std::max(longest, rows.steps_in(e));
      for (size_t s = rows.ends[e]; s < rows.ends[e + 1]; ++s) {
        const auto width = static_cast<int64_t>(rows.steps[s + 1] - rows.steps[s]);
        widest = std::max(widest, width);
        for (int64_t v = 0; v < width; ++v) {
          if (!single_) *at++ = static_cast<int64_t>(e);
          *at++ = static_cast<int64_t>(s - rows.ends[e]);
          *at++ = v;
        }
      }
    }
    rows.copy(0, rows.size(), k_.allocate(static_cast<int>(at_.values() + i), rows.dtype, {all}), 0);
    auto* shape = static_cast<int64_t*>(k_.allocate(static_cast<int>(at_.shapes() + i), DType::i64, {rank}).writable());
    if (!single_) *shape++ = static_cast<int64_t>(count_);
    *shape++ = longest;
    *shape = widest;
  }
  void write_dense(const Rows& rows, size_t i) {
    int64_t longest = 0;
    auto* lengths = static_cast<int64_t*>(k_.allocate(static_cast<int>(at_.lengths() + i), DType::i64, k_.shape(0)).writable());
    for (size_t e = 0; e < count_; ++e) longest = std::max(longest, lengths[e] = rows.steps_in(e));
    const Shape& each = shapes_[i];
    int64_t size = 0;
    k_.check(!__builtin_mul_overflow(longest, each.size(), &size) && !__builtin_mul_overflow(size, static_cast<int64_t>(count_), &size),
             "feature_list_dense_shapes is too large: {}", each.str());
    Tensor& out = k_.allocate(static_cast<int>(at_.dense_values() + i), rows.dtype, k_.shape(0).concat(Shape{longest}).concat(each));
    const int64_t row = longest * each.size();
    for (size_t e = 0; e < count_; ++e) {
      const size_t begin = rows.steps[rows.ends[e]], n = rows.steps[rows.ends[e + 1]] - begin;
      const int64_t to = static_cast<int64_t>(e) * row;
      rows.copy(begin, n, out, to);
      const auto rest = row - static_cast<int64_t>(n);
      if (rest > 0) fill_run(rows.dtype, element(rows.dtype, out.writable(), to + static_cast<int64_t>(n)), nullptr, rest);
    }
  }
  void write_ragged(const Rows& rows, size_t i) {
    const DType d = types_of(k_, "feature_list_ragged_split_types")[i];
    rows.copy(0, rows.size(), k_.allocate(static_cast<int>(at_.ragged_values() + i), rows.dtype, {static_cast<int64_t>(rows.size())}), 0);
    Tensor& outer = k_.allocate(static_cast<int>(at_.outer_splits() + i), d, {single_ ? 0 : static_cast<int64_t>(rows.ends.size())});
    if (!single_) write_splits(outer, rows.ends);
    write_splits(k_.allocate(static_cast<int>(at_.inner_splits() + i), d, {static_cast<int64_t>(rows.steps.size())}), rows.steps);
  }

  KernelCtx& k_;
  const Layout at_;
  const bool single_;
  const size_t count_;
  std::vector<Rows> lists_;      // sparse, then dense, then ragged ones
  std::vector<Shape> shapes_;    // of the dense ones: of one step
  std::unordered_map<std::string_view, std::vector<size_t>> by_key_;
};
NINEFOLD_KERNEL(parse_sequence_example, "CPU", (Kernel{[](KernelCtx& k) { Parse(k).run(); }}));

}  // namespace
}  // namespace ninefold::ops
