// In: finished ops in order, targets, sources. Out: gradients, by walking the records backwards.
#include "engine/grad/backprop.h"

#include "base/check.h"
#include "engine/op/grad_ctx.h"

namespace ninefold::grad {
namespace {

bool differentiable(const Tensor& t) {
  return is_floating(t.dtype()) || is_complex(t.dtype()) || t.dtype() == DType::resource || t.dtype() == DType::variant;
}

void add_to(std::unordered_map<uint64_t, Tensor>& flows, uint64_t id, Tensor dx) {
  Tensor& flow = flows[id];
  if (!flow.defined()) flow = std::move(dx);
  else flow = dx.dtype() == DType::variant ? op("AddN", {flow, dx}) : flow + dx;
}

}  // namespace

Tensors backprop(const std::vector<Step>& steps, std::unordered_map<uint64_t, Tensor> flows,
                 const Tensors& sources) {
  // Forwards: which tensors depend on a source. Only those are worth a gradient.
  std::unordered_set<uint64_t> reached;
  for (const Tensor& s : sources) reached.insert(s.id());
  std::vector<bool> useful(steps.size());
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].op->stops_gradient) continue;
    for (const Tensor& t : steps[i].in) useful[i] = useful[i] || reached.contains(t.id());
    if (useful[i])
      for (const Tensor& t : steps[i].out)
        if (differentiable(t)) reached.insert(t.id());
  }
  std::unordered_set<uint64_t> wanted;
  for (const Tensor& s : sources) wanted.insert(s.id());
  for (size_t i = steps.size(); i-- > 0;) {
    const Step& step = steps[i];
    if (!useful[i]) continue;
    Tensors dy(step.out.size());
    bool any = false;
    for (size_t o = 0; o < dy.size(); ++o) {
      auto it = flows.find(step.out[o].id());
      if (it == flows.end()) continue;
      dy[o] = it->second;
      any = true;
      if (!wanted.contains(it->first)) flows.erase(it);
    }
    if (!any) continue;
    check(step.op->grad, Code::key, "gradient registry has no entry for: {}", step.op->name);
    std::vector<bool> needed(step.in.size());
    for (size_t k = 0; k < needed.size(); ++k) needed[k] = reached.contains(step.in[k].id()) && differentiable(step.in[k]);
    GradCtx ctx(*step.op, step.attrs, step.in, step.out, dy, needed);
    step.op->grad(ctx);
    for (size_t k = 0; k < step.in.size(); ++k)
      if (needed[k] && ctx.results()[k].defined()) add_to(flows, step.in[k].id(), std::move(ctx.results()[k]));
  }
  Tensors out;
  for (const Tensor& s : sources) {
    auto it = flows.find(s.id());
    out.push_back(it == flows.end() ? Tensor() : it->second);
  }
  return out;
}

}  // namespace ninefold::grad
