// In: strings. Out: strings joined, cut, changed in case, measured, split.
#include <algorithm>

#include "base/check.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/operands.h"
#include "engine/ops/string_pairs.h"
#include "engine/ops/utf8.h"

namespace ninefold::ops {
namespace {

Op same_shape(const char* name, const char* input, const char* output, std::vector<std::string> attrs, const char* doc) {
  return {.name = name, .inputs = {input}, .outputs = {output}, .attrs = std::move(attrs), .doc = doc,
          .shape = shapes::same, .stops_gradient = true};
}
template <class F>
void each(KernelCtx& k, const F& f) {
  for (int64_t i = 0, n = k.shape(0).size(); i < n; ++i) f(k.in<std::string>(0)[i], i);
}

// ---- StringJoin ----

const Op join = {
    .name = "StringJoin", .inputs = {"inputs: N * string"}, .outputs = {"output: string"},
    .attrs = {"N: int >= 1", "separator: string = \"\""}, .doc = "Strings joined element by element; scalars go with every element.",
    .shape = [](ShapeCtx& c) {
      Shape all;
      for (int i = 0; i < c.num_inputs(); ++i) {
        if (c.shape(i).rank() == 0) continue;
        c.check(all.rank() == 0 || all.compatible(c.shape(i)), "Input shapes do not match: {} vs. {}", all.str(), c.shape(i).str());
        all = all.rank() == 0 ? c.shape(i) : all.merge(c.shape(i));
      }
      c.output(all);
    },
    .stops_gradient = true,
};
NINEFOLD_REGISTER(join);
NINEFOLD_KERNEL(join, "CPU", (Kernel{[](KernelCtx& k) {
  for (int64_t i = 0, n = k.out(0).size(); i < n; ++i) {
    std::string all;
    for (int part = 0; part < k.num_inputs(); ++part) {
      if (part > 0) all += k.text("separator");
      all += k.in<std::string>(part)[k.shape(part).rank() == 0 ? 0 : i];
    }
    k.out<std::string>(0)[i] = std::move(all);
  }
}}));
const Function strings_join = {
    .names = {"tf.strings.join"}, .signature = "(inputs: tensors, separator: str = '', name: str = None)",
    .doc = "Strings joined element by element; scalars go with every element.",
    .body = [](Args& a) -> Value {
      const NamedAttr separator("separator", a.text("separator"));
      const ValueList* list = a["inputs"].get<ValueList>();
      Tensors parts;
      if (list) for (const Value& v : *list) parts.push_back(to_tensor(v, is_tensor(v) ? DType::invalid : DType::string));
      else parts = {operand(a, "inputs")};
      return op_all("StringJoin", parts, {&separator, 1}).at(0);
    },
};
NINEFOLD_REGISTER(strings_join);

// ---- StringLength ----

const Op length = same_shape("StringLength", "input: string", "output: int32", {"unit: {'BYTE', 'UTF8_CHAR'} = \"BYTE\""},
                             "Bytes, or characters of UTF-8.");
NINEFOLD_REGISTER(length);
NINEFOLD_KERNEL(length, "CPU", (Kernel{[](KernelCtx& k) {
  const bool bytes = k.text("unit") == "BYTE";
  each(k, [&](const std::string& s, int64_t i) { k.out<int32_t>(0)[i] = static_cast<int32_t>(bytes ? static_cast<int64_t>(s.size()) : utf8::length(s)); });
}}));
const Function strings_length = {
    .names = {"tf.strings.length"}, .signature = "(input: tensor, unit: str = 'BYTE', name: str = None)",
    .doc = "Bytes of each string, or its characters if unit is 'UTF8_CHAR'.",
    .body = [](Args& a) -> Value { return op("StringLength", {operand(a, "input")}, {{"unit", a.text("unit")}}); },
};
NINEFOLD_REGISTER(strings_length);

// ---- Substr ----

const Op substr = {
    .name = "Substr", .inputs = {"input: string", "pos: T", "len: T"}, .outputs = {"output: string"},
    .attrs = {"T: index", "unit: {'BYTE', 'UTF8_CHAR'} = \"BYTE\""},
    .doc = "`len` bytes or characters of each string from `pos` on, which counts from the end if negative.",
    .shape = [](ShapeCtx& c) {
      c.check(c.shape(1).compatible(c.shape(2)), "pos and len should have the same shape, got: {} vs. {}", c.shape(1).str(), c.shape(2).str());
      c.output(c.broadcast(c.shape(0), c.shape(1)));
    },
    .stops_gradient = true,
};
NINEFOLD_REGISTER(substr);
NINEFOLD_KERNEL(substr, "CPU", (Kernel{[](KernelCtx& k) {
  const bool bytes = k.text("unit") == "BYTE";
  const Shape& to = k.out(0).shape();
  for (int64_t i = 0, n = to.size(); i < n; ++i) {
    const std::string& s = k.in<std::string>(0)[broadcast_index(i, k.shape(0), to)];
    const int64_t at = broadcast_index(i, k.shape(1), to), pos = k.in(1).int_at(at), len = k.in(2).int_at(at);
    const int64_t size = bytes ? static_cast<int64_t>(s.size()) : utf8::length(s);
    const int64_t begin = pos < 0 ? pos + size : pos;
    if (begin < 0 || begin > size) {
      if (bytes) k.raise(fmt::format("pos {} out of range for string b'{}' at index {}", pos, s, i));
      k.raise(fmt::format("pos {} out of range for string at index {}", pos, i));
    }
    const int64_t count = len < 0 ? size - begin : std::min(len, size - begin);
    k.out<std::string>(0)[i] = bytes ? s.substr(static_cast<size_t>(begin), static_cast<size_t>(count)) : utf8::slice(s, begin, count);
  }
}}));
const Function strings_substr = {
    .names = {"tf.strings.substr"}, .signature = "(input: tensor, pos: T, len: T, unit: str = 'BYTE', name: str = None)",
    .doc = "`len` bytes or characters of each string from `pos` on, which counts from the end if negative.",
    .body = [](Args& a) -> Value {
      const Tensors at = operands(a, {"pos", "len"});
      return op("Substr", {operand(a, "input"), at[0], at[1]}, {{"unit", a.text("unit")}});
    },
};
NINEFOLD_REGISTER(strings_substr);

// ---- case and blanks ----

bool utf8_asked(KernelCtx& k) {
  const std::string& encoding = k.text("encoding");
  k.check(encoding.empty() || encoding == "utf-8", "only utf-8 or '' (no encoding) is supported, received {}", encoding);
  return !encoding.empty();
}
template <bool up>
void change_case(KernelCtx& k) {
  const bool wide = utf8_asked(k);
  each(k, [&](const std::string& s, int64_t i) {
    std::string out = s;
    for (char& c : out) c = up ? (c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c) : (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
    k.out<std::string>(0)[i] = wide ? utf8::changed_case(out, up) : out;
  });
}
const Op upper = same_shape("StringUpper", "input: string", "output: string", {"encoding: string = \"\""}, "Capital letters.");
NINEFOLD_REGISTER(upper);
NINEFOLD_KERNEL(upper, "CPU", Kernel{change_case<true>});
const Op lower = same_shape("StringLower", "input: string", "output: string", {"encoding: string = \"\""}, "Small letters.");
NINEFOLD_REGISTER(lower);
NINEFOLD_KERNEL(lower, "CPU", Kernel{change_case<false>});
const Function strings_upper = {
    .names = {"tf.strings.upper"}, .signature = "(input: tensor, encoding: str = '', name: str = None)",
    .doc = "Capital letters: of ASCII, or of Latin, Greek and Cyrillic if encoding is 'utf-8'.",
    .body = [](Args& a) -> Value { return op("StringUpper", {operand(a, "input")}, {{"encoding", a.text("encoding")}}); },
};
NINEFOLD_REGISTER(strings_upper);
const Function strings_lower = {
    .names = {"tf.strings.lower"}, .signature = "(input: tensor, encoding: str = '', name: str = None)",
    .doc = "Small letters: of ASCII, or of Latin, Greek and Cyrillic if encoding is 'utf-8'.",
    .body = [](Args& a) -> Value { return op("StringLower", {operand(a, "input")}, {{"encoding", a.text("encoding")}}); },
};
NINEFOLD_REGISTER(strings_lower);

bool blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
const Op strip = same_shape("StringStrip", "input: string", "output: string", {}, "Without the blanks at both ends.");
NINEFOLD_REGISTER(strip);
NINEFOLD_KERNEL(strip, "CPU", (Kernel{[](KernelCtx& k) {
  each(k, [&](const std::string& s, int64_t i) {
    const auto first = std::find_if_not(s.begin(), s.end(), blank);
    const auto last = std::find_if_not(s.rbegin(), std::make_reverse_iterator(first), blank).base();
    k.out<std::string>(0)[i] = std::string(first, last);
  });
}}));
const OpFunction strings_strip("StringStrip", {"tf.strings.strip"}, "(input: tensor, name: str = None)", "Without the blanks at both ends.");

// ---- StringSplitV2: what tf.strings.split makes ragged tensors of ----

const Op split = {
    .name = "StringSplitV2", .inputs = {"input: string", "sep: string"},
    .outputs = {"indices: int64", "values: string", "shape: int64"}, .attrs = {"maxsplit: int = -1"},
    .doc = "The parts of each string between separators (\"\": runs of blanks), as a sparse matrix.",
    .shape = [](ShapeCtx& c) {
      c.check(c.shape(0).rank() < 0 || c.shape(0).rank() == 1, "input must be a vector, got shape: {}", c.shape(0).str());
      c.check(c.shape(1).rank() <= 0, "sep must be a scalar, got shape: {}", c.shape(1).str());
      c.output(0, {-1, 2});
      c.output(1, {-1});
      c.output(2, {2});
    },
    .stops_gradient = true,
};
NINEFOLD_REGISTER(split);
std::vector<std::string> parts_of(const std::string& s, const std::string& sep, int64_t most) {
  std::vector<std::string> parts;
  const auto full = [&] { return most >= 0 && static_cast<int64_t>(parts.size()) >= most; };
  size_t at = 0;
  if (!sep.empty()) {
    for (size_t next; !full() && (next = s.find(sep, at)) != std::string::npos; at = next + sep.size()) parts.push_back(s.substr(at, next - at));
    parts.push_back(s.substr(at));
    return parts;
  }
  for (;;) {
    while (at < s.size() && blank(s[at])) ++at;
    if (full()) {   // the rest, even if nothing is left of it
      if (!parts.empty() || at < s.size()) parts.push_back(s.substr(at));
      return parts;
    }
    if (at == s.size()) return parts;
    size_t end = at;
    while (end < s.size() && !blank(s[end])) ++end;
    parts.push_back(s.substr(at, end - at));
    at = end;
  }
}
NINEFOLD_KERNEL(split, "CPU", (Kernel{[](KernelCtx& k) {
  std::vector<int64_t> indices;
  std::vector<std::string> all;
  int64_t most = 0;
  each(k, [&](const std::string& s, int64_t i) {
    std::vector<std::string> parts = parts_of(s, *k.in<std::string>(1), k.integer("maxsplit"));
    most = std::max(most, static_cast<int64_t>(parts.size()));
    for (size_t j = 0; j < parts.size(); ++j) {
      indices.insert(indices.end(), {i, static_cast<int64_t>(j)});
      all.push_back(std::move(parts[j]));
    }
  });
  const auto n = static_cast<int64_t>(all.size());
  k.set_output(0, Tensor::of<int64_t>({n, 2}, indices));
  k.set_output(1, Tensor::of_strings({n}, std::move(all)));
  if (!k.has_output(2)) k.allocate(2, DType::i64, {2});
  k.out<int64_t>(2)[0] = k.shape(0).size();
  k.out<int64_t>(2)[1] = most;
}}));

// ---- ReduceJoin ----

const Op reduce_join = {
    .name = "ReduceJoin", .inputs = {"inputs: string", "reduction_indices: int32"}, .outputs = {"output: string"},
    .attrs = {"keep_dims: bool = false", "separator: string = \"\""},
    .doc = "Strings joined along axes, in the order in which the axes are named.",
    .shape = [](ShapeCtx& c) {
      const Tensor* axes = c.value(1);
      if (!axes || !c.shape(0).known_rank()) return c.unknown();
      const Shape& s = c.shape(0);
      std::vector<bool> gone(static_cast<size_t>(s.rank()));
      for (int64_t a : axes->ints()) {
        if (a < -s.rank() || a >= s.rank())
          throw Error(Code::out_of_range, fmt::format("Invalid reduction dimension {} for input with {} dimension(s) [Op:ReduceJoin]", a, s.rank()));
        auto&& seen = gone[static_cast<size_t>(a < 0 ? a + s.rank() : a)];
        c.check(!seen, "Duplicate reduction dimension {}", a);
        seen = true;
      }
      std::vector<int64_t> dims;
      for (int i = 0; i < s.rank(); ++i) {
        if (!gone[static_cast<size_t>(i)]) dims.push_back(s[i]);
        else if (c.flag("keep_dims")) dims.push_back(1);
      }
      c.output(Shape(dims));
    },
    .host = {"reduction_indices"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(reduce_join);
NINEFOLD_KERNEL(reduce_join, "CPU", (Kernel{[](KernelCtx& k) {
  const Shape& s = k.shape(0);
  std::vector<int> order, kept;   // the axes that are joined, the one joined first last; the others
  for (int64_t a : k.in(1).ints()) order.push_back(static_cast<int>(a < 0 ? a + s.rank() : a));
  std::reverse(order.begin(), order.end());
  for (int i = 0; i < s.rank(); ++i)
    if (std::find(order.begin(), order.end(), i) == order.end()) kept.push_back(i);
  std::vector<int64_t> stride(static_cast<size_t>(s.rank()), 1);
  for (int i = s.rank() - 2; i >= 0; --i) stride[static_cast<size_t>(i)] = stride[static_cast<size_t>(i) + 1] * s[i + 1];
  const auto place = [&](int64_t i, const std::vector<int>& axes) {
    int64_t at = 0;
    for (size_t a = axes.size(); a-- > 0; i /= s[axes[a]]) at += i % s[axes[a]] * stride[static_cast<size_t>(axes[a])];
    return at;
  };
  int64_t count = 1;
  for (int a : order) count *= s[a];
  for (int64_t i = 0, n = k.out(0).size(); i < n; ++i) {
    std::string all;
    for (int64_t j = 0; j < count; ++j) {
      if (j > 0) all += k.text("separator");
      all += k.in<std::string>(0)[place(i, kept) + place(j, order)];
    }
    k.out<std::string>(0)[i] = std::move(all);
  }
}}));
const Function strings_reduce_join = {
    .names = {"tf.strings.reduce_join"},
    .signature = "(inputs: tensor, axis: ints = None, keepdims: bool = False, separator: str = '', name: str = None)",
    .doc = "Strings joined along `axis`, in the order in which axes are named (None: all).",
    .body = [](Args& a) -> Value {
      const Tensor inputs = operand(a, "inputs");
      Tensor axes;
      if (a.none("axis")) {
        std::vector<int32_t> all(static_cast<size_t>(inputs.rank()));
        for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int32_t>(i);
        axes = Tensor::of<int32_t>({inputs.rank()}, all);
      } else {
        axes = a.ints_tensor("axis");
      }
      return op("ReduceJoin", {inputs, axes}, {{"keep_dims", a.flag("keepdims")}, {"separator", a.text("separator")}});
    },
};
NINEFOLD_REGISTER(strings_reduce_join);

}  // namespace
}  // namespace ninefold::ops
