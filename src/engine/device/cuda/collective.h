// In: tensors of one shape, one on each of several GPUs. Out: their sum on one of them, while the GPUs go on with what they are
// asked next; one group of communicators for each set of devices, made anew after a fault.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

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

// While one lives no other thread asks for sums, and what was asked for before is in the order of its devices: taken by whoever
// captures, before its devices, or starts a graph that has sums.
class Group;
class SumsTurn {
 public:
  SumsTurn();
  ~SumsTurn();
  SumsTurn(const SumsTurn&) = delete;
  // Of sums that were captured: all are in the order of their devices from now on. Raises where they cannot be.
  void join();
  void forget() noexcept;                    // those of a capture that came to nothing, before it ends
  // Whose sums were captured.
  const std::vector<std::shared_ptr<Group>>& captured() const;

 private:
  const std::unique_lock<std::recursive_mutex> hold_;
};
// Communicators that end drop their graphs before: NCCL waits until these are gone. With the turn held, as the next one.
class Graph;
void drop_with(std::span<const std::shared_ptr<Group>>, const std::shared_ptr<Graph>&);
// False: they have ended. Raises, and ends them, where they have a fault.
bool usable(std::span<const std::shared_ptr<Group>>);

// All that was asked for is in the order of its devices from now on: at the end of a run.
void settle();
// A step failed: what is under way is aborted, and the next step makes its groups anew. Nobody waits for who does not come.
void abandon() noexcept;

}  // namespace ninefold::cuda
