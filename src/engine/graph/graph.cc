// In: nodes as they are traced. Out: a graph that keeps them, and whether it is well formed.
#include "engine/graph/graph.h"

#include <algorithm>

#include "base/check.h"
#include "engine/graph/function.h"
#include "engine/op/shape_ctx.h"

namespace ninefold::graph {

Node& Graph::add(const Op& op, Attrs attrs, Tensors in, const std::vector<DType>& dtypes, std::vector<Shape> shapes) {
  Node& n = nodes.emplace_back();
  n.id = static_cast<int>(nodes.size()) - 1;
  n.op = &op;
  n.attrs = std::move(attrs);
  n.in = std::move(in);
  for (size_t i = 0; i < dtypes.size(); ++i)
    n.out.push_back(symbolic_tensor({key, &n, static_cast<int>(i)}, dtypes[i], std::move(shapes[i])));
  return n;
}

Effect effect_of(const Op& op, const Attrs& attrs) {
  // Of a call and of control flow, what their bodies do counts.
  bool calls = false, reads = false;
  auto look_into = [&](const FunctionRef& f) -> Effect {
    calls = true;
    for (const Node& n : concrete(f).graph().nodes) {
      const Effect e = effect_of(*n.op, n.attrs);
      if (e == Effect::writes || e == Effect::world) return Effect::world;
      reads = reads || e == Effect::reads || e == Effect::random;
    }
    return Effect::none;
  };
  for (size_t i = 0; i < attrs.size(); ++i) {
    if (auto* f = std::get_if<FunctionRef>(&attrs[i])) {
      if (*f && look_into(*f) == Effect::world) return Effect::world;
    } else if (auto* fs = std::get_if<std::vector<FunctionRef>>(&attrs[i])) {
      for (const FunctionRef& each : *fs)
        if (each && look_into(each) == Effect::world) return Effect::world;
    }
  }
  if (calls) return reads ? Effect::random : Effect::none;
  return op.effect;
}

bool must_run(const Op& op, const Attrs& attrs) {
  const Effect e = effect_of(op, attrs);
  return e == Effect::writes || e == Effect::world;
}

void verify(const Graph& g) {
  for (const Node& n : g.nodes) {
    auto bad = [&](const std::string& what) {
      fail(Code::internal, "trace: node {} ({}): {}", n.id, n.op->name, what);
    };
    for (const Tensor& t : n.in) {
      if (!g.owns(t)) bad("an input belongs to another graph");
      if (node_of(t).id >= n.id) bad("an input is computed later");
    }
    if (n.attrs.size() != def(*n.op).attrs.size()) bad("attributes are missing");
    const std::vector<DType> dtypes = output_dtypes(*n.op, n.attrs);
    if (dtypes.size() != n.out.size()) bad("its record says another number of outputs");
    for (size_t i = 0; i < dtypes.size(); ++i)
      if (n.out[i].dtype() != dtypes[i]) bad(fmt::format("output {} has another dtype than its record says", i));
  }
}

}  // namespace ninefold::graph
