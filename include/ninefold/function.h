// In: C++ callables made of ops. Out: the same, traced: planned once a shape, run without overhead,
// differentiable, and writable as a TensorFlow graph.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ninefold/ops.h"

namespace ninefold {

// A traced function of one signature (TensorFlow's ConcreteFunction). Threads may call it at once.
class NINEFOLD_API FunctionBase : public std::enable_shared_from_this<FunctionBase> {
 public:
  virtual ~FunctionBase() = default;
  virtual const std::string& name() const = 0;
  virtual const std::vector<TensorSpec>& inputs() const = 0;    // the arguments, without what is captured
  virtual const std::vector<TensorSpec>& outputs() const = 0;
  virtual const Tensors& captures() const = 0;                  // outer tensors and handles of variables
  // Runs it; within another trace it becomes a call there. Tapes differentiate through it.
  virtual Tensors call(std::span<const Tensor> arguments) = 0;
  virtual std::string graph_def() const = 0;                    // GraphDef with its library, serialised
};

// Runs `body` once with symbolic arguments and keeps the ops it called.
NINEFOLD_API FunctionRef trace(std::string name, std::span<const TensorSpec> arguments,
                               const std::function<Tensors(const Tensors&)>& body);

struct FunctionOptions {
  std::string name = "function";
  bool reduce_retracing = false;   // widens dimensions that vary instead of tracing each size
};
// tf.function for C++: traces once for each list of dtypes and shapes it meets.
//   Traced step([](const Tensors& a) { return Tensors{a[0] * a[0]}; });  step({Tensor(3.0f)});
class NINEFOLD_API Traced {
 public:
  explicit Traced(std::function<Tensors(const Tensors&)> body, FunctionOptions options = {});
  Tensors operator()(const Tensors& arguments) const;
  FunctionRef concrete(std::span<const TensorSpec> arguments) const;
  int tracing_count() const;
  struct State;

 private:
  std::shared_ptr<State> state_;
};

// Runs ops now, although a trace is active (tf.init_scope): variables are made here.
class NINEFOLD_API InitScope {
 public:
  InitScope();
  ~InitScope();
  InitScope(const InitScope&) = delete;

 private:
  struct Saved;
  std::unique_ptr<Saved> saved_;
};
NINEFOLD_API bool executing_eagerly();

// Control flow: at once if the condition is known, else as nodes If and While of the trace.
NINEFOLD_API Tensors cond(const Tensor& predicate, const std::function<Tensors()>& if_true,
                          const std::function<Tensors()>& if_false);
struct WhileOptions {
  int64_t maximum_iterations = -1;       // -1: no limit
  std::vector<Shape> shape_invariants = {};   // empty: the shapes of the initial values
};
NINEFOLD_API Tensors while_loop(const std::function<Tensor(const Tensors&)>& condition,
                                const std::function<Tensors(const Tensors&)>& body, Tensors initial,
                                WhileOptions options = {});

// ---- what a host language asks of a trace that is going on --------------------------------------------------

// What an op's record says, as it is written there: what tf.raw_ops and the tests of all ops are made from.
struct OpDescription {
  std::vector<std::string> inputs, outputs, attrs;   // "values: N * T", "product: T", "N: int >= 1"
  std::vector<DType> dtypes;        // the kernel's key dtypes on the CPU, in order; empty: it has no type attribute
  std::string doc, effect;          // "none", "reads", "writes", "random", "world"
  bool differentiable = false;
  bool elementwise = false;
};
NINEFOLD_API OpDescription describe(const Op&);

// Where tf.print writes what goes to no file, whatever stream it names, as in notebooks, which show what their language
// prints. Called by the thread of the op; may throw. nullptr: the streams.
NINEFOLD_API void set_print_sink(void (*sink)(std::string_view text));

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

}  // namespace ninefold
