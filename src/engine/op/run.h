// In: a kernel and its bound context. Out: finished outputs; the one place where kernels are entered.
#pragma once

#include "engine/op/kernel_ctx.h"

namespace ninefold {

struct KernelRun {
  // Prepares once per `prepared` slot, then runs.
  static void run(const Kernel& kernel, KernelCtx& ctx);
};

// One op on concrete tensors, unrecorded: shapes are inferred, outputs allocated, the kernel run. `attrs` are
// complete. A random op takes its numbers from `counter`; null: from the eager stream of its attributes.
Tensors run_now(const Op&, std::span<const Tensor> inputs, const Attrs& attrs, uint64_t* counter = nullptr);

// The kernel for these attributes on this device, or TensorFlow's error that there is none.
const Kernel& kernel_for(const Op&, const Attrs&, const Device&);

}  // namespace ninefold
