// In: an op visitor. Out: one line for each comparison, logical and selecting op.
#pragma once

#include "engine/op/elementwise/spec.h"

namespace ninefold::elementwise {

template <class Op>
void compare(Op&& op) {
  op("Equal", "x == y", anything, [](auto x, auto y) { return x == y; });
  op("NotEqual", "x != y", anything, [](auto x, auto y) { return x != y; });
  op("Less", "x < y", reals, [](auto x, auto y) { return x < y; });
  op("LessEqual", "x <= y", reals, [](auto x, auto y) { return x <= y; });
  op("Greater", "x > y", reals, [](auto x, auto y) { return x > y; });
  op("GreaterEqual", "x >= y", reals, [](auto x, auto y) { return x >= y; });
  op("ApproximateEqual", "|x - y| < tolerance", reals, [](auto x, auto y, auto tolerance) {
    return abs(x - y) < tolerance;
  });
  op("LogicalAnd", "x and y", booleans, [](auto x, auto y) { return x & y; });
  op("LogicalOr", "x or y", booleans, [](auto x, auto y) { return x | y; });
  op("LogicalNot", "not x", booleans, [](auto x) { return !x; });
  op("SelectV2", "t where condition, else e", bool_first, [](auto condition, auto t, auto e) {
    return select(condition, t, e);
  });
}

}  // namespace ninefold::elementwise
