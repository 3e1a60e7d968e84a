// In: serialized tf.train.Example messages. Out: their features as dense, sparse and ragged tensors: ParseExampleV2.
#include <unordered_map>

#include "base/check.h"
#include "ninefold/example.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/moves.h"

namespace ninefold::ops {
namespace {

using Types = std::vector<DType>;
template <class V>
const V& attr(const KernelCtx& k, const char* name) { return std::get<V>(k.attr(name)); }

// Where the outputs of each kind begin.
struct Layout {
  size_t sparse, dense, ragged;
  size_t indices() const { return 0; }
  size_t values() const { return sparse; }
  size_t shapes() const { return 2 * sparse; }
  size_t dense_values() const { return 3 * sparse; }
  size_t ragged_values() const { return dense_values() + dense; }
  size_t splits() const { return ragged_values() + ragged; }
};

void parsed_shape(ShapeCtx& c) {
  const auto& sparse = std::get<Types>(c.attr("sparse_types"));
  const auto& ragged = std::get<Types>(c.attr("ragged_value_types"));
  const auto& shapes = std::get<std::vector<Shape>>(c.attr("dense_shapes"));
  const auto& dense = std::get<Types>(c.attr("Tdense"));
  for (const char* name : {"sparse_types", "Tdense", "ragged_value_types"})
    for (const DType d : std::get<Types>(c.attr(name)))
      check(d == DType::f32 || d == DType::i64 || d == DType::string,
            "Value for attr '{}' of {} is not in the list of allowed values: float, int64, string", name, short_name(d));
  for (const DType d : std::get<Types>(c.attr("ragged_split_types")))
    check(d == DType::i32 || d == DType::i64, "Value for attr 'ragged_split_types' of {} is not in the list of allowed values: int32, int64", short_name(d));
  c.check(static_cast<size_t>(c.integer("num_sparse")) == sparse.size(), "len(sparse_keys) != len(sparse_types)");
  c.check(shapes.size() == dense.size(), "len(dense_keys) != len(dense_shapes)");
  c.check(ragged.size() == std::get<Types>(c.attr("ragged_split_types")).size(), "len(ragged_value_types) != len(ragged_split_types)");
  c.check(!c.shape(0).known_rank() || c.shape(0).rank() <= 1, "Shape must be at most rank 1 but is rank {}", c.shape(0).rank());
  const Layout at{sparse.size(), dense.size(), ragged.size()};
  const Shape& batch = c.shape(0);
  const auto out = [&](size_t i, Shape s) { c.output(static_cast<int>(i), std::move(s)); };
  const int64_t rank = batch.known_rank() ? batch.rank() + 1 : -1;
  for (size_t i = 0; i < at.sparse; ++i) {
    out(at.indices() + i, {-1, rank});
    out(at.values() + i, {-1});
    out(at.shapes() + i, {rank});
  }
  for (size_t i = 0; i < at.dense; ++i) out(at.dense_values() + i, batch.known_rank() && shapes[i].known_rank() ? batch.concat(shapes[i]) : Shape::unknown());
  for (size_t i = 0; i < at.ragged; ++i) {
    out(at.ragged_values() + i, {-1});
    const int64_t splits = !batch.known_rank() ? -1 : batch.rank() == 0 ? 0 : batch[0] < 0 ? -1 : batch[0] + 1;
    out(at.splits() + i, {splits});
  }
}

const Op parse_example = {
    .name = "ParseExampleV2",
    .inputs = {"serialized: string", "names: string", "sparse_keys: string", "dense_keys: string", "ragged_keys: string", "dense_defaults: Tdense"},
    .outputs = {"sparse_indices: num_sparse * int64", "sparse_values: sparse_types", "sparse_shapes: num_sparse * int64",
                "dense_values: Tdense", "ragged_values: ragged_value_types", "ragged_row_splits: ragged_split_types"},
    .attrs = {"Tdense: list(type) >= 0", "num_sparse: int >= 0", "sparse_types: list(type) >= 0", "ragged_value_types: list(type) >= 0",
              "ragged_split_types: list(type) >= 0", "dense_shapes: list(shape) >= 0"},
    .doc = "The features of serialized Examples, a vector of them or one.", .shape = parsed_shape, .stops_gradient = true,
};
NINEFOLD_REGISTER(parse_example);

constexpr DType dtype_of_kind[] = {DType::invalid, DType::string, DType::f32, DType::i64};
const char* name_of_kind(DType d) { return d == DType::string ? "bytes" : d == DType::f32 ? "float" : "int64"; }

// The values of one key, example after example.
struct Values {
  std::vector<std::string_view> texts;
  std::vector<float> floats;
  std::vector<int64_t> ints;
  size_t size(DType d) const { return d == DType::string ? texts.size() : d == DType::f32 ? floats.size() : ints.size(); }
  bool read(DType d, std::string_view list) {
    return d == DType::string ? wire::read_list(list, texts) : d == DType::f32 ? wire::read_list(list, floats) : wire::read_list(list, ints);
  }
  // n of them from `at` on, to element `to` of a tensor.
  void copy(DType d, size_t at, size_t n, Tensor& out, int64_t to) const {
    if (d == DType::string) std::copy_n(texts.begin() + static_cast<std::ptrdiff_t>(at), n, static_cast<std::string*>(out.writable()) + to);
    else if (d == DType::f32) std::copy_n(floats.begin() + static_cast<std::ptrdiff_t>(at), n, static_cast<float*>(out.writable()) + to);
    else std::copy_n(ints.begin() + static_cast<std::ptrdiff_t>(at), n, static_cast<int64_t*>(out.writable()) + to);
  }
};

// One key that is asked for.
struct Column {
  enum Form { sparse, dense, ragged } form;
  std::string_view key;
  DType dtype;
  Shape shape;            // of a dense one
  Tensor fallback;        // of a dense one
  bool variable = false;  // a dense one whose first dimension is open
  int64_t each = 1;       // values of one row of it
  Values values;
  std::vector<size_t> ends = {0};
  std::vector<bool> there;
};

class Parse {
 public:
  explicit Parse(KernelCtx& k) : k_(k), single_(k.shape(0).rank() == 0) {
    const auto &tdense = attr<Types>(k, "Tdense"), &sparse = attr<Types>(k, "sparse_types"), &ragged = attr<Types>(k, "ragged_value_types");
    const auto& shapes = attr<std::vector<Shape>>(k, "dense_shapes");
    at_ = {sparse.size(), tdense.size(), ragged.size()};
    k.check(k.shape(0).rank() <= 1, "Expected serialized to be a scalar or vector, got shape: {}", k.shape(0).str());
    k.check(k.shape(1).size() == 0 || k.shape(1) == k.shape(0), "Expected names have same shape as serialized: name.shape={}, serialized.shape={}",
            k.shape(1).str(), k.shape(0).str());
    const char* const kinds[] = {"sparse", "dense", "ragged"};
    const size_t counts[] = {at_.sparse, at_.dense, at_.ragged};
    for (int i = 0; i < 3; ++i) {
      k.check(k.shape(2 + i).rank() == 1, "Expected {}_keys to be a vector, got shape: {}", kinds[i], k.shape(2 + i).str());
      k.check(static_cast<size_t>(k.shape(2 + i).size()) == counts[i], "Expected len({0}_keys) == {1}, got {2}", kinds[i], counts[i], k.shape(2 + i).size());
    }
    for (size_t i = 0; i < at_.sparse; ++i) add(Column::sparse, 2, i, sparse[i]);
    for (size_t i = 0; i < at_.dense; ++i) {
      Column& c = add(Column::dense, 3, i, tdense[i]);
      c.shape = shapes[i];
      c.fallback = k.in(5 + static_cast<int>(i));
      k.check(c.shape.known_rank(), "dense_shapes[{}] has unknown rank", i);
      c.variable = c.shape.rank() > 0 && c.shape[0] < 0;
      for (int a = c.variable; a < c.shape.rank(); ++a) {
        k.check(c.shape[a] >= 0, "dense_shapes[{}] has unknown rank or unknown inner dimensions: {}", i, c.shape.str());
        c.each *= c.shape[a];
      }
      if (c.variable) {
        k.check(c.each > 0, "dense_shapes[{}] has no elements in a row: {}", i, c.shape.str());
        k.check(c.fallback.size() == 1, "dense_shape[{0}] is a variable length shape: {1}, therefore def_value[{0}] must contain a single element (the "
                "padding element).  But its shape is: {2}", i, c.shape.str(), c.fallback.shape().str());
      } else {
        k.check(c.fallback.size() == 0 || c.fallback.shape() == c.shape, "def_value[{}].shape() == {} != dense_shapes_[{}] == {}", i,
                c.fallback.shape().str(), i, c.shape.str());
      }
    }
    for (size_t i = 0; i < at_.ragged; ++i) add(Column::ragged, 4, i, ragged[i]);
  }

  void run() {
    for (size_t i = 0; i < columns_.size(); ++i) by_key_[columns_[i].key].push_back(i);
    const int64_t n = k_.shape(0).size();
    for (int64_t i = 0; i < n; ++i) one(i);
    for (size_t i = 0; i < columns_.size(); ++i) write(columns_[i], i);
  }

 private:
  Column& add(Column::Form form, int input, size_t i, DType d) {
    Column c;
    c.form = form;
    c.key = k_.in<std::string>(input)[i];
    c.dtype = d;
    columns_.push_back(std::move(c));
    return columns_.back();
  }
  std::string who(int64_t i) const {
    if (single_) return "";
    const std::string name = k_.shape(1).size() ? k_.in<std::string>(1)[i] : "";
    return "Name: " + (name.empty() ? "<unknown>" : name) + ", ";
  }
  [[noreturn]] void fault(int64_t i, const Column& c, const std::string& what) const {
    k_.raise(fmt::format("{}Key: {}{}.  {}", who(i), c.key, single_ ? "" : fmt::format(", Index: {}", i), what));
  }

  void one(int64_t i) {
    const std::string& text = k_.in<std::string>(0)[i];
    found_.clear();
    k_.check(wire::read_example(text, found_), "Could not parse example input, value: '{}'", text);
    for (Column& c : columns_) c.there.push_back(false);
    // From the last on, so that of a key that stands twice the last one counts.
    for (auto it = found_.rbegin(); it != found_.rend(); ++it) {
      const auto& [key, feature] = *it;
      const auto known = by_key_.find(key);
      if (known == by_key_.end()) continue;
      for (size_t at : known->second) take(i, columns_[at], feature);
    }
    for (Column& c : columns_) {
      if (!c.there.back() && c.form == Column::dense && !c.variable)
        k_.check(c.fallback.size() > 0 || c.each == 0, "{}Feature: {} (data type: {}) is required but could not be found.", who(i), c.key,
                 short_name(c.dtype));
      c.ends.push_back(c.values.size(c.dtype));
    }
  }

  void take(int64_t i, Column& c, std::string_view bytes) {
    if (c.there.back()) return;
    wire::FeatureView feature;
    if (!wire::read_feature(bytes, feature)) fault(i, c, "Can't parse serialized Example.");
    k_.check(feature.kind != wire::ListKind::other, "Unsupported datatype.");
    if (feature.kind == wire::ListKind::none) return;
    c.there.back() = true;
    const DType d = dtype_of_kind[static_cast<int>(feature.kind)];
    if (d != c.dtype)
      fault(i, c, c.form == Column::dense ? fmt::format("Data types don't match. Data type: {} but expected type: {}", short_name(d), short_name(c.dtype))
                                          : fmt::format("Data types don't match. Expected type: {}, Actual type: {}", short_name(c.dtype), short_name(d)));
    const size_t before = c.values.size(d);
    if (!c.values.read(d, feature.list)) fault(i, c, "Can't parse serialized Example.");
    if (c.form != Column::dense) return;
    const auto n = static_cast<int64_t>(c.values.size(d) - before);
    if (c.variable) {
      if (n % c.each && single_) fault(i, c, "Can't parse serialized Example.");
      if (n % c.each) fault(i, c, fmt::format("Number of {} values is not a multiple of stride length. Saw {} values but output shape is: {}",
                                              name_of_kind(d), n, c.shape.str()));
    } else if (n != c.each) {
      if (single_) fault(i, c, "Can't parse serialized Example.");
      fault(i, c, fmt::format("Number of {} values != expected.  Values size: {} but output shape: {}", name_of_kind(d), n, c.shape.str()));
    }
  }

  void write(Column& c, size_t index) {
    const int64_t n = k_.shape(0).size(), all = static_cast<int64_t>(c.ends.back());
    if (c.form == Column::dense) return write_dense(c, static_cast<int>(at_.dense_values() + index - at_.sparse));
    if (c.form == Column::ragged) {
      const size_t i = index - at_.sparse - at_.dense;
      c.values.copy(c.dtype, 0, static_cast<size_t>(all), k_.allocate(static_cast<int>(at_.ragged_values() + i), c.dtype, {all}), 0);
      const DType d = attr<Types>(k_, "ragged_split_types")[i];
      Tensor& splits = k_.allocate(static_cast<int>(at_.splits() + i), d, {single_ ? 0 : n + 1});
      for (int64_t row = 0; !single_ && row <= n; ++row)
        if (d == DType::i32) static_cast<int32_t*>(splits.writable())[row] = static_cast<int32_t>(c.ends[static_cast<size_t>(row)]);
        else static_cast<int64_t*>(splits.writable())[row] = static_cast<int64_t>(c.ends[static_cast<size_t>(row)]);
      return;
    }
    const int64_t rank = single_ ? 1 : 2;
    auto* at = static_cast<int64_t*>(k_.allocate(static_cast<int>(at_.indices() + index), DType::i64, {all, rank}).writable());
    int64_t widest = 0;
    for (int64_t row = 0; row < n; ++row) {
      const auto width = static_cast<int64_t>(c.ends[static_cast<size_t>(row) + 1] - c.ends[static_cast<size_t>(row)]);
      widest = std::max(widest, width);
      for (int64_t i = 0; i < width; ++i) {
        if (!single_) *at++ = row;
        *at++ = i;
      }
    }
    c.values.copy(c.dtype, 0, static_cast<size_t>(all), k_.allocate(static_cast<int>(at_.values() + index), c.dtype, {all}), 0);
    auto* shape = static_cast<int64_t*>(k_.allocate(static_cast<int>(at_.shapes() + index), DType::i64, {rank}).writable());
    if (!single_) *shape++ = n;
    *shape = widest;
  }

  void write_dense(Column& c, int output) {
    const int64_t n = k_.shape(0).size();
    Shape shape = k_.shape(0).concat(c.shape);
    int64_t row_size = c.each;
    if (c.variable) {
      int64_t longest = 0;
      for (size_t i = 0; i + 1 < c.ends.size(); ++i) longest = std::max(longest, static_cast<int64_t>(c.ends[i + 1] - c.ends[i]));
      shape.set(k_.shape(0).rank(), longest / c.each);
      row_size = longest;
    }
    Tensor& out = k_.allocate(output, c.dtype, shape);
    const auto& d = c.dtype;
    for (int64_t i = 0; i < n; ++i) {
      const size_t begin = c.ends[static_cast<size_t>(i)], count = c.ends[static_cast<size_t>(i) + 1] - begin;
      if (!c.there[static_cast<size_t>(i)] && !c.variable) {
        move_run(d, element(d, out.writable(), i * row_size), c.fallback.data(), row_size);
        continue;
      }
      c.values.copy(d, begin, count, out, i * row_size);
      const auto rest = row_size - static_cast<int64_t>(count);
      if (rest > 0) fill_run(d, element(d, out.writable(), i * row_size + static_cast<int64_t>(count)), c.fallback.data(), rest);
    }
  }

  KernelCtx& k_;
  const bool single_;
  Layout at_{};
  std::vector<Column> columns_;
  std::unordered_map<std::string_view, std::vector<size_t>> by_key_;
  wire::FeatureBytes found_;
};
NINEFOLD_KERNEL(parse_example, "CPU", (Kernel{[](KernelCtx& k) { Parse(k).run(); }}));

}  // namespace
}  // namespace ninefold::ops
