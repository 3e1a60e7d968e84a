// In: a function and the inputs that are watched. Out: the function with its branches and loops as those that keep what their
// gradients read, and what the nodes If and While share.
#include <algorithm>
#include <optional>
#include <unordered_set>

#include "base/check.h"
#include "engine/grad/backprop.h"
#include "engine/graph/control_flow.h"
#include "engine/graph/seen.h"
#include "engine/graph/tracer.h"
#include "engine/op/scope.h"
#include "engine/tensor/resource.h"

namespace ninefold::graph {

bool stateful(const Concrete& f) {
  return std::any_of(f.graph().nodes.begin(), f.graph().nodes.end(),
                     [](const Node& n) { return effect_of(*n.op, n.attrs) != Effect::none; });
}

std::vector<DType> dtypes_of(std::span<const Tensor> ts) {
  std::vector<DType> d;
  for (const Tensor& t : ts) d.push_back(t.dtype());
  return d;
}

bool told(std::initializer_list<const Concrete*> functions, const Tensors& out) {
  Acts acts = Acts::nothing;
  for (const Concrete* f : functions) {
    if (!f->seen.empty()) return true;
    acts = std::max(acts, acts_in(f->graph()));
  }
  if (acts != Acts::reads) return acts == Acts::more;
  const Node& n = node_of(out[0]);
  for (Tracer* t : scope().tracers) {
    const auto* tracer = dynamic_cast<const GraphTracer*>(t);
    if (!tracer || !tracer->graph().owns(out[0])) continue;
    const auto& nodes = tracer->graph().nodes;
    for (auto later = nodes.begin() + n.id + 1; later != nodes.end(); ++later)
      check(!must_run(*later->op, later->attrs), Code::unimplemented,
            "{}: its functions read variables or tables, and after it {} changes some: what they read is not kept for a "
            "derivative that is asked for now. Watch what it depends on with a tf.GradientTape, or write after the derivative.",
            n.op->name, later->op->name);
  }
  return false;
}

Tensor zeros_for(const Tensor& input) {
  if (input.dtype() != DType::resource) return op("ZerosLike", {input});
  const Tensor* handle = input.symbolic() ? input.impl()->known.get() : &input;
  NINEFOLD_INVARIANT(handle);
  const DType dtype = resource_as<VariableResource>(*handle, "gradient").dtype;
  return op("ZerosLike", {op("ReadVariableOp", {input}, {{"dtype", dtype}})});
}

bool holds_floats(const Tensor& handle) {
  const Tensor* real = handle.symbolic() ? handle.impl()->known.get() : &handle;
  const auto* v = real ? dynamic_cast<const VariableResource*>(resource_of(*real).get()) : nullptr;
  return v && carries_gradient(v->dtype);
}

std::shared_ptr<Concrete> keeping(const Concrete& f, const std::vector<bool>& wanted) {
  const Graph& g = f.graph();
  const auto plain = [](const Node& n) {
    const auto branch = function_at(n, "then_branch"), body = function_at(n, "body");
    return (branch && !branch->backward) || (body && !std::dynamic_pointer_cast<LoopBody>(body));
  };
  if (std::none_of(g.nodes.begin(), g.nodes.end(), plain)) return nullptr;
  // As grad::backprop has it: what depends on an input that is wanted, and what flows back there.
  std::unordered_set<const TensorImpl*> reached, flowing;
  const auto in = [](const auto& set, const Tensor& t) { return set.contains(t.impl()); };
  const auto any_in = [&](const auto& set, const Tensors& ts) { return std::any_of(ts.begin(), ts.end(), [&](const Tensor& t) { return in(set, t); }); };
  for (size_t i = 0; i < wanted.size(); ++i)
    if (wanted[i]) reached.insert(g.inputs[i]->out[0].impl());
  std::vector<bool> useful(g.nodes.size()), turned(g.nodes.size());
  for (const Node& n : g.nodes) {
    useful[static_cast<size_t>(n.id)] = !n.op->stops_gradient && any_in(reached, n.in);
    if (!useful[static_cast<size_t>(n.id)]) continue;
    for (const Tensor& t : n.out)
      if (carries_gradient(t.dtype()) || t.dtype() == DType::resource) reached.insert(t.impl());
  }
  for (size_t i = 0; i < f.results().size(); ++i)
    if (std::find(f.seen.begin(), f.seen.end(), static_cast<int>(i)) == f.seen.end() && carries_gradient(f.results()[i].dtype()))
      flowing.insert(f.results()[i].impl());
  bool any = false;
  for (size_t at = g.nodes.size(); at-- > 0;) {
    const Node& n = g.nodes[at];
    if (!useful[at] || !any_in(flowing, n.out)) continue;
    for (const Tensor& t : n.in) flowing.insert(t.impl());
    turned[at] = plain(n);
    any = any || turned[at];
  }
  if (!any) return nullptr;
  return rebuilt(f, [&](const Node& n, const Tensors& given) -> std::optional<Tensors> {
    if (!turned[static_cast<size_t>(n.id)]) return std::nullopt;
    std::vector<bool> follows;
    for (const Tensor& t : n.in) follows.push_back(in(reached, t));
    Tensors out;
    if (const auto then = function_at(n, "then_branch")) {
      follows.erase(follows.begin());
      out = differentiable_if(given[0], {given.begin() + 1, given.end()}, *then, *function_at(n, "else_branch"), follows).out;
    } else {
      const auto body = function_at(n, "body");
      std::vector<Shape> shapes;
      for (size_t i = 0; i < follows.size(); ++i) {
        follows[i] = follows[i] || (carries_gradient(given[i].dtype()) && !fixed_variable(*body, i));
        shapes.push_back(body->inputs()[i].shape);
      }
      out = differentiable_while(given, function_at(n, "cond"), body, follows, shapes).out;
      out.erase(out.begin());
    }
    out.resize(n.out.size());
    return out;
  });
}

}  // namespace ninefold::graph
