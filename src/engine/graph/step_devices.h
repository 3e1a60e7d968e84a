// In: a program on a machine with GPUs. Out: on which of them it works, and where its inputs are wanted: pure.
#pragma once

#include <span>
#include <vector>

#include "engine/graph/program.h"
#include "engine/tensor/accelerator.h"

namespace ninefold::graph {

// The caller's, then those that instructions wish for, by their numbers.
std::vector<Accelerator*> devices_of(const Program&, Accelerator& caller);
// By value, which of these devices reads it first; the first one where nobody wishes.
std::vector<Accelerator*> first_readers(const Program&, std::span<Accelerator* const> devices);

}  // namespace ninefold::graph
