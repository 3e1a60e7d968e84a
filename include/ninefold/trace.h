// In: symbols of a trace that is going on. Out: what a host language asks of them: names, values, a side trace.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ninefold/ops.h"
#include "ninefold/tensor.h"

namespace ninefold {

// What an op's record says, as it is written there: what tf.raw_ops and the tests of all ops are made from.
struct OpDescription {
  std::vector<std::string> inputs, outputs, attrs;   // "values: N * T", "product: T", "N: int >= 1"
  std::vector<DType> dtypes;        // the kernel's key dtypes on the CPU, in order; empty: it has no type attribute
  std::string doc, effect;          // "none", "reads", "writes", "random", "world"
  bool differentiable = false;
  bool elementwise = false;
};
NINEFOLD_API OpDescription describe(const Op&);

// Ops between its construction and its end go to a trace that is thrown away: to see what a body would make.
class NINEFOLD_API ScratchScope {
 public:
  ScratchScope();
  ~ScratchScope();
  ScratchScope(const ScratchScope&) = delete;

 private:
  struct Saved;
  std::unique_ptr<Saved> saved_;
};
// "x:0": how texts call a symbolic tensor of a trace that is active on this thread.
NINEFOLD_API std::string symbol_name(const Tensor&);
// The value of a symbolic tensor that no argument reaches: its ops are run now. A variable that is made while
// tracing gets its initial value so. ValueError if an argument does reach it.
NINEFOLD_API Tensor evaluate(const Tensor&);

// ---- functions of the host language ----
using HostFunction = std::function<Tensors(const Tensors&)>;
// `outputs` as they are; what flows back into `sources` is what `backward` makes of what flows into the outputs.
// It is asked when a gradient is taken, within a trace while that is traced; an undefined tensor means none.
NINEFOLD_API Tensors custom_gradient(const Tensors& outputs, const Tensors& sources, HostFunction backward);
// Calls `f` each time it runs, within a trace too; `gradient` takes the inputs and what flows into the outputs.
NINEFOLD_API Tensors host_function(const Tensors& inputs, const std::vector<DType>& outputs, HostFunction f,
                                   HostFunction gradient);

}  // namespace ninefold
