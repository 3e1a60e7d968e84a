// In: tensors and conditions. Out: text to the program's sink, an error where a condition fails, the time.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "base/check.h"
#include "base/log.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/operands.h"
#include "engine/ops/text_format.h"

namespace ninefold::ops {
namespace {

// `stream` is "stdout", "stderr", "log(info)", "log(warning)", "log(error)" or "file://path".
void print_text(std::string_view stream, std::string_view text) {
  if (stream.starts_with("file://")) {
    const std::string path(stream.substr(7));
    std::FILE* f = std::fopen(path.c_str(), "a");
    check(f, Code::not_found, "PrintV2: cannot open {} to append to it", path);
    std::fwrite(text.data(), 1, text.size(), f);
    std::fclose(f);
    return;
  }
  printed_text(stream == "stdout", text);
}

// ---- StringFormat ----

const Op string_format = {
    .name = "StringFormat", .inputs = {"inputs: T"}, .outputs = {"output: string"},
    .attrs = {"T: list(type) >= 0", "template: string = \"%s\"", "placeholder: string = \"%s\"", "summarize: int = 3"},
    .doc = "The template with each placeholder replaced by the text of a tensor.", .shape = shapes::scalar,
    .stops_gradient = true,
};
NINEFOLD_REGISTER(string_format);
void format_cpu(KernelCtx& k) {
  const std::string& form = k.text("template");
  const std::string& placeholder = k.text("placeholder");
  std::string out;
  size_t at = 0;
  for (int i = 0; i < k.num_inputs(); ++i) {
    const size_t next = form.find(placeholder, at);
    k.check(next != std::string::npos, "num placeholders in template and num inputs must match: {} vs. {}", i, k.num_inputs());
    out.append(form, at, next - at);
    out += summarized(k.in(i), k.integer("summarize"));
    at = next + placeholder.size();
  }
  out.append(form, at);
  *k.out<std::string>(0) = out;
}
NINEFOLD_KERNEL(string_format, "CPU", Kernel{format_cpu});

size_t count_of(const std::string& text, const std::string& what) {
  size_t n = 0;
  for (size_t at = text.find(what); at != std::string::npos && !what.empty(); at = text.find(what, at + what.size())) ++n;
  return n;
}
Tensor formatted(const std::string& form, const Tensors& inputs, const std::string& placeholder, int64_t summarize) {
  const NamedAttr attrs[] = {{"template", form}, {"placeholder", placeholder}, {"summarize", summarize}};
  return op_all("StringFormat", inputs, attrs).at(0);
}
const Function strings_format = {
    .names = {"tf.strings.format"},
    .signature = "(template: str, inputs: value, placeholder: str = '{}', summarize: int = 3, name: str = None)",
    .doc = "The template with each placeholder replaced by the text of a tensor.",
    .body = [](Args& a) -> Value {
      Tensors inputs;
      if (is_tensor(a["inputs"])) {
        inputs = {a.tensor("inputs")};
      } else {
        const ValueList* list = a["inputs"].get<ValueList>();
        check(list, Code::type, "tf.strings.format: `inputs` must be a tensor or a list of tensors");
        for (const Value& v : *list) inputs.push_back(to_tensor(v));
      }
      const std::string form = a.text("template"), placeholder = a.text("placeholder");
      const size_t n = count_of(form, placeholder);
      check(n == inputs.size(), Code::value,
            "The template expects {} tensors, but the inputs only has {}. Please ensure the number of placeholders in template "
            "matches inputs length.", n, inputs.size());
      return formatted(form, inputs, placeholder, a.integer("summarize"));
    },
};
NINEFOLD_REGISTER(strings_format);

// ---- PrintV2 and tf.print ----

const Op print_v2 = {
    .name = "PrintV2", .inputs = {"input: string"}, .outputs = {},
    .attrs = {"output_stream: string = \"stderr\"", "end: string = \"\n\""},
    .doc = "Prints a string.",
    .shape = [](ShapeCtx& c) { c.check(c.shape(0).rank() <= 0, "Input is expected to be scalar, but got {}", c.shape(0).str()); },
    .effect = Effect::world, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(print_v2);
NINEFOLD_KERNEL(print_v2, "CPU", (Kernel{[](KernelCtx& k) {
  const std::string& stream = k.text("output_stream");
  const bool known = stream == "stdout" || stream == "stderr" || stream.starts_with("log(") || stream.starts_with("file://");
  k.check(known, "Unknown output stream: {}, \"stderr\", \"stdout\", \"log(info)\", \"log(warning)\", \"log(error)\" or "
          "\"file://\" followed by a path are expected", stream);
  print_text(stream, *k.in<std::string>(0) + k.text("end"));
}}));

// Python's text of a value; a tensor leaves a placeholder and joins `tensors`.
std::string python_text(const Value& v, const std::string& placeholder, Tensors& tensors) {
  if (is_tensor(v)) {
    tensors.push_back(to_tensor(v));
    return placeholder;
  }
  if (const bool* b = v.get<bool>()) return *b ? "True" : "False";
  if (const int64_t* i = v.get<int64_t>()) return std::to_string(*i);
  if (const double* d = v.get<double>()) {
    std::string s = fmt::format("{}", *d);
    return std::isfinite(*d) && s.find_first_of(".e") == std::string::npos ? s + ".0" : s;
  }
  if (const std::string* s = v.get<std::string>()) {
    const char quote = s->find('\'') != std::string::npos && s->find('"') == std::string::npos ? '"' : '\'';
    return quote + *s + quote;
  }
  if (const DType* d = v.get<DType>()) return "tf." + std::string(name_of(*d));
  if (const Shape* s = v.get<Shape>()) {
    const std::string dims = s->tuple();   // "(2,)" -> "TensorShape([2])"
    return s->known_rank() ? "TensorShape([" + dims.substr(1, dims.size() - (s->rank() == 1 ? 3 : 2)) + "])" : "TensorShape(None)";
  }
  if (const ValueList* list = v.get<ValueList>()) {
    std::string all;
    for (const Value& item : *list) all += (all.empty() ? "" : ", ") + python_text(item, placeholder, tensors);
    return "[" + all + "]";
  }
  if (const ValueDict* dict = v.get<ValueDict>()) {
    std::vector<const Entry*> sorted;
    for (const Entry& e : *dict) sorted.push_back(&e);
    std::sort(sorted.begin(), sorted.end(), [](const Entry* a, const Entry* b) { return a->key < b->key; });
    std::string all;
    for (const Entry* e : sorted) all += (all.empty() ? "'" : ", '") + e->key + "': " + python_text(e->value, placeholder, tensors);
    return "{" + all + "}";
  }
  if (const auto* f = v.get<std::shared_ptr<Foreign>>()) return (*f)->describe();
  return "None";
}
const Function print = {
    .names = {"tf.print"},
    .signature = "(*inputs: values, output_stream: value = None, summarize: int = 3, sep: str = ' ', end: str = '\n', name: str = None)",
    .doc = "Prints tensors and Python values, tensors with the first and the last `summarize` elements of every axis.",
    .body = [](Args& a) -> Value {
      const ValueList& inputs = *a["inputs"].get<ValueList>();
      const std::string* named = a["output_stream"].get<std::string>();
      const std::string stream = named ? *named : "stderr", sep = a.text("sep");
      Tensor text;
      if (inputs.size() == 1 && is_tensor(inputs[0])) {
        const Tensor t = to_tensor(inputs[0]);
        if (t.dtype() == DType::string && t.rank() == 0) text = t;
      }
      if (!text.defined()) {
        Tensors tensors;
        std::string form, placeholder = "{}";
        // No text may look like a placeholder.
        for (int round = 0;; ++round) {
          tensors.clear(), form.clear();
          for (const Value& v : inputs)
            form += (&v == inputs.data() ? "" : sep) + (v.get<std::string>() ? *v.get<std::string>() : python_text(v, placeholder, tensors));
          if (count_of(form, placeholder) == tensors.size()) break;
          placeholder = "{" + std::to_string(round) + "}";
        }
        text = formatted(form, tensors, placeholder, a.integer("summarize"));
      }
      const NamedAttr attrs[] = {{"output_stream", stream}, {"end", a.text("end")}};
      op_all("PrintV2", {&text, 1}, attrs);
      return {};
    },
    .result = "value",
};
NINEFOLD_REGISTER(print);

// ---- Assert ----

const Op assert_op = {
    .name = "Assert", .inputs = {"condition: bool", "data: T"}, .outputs = {}, .attrs = {"T: list(type) >= 1", "summarize: int = 3"},
    .doc = "Raises InvalidArgumentError with the data if the condition does not hold.",
    .shape = [](ShapeCtx& c) { c.check(c.shape(0).rank() <= 0, "condition should be a scalar, got shape {}", c.shape(0).str()); },
    .effect = Effect::world, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(assert_op);
NINEFOLD_KERNEL(assert_op, "CPU", (Kernel{[](KernelCtx& k) {
  if (*k.in<bool>(0)) return;
  std::string data;
  for (int i = 1; i < k.num_inputs(); ++i) data += " [" + first_elements(k.in(i), k.integer("summarize")) + "]";
  k.raise("assertion failed:" + data);
}}));

// ---- CheckNumerics ----

#define CHECKS(record, op_name, signs)                                                                                        \
  const Op record = {                                                                                                  \
      .name = op_name, .inputs = {"tensor: T"}, .outputs = {"output: T"},                                              \
      .attrs = {"T: {bfloat16, half, float, double}", "message: string"},                                              \
      .doc = "The same tensor; raises InvalidArgumentError if an element is infinite or NaN.", .shape = shapes::same,  \
      .grad = [](GradCtx& g) { g.to(0, g.dy()); }, .effect = Effect::world, .foldable = false, .grad_reads = {},       \
  };                                                                                                                   \
  NINEFOLD_REGISTER(record);                                                                                           \
  NINEFOLD_KERNEL(record, "CPU", Kernel{check_numerics_cpu<signs>})
// `signs`: the second version tells infinities apart.
template <bool signs>
void check_numerics_cpu(KernelCtx& k) {
  bool nan = false, inf = false, negative = false;
  for (int64_t i = 0; i < k.shape(0).size(); ++i) {
    const double v = k.in(0).float_at(i);
    nan = nan || std::isnan(v);
    inf = inf || (std::isinf(v) && (v > 0 || !signs));
    negative = negative || (signs && std::isinf(v) && v < 0);
  }
  std::string found;
  for (const auto& [is, name] : {std::pair{negative, "-Inf"}, {inf, signs ? "+Inf" : "Inf"}, {nan, "NaN"}})
    if (is) found += (found.empty() ? "" : ", ") + std::string(name);
  if (const size_t last = found.rfind(", "); last != std::string::npos) found.replace(last, 2, negative && inf && nan ? ", and " : " and ");
  k.check(found.empty(), "{} : Tensor had {} values", k.text("message"), found);
  std::memcpy(k.out<char>(0), k.in<char>(0), k.in(0).bytes());
}
CHECKS(check_numerics, "CheckNumerics", false);
CHECKS(check_numerics_v2, "CheckNumericsV2", true);
#undef CHECKS

const Function check_numerics_function = {
    .names = {"tf.debugging.check_numerics"}, .signature = "(tensor: tensor, message: str, name: str = None)",
    .doc = "The same tensor; raises InvalidArgumentError with the message if an element is infinite or NaN.",
    .body = [](Args& a) -> Value { return op("CheckNumerics", {operand(a, "tensor")}, {{"message", a.text("message")}}); },
};
NINEFOLD_REGISTER(check_numerics_function);
const Function assert_all_finite = {
    .names = {"tf.debugging.assert_all_finite"}, .signature = "(x: tensor, message: str, name: str = None)",
    .doc = "The same tensor; raises InvalidArgumentError with the message if an element is infinite or NaN.",
    .body = [](Args& a) -> Value { return op("CheckNumerics", {operand(a, "x")}, {{"message", a.text("message")}}); },
};
NINEFOLD_REGISTER(assert_all_finite);

// ---- Timestamp ----

const Op timestamp = {
    .name = "Timestamp", .inputs = {}, .outputs = {"ts: double"}, .attrs = {}, .doc = "Seconds since 1970, as a float64.",
    .shape = shapes::scalar, .effect = Effect::world, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(timestamp);
NINEFOLD_KERNEL(timestamp, "CPU", (Kernel{[](KernelCtx& k) {
  using namespace std::chrono;
  *k.out<double>(0) = duration<double>(system_clock::now().time_since_epoch()).count();
}}));
const Function timestamp_function = {
    .names = {"tf.timestamp"}, .signature = "(name: str = None)", .doc = "Seconds since 1970, as a float64.",
    .body = [](Args&) -> Value { return op("Timestamp", {}); },
};
NINEFOLD_REGISTER(timestamp_function);

}  // namespace
}  // namespace ninefold::ops
