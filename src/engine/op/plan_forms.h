// In: what an op's file says beside its kernels. Out: what plans may put in the op's place.
#pragma once

#include "engine/op/op.h"

namespace ninefold {

// True iff output 0 is then input 0, bit for bit. `known`: the inputs whose values are fixed, null for others.
using IsInput = bool (*)(const Attrs&, std::span<const Tensor* const> known);

void say_is_input(const Op&, IsInput);
IsInput is_input(const Op&);   // null: never

// What the kernels of an op can do, and plans make use of.
struct Abilities {
  // Its kernel finds shapes itself and brings the memory of outputs that have none yet: it runs as it is bound also
  // where shapes follow from data. Outputs that are not plain it always brings.
  bool any_shapes = false;
  // Input 0, if it is a variant, may be changed into output 0. Where nobody else holds or reads it, the plan moves it
  // there: the kernel then finds an output 0 and no input 0.
  bool changes_input = false;
  // Makes the kernel's state for one run at a time, told which inputs the plan reads there for the last time: the
  // kernel may move those out of their slots. `shared`, made once by `common`, all states of the plan's thunk have.
  std::shared_ptr<void> (*common)() = nullptr;
  std::unique_ptr<KernelState> (*state)(const std::vector<bool>& read_last, const std::shared_ptr<void>& shared) = nullptr;
  // Several devices meet in it and go on meanwhile: plans ask for it as soon as its inputs are there.
  bool collective = false;
};
void say_abilities(const Op&, Abilities);
Abilities abilities_of(const Op&);

struct PlanForm {
  PlanForm(const Op& op, IsInput when) { say_is_input(op, when); }
  PlanForm(const Op& op, Abilities can) { say_abilities(op, can); }
};

}  // namespace ninefold
