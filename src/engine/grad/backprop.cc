// In: finished ops in order, targets, sources. Out: gradients, by walking the records backwards.
#include "engine/grad/backprop.h"

#include "base/check.h"
#include "engine/op/grad_ctx.h"

namespace ninefold::grad {
namespace {

bool differentiable(const Tensor& t) {
  return is_floating(t.dtype()) || is_complex(t.dtype()) || t.dtype() == DType::resource || t.dtype() == DType::variant;
}

// What has arrived at a tensor so far. Rows are put together once, when they are read: `rows` holds them, the
// last of the program first.
struct Flow {
  Tensor sum;
  Gradients rows;

  void add(Gradient dx) {
    if (dx.sparse()) return rows.push_back(std::move(dx));
    const Tensor& t = dx.slices().values;
    sum = sum.defined() ? added(sum, t) : t;
  }
  Gradient read() const {
    if (rows.empty()) return sum;
    Gradients all(rows.rbegin(), rows.rend());
    if (sum.defined()) all.push_back(sum);
    return total(all);
  }
};

}  // namespace

Tensor added(const Tensor& a, const Tensor& b) { return a.dtype() == DType::variant ? op("AddN", {a, b}) : a + b; }

Gradients backprop(const std::vector<Step>& steps, const std::unordered_map<uint64_t, Tensor>& seeds,
                   const Tensors& sources) {
  std::unordered_map<uint64_t, Flow> flows;
  for (const auto& [id, seed] : seeds) flows[id].sum = seed;
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
    Gradients dy(step.out.size());
    bool any = false;
    for (size_t o = 0; o < dy.size(); ++o) {
      auto it = flows.find(step.out[o].id());
      if (it == flows.end()) continue;
      dy[o] = it->second.read();
      any = true;
      if (!wanted.contains(it->first)) flows.erase(it);
    }
    if (!any) continue;
    check(step.op->grad, Code::key, "gradient registry has no entry for: {}", step.op->name);
    std::vector<bool> needed(step.in.size());
    for (size_t k = 0; k < needed.size(); ++k) needed[k] = reached.contains(step.in[k].id()) && differentiable(step.in[k]);
    GradCtx ctx(*step.op, step.attrs, step.in, step.out, dy, needed);
    step.op->grad(ctx);
    Gradients& dx = ctx.results();
    for (size_t k = step.in.size(); k-- > 0;)   // rows backwards, as Flow keeps them
      if (needed[k] && dx[k].sparse()) flows[step.in[k].id()].add(std::move(dx[k]));
    for (size_t k = 0; k < step.in.size(); ++k)
      if (needed[k] && dx[k].defined() && !dx[k].sparse()) flows[step.in[k].id()].add(std::move(dx[k]));
  }
  Gradients out;
  for (const Tensor& s : sources) {
    auto it = flows.find(s.id());
    out.push_back(it == flows.end() ? Gradient() : it->second.read());
  }
  return out;
}

}  // namespace ninefold::grad
