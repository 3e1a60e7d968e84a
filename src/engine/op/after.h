// In: every op of this thread, finished or put in a trace. Out: its outputs, as a listener hands them on.
#pragma once

#include <functional>
#include <utility>

#include "engine/op/op.h"

namespace ninefold {

// What after_ops (ninefold/trace.h) set for this thread; empty: nobody listens.
std::function<Tensors(const std::string& op, const Tensors& in, const Tensors& out)>& after_op();
// The outputs as the listener hands them on, which hears nothing of its own ops, as tapes do not.
Tensors heard(const std::string& op, std::span<const Tensor> in, Tensors out);
// Nobody listens meanwhile: ops of a finished trace are put in another one.
struct Deaf {
  std::function<Tensors(const std::string& op, const Tensors& in, const Tensors& out)> listener = std::exchange(after_op(), nullptr);
  ~Deaf() { after_op() = std::move(listener); }
};

}  // namespace ninefold
