// In: a function that control flow enters again and again. Out: its runs, in a run state that stays bound.
#pragma once

#include <list>

#include "engine/graph/plan.h"
#include "engine/graph/run_state.h"

namespace ninefold::graph {

// The plans of one function for the shapes that control flow enters it with. Shared by threads.
class Plans {
 public:
  std::shared_ptr<Plan> find(const Concrete& f, const Concrete* test, std::span<const Tensor> inputs);

 private:
  static constexpr size_t kMost = 16;
  std::mutex mutex_;                        // guards plans_
  std::list<std::shared_ptr<Plan>> plans_;  // the last used first
};

// Belongs to one node in one run of a plan, hence to one thread at a time. Between runs it holds no tensors but
// the plan's own.
class Frame {
 public:
  // Finds the plan of f for these inputs, with `test` for a loop, and takes the inputs over.
  void enter(const Concrete& f, const Concrete* test, Plans& plans, Tensors& inputs);
  void run() { plan_->execute(*state_); }
  const Tensor& result(size_t i) const { return slot(plan_->program_.outputs[i]); }
  Tensor take(size_t i);           // a result; each once, before `leave`
  // The results of an iteration become the inputs of the next one. False: that one needs another plan, or there
  // is none; then they lie in `state` and the frame is left.
  bool turn(Tensors& state, bool go_on);
  void leave() { if (state_) plan_->empty(*state_); }

 private:
  Tensor& slot(int v) const { return state_->slots[static_cast<size_t>(v)]; }
  void route();
  void gather(Tensors& state);

  std::shared_ptr<Plan> plan_;
  std::unique_ptr<RunState> state_;    // of plan_: gone before it
  // How the results of an iteration reach the inputs of the next one, by slots.
  struct Move {
    int from, to;
    int spare = -1;                    // of a copy: the slot of a result that what lay in `to` would do for
  };
  std::vector<Move> swaps_, copies_;   // copies: results that are inputs, constants or wanted twice
  std::vector<int> stale_;             // results that kernels bring: emptied before the next iteration
  std::vector<size_t> varying_;        // variables whose shape is to be compared
  Tensors aside_;                      // for copies_
  bool replanned_ = false;             // a resource changes from iteration to iteration: each is planned
};

}  // namespace ninefold::graph
