// In: handles of tables, keys. Out: TensorFlow's ops of tables: made, filled from tensors and files, asked, changed.
#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>

#include "base/check.h"
#include "base/text.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/lookup.h"

namespace ninefold::ops {
namespace {

LookupTable& table(KernelCtx& k) { return resource_as<LookupTable>(k.in(0), k.op().name.c_str()); }
// The table itself, where it is known while tracing.
const LookupTable* table(ShapeCtx& c) {
  const Tensor* handle = c.value(0);
  return handle ? dynamic_cast<const LookupTable*>(resource_of(*handle).get()) : nullptr;
}
// What the table says, with the op's name.
template <class F>
void telling(KernelCtx& k, const F& f) {
  try {
    f();
  } catch (const Error& e) {
    if (e.message().find(" [Op:") != std::string::npos) throw;
    throw Error(e.code(), e.message() + " [Op:" + k.op().name + "]");
  }
}

// ---- made ----

constexpr bool among(DType d, std::initializer_list<DType> all) { return std::find(all.begin(), all.end(), d) != all.end(); }
void make(KernelCtx& k, LookupTable::Form form) {
  const bool keys = among(form.key, {DType::string, DType::i32, DType::i64}) || (!form.is_static && among(form.key, {DType::f32, DType::f64}));
  const bool values = form.value == DType::string || form.value == DType::boolean || is_numeric(form.value);
  check(keys && values, Code::not_found,
        "No OpKernel was registered to support Op '{0}' with key_dtype {1} and value_dtype {2}; keys may be string, int32 or int64 [Op:{0}]",
        k.op().name, short_name(form.key), short_name(form.value));
  k.set_output(0, resource_tensor(std::make_shared<LookupTable>(std::move(form))));
}
void hash_table(KernelCtx& k) { make(k, {k.type("key_dtype"), k.type("value_dtype"), {}, true, {}, {}}); }
void mutable_table(KernelCtx& k) { make(k, {k.type("key_dtype"), k.type("value_dtype"), {}, false, {}, {}}); }
Shape value_shape(KernelCtx& k) {
  const Shape& s = std::get<Shape>(k.attr("value_shape"));
  return s.fully_known() ? s : Shape();   // not given: scalars
}
void mutable_table_of_tensors(KernelCtx& k) {
  make(k, {k.type("key_dtype"), k.type("value_dtype"), value_shape(k), false, {}, {}});
}
void dense_table(KernelCtx& k) {
  const Tensor &empty = k.in(0), &deleted = k.in(1);
  const int64_t buckets = k.integer("initial_num_buckets");
  k.check(buckets > 0 && (buckets & (buckets - 1)) == 0, "Number of buckets must be at least 4 and a power of 2, got: {}", buckets);
  const bool same = empty.dtype() == DType::string ? *empty.as<std::string>() == *deleted.as<std::string>()
                                                   : std::memcmp(empty.data(), deleted.data(), empty.bytes()) == 0;
  k.check(!same, "Empty and deleted keys cannot be equal");
  make(k, {empty.dtype(), k.type("value_dtype"), value_shape(k), false, empty, deleted, buckets, k.number("max_load_factor")});
}
std::vector<std::string> named(std::vector<std::string> more) {
  std::vector<std::string> all = {"container: string = \"\"", "shared_name: string = \"\"", "use_node_name_sharing: bool = false"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}
Op maker(const char* name, std::vector<std::string> inputs, std::vector<std::string> attrs, const char* doc) {
  return {.name = name, .inputs = std::move(inputs), .outputs = {"table_handle: resource"}, .attrs = named(std::move(attrs)), .doc = doc,
          .shape = shapes::scalar, .effect = Effect::world, .foldable = false, .stops_gradient = true};
}
const Op hash_table_op = maker("HashTableV2", {}, {"key_dtype: type", "value_dtype: type"}, "A table that is filled once.");
NINEFOLD_REGISTER(hash_table_op);
NINEFOLD_KERNEL(hash_table_op, "CPU", Kernel{hash_table});
const Op mutable_op = maker("MutableHashTableV2", {}, {"key_dtype: type", "value_dtype: type"}, "An empty table.");
NINEFOLD_REGISTER(mutable_op);
NINEFOLD_KERNEL(mutable_op, "CPU", Kernel{mutable_table});
const Op of_tensors_op = maker("MutableHashTableOfTensorsV2", {}, {"key_dtype: type", "value_dtype: type", "value_shape: shape = []"},
                               "An empty table whose values are tensors of one shape.");
NINEFOLD_REGISTER(of_tensors_op);
NINEFOLD_KERNEL(of_tensors_op, "CPU", Kernel{mutable_table_of_tensors});
const Op dense_op = maker("MutableDenseHashTableV2", {"empty_key: key_dtype", "deleted_key: key_dtype"},
                          {"key_dtype: type", "value_dtype: type", "value_shape: shape = []", "initial_num_buckets: int = 131072",
                           "max_load_factor: float = 0.8"},
                          "An empty table in which two keys are nobody's.");
NINEFOLD_REGISTER(dense_op);
NINEFOLD_KERNEL(dense_op, "CPU", Kernel{dense_table});

// ---- asked ----

const Op find = {
    .name = "LookupTableFindV2", .inputs = {"table_handle: resource", "keys: Tin", "default_value: Tout"}, .outputs = {"values: Tout"},
    .attrs = {"Tin: type", "Tout: type"}, .doc = "The values of keys; of those that are not there the default.",
    .shape = [](ShapeCtx& c) {
      c.rank(0, 0);
      const LookupTable* t = table(c);
      if (t && c.shape(1).known_rank()) return c.output(c.shape(1).concat(t->form().value_shape));
      if (!c.shape(1).known_rank() || !c.shape(2).known_rank()) return c.unknown();
      c.output(c.shape(1).concat(c.shape(2)));   // a default for each key needs the table itself
    },
    .effect = Effect::reads, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(find);
NINEFOLD_KERNEL(find, "CPU", (Kernel{[](KernelCtx& k) {
  const LookupTable& t = table(k);
  const auto& form = t.form();
  k.check(k.dtype(1) == form.key && k.dtype(2) == form.value, "Key must be type {} and default value type {}, but got {} and {}",
          short_name(form.key), short_name(form.value), short_name(k.dtype(1)), short_name(k.dtype(2)));
  const Shape whole = k.shape(1).concat(form.value_shape);
  k.check(k.shape(2) == form.value_shape || k.shape(2) == whole, "Expected shape {} or {} for default value, got {}",
          form.value_shape.str(), whole.str(), k.shape(2).str());
  k.allocate(0, form.value, whole);
  telling(k, [&] { t.find(k.in(1), k.in(2), k.out(0)); });
}}));

const Op size = {
    .name = "LookupTableSizeV2", .inputs = {"table_handle: resource"}, .outputs = {"size: int64"}, .attrs = {}, .doc = "How many keys a table has.",
    .shape = shapes::scalar, .effect = Effect::reads, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(size);
NINEFOLD_KERNEL(size, "CPU", (Kernel{[](KernelCtx& k) { *k.out<int64_t>(0) = table(k).size(); }}));

const Op exported = {
    .name = "LookupTableExportV2", .inputs = {"table_handle: resource"}, .outputs = {"keys: Tkeys", "values: Tvalues"},
    .attrs = {"Tkeys: type", "Tvalues: type"}, .doc = "All keys and their values.",
    .shape = [](ShapeCtx& c) {
      const LookupTable* t = table(c);
      if (!t) return c.unknown();
      const Shape& value = t->form().value_shape;
      const bool dense = t->form().empty_key.defined();
      c.output(0, dense ? Shape({-1, 1}) : Shape({-1}));
      c.output(1, Shape({-1}).concat(dense && value.rank() == 0 ? Shape({1}) : value));
    },
    .effect = Effect::reads, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(exported);
NINEFOLD_KERNEL(exported, "CPU", (Kernel{[](KernelCtx& k) {
  auto [keys, values] = table(k).exported();
  k.check(keys.dtype() == k.type("Tkeys") && values.dtype() == k.type("Tvalues"), "The table's keys are {} and its values {}",
          short_name(keys.dtype()), short_name(values.dtype()));
  k.set_output(0, keys);
  k.set_output(1, values);
}}));

// ---- changed ----

using Change = void (LookupTable::*)(const Tensor&, const Tensor&);
template <Change change>
void changed(KernelCtx& k) {
  telling(k, [&] { (table(k).*change)(k.in(1), k.in(2)); });
}
Op changer(const char* name, const char* keys, const char* values, const char* key_type, const char* value_type, const char* doc) {
  return {.name = name, .inputs = {"table_handle: resource", keys, values}, .outputs = {}, .attrs = {key_type, value_type}, .doc = doc,
          .shape = shapes::none, .effect = Effect::writes, .foldable = false, .stops_gradient = true};
}
const Op initialize = changer("InitializeTableV2", "keys: Tkey", "values: Tval", "Tkey: type", "Tval: type", "Fills a table for good.");
NINEFOLD_REGISTER(initialize);
NINEFOLD_KERNEL(initialize, "CPU", Kernel{changed<&LookupTable::initialize>});
const Op import = changer("LookupTableImportV2", "keys: Tin", "values: Tout", "Tin: type", "Tout: type", "Gives a table these keys and no others.");
NINEFOLD_REGISTER(import);
NINEFOLD_KERNEL(import, "CPU", Kernel{changed<&LookupTable::import>});
const Op insert = changer("LookupTableInsertV2", "keys: Tin", "values: Tout", "Tin: type", "Tout: type", "Adds keys, or gives them other values.");
NINEFOLD_REGISTER(insert);
NINEFOLD_KERNEL(insert, "CPU", Kernel{changed<&LookupTable::insert>});
const Op remove = {
    .name = "LookupTableRemoveV2", .inputs = {"table_handle: resource", "keys: Tin"}, .outputs = {}, .attrs = {"Tin: type"},
    .doc = "Takes keys out of a table; those that are not there do not matter.", .shape = shapes::none, .effect = Effect::writes,
    .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(remove);
NINEFOLD_KERNEL(remove, "CPU", (Kernel{[](KernelCtx& k) { telling(k, [&] { table(k).remove(k.in(1)); }); }}));

// ---- filled from a file ----

constexpr int64_t kLineNumber = -1, kWholeLine = -2;

// A column of a file becomes a tensor.
class Column {
 public:
  Column(DType dtype, int64_t index) : dtype_(dtype), index_(index) {}
  void add(KernelCtx& k, const std::string& file, const std::string& line, const std::vector<std::string_view>& parts, int64_t at, int64_t offset) {
    if (index_ == kLineNumber) return ints_.push_back(at + offset);
    if (index_ >= 0)
      k.check(static_cast<size_t>(index_) < parts.size(), "Invalid number of columns in {} line {} ({}) : expected at least {} got {}", file, at,
              line, index_ + 1, parts.size());
    const std::string_view text = index_ == kWholeLine ? std::string_view(line) : parts[static_cast<size_t>(index_)];
    if (dtype_ == DType::string) {
      texts_.emplace_back(text);
      return;
    }
    const auto parsed = [&](auto& to, const char* what) {
      std::string_view s = strip(text);
      if (s.starts_with('+')) s.remove_prefix(1);
      const auto [end, bad] = std::from_chars(s.data(), s.data() + s.size(), to);
      k.check(!s.empty() && bad == std::errc() && end == s.data() + s.size(), "Field {} in line {} is not a valid {}.", text, at, what);
    };
    switch (dtype_) {
      case DType::i32: { int32_t v = 0; parsed(v, "int32"); return ints_.push_back(v); }
      case DType::i64: { int64_t v = 0; parsed(v, "int64"); return ints_.push_back(v); }
      case DType::f32: { float v = 0; parsed(v, "float"); return numbers_.push_back(v); }
      case DType::f64: { double v = 0; parsed(v, "double"); return numbers_.push_back(v); }
      default: k.raise(fmt::format("Data type {} not supported.", short_name(dtype_)));
    }
  }
  Tensor tensor() && {
    const Shape shape({static_cast<int64_t>(texts_.size() + ints_.size() + numbers_.size())});
    if (dtype_ == DType::string) return Tensor::of_strings(shape, std::move(texts_));
    switch (dtype_) {
      case DType::i32: return Tensor::of<int32_t>(shape, std::vector<int32_t>(ints_.begin(), ints_.end()));
      case DType::f32: return Tensor::of<float>(shape, std::vector<float>(numbers_.begin(), numbers_.end()));
      case DType::f64: return Tensor::of<double>(shape, numbers_);
      default: return Tensor::of<int64_t>(shape, ints_);
    }
  }

 private:
  DType dtype_;
  int64_t index_;
  std::vector<std::string> texts_;
  std::vector<int64_t> ints_;
  std::vector<double> numbers_;
};

void from_file(KernelCtx& k) {
  LookupTable& t = table(k);
  const std::string &file = *k.in<std::string>(1), &delimiter = k.text("delimiter");
  const int64_t key = k.integer("key_index"), value = k.integer("value_index"), most = k.integer("vocab_size");
  k.check(delimiter.size() == 1, "delimiter should be only 1 char");
  k.check(key >= kWholeLine && value >= kWholeLine, "key_index and value_index should be >= -2, got {} and {}", key, value);
  if (t.form().is_static && t.initialized()) return;   // the same file again: as in TensorFlow, where it was loaded by name
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Error(Code::not_found, file + "; No such file or directory [Op:" + k.op().name + "]");
  Column keys(t.form().key, key), values(t.form().value, value);
  std::string line;
  int64_t at = 0;
  for (; std::getline(in, line) && (most < 0 || at < most); ++at) {
    if (line.ends_with('\r')) line.pop_back();
    std::vector<std::string_view> parts;
    if (key >= 0 || value >= 0) parts = split(line, delimiter[0]);
    keys.add(k, file, line, parts, at, k.integer("offset"));
    values.add(k, file, line, parts, at, k.integer("offset"));
  }
  k.check(most < 0 || at == most, "Invalid vocab_size in {}: expected {} but got {}", file, most, at);
  telling(k, [&] { t.initialize(std::move(keys).tensor(), std::move(values).tensor()); });
}
const Op from_file_op = {
    .name = "InitializeTableFromTextFileV2", .inputs = {"table_handle: resource", "filename: string"}, .outputs = {},
    .attrs = {"key_index: int >= -2", "value_index: int >= -2", "vocab_size: int >= -1 = -1", "delimiter: string = \"\t\"", "offset: int = 0"},
    .doc = "Fills a table for good from the lines of a file: columns between delimiters, whole lines (-2), line numbers (-1).",
    .shape = shapes::none, .effect = Effect::writes, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(from_file_op);
NINEFOLD_KERNEL(from_file_op, "CPU", Kernel{from_file});

}  // namespace
}  // namespace ninefold::ops
