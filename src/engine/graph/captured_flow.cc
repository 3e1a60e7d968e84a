// In: inputs of branches and loops, on the card. Out: their results in fixed places of the slab: both branches write to the same ones;
// a loop's variables lie where each iteration finds them.
#include "engine/graph/captured_flow.h"

#include <algorithm>

#include "base/check.h"
#include "engine/device/cuda/capture.h"
#include "engine/device/cuda/launch.h"
#include "engine/graph/control_flow.h"
#include "engine/graph/flow.h"
#include "engine/op/counters.h"
#include "engine/ops/condition_launch.h"

namespace ninefold::graph {
namespace {

size_t at(int v) { return static_cast<size_t>(v); }

const Concrete& function_named(const Instruction& c, const char* attr) {
  return concrete(std::get<FunctionRef>(c.attrs[at(def(*c.op).slot(attr))]));
}
bool is_branch(const Instruction& c) { return c.op->name == "If" || c.op->name == "StatelessIf"; }

}  // namespace

bool is_loop(const Instruction& c) { return c.op->name == "While" || c.op->name == "StatelessWhile"; }

std::vector<EnteredFunction> functions_entered(const Program& p, const Instruction& c, std::span<const Tensor> inputs) {
  if (!is_branch(c) && !is_loop(c)) return {};
  std::vector<Value> values;
  for (size_t i = is_loop(c) ? 0 : 1; i < c.in.size(); ++i) {
    Value v = p.values[at(c.in[i])];
    const auto argument = std::find(p.inputs.begin(), p.inputs.end(), c.in[i]);
    if (v.dtype == DType::resource && !v.known.defined() && argument != p.inputs.end() && !inputs.empty())
      v.known = inputs[static_cast<size_t>(argument - p.inputs.begin())];
    v.by_kernel = false;
    values.push_back(std::move(v));
  }
  if (!is_loop(c))
    return {{&function_named(c, "then_branch"), nullptr, values}, {&function_named(c, "else_branch"), nullptr, values}};
  const Concrete &test = function_named(c, "cond"), &body = function_named(c, "body");
  for (size_t i = 0; i < values.size(); ++i)
    if (!fixed_variable(body, i)) values[i].known = Tensor();
  return {{&test, nullptr, values}, {&body, &test, values}};
}

Program program_of(const EnteredFunction& f) {
  const ShapesOfPlan planning;
  Program p = lower(*f.function, f.inputs);
  if (f.test) append(p, *f.test);
  optimise(p);
  return p;
}

CapturedFlow*& CapturedFlow::now() {
  thread_local CapturedFlow* mine = nullptr;
  return mine;
}

CapturedFlow::CapturedFlow(const Plan& whole, std::span<const Tensor> inputs, std::span<Accelerator* const> devices) : devices_(devices) {
  prepare(whole, inputs, *devices[0]);
}
CapturedFlow::~CapturedFlow() = default;

const Tensor& CapturedFlow::Body::result(size_t i) const { return state->slots[at(plan->program_.outputs[i])]; }
const Value& CapturedFlow::Body::form(size_t i) const { return plan->program_.values[at(plan->program_.outputs[i])]; }
bool CapturedFlow::Body::idle() const {
  return plan->program_.code.empty() && std::find(stand_ins.begin(), stand_ins.end(), false) == stand_ins.end();
}

void CapturedFlow::prepare(const Plan& plan, std::span<const Tensor> inputs, Accelerator& around) {
  for (const Instruction& c : plan.program_.code) {
    const std::vector<EnteredFunction> functions = functions_entered(plan.program_, c, inputs);
    if (functions.empty()) continue;
    Node& n = nodes_[&c.attrs];
    n.loop = is_loop(c);
    const auto wished = std::find(devices_.begin(), devices_.end(), wish_of(c));
    n.device = wished == devices_.end() ? &around : *wished;
    for (size_t i = 0; n.loop && i < c.in.size(); ++i) n.fixed.push_back(fixed_variable(*functions[1].function, i));
    for (size_t f = 0; f < functions.size(); ++f) {
      Body& b = n.bodies[f];
      b.plan = std::unique_ptr<Plan>(new Plan(*functions[f].function, functions[f].inputs, functions[f].test, {}));
      b.state = b.plan->make_state();
      b.plan->bring_constants(*b.state, {&n.device, 1}, &constants_);
      const size_t results = b.plan->program_.outputs.size();
      for (size_t i = 0; i < results; ++i)
        b.stand_ins.push_back(!n.loop && i < functions[f].function->stand_ins.size() && functions[f].function->stand_ins[i]);
      streams_.push_back(functions[f].function->streams());
      if (functions[f].test) streams_.push_back(functions[f].test->streams());
      prepare(*b.plan, {}, *n.device);
    }
  }
}

// A function at work in the capture, with its results in its slots while one lives.
class CapturedFlow::Run {
 public:
  Run(Body& b, std::span<const Tensor> inputs) : b_(b) {
    const Program& p = b.plan->program_;
    for (size_t i = 0; i < inputs.size(); ++i)
      if (!p.values[at(p.inputs[i])].known.defined()) b.state->slots[at(p.inputs[i])] = inputs[i];
    try {
      b.plan->run_thunks(*b.state);
    } catch (...) {
      b.plan->empty(*b.state);
      throw;
    }
  }
  ~Run() { b_.plan->empty(*b_.state); }
  Run(const Run&) = delete;

 private:
  Body& b_;
};

namespace {

// What is captured while one lives is done if, or as long as, the card finds that the condition holds.
class WithinBody {
 public:
  WithinBody(Device& d, uint64_t condition, bool loop) {
    if (Draws::now()) Draws::now()->begin_body();
    cuda::Session::begin_body(d, condition, loop);
  }
  void end() {                               // a capture that fails ends its bodies
    if (Draws::now()) Draws::now()->end_body();
    cuda::Session::end_body();
  }
};

// What lies on another card is brought before: a body works on one.
Tensor near(const Tensor& t, Device& d) { return is_plain(t.dtype()) && !on_host(t) ? on_device(t, d) : t; }

void set(Device& d, uint64_t holds, uint64_t fails, const Tensor& asked) {
  const Tensor there = on_device(asked, d);
  cuda::launch(d, "set_condition", cuda::threads_for(1), cuda::SetCondition{holds, fails, static_cast<const bool*>(there.impl()->data)});
}

}  // namespace

void CapturedFlow::enter(KernelCtx& k) {
  const auto found = nodes_.find(&k.attrs());
  NINEFOLD_INVARIANT(found != nodes_.end());
  return found->second.loop ? loop(k, found->second) : branches(k, found->second);
}

void CapturedFlow::branches(KernelCtx& k, Node& n) {
  const Tensor asked = k.in(0);
  Device& device = *n.device;
  Tensors inputs;                            // held until the end: what follows in the other branch may not lie there
  for (int i = 1; i < k.num_inputs(); ++i) inputs.push_back(near(k.in(i), device));
  const auto results = static_cast<size_t>(k.num_outputs());
  if (on_host(asked)) {                      // the same in each run
    Body& b = n.bodies[truth(asked) ? 0 : 1];
    const Run run(b, inputs);
    for (size_t i = 0; i < results; ++i) k.set_output(static_cast<int>(i), on_device(b.result(i), device));
    return;
  }
  Tensors to;
  for (size_t i = 0; i < results; ++i) {
    const Value& form = n.bodies[n.bodies[0].stand_ins[i] ? 1 : 0].form(i);
    to.push_back(empty_on(device, form.dtype, form.shape));
  }
  uint64_t conditions[2] = {};
  for (size_t f = 0; f < 2; ++f)
    if (!n.bodies[f].idle()) conditions[f] = cuda::condition(device);
  if (conditions[0] || conditions[1]) set(device, conditions[0], conditions[1], asked);
  for (size_t f = 0; f < 2; ++f) {
    if (!conditions[f]) continue;
    WithinBody body(device, conditions[f], false);
    {
      const Run run(n.bodies[f], inputs);
      for (size_t i = 0; i < results; ++i)
        if (!n.bodies[f].stand_ins[i]) copy_bytes(to[i], n.bodies[f].result(i));
    }
    body.end();
  }
  for (size_t i = 0; i < results; ++i) k.set_output(static_cast<int>(i), std::move(to[i]));
}

void CapturedFlow::loop(KernelCtx& k, Node& n) {
  Device& device = *n.device;
  Tensors state;
  for (size_t i = 0; i < n.fixed.size(); ++i) {
    const Tensor first = near(k.in(static_cast<int>(i)), device);
    state.push_back(n.fixed[i] ? first : empty_on(device, first.dtype(), first.shape()));
    if (!n.fixed[i]) copy_bytes(state[i], first);
  }
  const uint64_t more = cuda::condition(device);
  {
    const Run run(n.bodies[0], state);
    set(device, more, 0, n.bodies[0].result(0));
  }
  WithinBody body(device, more, true);
  {
    Body& b = n.bodies[1];
    const Run run(b, state);
    set(device, more, 0, b.result(n.fixed.size()));
    // Results that are other variables, or views of them, are read before those are written.
    Tensors next(n.fixed.size());
    for (size_t i = 0; i < next.size(); ++i) {
      if (n.fixed[i]) continue;
      next[i] = b.result(i);
      const bool a_variable = std::any_of(state.begin(), state.end(), [&](const Tensor& s) {
        return s.dtype() != DType::resource && s.impl()->buffer == next[i].impl()->buffer;
      });
      if (!a_variable || next[i].impl()->data == state[i].impl()->data) continue;
      const Tensor aside = empty_on(device, next[i].dtype(), next[i].shape());
      copy_bytes(aside, next[i]);
      next[i] = aside;
    }
    for (size_t i = 0; i < next.size(); ++i)
      if (!n.fixed[i] && next[i].impl()->data != state[i].impl()->data) copy_bytes(state[i], next[i]);
  }
  body.end();
  for (size_t i = 0; i < state.size(); ++i) k.set_output(static_cast<int>(i), state[i]);
}

}  // namespace ninefold::graph
