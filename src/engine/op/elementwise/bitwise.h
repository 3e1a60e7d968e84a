// In: an op visitor. Out: one line for each operation on the bits of integers.
#pragma once

#include "engine/op/elementwise/spec.h"

namespace ninefold::elementwise {

template <class Op>
void bitwise(Op&& op) {
  op("BitwiseAnd", "x & y", integers, [](auto x, auto y) { return x & y; });
  op("BitwiseOr", "x | y", integers, [](auto x, auto y) { return x | y; });
  op("BitwiseXor", "x ^ y", integers, [](auto x, auto y) { return x ^ y; });
  op("Invert", "~x", integers, [](auto x) { return ~x; });
  op("LeftShift", "x << y, y clamped to the bits of x", integers, [](auto x, auto y) { return shift_left(x, y); });
  op("RightShift", "x >> y, y clamped to the bits of x", integers, [](auto x, auto y) { return shift_right(x, y); });
}

}  // namespace ninefold::elementwise
