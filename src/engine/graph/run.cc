// In: inputs of the shapes that a plan was made for. Out: its results. Between them: one loop over thunks.
#include <cstring>
#include <deque>

#include "base/check.h"
#include "engine/graph/fuse.h"
#include "engine/graph/plan.h"
#include "engine/op/scope.h"
#include "engine/tensor/resource.h"

namespace ninefold::graph {

// What one run writes. Slots of constants and of the slab are filled once; the others are empty between runs.
struct Plan::RunState {
  explicit RunState(size_t slab_bytes)
      : slab(slab_bytes ? Buffer::allocate(cpu_device(), slab_bytes) : nullptr) {}
  ~RunState() {
    calls.clear();
    slots.clear();
    fixed.clear();
    if (slab) slab->drop();
  }
  Buffer* slab;
  std::vector<Tensor> slots;
  std::vector<Tensor> fixed;                             // of slots in the slab: what they hold
  std::vector<const Tensor*> in;                         // the kernels' views of the slots, one after another
  std::vector<Tensor*> out;
  std::vector<std::unique_ptr<KernelState>> prepared;
  std::deque<KernelCtx> calls;                           // one a thunk
};

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

}  // namespace

Plan::Plan(const Concrete& f, std::span<const Tensor> inputs) : body_(f.shared_body()), streams_(f.streams()) {
  const size_t arguments = inputs.size() - f.captures().size();
  std::vector<Value> values;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const bool resource = inputs[i].dtype() == DType::resource;
    shapes_.push_back(inputs[i].shape());
    handles_.push_back(resource ? resource_of(inputs[i]).get() : nullptr);
    values.push_back({inputs[i].dtype(), inputs[i].shape(), i >= arguments || resource ? inputs[i] : Tensor()});
  }
  program_ = lower(f, std::move(values));
  optimise(program_);
  lay_out();
}

bool Plan::fits(std::span<const Tensor> inputs) const {
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!(inputs[i].impl()->shape == shapes_[i]) || (handles_[i] && handles_[i] != resource_of(inputs[i]).get()))
      return false;
  return true;
}

Plan::~Plan() = default;

std::unique_ptr<Plan::RunState> Plan::make_state() const {
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
    if (t.fused) s->prepared[i] = fused_state(*t.fused);
  }
  return s;
}

void Plan::execute(RunState& s, std::span<const Tensor> inputs) const {
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!program_.values[at(program_.inputs[i])].known.defined()) s.slots[at(program_.inputs[i])] = inputs[i];
  auto call = s.calls.begin();
  for (const Thunk& t : thunks_) {
    KernelCtx& c = *call++;
    if (t.late) {
      Tensors in;
      for (int v : t.in) in.push_back(s.slots[at(v)]);
      Tensors out = run_now(*t.op, in, *t.attrs, t.counter);
      for (size_t i = 0; i < out.size(); ++i) s.slots[at(t.out[i])] = std::move(out[i]);
      for (int v : t.out) keep(s.slots[at(v)]);
    } else {
      for (int v : t.fresh) {
        const Value& value = program_.values[at(v)];
        s.slots[at(v)] = empty_on(cpu_device(), value.dtype, value.shape);
      }
      KernelRun::run(*t.kernel, c);
      for (int v : t.fixed)
        if (s.slots[at(v)].impl() != s.fixed[at(v)].impl()) [[unlikely]] {
          // The kernel brought memory of its own for a value that has its place.
          std::memcpy(s.fixed[at(v)].impl()->data, s.slots[at(v)].impl()->data, s.fixed[at(v)].bytes());
          s.slots[at(v)] = s.fixed[at(v)];
        }
      if (t.fixed.size() != t.out.size())
        for (int v : t.out)
          if (!s.fixed[at(v)].defined()) keep(s.slots[at(v)]);
    }
    for (int v : t.release) s.slots[at(v)] = Tensor();
  }
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
  std::unique_ptr<RunState> s;
  {
    std::lock_guard hold(mutex_);
    if (!idle_.empty()) s = std::move(idle_.back()), idle_.pop_back();
  }
  if (!s) s = make_state();
  // Kernels that are made of ops run them, whatever the caller is doing.
  NoRecording quiet;
  Pushed<Tracer*> eager(scope().tracers, nullptr);
  struct Return {   // slots that a run filled are emptied, also when it raises
    Plan& plan;
    std::unique_ptr<RunState>& state;
    ~Return() {
      const Program& p = plan.program_;
      for (size_t v = 0; v < p.values.size(); ++v)
        if (!state->fixed[v].defined() && !p.values[v].known.defined() && state->slots[v].defined()) state->slots[v] = Tensor();
      std::lock_guard hold(plan.mutex_);
      plan.idle_.push_back(std::move(state));
    }
  } give_back{*this, s};
  execute(*s, inputs);
  return take_outputs(*s);
}

}  // namespace ninefold::graph
