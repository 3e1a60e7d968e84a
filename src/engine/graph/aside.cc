// In: symbols of a trace that is still going on. Out: their names, and values computed aside of it.
#include <map>

#include "base/check.h"
#include "engine/graph/tracer.h"
#include "engine/op/scope.h"
#include "ninefold/function.h"

namespace ninefold {
namespace graph {

std::string GraphTracer::name_of_node(const Node& node) const {
  const auto base = [&](const Node& n) {
    auto at = names_.find(n.id);
    return at == names_.end() ? n.op->name : at->second;
  };
  const std::string mine = base(node);
  int before = 0;
  for (const Node& n : graph_.nodes) {
    if (&n == &node) break;
    before += base(n) == mine;
  }
  return before ? mine + "_" + std::to_string(before) : mine;
}

namespace {

// The active trace that a symbol belongs to; null if it is over: its nodes may be gone then.
GraphTracer* home_of(const Tensor& t) {
  for (Tracer* tracer : scope().tracers)
    if (tracer && tracer->owns(t)) return dynamic_cast<GraphTracer*>(tracer);
  return nullptr;
}

struct Evaluation {
  std::map<const Node*, Tensors> done;

  Tensor value(const Tensor& t) {
    if (!t.symbolic()) return t;
    if (t.impl()->known) return *t.impl()->known;
    check(home_of(t), Code::value, "tf.Variable: the initial value is a symbolic tensor of a function that is no longer being traced");
    const Node& n = node_of(t);
    auto at = done.find(&n);
    if (at == done.end()) {
      check(n.op != &placeholder_op(), Code::value,
            "tf.Variable: the initial value depends on an argument of the function being traced; make the variable "
            "outside, or give a callable as initial_value");
      Tensors in;
      for (const Tensor& i : n.in) in.push_back(value(i));
      at = done.emplace(&n, dispatch(*n.op, in, n.attrs)).first;
    }
    return at->second.at(static_cast<size_t>(index_of(t)));
  }
};

}  // namespace
}  // namespace graph

struct ScratchScope::Saved {
  NoRecording quiet;
  graph::Graph nodes;
  graph::GraphTracer tracer{nodes};
  Pushed<Tracer*> active{scope().tracers, &tracer};
};
ScratchScope::ScratchScope() : saved_(std::make_unique<Saved>()) {}
ScratchScope::~ScratchScope() = default;

std::string symbol_name(const Tensor& t) {
  graph::GraphTracer* tracer = graph::home_of(t);
  return (tracer ? tracer->name_of_node(graph::node_of(t)) : "tensor") + ":" + std::to_string(graph::index_of(t));
}

Tensor evaluate(const Tensor& t) {
  graph::Evaluation evaluation;
  // The home is looked for among all traces, so the scope that runs ops now is entered inside.
  InitScope now;
  return evaluation.value(t);
}

}  // namespace ninefold
