// In: functions with random ops and effects. Out: what those saw among their results, and the functions run again on that.
#pragma once

#include "engine/graph/function.h"

namespace ninefold::graph {

// Functions whose gradient reads more than they kept run once more (call_grad, if_grad, while_grad). Everything must be
// then as it was, and nothing may happen twice. So functions, branches and loops also return what random ops drew, what
// was read of variables and tables, what Python's functions gave (Concrete::seen), as a loop's lists if need be. What
// runs again takes all that from there, and leaves out what only writes or prints. Plans leave out what nobody reads
// (unread.cc).

// What ops do besides computing.
enum class Acts : uint8_t { nothing, reads, more };
Acts acts_of(const Op&, const Attrs&);
Acts acts_in(const Graph&);
// What the nodes of a finished graph saw, in branches and loops, too: outputs of its nodes.
Tensors seen_in(const Graph&);

// Both branches with what each saw behind their results. The branches themselves if nothing in them acts; where they
// only read they tell it if it will be `needed`, since the same is mostly there to be read again.
void tell_seen(std::shared_ptr<Concrete>& then, std::shared_ptr<Concrete>& other, bool needed);
// The branch with its own outputs, then nothing for `before`, then its further ones, then nothing for `after`.
std::shared_ptr<Concrete> padded(const std::shared_ptr<Concrete>& f, size_t own, const std::vector<TensorSpec>& before,
                                 const std::vector<TensorSpec>& after);
// The loop with variables for the number of its iterations and for lists of what they saw; `inputs` get their first
// values.
void tell_seen(std::shared_ptr<Concrete>& condition, std::shared_ptr<Concrete>& body, Tensors& inputs, bool needed);
// The function whose branches and loops all tell what they saw; itself if they do.
std::shared_ptr<Concrete> telling_throughout(const std::shared_ptr<Concrete>& f);

// The functions of a node that ran before, and the inputs with which they run on what it saw.
struct Again {
  std::shared_ptr<Concrete> f[2];
  Tensors inputs;
};
Again if_again(const Tensors& inputs, const Concrete& then, const Concrete& other, const Tensors& out);
// One more variable counts the iterations.
Again while_again(Tensors inputs, const Concrete& condition, const Concrete& body, const Tensors& out);
// The function with what it saw as further arguments, in the order of `f.seen`.
std::shared_ptr<Concrete> on_seen(const Concrete& f);

// The function with other nodes in the place of those for which `instead` has any. Its random ops go on in its streams.
std::shared_ptr<Concrete> rebuilt(const Concrete& f, const Concrete::Instead& instead);
// The function whose branches and loops keep what the gradient by the inputs marked in `wanted` reads, where it flows
// through them; null if they do.
std::shared_ptr<Concrete> keeping(const Concrete& f, const std::vector<bool>& wanted);
// A function that a node If or While has; null if it has none of that name.
std::shared_ptr<Concrete> function_at(const Node&, std::string_view attr);

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
