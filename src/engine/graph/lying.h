// In: values of a program that differ by order and shape alone (Transpose, Reshape). Out: one as it lies among another's elements. Pure.
#pragma once

#include <optional>
#include <vector>

#include "engine/graph/program.h"

namespace ninefold::graph {

// Places within a contiguous value: dimensions with their strides, in elements.
struct Lying {
  int value = -1;
  std::vector<int64_t> size, stride;
};

Lying swapped(Lying);   // its last two dimensions
std::vector<int64_t> contiguous(const std::vector<int64_t>& size);
// The same places under another shape; none where no strides say so.
std::optional<Lying> reshaped(const Lying&, const std::vector<int64_t>& size);

// What an instruction only moves: the order of its input's dimensions (`order`: of each of its own, which one of the input), or
// nothing but the shape (no order). None: it is something else.
struct Moves {
  std::vector<int64_t> order;
};
std::optional<Moves> moves_of(const Program&, const Instruction&);

// `in`'s places as `c`, which only moves, shows them; and places of `c`'s input where they lie in its output.
std::optional<Lying> seen_through(const Moves&, const Program&, const Instruction& c, const Lying& in);
std::optional<Lying> carried_through(const Moves&, const Program&, const Instruction& c, const Lying& in);

}  // namespace ninefold::graph
