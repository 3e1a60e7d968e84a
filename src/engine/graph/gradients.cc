// In: symbols of the traces that are active. Out: derivatives of one by the other, as further ops (tf.gradients).
#include <algorithm>

#include "base/check.h"
#include "engine/grad/backprop.h"
#include "engine/graph/tracer.h"
#include "engine/op/scope.h"
#include "engine/tensor/resource.h"
#include "ninefold/trace.h"

namespace ninefold {
namespace {

bool differentiable(DType d) { return is_floating(d) || is_complex(d); }

// The ops so far, outer traces first: what an inner trace captures has the id that it has outside.
std::vector<grad::Step> steps_so_far(const Tensors& constants) {
  const auto constant = [&](const Tensor& t) {
    return std::any_of(constants.begin(), constants.end(), [&](const Tensor& c) { return c.id() == t.id(); });
  };
  std::vector<grad::Step> steps;
  for (Tracer* tracer : scope().tracers) {
    const auto* graph = dynamic_cast<const graph::GraphTracer*>(tracer);
    if (!graph) continue;
    for (const graph::Node& n : graph->graph().nodes)
      if (!n.in.empty() && std::none_of(n.out.begin(), n.out.end(), constant)) steps.push_back({n.op, n.attrs, n.in, n.out});
  }
  return steps;
}

}  // namespace

Gradients trace_gradients(const Tensors& targets, const Tensors& sources, const Tensors& weights, const Tensors& constants,
                          Unconnected unconnected) {
  check(!executing_eagerly(), Code::runtime,
        "tf.gradients is not supported when eager execution is enabled. Use tf.GradientTape instead.");
  check(weights.empty() || weights.size() == targets.size(), Code::value,
        "tf.gradients: {} grad_ys were given for {} ys; expected one for each", weights.size(), targets.size());
  const std::vector<grad::Step> steps = steps_so_far(constants);
  std::unordered_map<uint64_t, Tensor> seeds;
  for (size_t i = 0; i < targets.size(); ++i) {
    const Tensor& t = targets[i];
    if (!differentiable(t.dtype())) continue;
    const Tensor seed = !weights.empty() && weights[i].defined() ? weights[i] : op("OnesLike", {t});
    Tensor& slot = seeds[t.id()];
    slot = slot.defined() ? slot + seed : seed;
  }
  Gradients found = grad::backprop(steps, seeds, sources);
  for (size_t i = 0; i < found.size(); ++i)
    if (!found[i].defined() && unconnected == Unconnected::zero) {
      const Tensor& source = sources[i];
      const bool variable = source.dtype() == DType::resource;
      found[i] = op("ZerosLike", {variable ? resource_as<VariableResource>(source, "gradients").read() : source});
    }
  return found;
}

}  // namespace ninefold
