// In: nothing. Out: what kernels of branches and loops are told, shared by host (graph/captured_flow.cc) and card (.cu).
#pragma once

#include <cstdint>

namespace ninefold::cuda {

// The first condition holds where the boolean does, the second where it does not; of none that is 0.
struct SetCondition {
  uint64_t holds, fails;
  const bool* asked;
};
// Where a random op's stream stands, once it drew so much.
struct MoveOn {
  uint64_t* counter;
  uint64_t blocks;
};

}  // namespace ninefold::cuda
