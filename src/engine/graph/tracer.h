// In: ops on a thread that traces. Out: nodes of a graph; outer tensors become captures.
#pragma once

#include <unordered_map>

#include "engine/graph/graph.h"
#include "engine/op/scope.h"

namespace ninefold::graph {

class GraphTracer : public Tracer {
 public:
  // `differentiates`: the graph whose symbols may be captured although it is not being traced.
  explicit GraphTracer(Graph& graph, const Graph* differentiates = nullptr);
  ~GraphTracer() override {
    scope().device = outside_;
    home_device() = home_outside_;
  }
  Tensor argument(const TensorSpec&);
  // The argument stands for the variable of this handle from now on.
  void bind(const Tensor& argument, const Tensor& handle);
  const Tensors& bound() const { return bound_; }         // handles for which arguments stand
  Tensors emit(const Op&, std::span<const Tensor> inputs, Attrs, std::vector<DType> dtypes,
               std::vector<Shape> shapes) override;
  // Small concrete tensors that no tape knows become constants of the graph; the rest becomes its inputs.
  // A captured tensor keeps its id: tapes know it inside as they do outside.
  Tensor capture(const Tensor&) override;
  bool owns(const Tensor& t) const override { return graph_.owns(t); }
  int64_t next_op_seed() override { return op_seeds_++; }
  int64_t graph_seed(bool* set) override { *set = seeded_; return seed_; }
  void set_graph_seed(int64_t seed) override;
  Device* wished_outside() const override { return outside_; }
  const Graph& graph() const { return graph_; }
  const Tensors& captures() const { return captures_; }   // what stands outside for each captured input

 private:
  bool reaches(const Tensor& t) const { return owns(t) || (differentiates_ && differentiates_->owns(t)); }
  Tensor constant(const Tensor& value);
  Graph& graph_;
  const Graph* differentiates_;
  std::unordered_map<const TensorImpl*, Tensor> by_handle_;
  std::unordered_map<uint64_t, Tensor> by_id_;
  Tensors bound_;
  Tensors captures_, kept_;   // kept_: whatever was captured, so that no address is used twice
  int64_t op_seeds_ = 0, seed_ = 0;
  Device *const outside_, *const home_outside_;
  bool seeded_ = false;
};

}  // namespace ninefold::graph
