// In: a plan's layout. Out: what one run of it writes.
#pragma once

#include <deque>

#include "engine/op/kernel_ctx.h"

namespace ninefold::graph {

struct Thunk;

// Slots of constants and of the slab are filled once; the others are empty between runs.
struct RunState {
  explicit RunState(size_t slab_bytes)
      : slab(slab_bytes ? Buffer::allocate(cpu_device(), slab_bytes) : nullptr) {}
  ~RunState() {
    calls.clear();
    slots.clear();
    fixed.clear();
    if (slab) slab->drop();
  }
  Buffer* slab;
  std::vector<Tensor> slots;
  std::vector<Tensor> fixed;                             // of slots in the slab: what they hold
  std::vector<const Tensor*> in;                         // the kernels' views of the slots, one after another
  std::vector<Tensor*> out;
  std::vector<std::unique_ptr<KernelState>> prepared;
  std::deque<KernelCtx> calls;                           // one a thunk
  const Thunk* now = nullptr;                            // that runs
};

}  // namespace ninefold::graph
