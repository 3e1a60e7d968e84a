// In: tensors of one shape, one on each of several GPUs. Out: their sum on one of them, while the GPUs go on with what they are
// asked next; one group of communicators for each set of devices, made anew after a fault.
#pragma once

#include <span>
#include <string>

#include "engine/tensor/tensor_impl.h"

namespace ninefold::cuda {

// Whether these devices can be a group: several GPUs, no two of them one card, and NCCL is there. Where only NCCL is missing,
// that is told once, with the remedy. Groups are made by the first question and stay.
bool connected(std::span<Device* const>);

// The sum of from[m] over the members comes to `to`, which lies on the device of from[root]. Devices are connected. The buffer of
// `to` is ready (Buffer::ready) when the devices' order has it; `from` is kept until then. A fault raises, and ends the group.
// With a limit of seconds, not 0, whoever reads it first waits until it is there: nothing that came too late goes into other numbers.
// Code::deadline_exceeded, and the group's end, if it takes longer, counted from when every device has brought its part.
void reduce(std::span<const Tensor> from, const Tensor& to, int root, double limit = 0);

// All that was asked for is in the order of its devices from now on: at the end of a run.
void settle();
// A step failed: what is under way is aborted, and the next step makes its groups anew. Nobody waits for who does not come.
void abandon() noexcept;

}  // namespace ninefold::cuda
