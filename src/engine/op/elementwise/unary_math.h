// In: an op visitor. Out: one line for each arithmetic function of one operand.
#pragma once

#include "engine/op/elementwise/spec.h"

namespace ninefold::elementwise {

template <class Op>
void unary_math(Op&& op) {
  op("Abs", "|x|", reals, [](auto x) { return abs(x); });
  op("ComplexAbs", "sqrt(re^2 + im^2)", complexes, [](auto x) { return abs(x); });
  op("Neg", "-x", numbers, [](auto x) { return -x; });
  op("Sign", "-1, 0 or 1", reals, [](auto x) {
    return select(x > 0, constant(x, 1), select(x < 0, constant(x, -1), select(x == 0, constant(x, 0), x)));
  });
  op("Sign", "x / |x|, 0 where x is 0", complexes, [](auto x) { return sign(x); });
  op("Square", "x * x", numbers, [](auto x) { return x * x; });
  op("Sqrt", "square root", float_or_complex, [](auto x) { return sqrt(x); });
  op("Rsqrt", "1 / sqrt(x)", float_or_complex, [](auto x) { return 1 / sqrt(x); });
  op("Reciprocal", "1 / x", float_or_complex, [](auto x) { return 1 / x; });
  op("Inv", "1 / x", float_or_complex, [](auto x) { return 1 / x; });
  op("Ceil", "smallest integer >= x", floats, [](auto x) { return ceil(x); });
  op("Floor", "largest integer <= x", floats, [](auto x) { return floor(x); });
  op("Rint", "nearest integer, ties to even", floats, [](auto x) { return rint(x); });
  op("Round", "nearest integer, ties to even", reals, [](auto x) { return rint(x); });
  op("IsNan", "x is no number", floats, [](auto x) { return isnan(x); });
  op("IsInf", "x is infinite", floats, [](auto x) { return isinf(x); });
  op("IsFinite", "x is neither infinite nor NaN", floats, [](auto x) { return isfinite(x); });
  op("Conj", "re - i im", complexes, [](auto x) { return conj(x); });
  op("Real", "real part", complexes, [](auto x) { return real(x); });
  op("Imag", "imaginary part", complexes, [](auto x) { return imag(x); });
  op("Angle", "atan2(im, re)", complexes, [](auto x) { return angle(x); });
  op("SqrtGrad", "dy / (2 y)", floats, [](auto y, auto dy) {
    return select(dy == 0, constant(y, 0), dy * 0.5 / y);
  });
  op("SqrtGrad", "dy / (2 conj(y))", complexes, [](auto y, auto dy) {
    return select(dy == 0, constant(y, 0), dy * 0.5 / conj(y));
  });
  op("RsqrtGrad", "-dy y^3 / 2", floats, [](auto y, auto dy) { return dy * y * -0.5 * (y * y); });
  op("RsqrtGrad", "-dy conj(y)^3 / 2", complexes, [](auto y, auto dy) {
    const auto c = conj(y);
    return dy * c * -0.5 * (c * c);
  });
  op("ReciprocalGrad", "-dy y^2", floats, [](auto y, auto dy) { return -dy * (y * y); });
  op("ReciprocalGrad", "-dy conj(y)^2", complexes, [](auto y, auto dy) { return -dy * (conj(y) * conj(y)); });
  op("InvGrad", "-dy y^2", floats, [](auto y, auto dy) { return -dy * (y * y); });
  op("InvGrad", "-dy conj(y)^2", complexes, [](auto y, auto dy) { return -dy * (conj(y) * conj(y)); });
}

}  // namespace ninefold::elementwise
