// In: cond() and while_loop(). Out: eager Python-like control flow, or nodes If and While with their functions.
#include "engine/graph/control_flow.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "base/check.h"
#include "engine/grad/backprop.h"
#include "engine/graph/flow.h"
#include "engine/graph/seen.h"
#include "engine/graph/tracer.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/scope.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/tensor_list.h"

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

std::vector<DType> dtypes_of(std::span<const Tensor> ts) {
  std::vector<DType> d;
  for (const Tensor& t : ts) d.push_back(t.dtype());
  return d;
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

// Whether the functions of a node tell what they saw, so that they run again on that. If they only read, and nobody
// knew that it would be needed, they read again: nothing may have been written since.
bool told(std::initializer_list<const Concrete*> functions, const Tensors& out) {
  Acts acts = Acts::nothing;
  for (const Concrete* f : functions) {
    if (!f->seen.empty()) return true;
    acts = std::max(acts, acts_in(f->graph()));
  }
  if (acts != Acts::reads) return acts == Acts::more;
  const Node& n = node_of(out[0]);
  for (Tracer* t : scope().tracers) {
    const auto* tracer = dynamic_cast<const GraphTracer*>(t);
    if (!tracer || !tracer->graph().owns(out[0])) continue;
    const auto& nodes = tracer->graph().nodes;
    for (auto later = nodes.begin() + n.id + 1; later != nodes.end(); ++later)
      check(!must_run(*later->op, later->attrs), Code::unimplemented,
            "{}: its functions read variables or tables, and after it {} changes some: what they read is not kept for a "
            "derivative that is asked for now. Watch what it depends on with a tf.GradientTape, or write after the derivative.",
            n.op->name, later->op->name);
  }
  return false;
}

// ---- If -------------------------------------------------------------------------------------------

[[noreturn]] void branches_differ(const std::string& details) {
  fail(Code::type, "true_fn and false_fn arguments to tf.cond must have the same number, type, and overall structure of "
       "return values.\n\nError details:\n{}", details);
}

void if_shape(ShapeCtx& c) {
  const auto& a = concrete(std::get<FunctionRef>(c.attr("then_branch")));
  const auto& b = concrete(std::get<FunctionRef>(c.attr("else_branch")));
  const auto in = c.inputs().subspan(1);
  // What a branch that is not taken would have kept for its gradient is empty, and need not fit its ops: such
  // a branch says nothing of shapes. If it is taken nevertheless, its own run raises.
  const auto shapes_of = [&](const Concrete& f) -> std::optional<std::vector<Shape>> {
    try {
      return result_shapes(f, in);
    } catch (const Error&) {
      return std::nullopt;
    }
  };
  const auto x = shapes_of(a), y = shapes_of(b);
  if (!x && !y) result_shapes(a, in);   // raises
  const size_t n = (x ? x : y)->size();
  for (size_t i = 0; i < n; ++i)
    c.output(static_cast<int>(i), x && y ? (*x)[i].relax((*y)[i]) : Shape::unknown());
}

Tensor zeros_for(const Tensor& input) {
  if (input.dtype() != DType::resource) return op("ZerosLike", {input});
  const Tensor* handle = input.symbolic() ? input.impl()->known.get() : &input;
  NINEFOLD_INVARIANT(handle);
  const DType dtype = resource_as<VariableResource>(*handle, "gradient").dtype;
  return op("ZerosLike", {op("ReadVariableOp", {input}, {{"dtype", dtype}})});
}

bool holds_floats(const Tensor& handle) {
  const Tensor* real = handle.symbolic() ? handle.impl()->known.get() : &handle;
  const auto* v = real ? dynamic_cast<const VariableResource*>(resource_of(*real).get()) : nullptr;
  return v && carries_gradient(v->dtype);
}

// A node If of functions that also return what their gradients read; `out` is everything it returns.
struct DifferentiableIf {
  std::shared_ptr<Concrete> branches[2];
  Tensors out;
};

DifferentiableIf differentiable_if(const Tensor& predicate, const Tensors& inputs, Concrete& a, Concrete& b,
                                   const std::vector<bool>& wanted) {
  const size_t own = a.outputs().size();
  const auto fa = a.forward(wanted, true), fb = b.forward(wanted, true);
  const std::vector<TensorSpec> sa(fa->outputs().begin() + static_cast<std::ptrdiff_t>(own), fa->outputs().end());
  const std::vector<TensorSpec> sb(fb->outputs().begin() + static_cast<std::ptrdiff_t>(own), fb->outputs().end());
  DifferentiableIf d{{padded(fa, own, {}, sb), padded(fb, own, sa, {})}, {}};
  d.out = dispatch_if(predicate, inputs, d.branches[0], d.branches[1]);
  return d;
}

// Where the gradient by an input stands among the results of a branch's backward function; at < 0: nowhere.
struct Part {
  int at = -1;
  bool rows = false;   // three results: values, indices, dense_shape
};
Part part_of(const Concrete& branch, int input) {
  const Backward& b = *branch.backward;
  int at = 0;
  for (size_t i = 0; i < b.reaches.size(); ++i) {
    if (b.reaches[i] == input) return {at, b.rows[i]};
    at += b.rows[i] ? 3 : 1;
  }
  return {};
}
// What both branches return for one input: rows if all that either of them gives is rows, else a tensor.
struct Joined {
  Joined(int i, std::span<Concrete* const> branches) : input(i) {
    for (const Concrete* c : branches) {
      const Part p = part_of(*c, i);
      if (p.at < 0) continue;
      const auto& specs = c->backward->function->outputs();
      rows = rows && p.rows;
      if (!rows) return;
      if (specs[static_cast<size_t>(p.at) + 1].dtype == DType::i64) index = DType::i64;
    }
  }
  int input;
  bool rows = true;
  DType index = DType::i32;
};

void append(Tensors& out, const Joined& j, const Part& p, const Tensors& dx, const Tensor& input) {
  const auto result = [&](int k) { return dx[static_cast<size_t>(p.at + k)]; };
  const Gradient given = p.at < 0 ? Gradient() : p.rows ? Gradient(IndexedSlices{result(0), result(1), result(2)}) : result(0);
  if (!j.rows) {
    out.push_back(given.defined() ? given.dense() : zeros_for(input));
  } else if (given.defined()) {
    const IndexedSlices& s = given.slices();
    const Tensor indices = s.indices.dtype() == j.index ? s.indices : op("Cast", {s.indices}, {{"DstT", j.index}});
    out.insert(out.end(), {s.values, indices, s.dense_shape});
  } else {
    // Every row, of zeros, as in TensorFlow: an optimizer with moments steps them all.
    const Tensor zeros = zeros_for(input), shape = op("Shape", {zeros});
    const Tensor rows = op("GatherV2", {shape, Tensor(int32_t{0}), Tensor(int32_t{0})});
    const Tensor all = op("Range", {Tensor(int32_t{0}), rows, Tensor(int32_t{1})});
    out.insert(out.end(), {zeros, j.index == DType::i64 ? op("Cast", {all}, {{"DstT", j.index}}) : all, shape});
  }
}

void if_grad(GradCtx& g) {
  auto function = [&](const char* name) { return std::get<FunctionRef>(g.attr(name)); };
  Concrete* f[2] = {&concrete(function("then_branch")), &concrete(function("else_branch"))};
  Tensors out;
  for (int i = 0; i < g.num_outputs(); ++i) out.push_back(g.out(i));
  // If nothing was kept for this gradient, or what was kept is differentiated in its turn, the branch runs again.
  bool again = !f[0]->backward;
  for (size_t o = f[0]->backward ? f[0]->backward->outputs : 0; o < out.size(); ++o)
    again = again || g.has_dy(static_cast<int>(o));
  DifferentiableIf rerun;
  Tensors inputs;
  for (int i = 1; i < g.num_inputs(); ++i) inputs.push_back(g.in(i));
  Again on;        // what was seen, if anything was
  if (again) {
    std::vector<bool> wanted;
    for (int i = 1; i < g.num_inputs(); ++i) wanted.push_back(g.needs(i));
    if (told({f[0], f[1]}, out)) {
      on = if_again(inputs, *f[0], *f[1], out);
      inputs = on.inputs;
      wanted.resize(inputs.size());
      for (int i = 0; i < 2; ++i) f[i] = on.f[i].get();
    }
    rerun = differentiable_if(g.in(0), inputs, *f[0], *f[1], wanted);
    for (int i = 0; i < 2; ++i) f[i] = rerun.branches[i].get();
    out = rerun.out;
  }
  // Both branches give a gradient for each input that either of them reaches.
  std::vector<Joined> reached;
  for (Concrete* b : f)
    for (int i : b->backward->reaches)
      if (std::none_of(reached.begin(), reached.end(), [i](const Joined& j) { return j.input == i; })) reached.emplace_back(i, f);
  if (reached.empty()) return;
  auto branch = [&](Concrete* c) {
    return [&g, &reached, &out, &inputs, c] {
      const Backward& b = *c->backward;
      Tensors arguments;
      for (int o : b.flows) arguments.push_back(g.dy(o));
      for (int s : b.saved) arguments.push_back(s >= 0 ? inputs[static_cast<size_t>(s)] : out[static_cast<size_t>(-1 - s)]);
      const Tensors dx = b.function->call(arguments);
      Tensors out;
      for (const Joined& j : reached) append(out, j, part_of(*c, j.input), dx, g.in(j.input + 1));
      return out;
    };
  };
  const Tensors dx = cond(g.in(0), branch(f[0]), branch(f[1]));
  size_t at = 0;
  for (const Joined& j : reached) {
    if (j.rows) g.to(j.input + 1, IndexedSlices{dx[at], dx[at + 1], dx[at + 2]});
    else g.to(j.input + 1, dx[at]);
    at += j.rows ? 3 : 1;
  }
}

Op if_record(const char* name) {
  return {.name = name, .inputs = {"cond: Tcond", "input: Tin"}, .outputs = {"output: Tout"},
          .attrs = {"Tcond: type", "Tin: list(type)", "Tout: list(type)", "then_branch: func", "else_branch: func",
                    "output_shapes: list(shape) = []"},
          .doc = "The results of one of two functions.", .shape = if_shape, .grad = if_grad, .effect = Effect::reads,
          .host = {"cond"}, .foldable = false};
}
const Op stateful_if = if_record("If"), stateless_if = if_record("StatelessIf");
NINEFOLD_REGISTER(stateful_if);
NINEFOLD_REGISTER(stateless_if);
NINEFOLD_KERNEL(stateful_if, "CPU", Kernel{run_if});
NINEFOLD_KERNEL(stateless_if, "CPU", Kernel{run_if});
const PlanForm if_forms[] = {{stateful_if, flow_abilities()}, {stateless_if, flow_abilities()}};

// ---- While ----------------------------------------------------------------------------------------

void while_shape(ShapeCtx& c) {
  const auto& body = concrete(std::get<FunctionRef>(c.attr("body")));
  const auto& declared = std::get<std::vector<Shape>>(c.attr("output_shapes"));
  // The shapes of all iterations: those that the body gives back unchanged, starting from the inputs'.
  Tensors state(c.inputs().begin(), c.inputs().end());
  for (;;) {
    const std::vector<Shape> next = result_shapes(body, state);
    bool settled = true;
    for (size_t i = 0; i < next.size(); ++i) {
      const Shape both = state[i].shape().relax(next[i]);
      if (both == state[i].shape()) continue;
      settled = false;
      Tensor wider = symbolic_tensor({&c, &c, 0}, state[i].dtype(), both);
      wider.impl()->known = nullptr;
      state[i] = wider;
    }
    if (settled) break;
  }
  for (size_t i = 0; i < state.size(); ++i) {
    const Shape s = state[i].shape();
    c.output(static_cast<int>(i), i < declared.size() && declared[i].compatible(s) ? s.merge(declared[i]) : s);
  }
}

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
DifferentiableWhile differentiable_while(const Tensors& inputs, const std::shared_ptr<Concrete>& condition,
                                         const std::shared_ptr<Concrete>& step, const std::vector<bool>& wanted,
                                         const std::vector<Shape>& shapes);

// A variable that every iteration hands on as it is: a capture.
bool fixed_variable(const Concrete& body, size_t i) {
  return body.results()[i].impl() == body.graph().inputs[i]->out[0].impl();
}

void while_grad(GradCtx& g) {
  auto f = std::static_pointer_cast<Concrete>(std::get<FunctionRef>(g.attr("body")));
  auto body = std::dynamic_pointer_cast<LoopBody>(f);
  Tensors out;
  for (int i = 0; i < g.num_outputs(); ++i) out.push_back(g.out(i));
  bool again = !body;
  for (size_t o = body ? 1 + body->variables : 0; o < out.size(); ++o) again = again || g.has_dy(static_cast<int>(o));
  int first = 1;   // input and output that belong to variable 0
  Tensors inputs;
  for (int i = 0; i < g.num_inputs(); ++i) inputs.push_back(g.in(i));
  if (again) {     // see if_grad
    auto condition = std::static_pointer_cast<Concrete>(std::get<FunctionRef>(g.attr("cond")));
    if (told({f.get(), condition.get()}, out)) {
      Again on = while_again(inputs, *condition, *f, out);
      condition = on.f[0], f = on.f[1], inputs = on.inputs;
    }
    std::vector<bool> wanted;
    for (size_t i = 0; i < inputs.size(); ++i)
      wanted.push_back((i < static_cast<size_t>(g.num_inputs()) && g.needs(static_cast<int>(i))) ||
                       (carries_gradient(inputs[i].dtype()) && !fixed_variable(*f, i)));
    std::vector<Shape> shapes;
    for (const TensorSpec& s : f->inputs()) shapes.push_back(s.shape);
    DifferentiableWhile rerun = differentiable_while(inputs, condition, f, wanted, shapes);
    body = rerun.body;
    out = rerun.out;
    first = 0;
  }
  const Backward& b = *body->step->backward;
  const size_t n = body->variables;
  auto input = [&](int variable) -> const Tensor& { return inputs[static_cast<size_t>(first + variable)]; };
  // The state of the loop backwards: steps left, what flows into each variable, lists.
  Tensors state = {out[0]};
  std::vector<int> slot_of(n, -1);
  auto slot = [&](Tensors& s, size_t variable) -> Tensor& { return s[static_cast<size_t>(slot_of[variable])]; };
  for (size_t i = 0; i < n; ++i) {
    const bool fixed = fixed_variable(*body->step, i);
    const auto& among = fixed ? b.reaches : b.flows;
    if (std::find(among.begin(), among.end(), static_cast<int>(i)) == among.end()) continue;
    slot_of[i] = static_cast<int>(state.size());
    const int at = first + static_cast<int>(i);
    state.push_back(fixed && !g.has_dy(at) ? zeros_for(inputs[static_cast<size_t>(at)]) : g.dy(at));
  }
  const size_t lists = state.size();
  for (size_t o = 1 + n; o < out.size(); ++o) state.push_back(out[o]);
  auto more = [](const Tensors& s) { return op("Greater", {s[0], Tensor(0)}); };
  auto back = [&](const Tensors& s) {
    Tensors next = s;
    next[0] = s[0] - Tensor(1);
    Tensors arguments;
    for (int o : b.flows) {
      const auto i = static_cast<size_t>(o);
      // What flows into a fixed variable's end stays in its sum; the step itself adds nothing to it.
      arguments.push_back(fixed_variable(*body->step, i) ? op("ZerosLike", {input(o)})
                                                         : s[static_cast<size_t>(slot_of[i])]);
    }
    for (size_t i = 0; i < b.saved.size(); ++i) {
      if (body->list_of[i] < 0) {
        arguments.push_back(input(b.saved[i]));
        continue;
      }
      const TensorSpec& spec = b.function->inputs()[b.flows.size() + i];
      Tensor& list = next[lists + static_cast<size_t>(body->list_of[i])];
      const Tensor in[] = {list, list_shape(spec.shape)};
      const NamedAttr dtype("element_dtype", spec.dtype);
      const Tensors both = op_all("TensorListPopBack", in, {&dtype, 1});
      list = both[0];
      arguments.push_back(both[1]);
    }
    const Tensors dx = b.function->call(arguments);
    std::vector<bool> reached(n);
    for (size_t r = 0; r < dx.size(); ++r) {
      const auto i = static_cast<size_t>(b.reaches[r]);
      if (slot_of[i] < 0) continue;
      reached[i] = true;
      Tensor& into = slot(next, i);
      if (!fixed_variable(*body->step, i)) into = dx[r];
      else into = grad::added(into, dx[r]);
    }
    for (size_t i = 0; i < n; ++i)
      if (slot_of[i] >= 0 && !reached[i] && !fixed_variable(*body->step, i)) slot(next, i) = op("ZerosLike", {slot(next, i)});
    // What flows into a variable has its shape, which ops alone may not know.
    for (size_t i = 0; i < n; ++i) {
      if (slot_of[i] < 0) continue;
      const Tensor &into = slot(next, i), &was = s[static_cast<size_t>(slot_of[i])];
      if (into.symbolic() && into.dtype() != DType::variant) into.impl()->shape = into.shape().merge(was.shape());
    }
    return next;
  };
  WhileOptions options;
  for (const Tensor& t : state) options.shape_invariants.push_back(t.shape());
  Tensors end = while_loop(more, back, state, options);
  for (size_t i = 0; i < n; ++i) {
    const int at = first + static_cast<int>(i);
    if (slot_of[i] >= 0) g.to(at, slot(end, i));
    // As TensorFlow has it: zeros for a variable that a loop only writes.
    else if (at < g.num_inputs() && g.in(at).dtype() == DType::resource && g.needs(at) && holds_floats(g.in(at))) g.to(at, zeros_for(g.in(at)));
  }
}

Op while_record(const char* name) {
  return {.name = name, .inputs = {"input: T"}, .outputs = {"output: T"},
          .attrs = {"T: list(type)", "cond: func", "body: func", "output_shapes: list(shape) = []",
                    "parallel_iterations: int = 10"},
          .doc = "Runs a function on its own results while another one says so.", .shape = while_shape,
          .grad = while_grad, .effect = Effect::reads, .foldable = false};
}
const Op stateful_while = while_record("While"), stateless_while = while_record("StatelessWhile");
NINEFOLD_REGISTER(stateful_while);
NINEFOLD_REGISTER(stateless_while);
NINEFOLD_KERNEL(stateful_while, "CPU", Kernel{run_while});
NINEFOLD_KERNEL(stateless_while, "CPU", Kernel{run_while});
const PlanForm while_forms[] = {{stateful_while, flow_abilities()}, {stateless_while, flow_abilities()}};

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

// The loop that also counts its iterations and keeps on lists what the gradient of an iteration reads.
DifferentiableWhile differentiable_while(const Tensors& inputs, const std::shared_ptr<Concrete>& condition,
                                         const std::shared_ptr<Concrete>& plain, const std::vector<bool>& wanted,
                                         const std::vector<Shape>& shapes) {
  const size_t n = inputs.size();
  const std::shared_ptr<Concrete> step = plain->forward(wanted);
  const Backward& b = *step->backward;
  std::vector<int> pushed, list_of;
  std::vector<TensorSpec> elements;
  for (size_t i = 0; i < b.saved.size(); ++i) {
    const bool fixed = b.saved[i] >= 0 && fixed_variable(*plain, static_cast<size_t>(b.saved[i]));
    list_of.push_back(fixed ? -1 : static_cast<int>(pushed.size()));
    if (fixed) continue;
    pushed.push_back(b.saved[i]);
    elements.push_back(b.function->inputs()[b.flows.size() + i]);
  }
  std::vector<TensorSpec> specs = {{{}, DType::i32, {}}};
  specs.insert(specs.end(), step->inputs().begin(), step->inputs().end());
  specs.resize(specs.size() + pushed.size(), {{}, DType::variant, {}});
  Traced t = trace_body(step->name(), specs, [&](const Tensors& in) {
    const std::span<const Tensor> own(in.data() + 1, n);
    const Tensors all = joined(*step, own);
    Tensors out = {in[0] + Tensor(1)};
    out.insert(out.end(), all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n));
    for (size_t i = 0; i < pushed.size(); ++i) {
      const int s = pushed[i];
      out.push_back(op("TensorListPushBack", {in[1 + n + i], s >= 0 ? own[static_cast<size_t>(s)] : all[static_cast<size_t>(-1 - s)]}));
    }
    return out;
  });
  NINEFOLD_INVARIANT(t.captures.empty());
  DifferentiableWhile d{std::make_shared<LoopBody>(step->name(), t.body, t.results, specs, Tensors()), {}};
  d.body->step = step;
  d.body->variables = n;
  for (int i : plain->seen) d.body->seen.push_back(i + 1);
  d.body->list_of = std::move(list_of);
  Tensors in = {Tensor(0)};
  in.insert(in.end(), inputs.begin(), inputs.end());
  std::vector<Shape> all_shapes = {Shape{}};
  all_shapes.insert(all_shapes.end(), shapes.begin(), shapes.end());
  for (const TensorSpec& e : elements) {
    in.push_back(empty_list(e));
    all_shapes.push_back({});
  }
  d.out = dispatch_while(in, among(condition, specs, 1), d.body, all_shapes);
  return d;
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

bool stateful(const Concrete& f) {
  return std::any_of(f.graph().nodes.begin(), f.graph().nodes.end(),
                     [](const Node& n) { return effect_of(*n.op, n.attrs) != Effect::none; });
}

}  // namespace

std::shared_ptr<Concrete> keeping(const Concrete& f, const std::vector<bool>& wanted) {
  const Graph& g = f.graph();
  const auto plain = [](const Node& n) {
    const auto branch = function_at(n, "then_branch"), body = function_at(n, "body");
    return (branch && !branch->backward) || (body && !std::dynamic_pointer_cast<LoopBody>(body));
  };
  if (std::none_of(g.nodes.begin(), g.nodes.end(), plain)) return nullptr;
  // As grad::backprop has it: what depends on an input that is wanted, and what flows back there.
  std::unordered_set<const TensorImpl*> reached, flowing;
  const auto in = [](const auto& set, const Tensor& t) { return set.contains(t.impl()); };
  const auto any_in = [&](const auto& set, const Tensors& ts) { return std::any_of(ts.begin(), ts.end(), [&](const Tensor& t) { return in(set, t); }); };
  for (size_t i = 0; i < wanted.size(); ++i)
    if (wanted[i]) reached.insert(g.inputs[i]->out[0].impl());
  std::vector<bool> useful(g.nodes.size()), turned(g.nodes.size());
  for (const Node& n : g.nodes) {
    useful[static_cast<size_t>(n.id)] = !n.op->stops_gradient && any_in(reached, n.in);
    if (!useful[static_cast<size_t>(n.id)]) continue;
    for (const Tensor& t : n.out)
      if (carries_gradient(t.dtype()) || t.dtype() == DType::resource) reached.insert(t.impl());
  }
  for (size_t i = 0; i < f.results().size(); ++i)
    if (std::find(f.seen.begin(), f.seen.end(), static_cast<int>(i)) == f.seen.end() && carries_gradient(f.results()[i].dtype()))
      flowing.insert(f.results()[i].impl());
  bool any = false;
  for (size_t at = g.nodes.size(); at-- > 0;) {
    const Node& n = g.nodes[at];
    if (!useful[at] || !any_in(flowing, n.out)) continue;
    for (const Tensor& t : n.in) flowing.insert(t.impl());
    turned[at] = plain(n);
    any = any || turned[at];
  }
  if (!any) return nullptr;
  return rebuilt(f, [&](const Node& n, const Tensors& given) -> std::optional<Tensors> {
    if (!turned[static_cast<size_t>(n.id)]) return std::nullopt;
    std::vector<bool> follows;
    for (const Tensor& t : n.in) follows.push_back(in(reached, t));
    Tensors out;
    if (const auto then = function_at(n, "then_branch")) {
      follows.erase(follows.begin());
      out = differentiable_if(given[0], {given.begin() + 1, given.end()}, *then, *function_at(n, "else_branch"), follows).out;
    } else {
      const auto body = function_at(n, "body");
      std::vector<Shape> shapes;
      for (size_t i = 0; i < follows.size(); ++i) {
        follows[i] = follows[i] || (carries_gradient(given[i].dtype()) && !fixed_variable(*body, i));
        shapes.push_back(body->inputs()[i].shape);
      }
      out = differentiable_while(given, function_at(n, "cond"), body, follows, shapes).out;
      out.erase(out.begin());
    }
    out.resize(n.out.size());
    return out;
  });
}

Tensors dispatch_if(const Tensor& predicate, const Tensors& inputs, const std::shared_ptr<Concrete>& a,
                    const std::shared_ptr<Concrete>& b) {
  Tensors in = {predicate};
  in.insert(in.end(), inputs.begin(), inputs.end());
  const Op& record = stateful(*a) || stateful(*b) ? stateful_if : stateless_if;
  std::vector<DType> out;
  for (const TensorSpec& s : a->outputs()) out.push_back(s.dtype);
  const NamedAttr named[] = {{"Tin", dtypes_of(inputs)}, {"Tout", out}, {"then_branch", FunctionRef(a)},
                             {"else_branch", FunctionRef(b)}};
  return dispatch(record, in, Attrs(record, named));
}

Tensors dispatch_while(const Tensors& inputs, const std::shared_ptr<Concrete>& condition,
                       const std::shared_ptr<Concrete>& body, const std::vector<Shape>& shapes) {
  const Op& record = stateful(*body) || stateful(*condition) ? stateful_while : stateless_while;
  const NamedAttr named[] = {{"T", dtypes_of(inputs)}, {"cond", FunctionRef(condition)}, {"body", FunctionRef(body)},
                             {"output_shapes", shapes}};
  return dispatch(record, inputs, Attrs(record, named));
}

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
