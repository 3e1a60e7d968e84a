// In: the family files, called with a type that records. Out: CUDA statements, one an operation.
#include "engine/op/elementwise/cuda_text.h"

#include <fmt/format.h>

#include <type_traits>

#include "engine/op/elementwise/activations.h"
#include "engine/op/elementwise/binary_math.h"
#include "engine/op/elementwise/bitwise.h"
#include "engine/op/elementwise/compare.h"
#include "engine/op/elementwise/families.h"
#include "engine/op/elementwise/unary_math.h"
#include "engine/op/elementwise/unary_special.h"

namespace ninefold::elementwise {
namespace text {

// The statements so far; a recording is made on one thread, between two calls of nothing else.
thread_local std::string* statements = nullptr;
thread_local int count = 0;

std::string emit(const char* type, const std::string& expression) {
  std::string name = fmt::format("v{}", count++);
  *statements += fmt::format("  const {} {} = {};\n", type, name, expression);
  return name;
}

// Integers wrap, and arithmetic of CUDA's does not promise to: it goes through functions (ops/elementwise.cuh).
thread_local bool integer = false;
// Complex numbers have a few functions of their own (ops/complex.cuh), as they have in TensorFlow's GPU kernels; an
// expression with another is not written for them.
thread_local bool complex = false, lacking = false;
void ask(std::string_view function) { lacking = lacking || (complex && function != "sqrt" && function != "exp" && function != "log"); }
std::string call(const char* f, const std::string& a, const std::string& b) { return fmt::format("{}({}, {})", f, a, b); }

struct Truth { std::string name; };
struct Text {
  std::string name;
  explicit Text(std::string n) : name(std::move(n)) {}
  template <class U>
    requires std::is_arithmetic_v<U>
  Text(U value) : name(fmt::format("T({:.17g})", static_cast<double>(value))) {}
#define NF_OPERATOR(op, wraps)                                                                              \
  friend Text operator op(const Text& a, const Text& b) {                                                   \
    return Text(emit("T", integer ? call(#wraps, a.name, b.name) : a.name + " " #op " " + b.name));         \
  }
  NF_OPERATOR(+, wrap_add) NF_OPERATOR(-, wrap_sub) NF_OPERATOR(*, wrap_mul) NF_OPERATOR(/, trunc_div)
#undef NF_OPERATOR
  friend Text operator-(const Text& a) { return Text(emit("T", integer ? call("wrap_sub", "T(0)", a.name) : "-" + a.name)); }
#define NF_OPERATOR(op) \
  friend Truth operator op(const Text& a, const Text& b) { return {emit("bool", a.name + " " #op " " + b.name)}; }
  NF_OPERATOR(<) NF_OPERATOR(<=) NF_OPERATOR(>) NF_OPERATOR(>=) NF_OPERATOR(==) NF_OPERATOR(!=)
#undef NF_OPERATOR
#define NF_OPERATOR(op) \
  friend Text operator op(const Text& a, const Text& b) { return Text(emit("T", a.name + " " #op " " + b.name)); }
  NF_OPERATOR(&) NF_OPERATOR(|) NF_OPERATOR(^)
#undef NF_OPERATOR
  friend Text operator~(const Text& a) { return Text(emit("T", "~" + a.name)); }
  friend Text select(const Truth& c, const Text& a, const Text& b) {
    return Text(emit("T", c.name + " ? " + a.name + " : " + b.name));
  }
  // fmax would drop a NaN.
  friend Text max(const Text& a, const Text& b) { return integer ? select(a > b, a, b) : select(a > b, a, select(a != a, a, b)); }
  friend Text min(const Text& a, const Text& b) { return integer ? select(a < b, a, b) : select(a < b, a, select(a != a, a, b)); }
};
#define NF_OPERATOR(op) \
  Truth operator op(const Truth& a, const Truth& b) { return {emit("bool", a.name + " " #op " " + b.name)}; }
NF_OPERATOR(&) NF_OPERATOR(|) NF_OPERATOR(^) NF_OPERATOR(==) NF_OPERATOR(!=)
#undef NF_OPERATOR
Truth operator!(const Truth& a) { return {emit("bool", "!" + a.name)}; }
Truth select(const Truth& c, const Truth& a, const Truth& b) { return {emit("bool", c.name + " ? " + a.name + " : " + b.name)}; }

template <class U>
Text constant(const Text&, U value) { return Text(value); }

#define NF_UNARY(f) Text f(const Text& x) { return ask(#f), Text(emit("T", #f "(" + x.name + ")")); }
NF_UNARY(sqrt) NF_UNARY(ceil) NF_UNARY(floor) NF_UNARY(exp) NF_UNARY(expm1) NF_UNARY(log)
NF_UNARY(log1p) NF_UNARY(sin) NF_UNARY(cos) NF_UNARY(tan) NF_UNARY(asin) NF_UNARY(acos) NF_UNARY(atan)
NF_UNARY(sinh) NF_UNARY(cosh) NF_UNARY(tanh) NF_UNARY(asinh) NF_UNARY(acosh) NF_UNARY(atanh) NF_UNARY(erf)
NF_UNARY(erfc) NF_UNARY(lgamma)
#undef NF_UNARY
#define NF_BINARY(f) \
  Text f(const Text& x, const Text& y) { return ask(#f), Text(emit("T", #f "(" + x.name + ", " + y.name + ")")); }
NF_BINARY(pow) NF_BINARY(fmod) NF_BINARY(atan2) NF_BINARY(nextafter) NF_BINARY(trunc_div) NF_BINARY(trunc_mod)
NF_BINARY(floor_div) NF_BINARY(floor_mod) NF_BINARY(int_pow) NF_BINARY(shift_left) NF_BINARY(shift_right)
#undef NF_BINARY
#define NF_COMPLEX(f, type) Text f(const Text& x) { return Text(emit(type, #f "(" + x.name + ")")); }
NF_COMPLEX(conj, "T") NF_COMPLEX(sign, "T") NF_COMPLEX(real, "T::Part") NF_COMPLEX(imag, "T::Part") NF_COMPLEX(angle, "T::Part")
#undef NF_COMPLEX
Text abs(const Text& x) {
  return complex ? Text(emit("T::Part", "abs(" + x.name + ")")) : Text(emit("T", (integer ? "int_abs(" : "fabs(") + x.name + ")"));
}
Text rint(const Text& x) { return integer ? x : Text(emit("T", "rint(" + x.name + ")")); }
Truth isnan(const Text& x) { return x != x; }
Truth isinf(const Text& x) { return {emit("bool", "fabs(" + x.name + ") == infinity<T>()")}; }
Truth isfinite(const Text& x) { return {emit("bool", "fabs(" + x.name + ") < infinity<T>()")}; }
Text sigmoid(const Text& x) {
  const Text e = exp(-abs(x));
  return select(x >= 0, Text(1), e) / (e + 1);
}
Text softplus(const Text& x) { return max(x, 0) + log1p(exp(-abs(x))); }

// The types that kernels compute in; others are converted as they are loaded and stored.
struct Form { int dtype; const char *type, *name; bool real, integer, complex = false; };
constexpr Form forms[] = {
    {dt_float, "float", "float", true, false},          {dt_double, "double", "double", true, false},
    {dt_int32, "int", "int32", false, true},            {dt_int64, "long long", "int64", false, true},
    {dt_uint64, "unsigned long long", "uint64", false, true}, {dt_bool, "bool", "bool", false, false},
    {dt_complex64, "Complex<float>", "complex64", false, false, true}, {dt_complex128, "Complex<double>", "complex128", false, false, true}};

std::string indented(const std::string& lines) {
  std::string out;
  for (size_t from = 0; from < lines.size();) {
    const size_t end = lines.find('\n', from) + 1;
    out += "  " + lines.substr(from, end - from);
    from = end;
  }
  return out;
}

// An op's statements over operands x0, x1, x2; `result` is the last one's name.
struct Statements { std::string lines, result; int operands = 0; bool condition = false, truth = false; };

struct Record {
  std::string_view wanted;
  const Form& form;
  std::string source;
  Statements last;

  template <class Kinds, class F, class... Rest>
  void operator()(const char* name, const char*, Kinds, F body, Rest...) {
    if (!wanted.empty() && wanted != name) return;
    if constexpr (Kinds::floats || Kinds::ints) {
      if ((form.real && Kinds::floats) || (form.integer && Kinds::ints)) write<Text, Kinds::first_is_condition>(name, body);
    }
    if constexpr (Kinds::complexes) {
      if (form.complex) write<Text, Kinds::first_is_condition>(name, body);
    }
    if constexpr (Kinds::bools) {
      if (form.dtype == dt_bool) write<Truth, Kinds::first_is_condition>(name, body);
    }
  }
  template <class Operand, bool condition, class F>
  void write(const char* name, F body) {
    std::string lines;
    statements = &lines, count = 0, integer = form.integer, complex = form.complex, lacking = false;
    using First = std::conditional_t<condition, Truth, Operand>;
    const First a{std::string("x0")};
    const Operand b{std::string("x1")}, c{std::string("x2")};
    if constexpr (std::is_invocable_v<F, First>) finish(name, 1, condition, lines, body(a));
    else if constexpr (std::is_invocable_v<F, First, Operand>) finish(name, 2, condition, lines, body(a, b));
    else finish(name, 3, condition, lines, body(a, b, c));
    statements = nullptr;
  }
  template <class R>
  void finish(const char* name, int operands, bool condition, const std::string& lines, const R& result) {
    if (lacking) return;
    last = {lines, result.name, operands, condition, std::is_same_v<R, Truth>};
    std::string loads;
    for (int i = 0; i < operands; ++i) {
      const char* type = i == 0 && condition ? "bool" : "T";
      loads += fmt::format("    const {0} x{1} = load<{0}>(p, {1}, at.in[{1}]);\n", type, i);
    }
    source += fmt::format(
        "NF_KERNEL({}_{}, Elementwise) {{\n  typedef {} T;\n"
        "  for (int64_t i = nf_thread(); i < p.elements; i += nf_threads()) {{\n"
        "    const Places<{}> at(p, i);\n{}{}    store(p, i, {});\n  }}\n}}\n",
        name, form.name, form.type, operands, loads, indented(lines), result.name);
  }
};

const Form* form_of(int dtype) {
  for (const Form& f : forms)
    if (f.dtype == dtype) return &f;
  return nullptr;
}

Statements statements_of(std::string_view op, int dtype) {
  const Form* form = form_of(cuda_compute_dtype(dtype));
  if (!form || op.empty()) return {};
  Record record{op, *form, {}, {}};
#define NINEFOLD_RECORD(family) family(record);
  NINEFOLD_FAMILIES(NINEFOLD_RECORD)
#undef NINEFOLD_RECORD
  // Counts of shifts are clamped by the result's dtype, which a launch of one op tells.
  if (record.last.lines.find("shift_") != std::string::npos) return {};
  return record.last;
}

// Where element i of an input lies.
const char* place_of(Layout layout) {
  switch (layout) {
    case Layout::full: return "i";
    case Layout::row: return "column_of(p, i)";
    case Layout::column: return "row_of(p, i)";
    default: return "0";
  }
}

// A value of a narrow dtype is what memory would have held.
std::string as_stored(int dtype, const std::string& value) {
  if (dtype == dt_half) return "float_of_half(half_of_float(" + value + "))";
  if (dtype == dt_bfloat16) return "float_of_bfloat16(bfloat16_of_float(" + value + "))";
  return value;
}

}  // namespace text

bool cuda_chains(std::string_view op, int dtype) {
  const bool whole = dtype == dt_half || dtype == dt_bfloat16 || cuda_compute_dtype(dtype) == dtype;
  const text::Form* form = text::form_of(cuda_compute_dtype(dtype));
  return whole && form && !form->complex && (op == "Cast" || text::statements_of(op, dtype).operands > 0);
}

std::string cuda_source(const CudaChain& chain) {
  std::string lines;
  std::vector<const char*> types;
  for (size_t k = 0; k < chain.inputs.size(); ++k) {
    const CudaChain::Input& in = chain.inputs[k];
    types.push_back(text::form_of(cuda_compute_dtype(in.dtype))->type);
    const std::string from = in.layout == Layout::scalar ? fmt::format("scalar_of(p, {})", k) : fmt::format("p.in[{}]", k);
    lines += fmt::format("    const {0} r{1} = load_as<{0}>({2}, {3}, {4});\n", types.back(), k, from, text::place_of(in.layout), in.dtype);
  }
  for (const CudaChain::Step& step : chain.steps) {
    const size_t made = types.size();
    types.push_back(text::form_of(cuda_compute_dtype(step.to))->type);
    if (step.op == "Cast") {
      lines += fmt::format("    const {0} r{1} = {2};\n", types.back(), made,
                           text::as_stored(step.to, fmt::format("static_cast<{}>(r{})", types.back(), step.operands[0])));
      continue;
    }
    const text::Statements body = text::statements_of(step.op, step.dtype);
    lines += fmt::format("    {} r{};\n    {{\n      typedef {} T;\n", types.back(), made, text::form_of(cuda_compute_dtype(step.dtype))->type);
    for (int i = 0; i < body.operands; ++i)
      lines += fmt::format("      const {} x{} = r{};\n", i == 0 && body.condition ? "bool" : "T", i, step.operands[static_cast<size_t>(i)]);
    lines += text::indented(text::indented(body.lines)) +
             fmt::format("      r{} = {};\n    }}\n", made, text::as_stored(step.to, body.result));
  }
  for (size_t k = 0; k < chain.outputs.size(); ++k) {
    const auto reg = static_cast<size_t>(chain.outputs[k]);
    const int dtype = reg < chain.inputs.size() ? chain.inputs[reg].dtype : chain.steps[reg - chain.inputs.size()].to;
    lines += fmt::format("    store_as<{}>(p.out[{}], i, {}, r{});\n", types[reg], k, dtype, reg);
  }
  return "#include \"engine/ops/fused.cuh\"\n\nNF_KERNEL(fused, Fused) {\n"
         "  for (int64_t i = nf_thread(); i < p.elements; i += nf_threads()) {\n" + lines + "  }\n}\n";
}

std::string cuda_source(std::string_view op, int dtype) {
  const text::Form* form = text::form_of(dtype);
  if (!form || op.empty()) return {};
  text::Record record{op, *form, {}, {}};
#define NINEFOLD_RECORD(family) family(record);
  NINEFOLD_FAMILIES(NINEFOLD_RECORD)
#undef NINEFOLD_RECORD
  return record.source;
}

std::vector<CudaFile> cuda_files() {
  std::vector<CudaFile> files;
  for (const text::Form& form : text::forms) {   // what there is of complex numbers fits into one file
    if (!form.complex) continue;
    text::Record record{{}, form, {}, {}};
#define NINEFOLD_RECORD(family) family(record);
    NINEFOLD_FAMILIES(NINEFOLD_RECORD)
#undef NINEFOLD_RECORD
    files.push_back({form.name, record.source});
  }
#define NINEFOLD_RECORD(family)                                                              \
  for (const text::Form& form : text::forms) {                                               \
    if (form.complex) continue;                                                              \
    text::Record record{{}, form, {}, {}};                                                   \
    family(record);                                                                          \
    if (!record.source.empty()) files.push_back({std::string(#family "_") + form.name, record.source}); \
  }
  NINEFOLD_FAMILIES(NINEFOLD_RECORD)
#undef NINEFOLD_RECORD
  return files;
}

std::string cuda_kernel(std::string_view op, int dtype) {
  const text::Form* form = text::form_of(cuda_compute_dtype(dtype));
  return fmt::format("{}_{}", op, form ? form->name : "none");
}

int cuda_compute_dtype(int dtype) {
  switch (dtype) {
    case dt_half: case dt_bfloat16: return dt_float;
    case dt_int8: case dt_uint8: case dt_int16: case dt_uint16: return dt_int32;
    case dt_uint32: return dt_int64;
    default: return text::form_of(dtype) ? dtype : 0;
  }
}

}  // namespace ninefold::elementwise
