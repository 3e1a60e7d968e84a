// In: nodes If and While of a plan that becomes one graph. Out: conditional nodes of that graph, with what their functions do:
// branches and loops that the card decides about.
#pragma once

#include <map>

#include "engine/graph/plan.h"
#include "engine/graph/run_state.h"

namespace ninefold::graph {

// A function that a node If or While enters, and what is known of its inputs.
struct EnteredFunction {
  const Concrete* function;
  const Concrete* test = nullptr;            // of a loop's iteration: its answer is the last result
  std::vector<Value> inputs;
};
// If: then, else. While: the condition, the body with the condition behind it. Others: none. `inputs`: of whoever runs the program,
// which bring the variables that are arguments.
std::vector<EnteredFunction> functions_entered(const Program&, const Instruction&, std::span<const Tensor> inputs);
bool is_loop(const Instruction&);
// Its program, as plans run it. Raises where the shapes do not fit.
Program program_of(const EnteredFunction&);

// The plans of all functions that a plan enters, and those enter, made before anything is captured: planning runs kernels. While one
// is captured, nodes on this thread come here instead of asking the host.
class CapturedFlow {
 public:
  CapturedFlow(const Plan& whole, std::span<const Tensor> inputs, std::span<Accelerator* const> devices);
  ~CapturedFlow();
  CapturedFlow(const CapturedFlow&) = delete;

  class Captures {
   public:
    explicit Captures(CapturedFlow& f) : before_(std::exchange(now(), &f)) {}
    ~Captures() { now() = before_; }
    Captures(const Captures&) = delete;

   private:
    CapturedFlow* const before_;
  };
  static CapturedFlow*& now();               // null: nothing is captured
  void enter(KernelCtx&);

  bool empty() const { return nodes_.empty(); }
  const std::vector<std::shared_ptr<Streams>>& streams() const { return streams_; }   // of random ops within
  const Tensors& constants() const { return constants_; }      // on the card: the graph reads them

 private:
  struct Body {
    std::unique_ptr<Plan> plan;
    std::unique_ptr<RunState> state;         // gone before its plan
    std::vector<bool> stand_ins;             // results that nobody reads
    const Tensor& result(size_t i) const;
    const Value& form(size_t i) const;
    bool idle() const;                       // it computes nothing, and nobody reads what it returns
  };
  struct Node {
    bool loop;
    Accelerator* device;                     // that has all of its work
    std::vector<bool> fixed;                 // variables that every iteration hands on
    Body bodies[2];
  };
  class Run;

  void prepare(const Plan&, std::span<const Tensor> inputs, Accelerator& around);
  void branches(KernelCtx&, Node&);
  void loop(KernelCtx&, Node&);

  const std::span<Accelerator* const> devices_;
  std::map<const Attrs*, Node> nodes_;       // of instructions, by their attributes, which plans keep
  std::vector<std::shared_ptr<Streams>> streams_;
  Tensors constants_;
};

}  // namespace ninefold::graph
