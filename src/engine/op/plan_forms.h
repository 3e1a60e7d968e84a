// In: what an op's file says beside its kernels. Out: what plans may put in the op's place.
#pragma once

#include "engine/op/op.h"

namespace ninefold {

// True iff output 0 is then input 0, bit for bit. `known`: the inputs whose values are fixed, null for others.
using IsInput = bool (*)(const Attrs&, std::span<const Tensor* const> known);

void say_is_input(const Op&, IsInput);
IsInput is_input(const Op&);   // null: never

struct PlanForm {
  PlanForm(const Op& op, IsInput when) { say_is_input(op, when); }
};

}  // namespace ninefold
