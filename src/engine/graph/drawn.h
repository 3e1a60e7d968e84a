// In: functions whose random ops draw numbers. Out: those numbers among their results, and the functions run again on them.
#pragma once

#include "engine/graph/function.h"

namespace ninefold::graph {

// Functions whose gradient reads more than they kept run once more (call_grad, if_grad, while_grad). What random ops
// drew must be the same then: functions, branches and loops also return it (Concrete::drawn), as a loop's lists if
// need be, and run again without drawing. Plans leave out what nobody reads (unread.cc).

// What the nodes of a finished graph drew, in branches and loops, too: outputs of its nodes.
Tensors drawn_in(const Graph&);

// Both branches with what each drew behind their results; the branches themselves if neither draws.
void tell_drawn(std::shared_ptr<Concrete>& then, std::shared_ptr<Concrete>& other);
// The branch with its own outputs, then nothing for `before`, then its further ones, then nothing for `after`.
std::shared_ptr<Concrete> padded(const std::shared_ptr<Concrete>& f, size_t own, const std::vector<TensorSpec>& before,
                                 const std::vector<TensorSpec>& after);
// The loop with variables for the number of its iterations and for lists of what they drew; `inputs` get their first
// values. The loop itself if it does not draw.
void tell_drawn(std::shared_ptr<Concrete>& condition, std::shared_ptr<Concrete>& body, Tensors& inputs);

// The functions of a node that ran before, and the inputs with which they run on the numbers that it drew.
struct Again {
  std::shared_ptr<Concrete> f[2];
  Tensors inputs;
};
Again if_again(const Tensors& inputs, const Concrete& then, const Concrete& other, const Tensors& out);
// One more variable counts the iterations.
Again while_again(Tensors inputs, const Concrete& condition, const Concrete& body, const Tensors& out);
// The function with what it drew as further arguments, in the order of `f.drawn`.
std::shared_ptr<Concrete> on_numbers(const Concrete& f);

// Calls `f` with inputs of a new trace; handles that `f` knew are known there too.
Tensors joined(const Concrete& f, std::span<const Tensor> in, const Concrete::Instead& instead = {});
// The function with further inputs around its own, which it ignores.
std::shared_ptr<Concrete> among(const std::shared_ptr<Concrete>& f, const std::vector<TensorSpec>& specs, size_t first);
// Nodes If and While of these functions, in the trace that is active.
Tensors dispatch_if(const Tensor& predicate, const Tensors& inputs, const std::shared_ptr<Concrete>& a,
                    const std::shared_ptr<Concrete>& b);
Tensors dispatch_while(const Tensors& inputs, const std::shared_ptr<Concrete>& condition,
                       const std::shared_ptr<Concrete>& body, const std::vector<Shape>& shapes);
// An empty list of tensors of this form.
Tensor empty_list(const TensorSpec& element);
// The dimensions that ops of lists ask for.
Tensor list_shape(const Shape&);

}  // namespace ninefold::graph
