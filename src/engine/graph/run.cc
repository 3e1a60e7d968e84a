// In: inputs of the shapes that a plan was made for. Out: its results. Between them: one loop over thunks.
#include <cstring>

#include "base/check.h"
#include "engine/device/cuda/collective.h"
#include "engine/graph/control_flow.h"
#include "engine/graph/fuse.h"
#include "engine/graph/plan.h"
#include "engine/graph/run_state.h"
#include "engine/graph/step_devices.h"
#include "engine/graph/step_graph.h"
#include "engine/op/place.h"
#include "engine/op/scope.h"
#include "engine/tensor/resource.h"

namespace ninefold::graph {
namespace {

size_t at(int v) { return static_cast<size_t>(v); }

Tensor copy_of(const Tensor& t) {
  Tensor c = empty_on(cpu_device(), t.dtype(), t.shape());
  std::memcpy(c.writable(), t.impl()->data, t.bytes());
  return c;
}

// A kernel handed on memory of the slab, which is used again before the value is.
void keep(Tensor& slot) {
  if (slot.defined() && slot.impl()->buffer && slot.impl()->buffer->borrowed()) slot = copy_of(slot);
}

// What an earlier iteration left in the slot of a value of the same dtype and shape: memory for the next one, which
// is a tensor of its own, if nobody else holds it.
bool used_again(const Tensor& slot) {
  if (!slot.defined() || !sole_owner(slot)) return false;
  slot.impl()->id.store(0, std::memory_order_relaxed);
  slot.impl()->notes.reset();
  return true;
}

// The kernel brought memory of its own for a value that has its place in the slab.
void put_in_place(const Op& op, Tensor& slot, const Tensor& fixed) {
  check(slot.defined() && slot.size() == fixed.size(), "a result has shape {} where the function was planned for {} [Op:{}]",
        slot.defined() ? slot.shape().str() : "nothing", fixed.shape().str(), op.name);
  std::memcpy(fixed.impl()->data, slot.impl()->data, fixed.bytes());
  slot = fixed;
}

}  // namespace

void name_node(const Error& e, const Graph& graph, const Node& node) {
  constexpr std::string_view begin = "Graph execution error:";
  if (e.code() >= Code::value || e.message().starts_with(begin) || e.message().ends_with("}}]]")) return;
  std::string text = e.message();
  if (const size_t at = text.rfind(" [Op:"); at != std::string::npos && text.ends_with("]")) text.resize(at);
  const std::string name = graph.name_of(node);
  const std::string node_text = fmt::format("{}\n\t [[{{{{node {}}}}}]]", text, name);
  const bool plain = graph.name.find('<') != std::string::npos || graph.name.starts_with("Dataset_");
  if (plain) throw Error(e.code(), node_text);   // the lines of a lambda and of a dataset's functions are not told
  throw Error(e.code(), fmt::format("{0}\n\nDetected at node '{1}' defined at (most recent call last):\nNode: '{1}'\n{2}",
                                    begin, name, node_text));
}

namespace {
std::vector<Value> values_of(const Concrete& f, std::span<const Tensor> inputs) {
  const size_t arguments = inputs.size() - f.captures().size();
  std::vector<Value> values;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const bool known = i >= arguments || inputs[i].dtype() == DType::resource;
    values.push_back({inputs[i].dtype(), inputs[i].shape(), known ? inputs[i] : Tensor()});
  }
  return values;
}
const VariableResource* variable_in(const Tensor& t) {
  return t.dtype() == DType::resource ? dynamic_cast<const VariableResource*>(resource_of(t).get()) : nullptr;
}
// Each run brings its own, and the plan keeps none alive.
std::vector<bool> variables_among(const Concrete& f, std::span<const Tensor> inputs) {
  std::vector<bool> brought;
  for (const Tensor& t : inputs.first(inputs.size() - f.captures().size())) brought.push_back(variable_in(t) != nullptr);
  return brought;
}
}  // namespace

Plan::Plan(const Concrete& f, std::span<const Tensor> inputs, const Concrete* test)
    : Plan(f, values_of(f, inputs), test, variables_among(f, inputs)) {
  const size_t arguments = inputs.size() - f.captures().size();
  for (size_t i = 0; i < inputs.size(); ++i) {
    shapes_.push_back(inputs[i].shape());
    const auto* variable = i < arguments ? variable_in(inputs[i]) : nullptr;
    handles_.push_back(variable || inputs[i].dtype() != DType::resource ? nullptr : resource_of(inputs[i]).get());
    variables_.push_back(variable ? std::optional(Form{variable->dtype, variable->shape}) : std::nullopt);
  }
  if (accelerated() && !test) step_ = std::make_unique<StepGraph>(*this);
}

Plan::Plan(const Concrete& f, std::vector<Value> inputs, const Concrete* test, const std::vector<bool>& brought)
    : body_(f.shared_body()), streams_(f.streams()) {
  timeline::Span span(timeline::critical, timeline::Kind::make, "PlanFunction");
  if (span) span.fact("function", body_->graph.name);
  const ShapesOfPlan planning;
  program_ = lower(f, std::move(inputs));
  if (test) {
    test_ = test->shared_body();
    test_streams_ = test->streams();
    answer_ = test->results().at(0).impl();
    append(program_, *test);
  }
  optimise(program_);
  for (size_t i = 0; i < brought.size(); ++i)
    if (brought[i]) program_.values[at(program_.inputs[i])].known = Tensor();
  lay_out();
}

bool Plan::fits(std::span<const Tensor> inputs, const Concrete* test) const {
  if (test ? test->shared_body() != test_ || test->results()[0].impl() != answer_ : test_ != nullptr) return false;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!(inputs[i].impl()->shape == shapes_[i]) || (handles_[i] && handles_[i] != resource_of(inputs[i]).get()))
      return false;
    if (!variables_[i]) continue;
    const auto* v = dynamic_cast<const VariableResource*>(resource_of(inputs[i]).get());
    if (!v || v->dtype != variables_[i]->dtype || !(v->shape == variables_[i]->shape)) return false;
  }
  return true;
}

Plan::~Plan() = default;

std::unique_ptr<RunState> Plan::make_state() const {
  auto s = std::make_unique<RunState>(slab_bytes_);
  const size_t n = program_.values.size();
  s->slots.resize(n);
  s->fixed.resize(n);
  for (size_t v = 0; v < n; ++v) {
    const Value& value = program_.values[v];
    if (value.known.defined()) {
      s->slots[v] = value.known;
    } else if (offset_[v] >= 0) {
      void* data = static_cast<char*>(s->slab->data()) + offset_[v];
      const size_t bytes = static_cast<size_t>(value.shape.size()) * size_of(value.dtype);
      s->slots[v] = tensor_in(Buffer::borrow(data, bytes), data, value.dtype, value.shape);
      s->fixed[v] = s->slots[v];
    }
  }
  size_t ins = 0, outs = 0;
  for (const Thunk& t : thunks_) ins += t.in.size(), outs += t.out.size();
  s->in.reserve(ins);
  s->out.reserve(outs);
  s->prepared.resize(thunks_.size());
  Device& device = cpu_device();
  for (size_t i = 0; i < thunks_.size(); ++i) {
    const Thunk& t = thunks_[i];
    const size_t first_in = s->in.size(), first_out = s->out.size();
    for (int v : t.in) s->in.push_back(&s->slots[at(v)]);
    for (int v : t.out) s->out.push_back(&s->slots[at(v)]);
    KernelCtx& c = s->calls.emplace_back(*t.op, *t.attrs, std::span(s->in.data() + first_in, t.in.size()),
                                         std::span(s->out.data() + first_out, t.out.size()), device);
    c.counter = t.counter;
    c.prepared = &s->prepared[i];
    if (t.fused && !t.late) s->prepared[i] = fused_state(*t.fused);
    if (t.can.state) s->prepared[i] = t.can.state(t.read_last, t.common);
  }
  return s;
}

void Plan::bring_constants(RunState& s, std::span<Accelerator* const> devices, Tensors* kept) const {
  const std::vector<Accelerator*> readers = first_readers(program_, devices);
  constexpr size_t kLarge = 2048;            // smaller ones of the host become part of launches
  for (size_t v = 0; v < program_.values.size(); ++v) {
    const Tensor& known = program_.values[v].known;
    if (!known.defined() || !is_plain(known.dtype()) || (known.bytes() <= kLarge && on_host(known))) continue;
    s.slots[v] = on_device(known, *readers[v]);
    if (kept) kept->push_back(s.slots[v]);
  }
}

// By the name of its node; of a chain that was fused, by that of the node which ends it.
void Plan::tell(timeline::Span& span, const Thunk& t) const {
  std::call_once(named_, [this] {
    for (const Thunk& each : thunks_) {
      std::string& name = names_.emplace_back(each.op->name);
      for (const Body* body : {body_.get(), test_.get()})
        if (each.origin && body && body->graph.has(*each.origin)) name = body->graph.name_of(*each.origin);
      for (const Graph* g : program_.graphs)
        if (each.origin && g->has(*each.origin)) name = g->name_of(*each.origin);
    }
  });
  span.rename(names_[at(static_cast<int>(&t - thunks_.data()))]);
  span.fact("is_eager", 0);
  if (t.fused) span.fact("fused", 1);
}

void Plan::run_thunks(RunState& s) const {
  auto call = s.calls.begin();
  for (const Thunk& t : thunks_) {
    s.now = &t;
    KernelCtx& c = *call++;
    const AsPlaced there(t.origin);
    timeline::Span span(timeline::info, timeline::Kind::op, t.op->name, t.op->name);
    if (span) [[unlikely]] tell(span, t);
    if (t.late) {
      Tensors in;
      for (int v : t.in) in.push_back(s.slots[at(v)]);
      Tensors out = t.guard != Guard::none ? run_guarded(t, in) : t.fused ? run_on_gpu(*t.fused->gpu, in) : run_now(*t.op, in, *t.attrs, t.counter);
      for (size_t i = 0; i < out.size(); ++i) s.slots[at(t.out[i])] = std::move(out[i]);
    } else {
      for (int v : t.fresh) {
        const Value& value = program_.values[at(v)];
        if (!used_again(s.slots[at(v)])) s.slots[at(v)] = empty_on(cpu_device(), value.dtype, value.shape);
      }
      if (t.reads_host)
        for (int v : t.in)
          if (s.slots[at(v)].defined()) s.slots[at(v)] = on_device(s.slots[at(v)], cpu_device());
      if (t.changes && sole_owner(s.slots[at(t.in[0])])) s.slots[at(t.out[0])] = std::move(s.slots[at(t.in[0])]);
      KernelRun::run(*t.kernel, c);
      for (int v : t.fixed)
        if (s.slots[at(v)].impl() != s.fixed[at(v)].impl()) [[unlikely]] put_in_place(*t.op, s.slots[at(v)], s.fixed[at(v)]);
    }
    for (int v : t.brought) keep(s.slots[at(v)]);
    for (int v : t.release) s.slots[at(v)] = Tensor();
  }
}

void Plan::execute(RunState& s) const {
  s.now = nullptr;
  try {
    run_thunks(s);
    cuda::settle();
  } catch (const Error& e) {
    cuda::abandon();
    const Node* node = s.now ? s.now->origin : nullptr;
    for (const Body* body : {body_.get(), test_.get()})
      if (node && body && body->graph.has(*node)) name_node(e, body->graph, *node);
    for (const Graph* g : program_.graphs)
      if (node && g->has(*node)) name_node(e, *g, *node);
    throw;
  } catch (...) {
    cuda::abandon();
    throw;
  }
}

// Empties the slots that a run filled.
void Plan::empty(RunState& s) const {
  for (int v : loose_)
    if (s.slots[at(v)].defined()) s.slots[at(v)] = Tensor();
}

Tensors Plan::take_outputs(RunState& s) const {
  Tensors out;
  out.reserve(program_.outputs.size());
  for (int v : program_.outputs) {
    const Tensor& t = s.slots[at(v)];
    // A handle of its own, even for an input or for a value that leaves twice: tapes tell results apart.
    out.push_back(t.dtype() == DType::resource ? t : t.with_shape(t.shape()));
  }
  return out;
}

Tensors Plan::run(std::span<const Tensor> inputs) {
  timeline::Span span(timeline::critical, timeline::Kind::run, "FunctionRun");
  if (span) [[unlikely]] span.fact("function", body_->graph.name);
  if (step_) [[unlikely]]
    if (std::optional<Tensors> out = step_->run(inputs)) return std::move(*out);
  std::unique_ptr<RunState> s;
  {
    std::lock_guard hold(mutex_);
    if (!idle_.empty()) s = std::move(idle_.back()), idle_.pop_back();
  }
  if (!s) s = make_state();
  // Kernels that are made of ops run them, whatever the caller is doing.
  NoRecording quiet;
  Pushed<Tracer*> eager(scope().tracers, nullptr);
  struct Return {   // also when it raises
    Plan& plan;
    std::unique_ptr<RunState>& state;
    ~Return() {
      plan.empty(*state);
      std::lock_guard hold(plan.mutex_);
      plan.idle_.push_back(std::move(state));
    }
  } give_back{*this, s};
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!program_.values[at(program_.inputs[i])].known.defined()) s->slots[at(program_.inputs[i])] = inputs[i];
  execute(*s);
  return take_outputs(*s);
}

}  // namespace ninefold::graph
