// In: symbols of a trace that is still going on. Out: their names, and values computed aside of it.
#include <map>
#include <utility>

#include "base/check.h"
#include "engine/graph/tracer.h"
#include "engine/op/after.h"
#include "engine/op/scope.h"
#include "engine/tensor/resource.h"
#include "engine/tensor/variable_making.h"
#include "ninefold/trace.h"

namespace ninefold {
namespace graph {

namespace {

// The active trace that a symbol belongs to; null if it is over: its nodes may be gone then.
GraphTracer* home_of(const Tensor& t) {
  for (Tracer* tracer : scope().tracers)
    if (tracer && tracer->owns(t)) return dynamic_cast<GraphTracer*>(tracer);
  return nullptr;
}

struct Evaluation {
  const Tensors &arguments, &values;
  std::map<const Node*, Tensors> done = {};

  // What this call gives for an argument; nothing if it is none.
  Tensor given(const Tensor& t) const {
    for (size_t i = 0; i < arguments.size(); ++i)
      if (arguments[i].impl() == t.impl()) return values[i];
    return {};
  }

  Tensor value(const Tensor& t) {
    if (!t.symbolic()) return t;
    if (t.impl()->known) return *t.impl()->known;
    check(home_of(t), Code::value, "tf.Variable: the initial value is a symbolic tensor of a function that is no longer being traced");
    const Node& n = node_of(t);
    if (const Tensor argument = given(n.out[static_cast<size_t>(index_of(t))]); argument.defined()) return value(argument);
    auto at = done.find(&n);
    if (at == done.end()) {
      check(n.op != &placeholder_op(), Code::value,
            "tf.Variable: the initial value depends on an argument of the function being traced; make the variable "
            "outside, or give a callable as initial_value");
      Tensors in;
      for (const Tensor& i : n.in) in.push_back(value(i));
      const AsPlaced there(&n);
      at = done.emplace(&n, dispatch(*n.op, in, n.attrs)).first;
    }
    return at->second.at(static_cast<size_t>(index_of(t)));
  }
};

}  // namespace
}  // namespace graph

Variable variable_of_any_shape(const Tensor& initial, const VariableOptions& options) {
  check(initial.defined() && !initial.symbolic(), Code::value,
        "Variable: the initial value must be a tensor that is known when the variable is made");
  auto resource = std::make_shared<VariableResource>(options.name, initial.dtype(), Shape::unknown(), options.trainable);
  resource->assign(initial);
  return Variable(std::move(resource));
}

uint64_t variables_made() { return variable_making().made; }
bool forbid_variables(bool forbidden) { return std::exchange(variable_making().forbidden, forbidden); }

std::vector<Variable> captured_variables(const FunctionRef& f) {
  std::vector<Variable> out;
  for (const Tensor& t : f->captures())
    if (t.dtype() == DType::resource && !t.symbolic())
      if (auto held = std::dynamic_pointer_cast<VariableResource>(resource_of(t))) out.emplace_back(std::move(held));
  return out;
}

struct ScratchScope::Saved {
  NoRecording quiet;
  graph::Graph nodes;
  graph::GraphTracer tracer{nodes};
  Pushed<Tracer*> active{scope().tracers, &tracer};
};
ScratchScope::ScratchScope() : saved_(std::make_unique<Saved>()) {}
ScratchScope::~ScratchScope() = default;

TraceNode symbol_node(const Tensor& t) {
  const graph::GraphTracer* home = graph::home_of(t);
  if (!home) fail(Code::type, "<tf.Tensor '{}'> is out of scope: its function is no longer being traced", symbol_name(t));
  const graph::Node& node = graph::node_of(t);
  TraceNode n{home->graph().name_of(node), node.op->name, {}, {}, {}, {}};
  for (const Tensor& in : node.in) n.inputs.push_back(symbol_name(in));
  for (const Tensor& out : node.out) n.outputs.push_back({out.shape(), out.dtype(), {}});
  for (size_t i = 0; i < node.attrs.size(); ++i) n.attrs.emplace_back(def(*node.op).attrs[i].name, node.attrs[i]);
  return n;
}
Tensors symbol_inputs(const Tensor& t) { return graph::home_of(t) ? graph::node_of(t).in : Tensors(); }
std::string symbol_graph(const Tensor& t) { return graph::told(t).graph; }
std::string active_graph() {
  const auto* tracer = dynamic_cast<const graph::GraphTracer*>(scope().tracer());
  return tracer ? graph::described(tracer->graph()) : "";
}

AfterOp after_ops(AfterOp listener) { return std::exchange(after_op(), std::move(listener)); }

std::string symbol_name(const Tensor& t) { return graph::told(t).tensor; }

Tensor evaluate(const Tensor& t, const Tensors& arguments, const Tensors& values) {
  NINEFOLD_INVARIANT(arguments.size() == values.size());
  graph::Evaluation evaluation{arguments, values};
  // The home is looked for among all traces, so the scope that runs ops now is entered inside.
  InitScope now;
  return evaluation.value(t);
}

}  // namespace ninefold
