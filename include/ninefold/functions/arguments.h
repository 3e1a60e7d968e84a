// In: what C++ programs write for a function's arguments. Out: the values that its record takes.
#pragma once

#include <initializer_list>
#include <utility>
#include <vector>

#include "ninefold/ops.h"

namespace ninefold {

// One int, several, a shape, a tensor of ints, or none: axes, shapes, sizes.
struct Ints {
  Value value;
  Ints() = default;
  Ints(int one) : value(one) {}
  Ints(int64_t one) : value(one) {}
  Ints(std::initializer_list<int64_t> all) : value(ValueList(all.begin(), all.end())) {}
  Ints(const std::vector<int64_t>& all) : value(ValueList(all.begin(), all.end())) {}
  Ints(const Shape& shape) : value(shape) {}
  Ints(const Tensor& tensor) : value(tensor) {}
};

}  // namespace ninefold
