// In: an op of our own that stands for many of TensorFlow's. Out: those, where a graph is written.
#pragma once

#include "engine/op/op.h"

namespace ninefold::graph {

// The op's outputs made of TensorFlow's ops: what a GraphDef holds in the op's place, as a function that is called.
using Expansion = Tensors (*)(const Op& op, const Attrs& attrs, std::span<const Tensor> inputs);
struct Expands {
  Expands(const Op& op, Expansion by);
};
Expansion expansion_of(const Op&);   // null: the op is TensorFlow's

}  // namespace ninefold::graph
