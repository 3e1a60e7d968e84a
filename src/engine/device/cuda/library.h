// In: a machine. Out: its GPUs, through libninefold-cuda.so where a driver is; else what is missing and what to do.
#pragma once

#include <string>
#include <vector>

#include "engine/device/cuda/abi.h"

namespace ninefold::cuda {

// Null where GPUs cannot be used; `why_not` then says why, with the remedy.
const Table* table();
const std::string& why_not();
const Machine& machine();                    // zeros where the library was not opened
// Instead of looking for a library: tests bring a table. Before the first use of the others.
void use(const Table*);

// The lowest driver that serves a CUDA version of this number: 13000 -> "580".
const char* driver_series(int cuda);

// Runs when the first GPU becomes a device: kernels are told to the ops then.
struct AtStart {
  explicit AtStart(void (*)());
};

}  // namespace ninefold::cuda
