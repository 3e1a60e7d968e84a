// In: a traced function. Out: its forward function, which also returns what the gradient reads, and its gradient.
#include <algorithm>

#include "base/check.h"
#include "engine/grad/backprop.h"
#include "engine/graph/function.h"
#include "engine/graph/plan.h"
#include "engine/graph/seen.h"

namespace ninefold::graph {

std::shared_ptr<Concrete> Concrete::forward(const std::vector<bool>& wanted, bool rows) {
  {
    std::lock_guard hold(mutex_);
    if (auto at = forwards_.find({wanted, rows}); at != forwards_.end()) return at->second;
  }
  if (const auto keeps = keeping(*this, wanted)) {
    auto f = keeps->forward(wanted, rows);
    std::lock_guard hold(mutex_);
    return forwards_.emplace(std::pair(wanted, rows), std::move(f)).first->second;
  }
  std::vector<grad::Step> steps;
  for (const Node& n : graph().nodes)
    if (!n.in.empty()) steps.push_back({n.op, n.attrs, n.in, n.out});
  auto b = std::make_unique<Backward>();
  b->outputs = results_.size();
  std::vector<TensorSpec> specs;
  for (size_t i = 0; i < results_.size(); ++i)
    if (carries_gradient(results_[i].dtype()) && std::find(seen.begin(), seen.end(), static_cast<int>(i)) == seen.end()) {
      b->flows.push_back(static_cast<int>(i));
      specs.push_back(outputs_[i]);
    }
  Tensors sources;
  std::vector<int> source_inputs;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const DType d = graph().inputs[i]->out[0].dtype();
    if (!wanted[i] || !(carries_gradient(d) || d == DType::resource)) continue;
    sources.push_back(graph().inputs[i]->out[0]);
    source_inputs.push_back(static_cast<int>(i));
  }
  // What the gradient needs of the function's ops it captures: those are the values to save.
  Traced t = trace_body("__backward_" + name_, specs, [&](const Tensors& dy) {
    std::unordered_map<uint64_t, Tensor> seeds;
    for (size_t i = 0; i < dy.size(); ++i) {
      Tensor& seed = seeds[results_[static_cast<size_t>(b->flows[i])].id()];
      seed = seed.defined() ? grad::added(seed, dy[i]) : dy[i];
    }
    const Gradients dx = grad::backprop(steps, seeds, sources);
    Tensors found;
    for (size_t i = 0; i < dx.size(); ++i) {
      if (!dx[i].defined()) continue;
      b->reaches.push_back(source_inputs[i]);
      b->rows.push_back(rows && dx[i].sparse());
      if (b->rows.back()) {
        const IndexedSlices& s = dx[i].slices();
        found.insert(found.end(), {s.values, s.indices, s.dense_shape});
      } else {
        found.push_back(dx[i].dense());
      }
    }
    return found;
  }, &graph());
  Tensors results = results_;
  // Captured from the function: saved. Captured from outside (a gradient reads a variable): captures, at the end.
  Tensors outside;
  std::vector<Node*>& inputs = t.body->graph.inputs;
  const size_t own = specs.size();
  const std::vector<Node*> captured(inputs.begin() + static_cast<std::ptrdiff_t>(own), inputs.end());
  inputs.resize(own);
  for (size_t i = 0; i < captured.size(); ++i)
    if (graph().owns(t.captures[i])) inputs.push_back(captured[i]);
  for (size_t i = 0; i < captured.size(); ++i)
    if (!graph().owns(t.captures[i])) inputs.push_back(captured[i]), outside.push_back(t.captures[i]);
  for (const Tensor& saved : t.captures) {
    if (!graph().owns(saved)) continue;
    specs.push_back({saved.shape(), saved.dtype(), {}});
    const auto in = std::find_if(graph().inputs.begin(), graph().inputs.end(),
                                 [&](const Node* n) { return n == &node_of(saved); });
    if (in != graph().inputs.end()) {
      b->saved.push_back(static_cast<int>(in - graph().inputs.begin()));
    } else {
      b->saved.push_back(-1 - static_cast<int>(results.size()));
      results.push_back(saved);
    }
  }
  b->function = std::make_shared<Concrete>("__backward_" + name_, std::move(t.body), std::move(t.results),
                                           std::move(specs), std::move(outside));
  auto f = std::make_shared<Concrete>("__forward_" + name_, body_, std::move(results), arguments_, captures_, streams_);
  f->backward = std::move(b);
  f->seen = seen;
  std::lock_guard hold(mutex_);
  return forwards_.emplace(std::pair(wanted, rows), std::move(f)).first->second;
}

}  // namespace ninefold::graph
