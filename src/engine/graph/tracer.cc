// In: ops on a thread that traces. Out: nodes, constants, captures; integers that are known already.
#include "engine/graph/tracer.h"

#include <algorithm>

#include "base/check.h"
#include "engine/op/counters.h"
#include "engine/op/leak.h"
#include "engine/op/partial_value.h"
#include "engine/op/run.h"

namespace ninefold::graph {
namespace {

constexpr int64_t kConstant = 128;   // elements up to which TensorFlow too copies an eager tensor into the graph

std::shared_ptr<const Tensor> known_of(const Tensor& t) {
  return t.symbolic() ? t.impl()->known : std::make_shared<const Tensor>(t);
}

// Shapes and axes computed from known ones are known while tracing, as TensorFlow's shape functions have it.
bool worth_knowing(const Op& op, const Node& n) {
  if (op.effect != Effect::none || !op.foldable || n.out.empty()) return false;
  for (const Tensor& t : n.out) {
    const DType d = t.dtype();
    if (!(d == DType::i32 || d == DType::i64 || d == DType::boolean)) return false;
    if (!t.shape().fully_known() || t.size() > kConstant) return false;
  }
  return true;
}

void learn(Node& n) {
  if (!worth_knowing(*n.op, n)) return;
  const std::string& op = n.op->name;
  if ((op == "StridedSlice" || op == "GatherV2" || op == "Slice") && !n.in[0].impl()->known) {   // some sizes of a shape, of which others are open
    const Tensor& t = n.out[0];
    const Shape dims = t.rank() < 2 && t.dtype() != DType::boolean ? partial_value()(t) : Shape::unknown();
    if (!dims.fully_known() || dims.rank() != t.size()) return;
    std::vector<int64_t> sizes(dims.begin(), dims.end());
    std::vector<int32_t> narrow(sizes.begin(), sizes.end());
    n.out[0].impl()->known = std::make_shared<const Tensor>(
        t.dtype() == DType::i64 ? Tensor::of<int64_t>(t.shape(), sizes)
                                : Tensor::of<int32_t>(t.shape(), narrow));
    return;
  }
  Tensors values;
  for (const Tensor& t : n.in) {
    if (t.impl()->known) {
      values.push_back(*t.impl()->known);
    } else if (n.op->shape_only && t.shape().fully_known() && is_plain(t.dtype()) && n.in.size() == 1) {
      // Any bytes do: what comes out follows from the shape.
      static char nothing[16];
      values.push_back(Tensor::wrap(t.dtype(), t.shape(), nothing, {}));
    } else {
      return;
    }
    if (!is_plain(t.dtype())) return;
  }
  try {
    const Tensors out = run_now(*n.op, values, n.attrs);
    for (size_t i = 0; i < out.size(); ++i) n.out[i].impl()->known = std::make_shared<const Tensor>(out[i]);
  } catch (const Error&) {
    // It will raise when it runs, if it runs.
  }
}

}  // namespace

GraphTracer::GraphTracer(Graph& graph, const Graph* differentiates) : graph_(graph), differentiates_(differentiates), outside_(scope().device), home_outside_(home_device()) {
  scope().device = home_device() = nullptr;
  if (Tracer* outer = scope().tracer()) seed_ = outer->graph_seed(&seeded_);
  else seeded_ = global_seed(&seed_);
}

void GraphTracer::set_graph_seed(int64_t seed) {
  constexpr int64_t modulus = (int64_t{1} << 31) - 1;
  seed_ = (seed % modulus + modulus) % modulus;
  seeded_ = true;
}

Tensor GraphTracer::argument(const TensorSpec& spec) {
  const Op& op = placeholder_op();
  const NamedAttr named[] = {{"dtype", spec.dtype}, {"shape", spec.shape}};
  Node& n = graph_.add(op, Attrs(op, named), {}, {spec.dtype}, {spec.shape});
  graph_.inputs.push_back(&n);
  if (!spec.name.empty()) graph_.name_argument(n, spec.name);
  return n.out[0];
}

void GraphTracer::bind(const Tensor& argument, const Tensor& handle) {
  NINEFOLD_INVARIANT(owns(argument) && argument.dtype() == DType::resource);
  argument.impl()->known = known_of(handle);
  argument.impl()->id.store(handle.id(), std::memory_order_relaxed);
  by_id_.emplace(handle.id(), argument);
  bound_.push_back(handle);
}

Tensors GraphTracer::emit(const Op& op, std::span<const Tensor> inputs, Attrs attrs, std::vector<DType> dtypes,
                          std::vector<Shape> shapes) {
  graph_.in_scope(scope().name_scope);
  Node& n = graph_.add(op, std::move(attrs), {inputs.begin(), inputs.end()}, dtypes, std::move(shapes));
  n.device = scope().device;
  n.home = home_device();
  learn(n);
  return n.out;
}

Tensor GraphTracer::constant(const Tensor& value) {
  const Op& op = const_op();
  const NamedAttr named[] = {{"value", value}, {"dtype", value.dtype()}};
  Node& n = graph_.add(op, Attrs(op, named), {}, {value.dtype()}, {value.shape()});
  n.out[0].impl()->known = std::make_shared<const Tensor>(value);
  return n.out[0];
}

Tensor GraphTracer::capture(const Tensor& t) {
  if (auto at = by_handle_.find(t.impl()); at != by_handle_.end()) return at->second;
  const uint64_t id = t.impl()->id.load(std::memory_order_relaxed);
  if (id)
    if (auto at = by_id_.find(id); at != by_id_.end()) return at->second;
  Tensor inside;
  const bool copied = t.symbolic() ? t.impl()->known && is_plain(t.dtype())
                                   : (is_plain(t.dtype()) || t.dtype() == DType::string) && !id;
  const Tensor value = !copied ? Tensor() : t.symbolic() ? *t.impl()->known : t;
  if (copied && value.size() <= kConstant) {
    inside = constant(value);
  } else {
    if (t.symbolic()) {
      bool reachable = reaches(t);
      for (Tracer* tracer : scope().tracers)
        if (auto* outer = dynamic_cast<GraphTracer*>(tracer)) reachable = reachable || outer->reaches(t);
      if (!reachable) fail(Code::type, "{}", out_of_scope(t, described(graph_)));
    }
    inside = argument({t.shape(), t.dtype(), {}});
    inside.impl()->known = known_of(t);
    captures_.push_back(t);
    inside.impl()->id.store(t.id(), std::memory_order_relaxed);
    by_id_.emplace(t.id(), inside);
  }
  kept_.push_back(t);
  by_handle_.emplace(t.impl(), inside);
  return inside;
}

}  // namespace ninefold::graph
