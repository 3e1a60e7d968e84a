// In: an op visitor. Out: one line for each arithmetic function of two or three operands.
#pragma once

#include "engine/op/elementwise/spec.h"

namespace ninefold::elementwise {

inline constexpr const char* zero_divisor = "Integer division by zero";

template <class Op>
void binary_math(Op&& op) {
  constexpr auto by_zero = [](auto, auto y) { return y == 0; };
  op("Add", "x + y", numbers, [](auto x, auto y) { return x + y; });
  op("AddV2", "x + y", numbers, [](auto x, auto y) { return x + y; });
  op("Sub", "x - y", numbers, [](auto x, auto y) { return x - y; });
  op("Mul", "x * y", numbers, [](auto x, auto y) { return x * y; });
  op("BiasAdd", "value + bias", numbers, [](auto value, auto bias) { return value + bias; });
  op("Maximum", "the larger; NaN if either is", reals, [](auto x, auto y) { return max(x, y); });
  op("Minimum", "the smaller; NaN if either is", reals, [](auto x, auto y) { return min(x, y); });
  op("SquaredDifference", "(x - y)^2", reals, [](auto x, auto y) { auto d = x - y; return d * d; });
  op("SquaredDifference", "conj(x - y) (x - y)", complexes, [](auto x, auto y) {
    auto d = x - y;
    return conj(d) * d;
  });
  op("ClipByValue", "min(max(x, low), high)", reals, [](auto x, auto low, auto high) {
    return max(min(x, high), low);
  });

  op("RealDiv", "x / y", float_or_complex, [](auto x, auto y) { return x / y; });
  op("Div", "x / y", float_or_complex, [](auto x, auto y) { return x / y; });
  op("Div", "x / y towards zero", integers, [](auto x, auto y) { return trunc_div(x, y); }, by_zero, zero_divisor);
  op("TruncateDiv", "x / y towards zero", integers, [](auto x, auto y) { return trunc_div(x, y); }, by_zero,
     zero_divisor);
  op("FloorDiv", "floor(x / y)", floats, [](auto x, auto y) { return floor(x / y); });
  op("FloorDiv", "floor(x / y)", integers, [](auto x, auto y) { return floor_div(x, y); }, by_zero, zero_divisor);
  op("Mod", "remainder with the sign of x", floats, [](auto x, auto y) { return fmod(x, y); });
  op("Mod", "remainder with the sign of x", integers, [](auto x, auto y) { return trunc_mod(x, y); }, by_zero,
     zero_divisor);
  op("TruncateMod", "remainder with the sign of x", floats, [](auto x, auto y) { return fmod(x, y); });
  op("TruncateMod", "remainder with the sign of x", integers, [](auto x, auto y) { return trunc_mod(x, y); },
     by_zero, zero_divisor);
  op("FloorMod", "remainder with the sign of y", floats, [](auto x, auto y) {
    auto r = fmod(x, y);
    return select((r != 0) & ((r < 0) ^ (y < 0)), r + y, r);
  });
  op("FloorMod", "remainder with the sign of y", integers, [](auto x, auto y) { return floor_mod(x, y); },
     by_zero, zero_divisor);
  op("DivNoNan", "x / y, 0 where y is 0", float_or_complex, [](auto x, auto y) {
    return select(y == 0, constant(y, 0), x / y);
  });
  op("MulNoNan", "x * y, 0 where y is 0", float_or_complex, [](auto x, auto y) {
    return select(y == 0, constant(y, 0), x * y);
  });
  op("Xdivy", "x / y, 0 where x is 0", float_or_complex, [](auto x, auto y) {
    return select(x == 0, constant(x, 0), x / y);
  });
  op("Xlogy", "x log(y), 0 where x is 0", float_or_complex, [](auto x, auto y) {
    return select(x == 0, constant(x, 0), x * log(y));
  });
  op("Xlog1py", "x log(1 + y), 0 where x is 0", floats, [](auto x, auto y) {
    return select(x == 0, constant(x, 0), x * log1p(y));
  });
  op("Xlog1py", "x log(1 + y), 0 where x is 0", complexes, [](auto x, auto y) {
    return select(x == 0, constant(x, 0), x * log(y + 1));
  });
  op("Pow", "x^y", float_or_complex, [](auto x, auto y) { return pow(x, y); });
  op("Pow", "x^y", integers, [](auto x, auto y) { return int_pow(x, y); },
     [](auto, auto y) { return y < 0; }, "Integers to negative integer powers are not allowed");
  op("Atan2", "angle of the point (x, y)", floats, [](auto y, auto x) { return atan2(y, x); });
  op("NextAfter", "the next number after x towards y", floats, [](auto x, auto y) { return nextafter(x, y); });
}

}  // namespace ninefold::elementwise
