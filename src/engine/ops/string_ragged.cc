// In: strings. Out: ragged tensors of their parts: tf.strings.split, bytes_split, ngrams.
#include "engine/ops/string_ragged.h"

#include <functional>

#include "base/check.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"

namespace ninefold::ops {
namespace ragged {

Value string_argument(const Args& a, std::string_view name) {
  if (Ragged::of(a[name])) return a[name];
  const Value& v = a[name];
  if (const Tensor* t = v.get<Tensor>()) {
    check(t->dtype() == DType::string, Code::value, "Tensor conversion requested dtype string for Tensor with dtype {}", name_of(t->dtype()));
    return *t;
  }
  return operand(a, name, DType::string);
}
Value over_flat(const Ragged& r, const std::function<Value(const Tensor&)>& f) {
  const Value inside = r.inner() ? over_flat(*r.inner(), f) : f(r.flat_values());
  return Ragged::value(r.with_values(inside));
}
Value over_vectors(const Value& v, const std::function<RaggedRef(const Tensor&)>& f, const char* unknown_rank) {
  const std::function<Value(const Tensor&)> dense = [&](const Tensor& t) -> Value {
    check(t.shape().known_rank() || !unknown_rank, Code::value, "{}", unknown_rank ? unknown_rank : "");
    if (t.rank() <= 0 && t.shape().known_rank()) {
      const RaggedRef one = f(op("ExpandDims", {t, int_scalar(0)}));
      return one->values();   // of one row: all that there is
    }
    if (t.rank() == 1 || !t.shape().known_rank()) return Ragged::value(f(t));
    return over_flat(*Ragged::from_tensor(t), dense);
  };
  if (const RaggedRef r = Ragged::of(v)) return over_flat(*r, dense);
  return dense(*v.get<Tensor>());
}

namespace {

RaggedRef of_sparse(const Tensors& parts) {   // indices, values, shape of a sparse matrix
  const Tensor rows = op("StridedSlice", {parts[0], int_vector({0, 0}), int_vector({0, 1}), int_vector({1, 1})},
                         {{"begin_mask", 1}, {"end_mask", 1}, {"shrink_axis_mask", 2}});
  const Tensor nrows = op("StridedSlice", {parts[2], int_vector({0}), int_vector({1}), int_vector({1})}, {{"shrink_axis_mask", 1}});
  return Ragged::from_value_rowids(parts[1], rows, nrows, false);
}

const Function strings_split = {
    .names = {"tf.strings.split"}, .signature = "(input: tensor, sep: tensor = None, maxsplit: int = -1, name: str = None)",
    .doc = "The parts of each string between separators as a ragged tensor of one more dimension; without `sep` between runs of "
           "blanks, of which none are left at the ends. At most `maxsplit` cuts if that is not negative.",
    .body = [](Args& a) -> Value {
      const Value input = string_argument(a, "input");
      const Tensor sep = a.none("sep") ? Tensor::of_string("") : operand(a, "sep", DType::string);
      const NamedAttr most("maxsplit", a.integer("maxsplit"));
      return over_vectors(input, [&](const Tensor& t) {
        const Tensor in[] = {t, sep};
        return of_sparse(op_all("StringSplitV2", in, {&most, 1}));
      }, nullptr);
    },
    .result = "value",
};
NINEFOLD_REGISTER(strings_split);

// ---- StringSplit: at any character of a set; without one at every byte ----

const Op string_split = {
    .name = "StringSplit", .inputs = {"input: string", "delimiter: string"}, .outputs = {"indices: int64", "values: string", "shape: int64"},
    .attrs = {"skip_empty: bool = true"}, .doc = "The parts of each string between any of the delimiter's bytes (\"\": every byte), as a sparse matrix.",
    .shape = [](ShapeCtx& c) {
      c.check(!c.shape(0).known_rank() || c.shape(0).rank() == 1, "input must be a vector, got shape: {}", c.shape(0).str());
      c.check(c.shape(1).rank() <= 0, "delimiter must be a scalar, got shape: {}", c.shape(1).str());
      c.output(0, {-1, 2});
      c.output(1, {-1});
      c.output(2, {2});
    },
    .stops_gradient = true,
};
NINEFOLD_REGISTER(string_split);
NINEFOLD_KERNEL(string_split, "CPU", (Kernel{[](KernelCtx& k) {
  const std::string& by = *k.in<std::string>(1);
  const bool skip = k.flag("skip_empty");
  std::vector<int64_t> indices;
  std::vector<std::string> all;
  int64_t most = 0;
  for (int64_t i = 0, n = k.shape(0).size(); i < n; ++i) {
    const std::string& s = k.in<std::string>(0)[i];
    int64_t count = 0;
    const auto add = [&](std::string_view part) {
      if (skip && part.empty()) return;
      indices.insert(indices.end(), {i, count++});
      all.emplace_back(part);
    };
    if (by.empty()) {
      for (size_t at = 0; at < s.size(); ++at) add(std::string_view(s).substr(at, 1));
    } else if (!s.empty()) {
      for (size_t at = 0;;) {
        const size_t end = std::min(s.find_first_of(by, at), s.size());
        add(std::string_view(s).substr(at, end - at));
        if (end == s.size()) break;
        at = end + 1;
      }
    }
    most = std::max(most, count);
  }
  const auto n = static_cast<int64_t>(all.size());
  k.set_output(0, Tensor::of<int64_t>({n, 2}, indices));
  k.set_output(1, Tensor::of_strings({n}, std::move(all)));
  k.allocate(2, DType::i64, {2});
  k.out<int64_t>(2)[0] = k.shape(0).size();
  k.out<int64_t>(2)[1] = most;
}}));
const Function bytes_split = {
    .names = {"tf.strings.bytes_split"}, .signature = "(input: tensor, name: str = None)",
    .doc = "The bytes of each string as a ragged tensor of one more dimension; of a scalar as a vector.",
    .body = [](Args& a) -> Value {
      return over_vectors(string_argument(a, "input"), [](const Tensor& t) {
        const Tensor in[] = {t, Tensor::of_string("")};
        const NamedAttr skip("skip_empty", false);
        return of_sparse(op_all("StringSplit", in, {&skip, 1}));
      }, "input must have a statically-known rank.");
    },
    .result = "value",
};
NINEFOLD_REGISTER(bytes_split);

// ---- StringNGrams ----

const Op n_grams = {
    .name = "StringNGrams", .inputs = {"data: string", "data_splits: Tsplits"}, .outputs = {"ngrams: string", "ngrams_splits: Tsplits"},
    .attrs = {"separator: string", "ngram_widths: list(int)", "left_pad: string", "right_pad: string", "pad_width: int",
              "preserve_short_sequences: bool", "Tsplits: {int32, int64} = int64"},
    .doc = "Runs of neighbours in each row, joined, of several widths one after the other.",
    .shape = [](ShapeCtx& c) {
      c.rank(0, 1);
      c.rank(1, 1);
      c.output(0, {-1});
      c.output(1, c.shape(1));
    },
    .stops_gradient = true,
};
NINEFOLD_REGISTER(n_grams);
NINEFOLD_KERNEL(n_grams, "CPU", (Kernel{[](KernelCtx& k) {
  const std::vector<int64_t> splits = k.in(1).ints();
  const std::vector<int64_t>& widths = k.ints("ngram_widths");
  const std::string &left = k.text("left_pad"), &right = k.text("right_pad"), &between = k.text("separator");
  const int64_t data = k.shape(0).size(), asked = k.integer("pad_width");
  const std::string* words = k.in<std::string>(0);
  if (!splits.empty()) {
    k.check(splits.front() == 0, "First split value must be 0, got {}", splits.front());
    for (size_t i = 1; i < splits.size(); ++i) {
      k.check(splits[i] >= splits[i - 1], "Invalid split value {}, must be in [{}, {}]", splits[i], splits[i - 1], data);
      k.check(splits[i] <= data, "Invalid split value {}, must be in [{}, {}]", splits[i], splits[i - 1], data);
    }
    k.check(splits.back() == data, "Last split value must be data size. Expected {}, got {}", data, splits.back());
  }
  std::vector<std::string> out;
  std::vector<int64_t> ends(splits.size(), 0);
  for (size_t row = 0; row + 1 < splits.size(); ++row) {
    const int64_t n = splits[row + 1] - splits[row];
    const auto padding = [&](int64_t width) { return asked < 0 ? width - 1 : std::min(asked, width - 1); };
    const auto word = [&](int64_t i) -> const std::string& { return i < 0 ? left : i >= n ? right : words[splits[row] + i]; };
    const auto joined = [&](int64_t begin, int64_t count) {
      std::string s;
      for (int64_t i = begin; i < begin + count; ++i) s += (i > begin ? between : "") + word(i);
      return s;
    };
    const size_t before = out.size();
    for (const int64_t width : widths) {
      const int64_t pad = padding(width);
      for (int64_t begin = -pad; begin + width <= n + pad; ++begin) out.push_back(joined(begin, width));
    }
    // A row too short for any width gives one of all it has.
    if (k.flag("preserve_short_sequences") && out.size() == before && n > 0 && !widths.empty()) {
      const int64_t pad = asked < 0 ? 0 : asked;
      out.push_back(joined(-pad, n + 2 * pad));
    }
    ends[row + 1] = static_cast<int64_t>(out.size());
  }
  const auto n = static_cast<int64_t>(out.size());
  k.set_output(0, Tensor::of_strings({n}, std::move(out)));
  for (size_t i = 0; i < ends.size(); ++i)
    if (k.dtype(1) == DType::i32) k.out<int32_t>(1)[i] = static_cast<int32_t>(ends[i]);
    else k.out<int64_t>(1)[i] = ends[i];
}}));

struct NGrams {
  std::vector<int64_t> widths;
  std::string separator, left, right;
  int64_t pad = 0;
  bool keep_short = false;

  Value of(const Ragged& r) const {
    if (r.inner()) return Ragged::value(r.with_values(of(*r.inner())));
    check(r.flat_values().rank() == 1, Code::unimplemented, "tf.strings.ngrams: rows of tensors; give a RaggedTensor whose flat values are a vector");
    const NamedAttr attrs[] = {{"separator", separator}, {"ngram_widths", widths}, {"left_pad", left}, {"right_pad", right},
                               {"pad_width", pad}, {"preserve_short_sequences", keep_short}};
    const Tensor in[] = {r.flat_values(), r.row_splits()};
    const Tensors made = op_all("StringNGrams", in, attrs);
    return Ragged::value(Ragged::from_row_splits(made[0], made[1], false));
  }
};
const Function strings_ngrams = {
    .names = {"tf.strings.ngrams"},
    .signature = "(data: tensor, ngram_width: value, separator: str = ' ', pad_values: value = None, padding_width: value = None, "
                 "preserve_short_sequences: bool = False, name: str = None)",
    .doc = "Runs of `ngram_width` neighbours along the last dimension, joined by `separator`; of several widths one after the other. "
           "With `pad_values` rows begin and end with `padding_width` of them (the width less one). Raises ValueError for widths below 1.",
    .body = [](Args& a) -> Value {
      NGrams g;
      const Value& pads = a["pad_values"];
      const char kind[] = "pad_values must be a string, tuple of strings, or None.";
      if (const auto* both = pads.get<std::string>()) {
        g.left = g.right = *both;
      } else if (!pads.none()) {
        const ValueList* two = pads.get<ValueList>();
        check(two && two->size() >= 2 && (*two)[0].get<std::string>() && (*two)[1].get<std::string>(), Code::type, "{}", kind);
        g.left = *(*two)[0].get<std::string>();
        g.right = *(*two)[1].get<std::string>();
      }
      const int64_t asked = a.none("padding_width") ? -1 : a.integer("padding_width");
      check(a.none("padding_width") || asked >= 1, Code::value, "padding_width must be greater than 0.");
      check(a.none("padding_width") || !pads.none(), Code::value, "pad_values must be provided if padding_width is set.");
      g.pad = pads.none() ? 0 : asked;
      g.separator = a.text("separator");
      g.keep_short = a.flag("preserve_short_sequences");
      const Value data = string_argument(a, "data");
      g.widths = a.ints("ngram_width");
      if (const RaggedRef r = Ragged::of(data)) {
        for (const int64_t w : g.widths) check(w >= 1, Code::value, "All ngram_widths must be greater than 0. Got {}", w);
        return g.of(*r);
      }
      const Tensor& t = *data.get<Tensor>();
      check(t.shape().known_rank(), Code::value, "Rank of data must be known.");
      check(t.rank() > 0, Code::value, "Data must have rank>0");
      for (const int64_t w : g.widths) check(w >= 1, Code::value, "All ngram_widths must be greater than 0. Got {}", w);
      if (t.rank() == 1) {
        const Tensor splits = concat({int_vector({0}, DType::i64), op("Reshape", {count_of(t, DType::i64), int_vector({1})})});
        return Ragged::of(g.of(Ragged(t, splits)))->values();
      }
      const Value made = g.of(*Ragged::from_tensor(op("Reshape", {t, concat({int_vector({-1}), piece(shape_tensor(t), -1, {})})})));
      const Tensor dense = concat({piece(shape_tensor(t), {}, -1), int_vector({-1})});
      return op("Reshape", {Ragged::of(made)->flat_values(), dense});
    },
    .result = "value",
};
NINEFOLD_REGISTER(strings_ngrams);

}  // namespace
}  // namespace ragged
}  // namespace ninefold::ops
