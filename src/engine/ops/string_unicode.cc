// In: strings in Unicode's encodings, code points. Out: one as the other; scripts: tf.strings.unicode_*.
#include "base/check.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/string_ragged.h"
#include "engine/ops/unicode.h"

namespace ninefold::ops {
namespace {

using unicode::Encoding;
const char kErrors[] = "errors: {'strict', 'replace', 'ignore'} = \"replace\"";
const char kOutput[] = "output_encoding: {'UTF-8', 'UTF-16-BE', 'UTF-32-BE'}";

// What is done with what is no character.
struct Policy {
  bool strict, ignore, controls;
  int32_t instead;

  Policy(KernelCtx& k, bool with_controls) {
    const std::string& errors = k.text("errors");
    const int64_t by = k.integer("replacement_char");
    strict = errors == "strict", ignore = errors == "ignore", controls = with_controls && k.flag("replace_control_characters");
    k.check(unicode::is_character(by), "replacement_char out of unicode codepoint range");
    instead = static_cast<int32_t>(by);
  }
};
Encoding input_encoding(KernelCtx& k) {
  const std::string& name = k.text("input_encoding");
  const Encoding e = unicode::encoding_named(name);
  k.check(e != Encoding::none, "Could not create converter for input encoding: {}", name);
  return e;
}
// f(code point, where it begins) of each that is left. A control character is a fault only where one transcodes.
template <class F>
void each_character(KernelCtx& k, const std::string& s, Encoding e, const Policy& p, bool controls_fault, const F& f) {
  for (size_t at = 0; at < s.size();) {
    unicode::Character c = unicode::next(s, at, e);
    const bool wrong = c.malformed || (p.controls && c.code <= 0x1F);
    k.check(!p.strict || !(c.malformed || (wrong && controls_fault)), "Invalid formatting on input string");
    if (wrong) c.code = p.instead;
    if (!wrong || !p.ignore) f(c.code, static_cast<int64_t>(at));
    at += c.bytes;
  }
}

// ---- decode ----

Op decoder(const char* name, bool offsets) {
  Op o = {.name = name, .inputs = {"input: string"}, .outputs = {"row_splits: Tsplits", "char_values: int32"},
          .attrs = {"input_encoding: string", kErrors, "replacement_char: int = 65533", "replace_control_characters: bool = false",
                    "Tsplits: {int32, int64} = int64"},
          .doc = "The code points of all strings, and where each string's end.",
          .shape = [](ShapeCtx& c) {
            c.output(0, {c.shape(0).fully_known() ? c.shape(0).size() + 1 : -1});
            for (int i = 1; i < static_cast<int>(c.outputs().size()); ++i) c.output(i, {-1});
          },
          .stops_gradient = true};
  if (offsets) o.outputs.push_back("char_to_byte_starts: int64");
  return o;
}
void decode(KernelCtx& k) {
  const Encoding e = input_encoding(k);
  const Policy p(k, true);
  const int64_t n = k.shape(0).size();
  std::vector<int32_t> codes;
  std::vector<int64_t> starts, ends{0};
  for (int64_t i = 0; i < n; ++i) {
    each_character(k, k.in<std::string>(0)[i], e, p, false, [&](int32_t code, int64_t at) {
      codes.push_back(code);
      starts.push_back(at);
    });
    ends.push_back(static_cast<int64_t>(codes.size()));
  }
  if (k.type("Tsplits") == DType::i32) k.set_output(0, Tensor::of<int32_t>({n + 1}, std::vector<int32_t>(ends.begin(), ends.end())));
  else k.set_output(0, Tensor::of<int64_t>({n + 1}, ends));
  const auto all = static_cast<int64_t>(codes.size());
  k.set_output(1, Tensor::of<int32_t>({all}, codes));
  if (k.num_outputs() > 2) k.set_output(2, Tensor::of<int64_t>({all}, starts));
}
const Op unicode_decode = decoder("UnicodeDecode", false);
NINEFOLD_REGISTER(unicode_decode);
NINEFOLD_KERNEL(unicode_decode, "CPU", Kernel{decode});
const Op unicode_decode_with_offsets = decoder("UnicodeDecodeWithOffsets", true);
NINEFOLD_REGISTER(unicode_decode_with_offsets);
NINEFOLD_KERNEL(unicode_decode_with_offsets, "CPU", Kernel{decode});

// ---- encode ----

const Op unicode_encode = {
    .name = "UnicodeEncode", .inputs = {"input_values: int32", "input_splits: Tsplits"}, .outputs = {"output: string"},
    .attrs = {kErrors, kOutput, "replacement_char: int = 65533", "Tsplits: {int32, int64} = int64"},
    .doc = "A string of each row of code points.",
    .shape = [](ShapeCtx& c) {
      c.rank(0, 1);
      c.rank(1, 1);
      const int64_t n = c.shape(1).known_rank() ? c.shape(1)[0] : -1;
      c.output({n < 0 ? -1 : n - 1});
    },
    .stops_gradient = true,
};
NINEFOLD_REGISTER(unicode_encode);
NINEFOLD_KERNEL(unicode_encode, "CPU", (Kernel{[](KernelCtx& k) {
  const Encoding e = unicode::encoding_named(k.text("output_encoding"));
  const Policy p(k, false);
  const std::vector<int64_t> ends = k.in(1).ints();
  const int64_t all = k.shape(0).size(), n = static_cast<int64_t>(ends.size()) - 1;
  k.check(n >= 0, "input_splits should have at least 1 element");
  for (size_t i = 1; i < ends.size(); ++i)
    k.check(ends[i] >= ends[i - 1] && ends[i - 1] >= 0, "Values in input_splits must be equal or in ascending order.");
  k.check(ends.back() == all, "Last value in input_splits must be equal to length of input_tensor.");
  if (!k.has_output(0)) k.allocate(0, DType::string, {n});
  for (int64_t i = 0; i < n; ++i) {
    std::string s;
    for (int64_t j = ends[static_cast<size_t>(i)]; j < ends[static_cast<size_t>(i) + 1]; ++j) {
      int32_t code = k.in<int32_t>(0)[j];
      const bool wrong = !unicode::is_character(code);
      k.check(!wrong || !p.strict, "Code point is out of range for Unicode, or a noncharacter.");
      // Whoever ignores gets what can be written at all, as in TensorFlow; a surrogate has no UTF-8.
      if (wrong && p.ignore && (code < 0 || code > 0x10FFFF)) continue;
      if (wrong && p.ignore && e == Encoding::utf8 && code >= 0xD800 && code <= 0xDFFF) code = 0xFFFD;
      unicode::append(s, wrong && !p.ignore ? p.instead : code, e);
    }
    k.out<std::string>(0)[i] = std::move(s);
  }
}}));

// ---- transcode ----

const Op unicode_transcode = {
    .name = "UnicodeTranscode", .inputs = {"input: string"}, .outputs = {"output: string"},
    .attrs = {"input_encoding: string", kOutput, kErrors, "replacement_char: int = 65533", "replace_control_characters: bool = false"},
    .doc = "Strings of one encoding in another.", .shape = shapes::same, .stops_gradient = true,
};
NINEFOLD_REGISTER(unicode_transcode);
NINEFOLD_KERNEL(unicode_transcode, "CPU", (Kernel{[](KernelCtx& k) {
  const Encoding from = input_encoding(k), to = unicode::encoding_named(k.text("output_encoding"));
  const Policy p(k, true);
  for (int64_t i = 0, n = k.shape(0).size(); i < n; ++i) {
    std::string out;
    each_character(k, k.in<std::string>(0)[i], from, p, true, [&](int32_t code, int64_t) { unicode::append(out, code, to); });
    k.out<std::string>(0)[i] = std::move(out);
  }
}}));

// ---- script ----

const Op unicode_script = {
    .name = "UnicodeScript", .inputs = {"input: int32"}, .outputs = {"output: int32"}, .attrs = {},
    .doc = "ICU's number of each code point's script; -1 of what is no code point.", .shape = shapes::same, .stops_gradient = true,
};
NINEFOLD_REGISTER(unicode_script);
NINEFOLD_KERNEL(unicode_script, "CPU", (Kernel{[](KernelCtx& k) {
  for (int64_t i = 0, n = k.shape(0).size(); i < n; ++i) k.out<int32_t>(0)[i] = unicode::script(k.in<int32_t>(0)[i]);
}}));
const OpFunction strings_unicode_script("UnicodeScript", {"tf.strings.unicode_script"}, "(input: tensor, name: str = None)",
                                        "ICU's number of each code point's script (17: Han, 25: Latin, ...); -1 of what is no code point.");

// ---- the public functions ----

using ragged::concat, ragged::count_of, ragged::over_vectors, ragged::up_to;

struct Decoded {
  Value codes, starts;   // tensors of one string, ragged ones of several
};
Decoded decoded(Args& a, bool controls, bool offsets) {
  const NamedAttr attrs[] = {{"input_encoding", a.text("input_encoding")}, {"errors", a.text("errors")},
                             {"replacement_char", a.integer("replacement_char")},
                             {"replace_control_characters", controls && a.flag("replace_control_characters")}};
  const char* const name = offsets ? "UnicodeDecodeWithOffsets" : "UnicodeDecode";
  const Value input = Ragged::of(a["input"]) ? a["input"] : Value(ragged::numbers(a["input"]));
  const DType given = Ragged::of(input) ? Ragged::of(input)->dtype() : input.get<Tensor>()->dtype();
  check(given == DType::string, "cannot compute {0} as input #0(zero-based) was expected to be a string tensor but is a {1} tensor [Op:{0}]",
        name, short_name(given));
  Tensor starts;
  Decoded d;
  d.codes = over_vectors(input, [&](const Tensor& t) {
    const Tensors made = op_all(name, {&t, 1}, attrs);
    if (offsets) starts = made[2];
    return Ragged::from_row_splits(made[1], made[0], false);
  }, "Rank of `input` must be statically known.");
  const RaggedRef r = Ragged::of(d.codes);
  if (offsets) d.starts = r ? Ragged::value(r->with_flat_values(starts)) : Value(starts);
  return d;
}
// Each code point as a string of its own.
Value characters(Args& a, const Value& codes) {
  const RaggedRef r = Ragged::of(codes);
  const Tensor flat = r ? r->flat_values() : *codes.get<Tensor>();
  const Tensor ends = up_to(count_of(flat, DType::i64) + int_scalar(1, DType::i64));
  const Tensor out = op("UnicodeEncode", {flat, ends}, {{"output_encoding", a.text("input_encoding")}, {"errors", a.text("errors")},
                                                        {"replacement_char", a.integer("replacement_char")}});
  return r ? Ragged::value(r->with_flat_values(out)) : Value(out);
}

const Function strings_unicode_decode = {
    .names = {"tf.strings.unicode_decode"},
    .signature = "(input: tensor, input_encoding: str, errors: str = 'replace', replacement_char: int = 65533, "
                 "replace_control_characters: bool = False, name: str = None)",
    .doc = "The code points of each string as a ragged tensor of one more dimension; of a scalar as a vector. Bytes that are no "
           "character become `replacement_char`, are left out, or raise InvalidArgumentError, as `errors` says.",
    .body = [](Args& a) -> Value { return decoded(a, true, false).codes; }, .result = "value",
};
NINEFOLD_REGISTER(strings_unicode_decode);
const Function strings_unicode_decode_with_offsets = {
    .names = {"tf.strings.unicode_decode_with_offsets"},
    .signature = "(input: tensor, input_encoding: str, errors: str = 'replace', replacement_char: int = 65533, "
                 "replace_control_characters: bool = False, name: str = None)",
    .doc = "The code points of each string, and the byte at which each begins.",
    .body = [](Args& a) -> Value {
      Decoded d = decoded(a, true, true);
      return ValueList{std::move(d.codes), std::move(d.starts)};
    },
    .result = "value",
};
NINEFOLD_REGISTER(strings_unicode_decode_with_offsets);
const Function strings_unicode_split = {
    .names = {"tf.strings.unicode_split"},
    .signature = "(input: tensor, input_encoding: str, errors: str = 'replace', replacement_char: int = 65533, name: str = None)",
    .doc = "The characters of each string as strings, in a ragged tensor of one more dimension; of a scalar in a vector.",
    .body = [](Args& a) -> Value { return characters(a, decoded(a, false, false).codes); }, .result = "value",
};
NINEFOLD_REGISTER(strings_unicode_split);
const Function strings_unicode_split_with_offsets = {
    .names = {"tf.strings.unicode_split_with_offsets"},
    .signature = "(input: tensor, input_encoding: str, errors: str = 'replace', replacement_char: int = 65533, name: str = None)",
    .doc = "The characters of each string, and the byte at which each begins.",
    .body = [](Args& a) -> Value {
      Decoded d = decoded(a, false, true);
      Value chars = characters(a, d.codes);
      return ValueList{std::move(chars), std::move(d.starts)};
    },
    .result = "value",
};
NINEFOLD_REGISTER(strings_unicode_split_with_offsets);

struct Encode {
  std::string encoding, errors;
  int64_t instead;

  Tensor rows(const Tensor& values, const Tensor& splits) const {
    return op("UnicodeEncode", {values, splits}, {{"output_encoding", encoding}, {"errors", errors}, {"replacement_char", instead}});
  }
  Tensor dense(const Tensor& t) const {
    check(t.rank() > 0, Code::value, "input_tensor's rank must be at least 1.");
    if (t.rank() == 1) return op("Reshape", {rows(t, concat({int_vector({0}, DType::i64), op("Reshape", {count_of(t, DType::i64), int_vector({1})})})), int_vector({})});
    const Tensor flat = op("Reshape", {t, concat({int_vector({-1}), ragged::piece(shape_tensor(t), -1, {})})});
    const RaggedRef r = Ragged::from_tensor(flat);
    return op("Reshape", {rows(*r->values().get<Tensor>(), r->row_splits()), ragged::piece(shape_tensor(t), {}, -1)});
  }
  Value of(const Ragged& r) const {
    if (r.inner()) return Ragged::value(r.with_values(of(*r.inner())));
    const Tensor& flat = r.flat_values();
    if (flat.rank() > 1) return Ragged::value(r.with_flat_values(dense(flat)));
    return rows(flat, r.row_splits());
  }
};
const Function strings_unicode_encode = {
    .names = {"tf.strings.unicode_encode"},
    .signature = "(input: tensor, output_encoding: str, errors: str = 'replace', replacement_char: int = 65533, name: str = None)",
    .doc = "A string of the code points along the last dimension. What is no character becomes `replacement_char`, is left out, or "
           "raises InvalidArgumentError, as `errors` says.",
    .body = [](Args& a) -> Value {
      const Encode e{a.text("output_encoding"), a.text("errors"), a.integer("replacement_char")};
      if (const RaggedRef r = Ragged::of(a["input"])) return e.of(*r);
      const Tensor t = operand(a, "input");
      check(t.shape().known_rank(), Code::value, "Rank of input_tensor must be statically known.");
      return e.dense(t);
    },
    .result = "value",
};
NINEFOLD_REGISTER(strings_unicode_encode);
const Function strings_unicode_transcode = {
    .names = {"tf.strings.unicode_transcode"},
    .signature = "(input: tensor, input_encoding: str, output_encoding: str, errors: str = 'replace', replacement_char: int = 65533, "
                 "replace_control_characters: bool = False, name: str = None)",
    .doc = "Strings of one encoding in another: UTF-8, UTF-16-BE or UTF-32-BE.",
    .body = [](Args& a) -> Value {
      return op("UnicodeTranscode", {operand(a, "input", DType::string)},
                {{"input_encoding", a.text("input_encoding")}, {"output_encoding", a.text("output_encoding")}, {"errors", a.text("errors")},
                 {"replacement_char", a.integer("replacement_char")}, {"replace_control_characters", a.flag("replace_control_characters")}});
    },
};
NINEFOLD_REGISTER(strings_unicode_transcode);

}  // namespace
}  // namespace ninefold::ops
