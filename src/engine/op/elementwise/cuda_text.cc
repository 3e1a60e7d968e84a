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

struct Truth { std::string name; };
struct Text {
  std::string name;
  explicit Text(std::string n) : name(std::move(n)) {}
  template <class U>
    requires std::is_arithmetic_v<U>
  Text(U value) : name(fmt::format("T({:.17g})", static_cast<double>(value))) {}
#define NF_OPERATOR(op) \
  friend Text operator op(const Text& a, const Text& b) { return Text(emit("T", a.name + " " #op " " + b.name)); }
  NF_OPERATOR(+) NF_OPERATOR(-) NF_OPERATOR(*) NF_OPERATOR(/)
#undef NF_OPERATOR
  friend Text operator-(const Text& a) { return Text(emit("T", "-" + a.name)); }
#define NF_OPERATOR(op) \
  friend Truth operator op(const Text& a, const Text& b) { return {emit("bool", a.name + " " #op " " + b.name)}; }
  NF_OPERATOR(<) NF_OPERATOR(<=) NF_OPERATOR(>) NF_OPERATOR(>=) NF_OPERATOR(==) NF_OPERATOR(!=)
#undef NF_OPERATOR
  friend Text select(const Truth& c, const Text& a, const Text& b) {
    return Text(emit("T", c.name + " ? " + a.name + " : " + b.name));
  }
  // fmax would drop a NaN.
  friend Text max(const Text& a, const Text& b) { return select(a > b, a, select(a != a, a, b)); }
  friend Text min(const Text& a, const Text& b) { return select(a < b, a, select(a != a, a, b)); }
};
#define NF_OPERATOR(op) \
  Truth operator op(const Truth& a, const Truth& b) { return {emit("bool", a.name + " " #op " " + b.name)}; }
NF_OPERATOR(&) NF_OPERATOR(|) NF_OPERATOR(^)
#undef NF_OPERATOR

template <class U>
Text constant(const Text&, U value) { return Text(value); }

#define NF_UNARY(f) Text f(const Text& x) { return Text(emit("T", #f "(" + x.name + ")")); }
NF_UNARY(sqrt) NF_UNARY(ceil) NF_UNARY(floor) NF_UNARY(rint) NF_UNARY(exp) NF_UNARY(expm1) NF_UNARY(log)
NF_UNARY(log1p) NF_UNARY(sin) NF_UNARY(cos) NF_UNARY(tan) NF_UNARY(asin) NF_UNARY(acos) NF_UNARY(atan)
NF_UNARY(sinh) NF_UNARY(cosh) NF_UNARY(tanh) NF_UNARY(asinh) NF_UNARY(acosh) NF_UNARY(atanh) NF_UNARY(erf)
NF_UNARY(erfc) NF_UNARY(lgamma)
#undef NF_UNARY
#define NF_BINARY(f) \
  Text f(const Text& x, const Text& y) { return Text(emit("T", #f "(" + x.name + ", " + y.name + ")")); }
NF_BINARY(pow) NF_BINARY(fmod) NF_BINARY(atan2) NF_BINARY(nextafter)
#undef NF_BINARY
Text abs(const Text& x) { return Text(emit("T", "fabs(" + x.name + ")")); }
Truth isnan(const Text& x) { return x != x; }
Truth isinf(const Text& x) { return {emit("bool", "isinf(" + x.name + ")")}; }
Truth isfinite(const Text& x) { return {emit("bool", "isfinite(" + x.name + ")")}; }
Text sigmoid(const Text& x) {
  const Text e = exp(-abs(x));
  return select(x >= 0, Text(1), e) / (e + 1);
}
Text softplus(const Text& x) { return max(x, 0) + log1p(exp(-abs(x))); }

struct Record {
  std::string_view wanted;
  const char* type;
  std::string source;

  template <class Kinds, class F, class... Rest>
  void operator()(const char* name, const char*, Kinds, F body, Rest...) {
    if constexpr (Kinds::floats) {
      if (wanted != name) return;
      std::string lines;
      statements = &lines, count = 0;
      using First = std::conditional_t<Kinds::first_is_condition, Truth, Text>;
      const First a{std::string("in0[i]")};
      const Text b{std::string("in1[i]")}, c{std::string("in2[i]")};
      if constexpr (std::is_invocable_v<F, First>) finish(name, 1, Kinds::first_is_condition, lines, body(a));
      else if constexpr (std::is_invocable_v<F, First, Text>) finish(name, 2, Kinds::first_is_condition, lines, body(a, b));
      else finish(name, 3, Kinds::first_is_condition, lines, body(a, b, c));
      statements = nullptr;
    }
  }
  template <class R>
  void finish(const char* name, int operands, bool condition, const std::string& lines, const R& result) {
    std::string parameters;
    for (int i = 0; i < operands; ++i)
      parameters += fmt::format("const {}* in{}, ", i == 0 && condition ? "bool" : type, i);
    source = fmt::format(
        "extern \"C\" __global__ void {}_{}({}{}* out, long long n) {{\n  typedef {} T;\n"
        "  const long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;\n  if (i >= n) return;\n"
        "{}  out[i] = {};\n}}\n",
        name, type, parameters, std::is_same_v<R, Truth> ? "bool" : type, type, lines, result.name);
  }
};

}  // namespace text

std::string cuda_source(std::string_view op, int dtype) {
  if (dtype != dt_float && dtype != dt_double) return {};
  text::Record record{op, dtype == dt_float ? "float" : "double", {}};
#define NINEFOLD_RECORD(family) family(record);
  NINEFOLD_FAMILIES(NINEFOLD_RECORD)
#undef NINEFOLD_RECORD
  return record.source;
}

}  // namespace ninefold::elementwise
