// In: a function and the shapes of one call. Out: a Plan: thunks in a fixed order over one slab, ready to run.
#pragma once

#include <mutex>
#include <optional>

#include "base/timeline.h"
#include "engine/graph/program.h"
#include "engine/op/plan_forms.h"
#include "engine/op/run.h"
#include "engine/tensor/resource.h"

namespace ninefold::graph {

// One kernel call. Slots are values of the program.
struct Thunk {
  const Op* op = nullptr;
  const Attrs* attrs = nullptr;
  const Kernel* kernel = nullptr;
  const Fused* fused = nullptr;    // what a chain of element-wise ops runs; null for one op
  Abilities can;                   // op/plan_forms.h
  const Node* origin = nullptr;    // whom errors name
  bool late = false;               // shapes follow from data: memory is found when it runs
  Guard guard = Guard::none;       // the last input says whether it runs
  bool reads_host = false;     // a CPU kernel among GPUs: its inputs are brought to the host first
  bool changes = false;            // input 0 becomes output 0 where nobody else holds it
  uint64_t* counter = nullptr;     // a random op's stream
  std::shared_ptr<void> common;    // of the states of kernels that ask for one
  std::vector<int> in, out;
  std::vector<bool> read_last;     // for kernels that ask: which inputs nothing reads afterwards
  std::vector<int> fixed;          // outputs that lie in the slab
  std::vector<int> fresh;          // outputs of known shape that get memory of their own before the kernel runs
  std::vector<int> brought;        // outputs that are read, and may be in memory that the kernel brought
  std::vector<int> release;        // slots that hold memory of their own and are read for the last time here
};

// An op that writes, if its last input says so; no results (guarded.cc).
Tensors run_guarded(const Thunk&, std::span<const Tensor> inputs);

struct RunState;
class StepGraph;

// Immutable once made: what a run writes is in its RunState, so that a plan runs in many threads at once.
class Plan {
 public:
  // With `test`, an iteration of a loop: the last result is what `test` says of the others.
  Plan(const Concrete& f, std::span<const Tensor> inputs, const Concrete* test = nullptr);
  ~Plan();
  bool fits(std::span<const Tensor> inputs, const Concrete* test = nullptr) const;
  Tensors run(std::span<const Tensor> inputs);
  size_t slab_bytes() const { return slab_bytes_; }
  const std::vector<Thunk>& thunks() const { return thunks_; }
  StepGraph* step() const { return step_.get(); }   // null on machines without a GPU

 private:
  friend class Frame;
  friend class StepGraph;
  friend class CapturedFlow;
  // `brought`: inputs that each run brings, though they are known here.
  Plan(const Concrete& f, std::vector<Value> inputs, const Concrete* test, const std::vector<bool>& brought);
  void lay_out();
  std::unique_ptr<RunState> make_state() const;
  // For a graph: constants lie on the cards that read them first, except small ones of the host. Those that were brought are added
  // to `kept`.
  void bring_constants(RunState&, std::span<Accelerator* const>, Tensors* kept) const;
  void execute(RunState&) const;       // an op's error names its node
  void run_thunks(RunState&) const;
  void tell(timeline::Span&, const Thunk&) const;
  void empty(RunState&) const;
  Tensors take_outputs(RunState&) const;

  const std::shared_ptr<Body> body_;
  const std::shared_ptr<Streams> streams_;   // of its random nodes
  std::shared_ptr<Body> test_;               // of a loop's iteration, with its streams and its answer
  std::shared_ptr<Streams> test_streams_;
  const TensorImpl* answer_ = nullptr;
  Program program_;
  std::vector<Shape> shapes_;          // of the inputs
  std::vector<const Resource*> handles_;   // of those that are resources: the plan is made for these
  struct Form {
    DType dtype;
    Shape shape;
  };
  std::vector<std::optional<Form>> variables_;   // of arguments that are variables: any of that form will do
  std::vector<Thunk> thunks_;
  std::vector<int64_t> offset_;        // in the slab, by value; -1: not there
  std::vector<int> loose_;             // slots that are empty between runs
  size_t slab_bytes_ = 0;
  std::mutex mutex_;                   // guards idle_
  mutable std::once_flag named_;
  mutable std::vector<std::string> names_;   // of the thunks' nodes, found when a run is first recorded
  std::vector<std::unique_ptr<RunState>> idle_;
  std::unique_ptr<StepGraph> step_;    // gone before what it reads
};

}  // namespace ninefold::graph
