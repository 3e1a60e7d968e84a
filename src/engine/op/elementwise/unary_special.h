// In: an op visitor. Out: one line for each exponential, circular or special function of one operand.
#pragma once

#include "engine/op/elementwise/spec.h"

namespace ninefold::elementwise {

template <class Op>
void unary_special(Op&& op) {
  op("Exp", "e^x", float_or_complex, [](auto x) { return exp(x); });
  op("Expm1", "e^x - 1", floats, [](auto x) { return expm1(x); });
  op("Expm1", "e^x - 1", complexes, [](auto x) { return exp(x) - 1; });
  op("Log", "natural logarithm", float_or_complex, [](auto x) { return log(x); });
  op("Log1p", "log(1 + x)", floats, [](auto x) { return log1p(x); });
  op("Log1p", "log(1 + x)", complexes, [](auto x) { return log(x + 1); });
  constexpr auto huge = [](auto x) { return abs(x) > 0x1p29; };
  op("Sin", "sine", floats, [](auto x) { return sin(x); }, rare(huge, [](auto x) { return exact_sin(x); }));
  op("Cos", "cosine", floats, [](auto x) { return cos(x); }, rare(huge, [](auto x) { return exact_cos(x); }));
  op("Sin", "sine", complexes, [](auto x) { return sin(x); });
  op("Cos", "cosine", complexes, [](auto x) { return cos(x); });
  op("Tan", "tangent", float_or_complex, [](auto x) { return tan(x); });
  op("Asin", "arc sine", float_or_complex, [](auto x) { return asin(x); });
  op("Acos", "arc cosine", float_or_complex, [](auto x) { return acos(x); });
  op("Atan", "arc tangent", float_or_complex, [](auto x) { return atan(x); });
  op("Sinh", "hyperbolic sine", float_or_complex, [](auto x) { return sinh(x); });
  op("Cosh", "hyperbolic cosine", float_or_complex, [](auto x) { return cosh(x); });
  op("Asinh", "inverse hyperbolic sine", float_or_complex, [](auto x) { return asinh(x); });
  op("Acosh", "inverse hyperbolic cosine", float_or_complex, [](auto x) { return acosh(x); });
  op("Atanh", "inverse hyperbolic tangent", float_or_complex, [](auto x) { return atanh(x); });
  op("Erf", "2/sqrt(pi) int_0^x e^-t^2", floats, [](auto x) { return erf(x); });
  op("Erfc", "1 - erf(x)", floats, [](auto x) { return erfc(x); });
  op("Lgamma", "log |gamma(x)|", floats, [](auto x) { return lgamma(x); });
}

}  // namespace ninefold::elementwise
