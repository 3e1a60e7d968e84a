// In: conditions and bodies as closures. Out: the nodes If and While, whose branches are functions of their own.
#pragma once

#include "engine/graph/function.h"

namespace ninefold::graph {

// What a call of `f` with such inputs returns, as far as shapes go: symbols whose shapes (and handles) are known.
std::vector<Shape> result_shapes(const Concrete& f, std::span<const Tensor> inputs);

}  // namespace ninefold::graph
