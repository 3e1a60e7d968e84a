// In: ops while a tape listens. Out: derivatives.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "ninefold/tensor.h"

namespace ninefold {

enum class Unconnected { none, zero };   // what an unconnected source gets: an undefined tensor, or zeros

// Rows of a larger tensor, mostly zero: row indices[i] of a tensor of shape `dense_shape` gets values[i]. Rows of
// an index that stands twice add up. `dense_shape` may be undefined where it is not known.
struct IndexedSlices {
  Tensor values, indices, dense_shape;
};

// What flows back into a tensor: nothing, a tensor, or some of its rows (the gradient of a gather, of an embedding).
class NINEFOLD_API Gradient {
 public:
  Gradient() = default;
  Gradient(Tensor t) : parts_{std::move(t), {}, {}} {}
  Gradient(IndexedSlices s) : parts_(std::move(s)) {}
  bool defined() const { return parts_.values.defined(); }
  bool sparse() const { return parts_.indices.defined(); }
  DType dtype() const { return parts_.values.dtype(); }
  const IndexedSlices& slices() const { return parts_; }   // iff sparse
  // The whole tensor: rows are summed into zeros. Raises ValueError if their dense_shape is not known.
  Tensor dense() const;
  // The same rows, or the tensor, through `f`: only for an f that keeps zeros zero, or whose caller means rows.
  template <class F>
  Gradient map(const F& f) const {
    return defined() ? Gradient(IndexedSlices{f(parts_.values), parts_.indices, parts_.dense_shape}) : Gradient();
  }

 private:
  IndexedSlices parts_;   // indices undefined: values is the whole
};
using Gradients = std::vector<Gradient>;
// The sum of what is defined: rows one after another in that order if all are rows, else a tensor.
NINEFOLD_API Gradient total(std::span<const Gradient>);
NINEFOLD_API Tensors dense(const Gradients&);

// Records what happens on this thread between its construction (or start) and its end (or stop).
//   GradientTape tape;  tape.watch(x);  Tensor y = x * x;  Tensor dx = tape.gradient(y, {x})[0];
// A tape that is not persistent gives gradients once; a second call raises RuntimeError.
class NINEFOLD_API GradientTape {
 public:
  explicit GradientTape(bool persistent = false, bool watch_accessed_variables = true);
  ~GradientTape();
  GradientTape(const GradientTape&) = delete;
  void watch(const Tensor&);
  void watch(const Variable&);
  void start();                          // listens again, after stop
  void stop();                           // hears nothing until start
  void reset();                          // forgets everything
  std::vector<Variable> watched_variables() const;
  // d(sum of targets)/d(source), one tensor a source; `output_gradients` weigh the targets.
  Tensors gradient(const Tensors& targets, const Tensors& sources, const Tensors& output_gradients = {},
                   Unconnected unconnected = Unconnected::none);
  Tensors gradient(const Tensor& target, const std::vector<Variable>& sources);
  // The same, where rows stay rows: what optimizers want.
  Gradients gradients(const Tensors& targets, const Tensors& sources, const Tensors& output_gradients = {},
                      Unconnected unconnected = Unconnected::none);
  Gradients gradients(const Tensor& target, const std::vector<Variable>& sources);
  struct State;

 private:
  std::unique_ptr<State> state_;
};

// ---- functions of the host language ----------------------------------------------------------------------------
using HostFunction = std::function<Tensors(const Tensors&)>;
// `outputs` as they are; what flows back into `sources` is what `backward` makes of what flows into the outputs.
// It is asked when a gradient is taken, within a trace while that is traced; an undefined tensor means none.
NINEFOLD_API Tensors custom_gradient(const Tensors& outputs, const Tensors& sources, HostFunction backward);
// Calls `f` each time it runs, within a trace too; `gradient` takes the inputs and what flows into the outputs.
NINEFOLD_API Tensors host_function(const Tensors& inputs, const std::vector<DType>& outputs, HostFunction f,
                                   HostFunction gradient);

}  // namespace ninefold
