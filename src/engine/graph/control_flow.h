// In: conditions and bodies as functions. Out: what is known of the nodes If (branch.cc) and While (loop.cc), and how they are made
// so that they can be differentiated. control_flow.cc makes the functions of closures.
#pragma once

#include "engine/graph/function.h"

namespace ninefold::graph {

// What a call of `f` with such inputs returns, as far as shapes go: symbols whose shapes (and handles) are known.
std::vector<Shape> result_shapes(const Concrete& f, std::span<const Tensor> inputs);

// Whether a function reads or writes anything besides its inputs.
bool stateful(const Concrete& f);
std::vector<DType> dtypes_of(std::span<const Tensor> ts);
// Whether the functions of a node tell what they saw, so that they run again on that. If they only read, and nobody
// knew that it would be needed, they read again: nothing may have been written since.
bool told(std::initializer_list<const Concrete*> functions, const Tensors& out);
// What a gradient is where nothing flows: zeros of an input, or of the variable that it is a handle of.
Tensor zeros_for(const Tensor& input);
// Whether a handle is that of a variable that has a gradient.
bool holds_floats(const Tensor& handle);

// While one lives, shapes are asked for by a plan, not by a trace: on a machine with a GPU, where plans set no memory aside by them, what
// a branch stands in for has the shape that it has in the other branch.
class ShapesOfPlan {
 public:
  ShapesOfPlan() : before_(std::exchange(now(), true)) {}
  ~ShapesOfPlan() { now() = before_; }
  ShapesOfPlan(const ShapesOfPlan&) = delete;
  static bool& now() {
    thread_local bool planning = false;
    return planning;
  }

 private:
  const bool before_;
};

// A node If of functions that also return what their gradients read; `out` is everything it returns.
struct DifferentiableIf {
  std::shared_ptr<Concrete> branches[2];
  Tensors out;
};

DifferentiableIf differentiable_if(const Tensor& predicate, const Tensors& inputs, Concrete& a, Concrete& b,
                                   const std::vector<bool>& wanted);

// How the loop of a gradient finds what the forward loop kept. Carried by the body of such a loop, whose state
// is: the number of iterations, the loop's own variables, one list for each value that changes from step to step.
struct LoopBody : Concrete {
  using Concrete::Concrete;
  std::shared_ptr<Concrete> step;       // one iteration, with its backward
  size_t variables = 0;
  std::vector<int> list_of;             // for each value that backward reads: its list, or -1: a fixed variable
};
struct DifferentiableWhile {
  std::shared_ptr<LoopBody> body;
  Tensors out;
};

// The loop that also counts its iterations and keeps on lists what the gradient of an iteration reads.
DifferentiableWhile differentiable_while(const Tensors& inputs, const std::shared_ptr<Concrete>& condition,
                                         const std::shared_ptr<Concrete>& step, const std::vector<bool>& wanted,
                                         const std::vector<Shape>& shapes);

// A variable that every iteration hands on as it is: a capture.
bool fixed_variable(const Concrete& body, size_t i);

}  // namespace ninefold::graph
