// In: a listener and the ops of its thread. Out: what it makes of their outputs.
#include "engine/op/after.h"

#include "base/check.h"
#include "engine/op/scope.h"

namespace ninefold {

std::function<Tensors(const std::string&, const Tensors&, const Tensors&)>& after_op() {
  thread_local std::function<Tensors(const std::string&, const Tensors&, const Tensors&)> listener;
  return listener;
}

Tensors heard(const std::string& op, std::span<const Tensor> in, Tensors out) {
  const Deaf deaf;
  NoRecording quiet;
  Tensors other = deaf.listener(op, {in.begin(), in.end()}, out);
  if (other.empty()) return out;
  check(other.size() == out.size(), Code::value, "after_ops: {} has {} outputs, the listener gives {}", op, out.size(), other.size());
  return other;
}

}  // namespace ninefold
