// In: cond() and while_loop(). Out: eager Python-like control flow, or nodes If and While with their functions.
#include <algorithm>
#include <atomic>

#include "base/check.h"
#include "engine/grad/backprop.h"
#include "engine/graph/control_flow.h"
#include "engine/graph/flow.h"
#include "engine/graph/seen.h"
#include "engine/graph/tracer.h"
#include "engine/op/scope.h"

namespace ninefold {
namespace graph {
namespace {

// Functions of one node take the same inputs: all that any of them captured, after the first `own` inputs.
struct Branch {
  Traced traced;
  std::vector<TensorSpec> inputs;
};

Tensors unite(std::vector<Branch*> branches, size_t own) {
  Tensors all;
  std::vector<uint64_t> ids;
  for (Branch* b : branches)
    for (const Tensor& t : b->traced.captures)
      if (std::find(ids.begin(), ids.end(), t.id()) == ids.end()) {
        ids.push_back(t.id());
        all.push_back(t);
      }
  for (Branch* b : branches) {
    Graph& g = b->traced.body->graph;
    std::vector<Node*> inputs(g.inputs.begin(), g.inputs.begin() + static_cast<std::ptrdiff_t>(own));
    for (const Tensor& t : all) {
      const auto& mine = b->traced.captures;
      const auto found = std::find_if(mine.begin(), mine.end(), [&](const Tensor& c) { return c.id() == t.id(); });
      if (found != mine.end()) {
        inputs.push_back(g.inputs[own + static_cast<size_t>(found - mine.begin())]);
        continue;
      }
      const Op& op = placeholder_op();
      const NamedAttr named[] = {{"dtype", t.dtype()}, {"shape", t.shape()}};
      inputs.push_back(&g.add(op, Attrs(op, named), {}, {t.dtype()}, {t.shape()}));
      if (t.dtype() == DType::resource)
        inputs.back()->out[0].impl()->known = t.symbolic() ? t.impl()->known : std::make_shared<const Tensor>(t);
    }
    g.inputs = std::move(inputs);
    b->inputs.clear();
    for (const Node* n : g.inputs) b->inputs.push_back({n->out[0].shape(), n->out[0].dtype(), {}});
  }
  return all;
}

std::shared_ptr<Concrete> function_of(const std::string& name, Branch& b) {
  return std::make_shared<Concrete>(name, b.traced.body, b.traced.results, b.inputs, Tensors());
}

std::string unique(const std::string& base) {
  static std::atomic<int> n{0};
  return base + "_" + std::to_string(n++);
}

// Inputs through which a tape may want a gradient; empty if no tape listens to any of them. Inside a branch or
// a body the tapes outside hear nothing, but what they will ask for must be kept there too.
std::vector<bool> followed(const Tensors& inputs) {
  std::vector<bool> wanted(inputs.size());
  bool any = false;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!carries_gradient(inputs[i].dtype()) && inputs[i].dtype() != DType::resource) continue;
    wanted[i] = tapes_outside();
    for (const Recorder* r : scope().recorders) wanted[i] = wanted[i] || r->follows(inputs[i]);
    any = any || wanted[i];
  }
  return any ? wanted : std::vector<bool>();
}

[[noreturn]] void branches_differ(const std::string& details) {
  fail(Code::type, "true_fn and false_fn arguments to tf.cond must have the same number, type, and overall structure of "
       "return values.\n\nError details:\n{}", details);
}

void check_same_dtypes(const Tensors& a, const Tensors& b) {
  if (a.size() != b.size())
    branches_differ(fmt::format("The two structures don't have the same number of elements: true_fn returns {}, false_fn {}.",
                                a.size(), b.size()));
  for (size_t i = 0; i < a.size(); ++i)
    if (a[i].dtype() != b[i].dtype())
      branches_differ(fmt::format("Output {}: true_fn returns {} and false_fn returns {}, which have different types", i,
                                  name_of(a[i].dtype()), name_of(b[i].dtype())));
}

Tensors emit_if(const Tensor& predicate, const std::function<Tensors()>& if_true, const std::function<Tensors()>& if_false) {
  Branch then{trace_body("true", {}, [&](const Tensors&) { return if_true(); }), {}};
  Branch other{trace_body("false", {}, [&](const Tensors&) { return if_false(); }), {}};
  check_same_dtypes(then.traced.results, other.traced.results);
  const Tensors captures = unite({&then, &other}, 0);
  auto a = function_of(unique("cond_true"), then), b = function_of(unique("cond_false"), other);
  const std::vector<bool> wanted = followed(captures);
  tell_seen(a, b, !wanted.empty());
  Tensors all = wanted.empty() ? dispatch_if(predicate, captures, a, b)
                               : differentiable_if(predicate, captures, *a, *b, wanted).out;
  all.resize(then.traced.results.size());
  return all;
}

Tensors emit_while(const std::function<Tensor(const Tensors&)>& condition,
                   const std::function<Tensors(const Tensors&)>& body, const Tensors& initial, const WhileOptions& options) {
  const bool invariants = !options.shape_invariants.empty();
  const size_t n = initial.size();
  std::vector<TensorSpec> specs;
  for (size_t i = 0; i < n; ++i) {
    const Shape& s = invariants ? options.shape_invariants[i] : initial[i].shape();
    check(!invariants || s.relax(initial[i].shape()) == s, Code::value,
          "The shape invariant specified for loop variable {} is not compatible with the initial shape of the loop "
          "variable. It enters the loop with shape {}, but the specified shape invariant is {}.", i,
          initial[i].shape().tuple(), s.tuple());
    specs.push_back({s, initial[i].dtype(), {}});
  }
  Branch test{trace_body("cond", specs, [&](const Tensors& in) { return Tensors{condition(in)}; }), {}};
  Branch step{trace_body("body", specs, [&](const Tensors& in) {
    Tensors out = body(in);
    check(out.size() == n, Code::value, "while_loop: the body returns {} tensors for {} loop variables", out.size(), n);
    return out;
  }), {}};
  for (size_t i = 0; i < n; ++i) {
    const Tensor& r = step.traced.results[i];
    check(r.dtype() == specs[i].dtype, Code::type, "while_loop: loop variable {} enters the loop with dtype {} but has dtype "
          "{} after one iteration", i, name_of(specs[i].dtype), name_of(r.dtype()));
    check(specs[i].shape.relax(r.shape()) == specs[i].shape, Code::value,
          "Input tensor '{}:0' enters the loop with shape {}, but has shape {} after one iteration. To allow the shape to "
          "vary across iterations, use the `shape_invariants` argument of tf.while_loop to specify a less-specific shape.",
          i, specs[i].shape.tuple(), r.shape().tuple());
  }
  const Tensors captures = unite({&test, &step}, n);
  // Captures are variables that every iteration hands on; a limit is one more variable, which counts.
  const bool limited = options.maximum_iterations >= 0;
  auto own = function_of(unique("while_body"), step), test_own = function_of(unique("while_cond"), test);
  std::vector<TensorSpec> all = own->inputs();
  if (limited) all.insert(all.begin(), {{}, DType::i32, {}});
  const size_t first = limited ? 1 : 0;
  Traced whole = trace_body(own->name(), all, [&](const Tensors& in) {
    Tensors out = joined(*own, {in.data() + first, n + captures.size()});
    if (limited) out.insert(out.begin(), in[0] + Tensor(1));
    out.insert(out.end(), in.begin() + static_cast<std::ptrdiff_t>(first + n), in.end());
    return out;
  });
  auto loop = std::make_shared<Concrete>(own->name(), whole.body, whole.results, all, Tensors());
  Traced until = trace_body(test_own->name(), all, [&](const Tensors& in) {
    const Tensor go = joined(*test_own, {in.data() + first, n + captures.size()})[0];
    if (!limited) return Tensors{go};
    return Tensors{op("LogicalAnd", {op("Less", {in[0], Tensor(static_cast<int32_t>(options.maximum_iterations))}), go})};
  });
  auto tested = std::make_shared<Concrete>(test_own->name(), until.body, until.results, all, Tensors());
  Tensors inputs = initial;
  inputs.insert(inputs.end(), captures.begin(), captures.end());
  if (limited) inputs.insert(inputs.begin(), Tensor(0));
  std::vector<bool> wanted = followed(inputs);
  tell_seen(tested, loop, inputs, !wanted.empty());
  std::vector<Shape> shapes;
  for (const TensorSpec& s : loop->inputs()) shapes.push_back(s.shape);
  if (wanted.empty()) {
    const Tensors out = dispatch_while(inputs, tested, loop, shapes);
    return {out.begin() + static_cast<std::ptrdiff_t>(first), out.begin() + static_cast<std::ptrdiff_t>(first + n)};
  }
  for (size_t i = 0; i < first + n; ++i)   // what enters one variable may reach any other in the next iteration
    wanted[i] = carries_gradient(all[i].dtype);
  wanted.resize(inputs.size());
  const Tensors out = differentiable_while(inputs, tested, loop, wanted, shapes).out;
  return {out.begin() + static_cast<std::ptrdiff_t>(1 + first), out.begin() + static_cast<std::ptrdiff_t>(1 + first + n)};
}

}  // namespace
}  // namespace graph

Tensors cond(const Tensor& predicate, const std::function<Tensors()>& if_true, const std::function<Tensors()>& if_false) {
  check(predicate.defined(), Code::type, "pred must not be a Python bool or None, got nothing");
  if (!scope().tracer()) return graph::truth(predicate) ? if_true() : if_false();
  check(predicate.dtype() == DType::boolean, Code::invalid_argument,
        "Input 'pred' passed {} expected bool while building NodeDef 'cond/switch_pred' using Op<name=Switch; signature=data:T, "
        "pred:bool -> output_false:T, output_true:T; attr=T:type>", short_name(predicate.dtype()));
  return graph::emit_if(predicate, if_true, if_false);
}

Tensors while_loop(const std::function<Tensor(const Tensors&)>& condition,
                   const std::function<Tensors(const Tensors&)>& body, Tensors state, WhileOptions options) {
  check(options.shape_invariants.empty() || options.shape_invariants.size() == state.size(), Code::value,
        "while_loop: {} shape invariants given for {} loop variables", options.shape_invariants.size(), state.size());
  if (scope().tracer()) {
    const auto tested = [&](const Tensors& now) {
      Tensor t = condition(now);
      check(t.dtype() == DType::boolean, Code::invalid_argument,
            "Input 'input' passed {} expected bool while building NodeDef 'while/LoopCond' using Op<name=LoopCond; "
            "signature=input:bool -> output:bool>", short_name(t.dtype()));
      return t;
    };
    return graph::emit_while(tested, body, state, options);
  }
  for (int64_t i = 0; (options.maximum_iterations < 0 || i < options.maximum_iterations) && graph::truth(condition(state)); ++i) {
    const size_t n = state.size();
    state = body(state);
    check(state.size() == n, Code::value, "while_loop: the body returns {} tensors for {} loop variables", state.size(), n);
  }
  return state;
}

}  // namespace ninefold
