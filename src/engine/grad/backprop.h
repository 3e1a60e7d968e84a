// In: finished ops in order, targets, sources. Out: gradients, by walking the records backwards.
#pragma once

#include <unordered_map>
#include <unordered_set>

#include "engine/op/op.h"
#include "ninefold/grad.h"

namespace ninefold::grad {

// One op as it happened. Inputs and outputs that its gradient does not read are kept as identity only.
struct Step {
  const Op* op = nullptr;
  Attrs attrs;
  Tensors in, out;
};

// The sum of two flows: lists of tensors (variants) are added element by element.
Tensor added(const Tensor& a, const Tensor& b);

// Walks `steps` from the last to the first. `seeds` holds what flows into the targets, by tensor id.
Gradients backprop(const std::vector<Step>& steps, const std::unordered_map<uint64_t, Tensor>& seeds,
                   const Tensors& sources);

}  // namespace ninefold::grad
