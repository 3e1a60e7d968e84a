// In: what cuDNN could do in a kernel's place. Out: whether it did.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "engine/device/cuda/dnn_call.h"
#include "engine/tensor/device.h"

namespace ninefold::cuda {

// What of a call decides which engine it gets: its bytes. Pure.
std::string key_of(const DnnCall&);
std::string key_of(const DnnRecurrent&);

// What does calls like one on a device, and the memory that it wants to work in; kept for good.
struct DnnEngine {
  const void* plan;
  size_t workspace;
};
// None where the caller's own kernel is to do it: cuDNN is not there, is switched off, or has no engine, which is remembered.
std::optional<DnnEngine> dnn_engine(Device&, const DnnCall&);
// `memory`: of the call's tensors, in their order. False where the engine fails, and is not tried again, or where there is
// no memory for it to work in.
bool dnn_run(Device&, const DnnCall&, const DnnEngine&, std::span<void* const> memory);

// The same of recurrent layers.
struct DnnLayer {
  const void* plan;
  DnnRecurrentSizes sizes;
};
std::optional<DnnLayer> dnn_layer(Device&, const DnnRecurrent&);
bool dnn_run(Device&, const DnnRecurrent&, const DnnLayer&, DnnRecurrentRun);   // brings the workspace itself

bool dnn_there();                                // cuDNN is there, and in use
void use_dnn(bool);                              // tests compare it with the own kernels
std::string why_no_dnn();                        // "" where it is there

}  // namespace ninefold::cuda
