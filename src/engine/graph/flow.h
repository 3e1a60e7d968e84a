// In: the nodes If, While and calls, when they run. Out: their results.
#pragma once

#include "engine/op/kernel_ctx.h"
#include "engine/op/plan_forms.h"

namespace ninefold::graph {

// One scalar, as Python would see it.
bool truth(const Tensor&);

// Kernels, and what they offer to plans: each keeps the run states of its functions from one run to the next.
void run_if(KernelCtx&);
void run_while(KernelCtx&);
void run_call(KernelCtx&);
Abilities flow_abilities();

}  // namespace ninefold::graph
