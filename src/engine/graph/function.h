// In: a finished trace. Out: the function it is: run by plans, called from traces, differentiated.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "engine/graph/graph.h"
#include "ninefold/trace.h"

namespace ninefold::graph {

class Plan;
class Concrete;

// How far each random node of a graph is in its numbers. Nodes are known by their place in the graph, so that a
// second trace of the same program may go on where the first one was.
class Streams {
 public:
  explicit Streams(bool restarts = true) : restarts_(restarts) {}
  // Those of a function that was built anew: where each random node stood.
  Streams(std::shared_ptr<Streams> of, std::map<int, int> places) : restarts_(false), of_(std::move(of)), places_(std::move(places)) {}
  uint64_t* at(const Node& n) { return at(n.id); }
  void restart();                                     // if set_seed was called since, and that matters here

 private:
  uint64_t* at(int place);

  const bool restarts_;
  const std::shared_ptr<Streams> of_;
  const std::map<int, int> places_;
  std::mutex mutex_;                                  // guards counters_
  std::map<int, std::unique_ptr<uint64_t>> counters_; // by Node::id
  std::atomic<uint64_t> seeds_{0};                    // seed_epoch when the streams began
};

// A trace and the streams of its random nodes: functions that differ only in what they return share it.
struct Body {
  Graph graph;
  Streams streams;
};

// How a forward function's gradient is called.
struct Backward {
  std::shared_ptr<Concrete> function;   // arguments: one for each of `flows`, then one for each of `saved`
  size_t outputs = 0;                   // of the function itself; the forward function returns more
  std::vector<int> flows;               // outputs through which something may flow back
  std::vector<int> reaches;             // the input that each gradient belongs to, in the order of the results
  std::vector<bool> rows;               // whether that gradient is three results, the parts of IndexedSlices
  std::vector<int> saved;               // an input i as i, the forward function's output o as -1 - o
};

class Concrete : public FunctionBase {
 public:
  Concrete(std::string name, std::shared_ptr<Body> body, Tensors results, std::vector<TensorSpec> arguments,
           Tensors captures, std::shared_ptr<Streams> streams = nullptr);
  ~Concrete() override;
  const std::string& name() const override { return name_; }
  const std::vector<TensorSpec>& inputs() const override { return arguments_; }
  const std::vector<TensorSpec>& outputs() const override { return outputs_; }
  const Tensors& captures() const override { return captures_; }
  Tensors call(std::span<const Tensor> arguments) override;
  std::string graph_def() const override;
  std::vector<TraceNode> nodes() const;

  const Graph& graph() const { return body_->graph; }
  const std::shared_ptr<Body>& shared_body() const { return body_; }
  const Tensors& results() const { return results_; }   // symbols of the graph
  const std::shared_ptr<Streams>& streams() const { return streams_; }   // the body's, if none were given
  bool draws() const;                                   // true iff a node of the graph draws random numbers
  // The same function, whose random nodes go on in `streams`.
  std::shared_ptr<Concrete> with_streams(std::shared_ptr<Streams> streams) const;
  // The same function, which also returns what it saw; itself if it saw nothing.
  std::shared_ptr<Concrete> telling();
  // Its ops in the trace that is active. `instead` may give a node's outputs; nothing if the node is to be there.
  using Instead = std::function<std::optional<Tensors>(const Node&, const Tensors& in)>;
  Tensors replay(std::span<const Tensor> inputs, const Instead& instead = {}) const;
  // What a forward function's gradient calls when what was kept is differentiated: the same on what was seen before.
  std::shared_ptr<Concrete> on_seen();
  // Runs a plan for these inputs: arguments and captures, all concrete. Tapes see nothing.
  Tensors run(std::span<const Tensor> inputs);
  // Also returns what its gradient by the inputs marked in `wanted` reads; see its `backward`. Control flow takes
  // whole tensors only: without `rows` each gradient is one result.
  std::shared_ptr<Concrete> forward(const std::vector<bool>& wanted, bool rows = false);
  std::shared_ptr<const Backward> backward;             // of forward functions only
  // Which results tell what ops saw (seen.h). Of a loop's body: how often it ran, then lists. Nothing flows back
  // through them.
  std::vector<int> seen;
  // Of a branch: which results stand for what the other branch kept or saw. Nobody reads them where this one was taken.
  std::vector<bool> stand_ins;

 private:
  Tensors run_from_outside(std::span<const Tensor> inputs);
  Tensors call_recorded(std::span<const Tensor> inputs, const std::vector<bool>& wanted);
  std::shared_ptr<Plan> plan_for(std::span<const Tensor> inputs);

  const std::string name_;
  const std::shared_ptr<Body> body_;
  const std::shared_ptr<Streams> streams_;
  const Tensors results_;
  const std::vector<TensorSpec> arguments_;
  std::vector<TensorSpec> outputs_;
  const Tensors captures_;
  std::mutex mutex_;                                    // guards what follows
  std::list<std::shared_ptr<Plan>> plans_;              // the last used first, at most kPlans
  std::map<std::pair<std::vector<bool>, bool>, std::shared_ptr<Concrete>> forwards_;   // by wanted and rows
  std::shared_ptr<Concrete> telling_, on_seen_;
  bool asked_ = false;                                  // whether telling_ is known; null: nothing is seen
};

Concrete& concrete(const FunctionRef&);

// A finished trace: the graph, what stands outside for its captured inputs, what it returns.
struct Traced {
  std::shared_ptr<Body> body;
  Tensors results, captures;
};
// Through a tensor of this dtype something may flow back: floats, complex numbers, lists of them.
inline bool carries_gradient(DType d) { return is_floating(d) || is_complex(d) || d == DType::variant; }
// True iff this thread traces a function, a branch or a body while tapes listen outside.
bool tapes_outside();
// Traces `body`, which may also use symbols of `differentiates`.
Traced trace_body(const std::string& name, std::span<const TensorSpec> arguments,
                  const std::function<Tensors(const Tensors&)>& body, const Graph* differentiates = nullptr);

}  // namespace ninefold::graph
