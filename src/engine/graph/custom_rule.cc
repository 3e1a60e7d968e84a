// In: the rule of a custom gradient, while a trace is made. Out: the rule as a function of what flows and of captures.
#include "engine/grad/custom.h"
#include "engine/graph/function.h"
#include "engine/tensor/tensor_impl.h"

namespace ninefold::graph {
namespace {

grad::TracedRule traced_rule(const Tensors& results, const HostFunction& rule) {
  std::vector<TensorSpec> specs;
  for (const Tensor& r : results) specs.push_back({r.shape(), r.dtype(), {}});
  std::vector<bool> given;   // None stands for a source through which nothing flows
  Traced t = trace_body("custom_gradient", specs, [&](const Tensors& dy) {
    Tensors found;
    for (const Tensor& dx : rule(dy)) {
      given.push_back(dx.defined());
      if (dx.defined()) found.push_back(dx);
    }
    return found;
  });
  specs.clear();
  for (const Node* n : t.body->graph.inputs) specs.push_back({n->out[0].shape(), n->out[0].dtype(), {}});
  const auto function = std::make_shared<Concrete>("custom_gradient", t.body, t.results, specs, Tensors());
  const auto call = [function, given](const Tensors& in) {
    for (size_t i = 0; i < in.size(); ++i)   // a handle copied into this trace is the one that the rule knew
      if (in[i].dtype() == DType::resource && in[i].symbolic() && !in[i].impl()->known)
        in[i].impl()->known = function->graph().inputs[i]->out[0].impl()->known;
    const Tensors found = function->call(in);
    Tensors dx(given.size());
    for (size_t i = 0, at = 0; i < given.size(); ++i)
      if (given[i]) dx[i] = found[at++];
    return dx;
  };
  return {call, t.captures, function, given, false};
}

const bool set = (grad::set_rule_tracer(traced_rule), true);

}  // namespace
}  // namespace ninefold::graph
