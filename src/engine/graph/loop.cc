// In: a condition and a body as functions. Out: the node While, its shapes and its gradient, a loop that walks back over what the
// forward loop kept on lists.
#include <algorithm>
#include <optional>

#include "base/check.h"
#include "engine/grad/backprop.h"
#include "engine/graph/control_flow.h"
#include "engine/graph/flow.h"
#include "engine/graph/seen.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/tensor_list.h"

namespace ninefold::graph {
namespace {

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

}  // namespace

bool fixed_variable(const Concrete& body, size_t i) {
  return body.results()[i].impl() == body.graph().inputs[i]->out[0].impl();
}

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

namespace {

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

}  // namespace

Tensors dispatch_while(const Tensors& inputs, const std::shared_ptr<Concrete>& condition,
                       const std::shared_ptr<Concrete>& body, const std::vector<Shape>& shapes) {
  const Op& record = stateful(*body) || stateful(*condition) ? stateful_while : stateless_while;
  const NamedAttr named[] = {{"T", dtypes_of(inputs)}, {"cond", FunctionRef(condition)}, {"body", FunctionRef(body)},
                             {"output_shapes", shapes}};
  return dispatch(record, inputs, Attrs(record, named));
}

}  // namespace ninefold::graph
