// In: a boolean on the card. Out: conditions of a graph's branches and loops; counters that go on there.
#include "engine/device/cuda/kernel.cuh"
#include "engine/ops/condition_launch.h"

#if !defined(__CUDACC__)
namespace ninefold::cuda {
void set_condition(uint64_t condition, bool holds);   // tests/cuda/emulator.cc
}  // namespace ninefold::cuda
#endif

namespace {

using namespace ninefold::cuda;

NF_DEVICE void hold_condition(uint64_t condition, bool holds) {
#if !defined(__CUDACC__)
  set_condition(condition, holds);
#elif CUDART_VERSION >= 12040
  cudaGraphSetConditional(condition, holds);
#endif
}

NF_KERNEL(set_condition, SetCondition) {
  if (nf_thread() != 0) return;
  const bool holds = *p.asked;
  if (p.holds) hold_condition(p.holds, holds);
  if (p.fails) hold_condition(p.fails, !holds);
}

NF_KERNEL(move_on, MoveOn) {
  if (nf_thread() == 0) *p.counter += p.blocks;
}

}  // namespace
