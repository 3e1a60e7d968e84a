// In: traces, going on or finished. Out: what a host language shows of them: names, ops, derivatives, first values.
#pragma once

#include "ninefold/function.h"
#include "ninefold/grad.h"

namespace ninefold {

// One op of a trace, as TensorFlow's graphs show it.
struct TraceNode {
  std::string name, op;
  std::vector<std::string> inputs;      // "x:0", "Split:1"
  std::vector<std::string> waits;       // names of the nodes that it must run after, besides its inputs
  std::vector<TensorSpec> outputs;
  std::vector<std::pair<std::string, Attr>> attrs;
};
// The ops of a finished trace in order, what is captured among them (graph_def() has these names too), then an
// Identity for each result.
NINEFOLD_API std::vector<TraceNode> trace_nodes(const FunctionRef&);
NINEFOLD_API std::vector<Variable> captured_variables(const FunctionRef&);

// Within the body of a trace: wherever it uses `variable`, that is `argument`, one of the trace's own of dtype resource.
// The trace then serves other variables of that dtype and shape, and does not keep this one alive.
NINEFOLD_API void bind_argument(const Tensor& argument, const Variable& variable);

// How many variables this thread has made. While it is forbidden, making one is a ValueError: a function that is traced again
// makes none. Gives what was so before.
NINEFOLD_API uint64_t variables_made();
NINEFOLD_API bool forbid_variables(bool forbidden);

// The op that makes a symbolic tensor of an active trace, what it reads, and the function that is traced:
// "FuncGraph(name=f, id=12)", empty if it is gone.
NINEFOLD_API TraceNode symbol_node(const Tensor&);
NINEFOLD_API std::string symbol_name(const Tensor&);   // "x:0"; "tensor:0" once its trace is gone
NINEFOLD_API Tensors symbol_inputs(const Tensor&);
NINEFOLD_API std::string symbol_graph(const Tensor&);

NINEFOLD_API std::string active_graph();               // of the trace that is active; empty if none is

// Hears each op of this thread when it is done or put in a trace: its name, what it read, what it gave. May hand on
// other outputs; nothing: those. Gives what listened before.
using AfterOp = std::function<Tensors(const std::string& op, const Tensors& in, const Tensors& out)>;
NINEFOLD_API AfterOp after_ops(AfterOp);

// The value of a symbolic tensor of the traces that are active, where `arguments`, symbols too, have `values` in this
// call (maybe symbols of an outer trace): the first value of a variable that is made while tracing. ValueError if an
// argument is needed that has none.
NINEFOLD_API Tensor evaluate(const Tensor&, const Tensors& arguments = {}, const Tensors& values = {});

// tf.gradients: d(sum of targets)/d(source) of what the active traces hold, as ops of the innermost. `weights` are what
// flows into the targets (empty: ones); nothing is differentiated through `constants`.
NINEFOLD_API Gradients trace_gradients(const Tensors& targets, const Tensors& sources, const Tensors& weights = {},
                                       const Tensors& constants = {}, Unconnected unconnected = Unconnected::none);
// A variable that takes values of every shape; options.shape is not read.
NINEFOLD_API Variable variable_of_any_shape(const Tensor& initial, const VariableOptions& options = {});

}  // namespace ninefold
