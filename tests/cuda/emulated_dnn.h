// In: calls of cuDNN as the table has them. Out: the same through descriptors, by a cuDNN of the tests (tests/cuda/dnn.cc).
#pragma once

#include <cstddef>

#include "engine/device/cuda/dnn_call.h"

namespace ninefold::cuda {

void emulated_dnn_library(DnnLibrary*);
int emulated_dnn_plan(const DnnCall&, void** plan, size_t* workspace);
int emulated_dnn_tensors(const void* plan);
int emulated_dnn_run(const void* plan, void* const* memory, void* workspace);   // while the card's memory is open, as the other one

int emulated_recurrent_plan(const DnnRecurrent&, void** plan, DnnRecurrentSizes*);
int emulated_recurrent_run(const void* plan, const DnnRecurrentRun&);

}  // namespace ninefold::cuda
