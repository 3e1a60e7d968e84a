// In: a question to cuSOLVER. Out: its answer, computed on the host (solver.cc), for the emulated GPU.
#pragma once

#include "engine/device/cuda/abi.h"

namespace ninefold::cuda {

// With the card's memory open; its status.
int emulated_solver(const Solver&);

}  // namespace ninefold::cuda
