// In: finished ops. Out: those that depend on watched tensors, kept until a gradient is asked for.
#include <algorithm>

#include "base/check.h"
#include "engine/grad/backprop.h"
#include "engine/grad/reads.h"
#include "engine/op/scope.h"
#include "engine/tensor/resource.h"
#include "engine/tensor/tensor_impl.h"
#include "ninefold/grad.h"

namespace ninefold {

struct GradientTape::State : Recorder {
  bool persistent, watch_variables, listening = false, spent = false;
  std::vector<grad::Step> steps;
  std::unordered_set<uint64_t> watched;
  std::vector<Tensor> kept;             // watched tensors live as long as the tape: an id is never reused,
                                        // but a source that the user dropped must still be nameable
  std::vector<Variable> variables;

  // The variable behind a handle, if it is one that tapes watch by themselves. In a trace the handle is a
  // symbol of the same id, which knows the real one.
  static std::shared_ptr<VariableResource> trainable(const Tensor& handle) {
    const Tensor* real = handle.symbolic() ? handle.impl()->known.get() : &handle;
    if (!real || real->size() != 1) return nullptr;
    auto v = std::dynamic_pointer_cast<VariableResource>(resource_of(*real));
    return v && v->trainable ? v : nullptr;
  }
  void watch_variable(const Tensor& handle) {
    if (watched.contains(handle.id())) return;
    auto v = trainable(handle);
    if (!v) return;
    watched.insert(handle.id());
    kept.push_back(handle);
    variables.emplace_back(std::move(v));
  }
  bool follows(const Tensor& t) const override {
    return watched.contains(t.id()) || (watch_variables && t.dtype() == DType::resource && trainable(t));
  }

  bool lasts() const override { return persistent; }

  void record(const Op& op, const Attrs& attrs, std::span<const Tensor> in, std::span<const Tensor> out) override {
    if (op.stops_gradient) return;
    bool follows = false;
    for (const Tensor& t : in) {
      if (watch_variables && t.dtype() == DType::resource && op.effect == Effect::reads) watch_variable(t);
      follows = follows || watched.contains(t.id());
    }
    if (!follows) return;
    for (const Tensor& t : out) watched.insert(t.id());
    steps.push_back({&op, attrs, {in.begin(), in.end()}, {out.begin(), out.end()}});
    grad::drop_unread(op, attrs, steps.back().in, steps.back().out);
  }

  void listen(bool on) {
    auto& all = scope().recorders;
    if (on == listening) return;
    if (on) all.push_back(this);
    else all.erase(std::remove(all.begin(), all.end(), this), all.end());
    listening = on;
  }
};

GradientTape::GradientTape(bool persistent, bool watch_accessed) : state_(std::make_unique<State>()) {
  state_->persistent = persistent;
  state_->watch_variables = watch_accessed;
  state_->listen(true);
}
GradientTape::~GradientTape() { state_->listen(false); }
void GradientTape::start() { state_->listen(true); }
void GradientTape::stop() { state_->listen(false); }
void GradientTape::reset() {
  state_->steps.clear();
  state_->watched.clear();
  state_->kept.clear();
  state_->variables.clear();
  state_->spent = false;
}

void GradientTape::watch(const Tensor& t) {
  check(t.defined(), Code::value, "GradientTape.watch: expected a tensor, got nothing");
  if (state_->watched.insert(t.id()).second) state_->kept.push_back(t);
}
void GradientTape::watch(const Variable& v) {
  const Tensor handle = v.handle();
  if (state_->watched.insert(handle.id()).second) {
    state_->kept.push_back(handle);
    state_->variables.push_back(v);
  }
}
std::vector<Variable> GradientTape::watched_variables() const { return state_->variables; }

Gradients GradientTape::gradients(const Tensors& targets, const Tensors& sources, const Tensors& weights,
                                  Unconnected unconnected) {
  State& s = *state_;
  check(!s.spent, Code::runtime,
        "A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)");
  check(weights.empty() || weights.size() == targets.size(), Code::value,
        "GradientTape.gradient: {} output_gradients given for {} targets", weights.size(), targets.size());
  if (!s.persistent) s.listen(false);
  std::unordered_map<uint64_t, Tensor> seeds;
  for (size_t i = 0; i < targets.size(); ++i) {
    const Tensor& t = targets[i];
    check(t.defined(), Code::type, "GradientTape.gradient: target {} is nothing", i);
    if (!is_floating(t.dtype()) && !is_complex(t.dtype())) continue;
    Tensor seed = !weights.empty() && weights[i].defined() ? weights[i] : op("OnesLike", {t});
    Tensor& slot = seeds[t.id()];
    slot = slot.defined() ? slot + seed : seed;
  }
  Gradients result;
  {
    // A persistent tape that still listens hears its own arithmetic, for derivatives of derivatives; the
    // walk goes over a copy of its steps, since hearing appends to them.
    const std::vector<grad::Step> walked = s.persistent ? s.steps : std::move(s.steps);
    result = grad::backprop(walked, std::move(seeds), sources);
  }
  if (!s.persistent) {
    s.steps.clear();
    s.spent = true;
  }
  for (size_t i = 0; i < result.size(); ++i)
    if (!result[i].defined() && unconnected == Unconnected::zero) {
      const Tensor& src = sources[i];
      result[i] = src.dtype() == DType::resource
                      ? op("ZerosLike", {resource_as<VariableResource>(src, "gradient").read()})
                      : op("ZerosLike", {src});
    }
  return result;
}

Tensors GradientTape::gradient(const Tensors& targets, const Tensors& sources, const Tensors& weights,
                               Unconnected unconnected) {
  return dense(gradients(targets, sources, weights, unconnected));
}
Gradients GradientTape::gradients(const Tensor& target, const std::vector<Variable>& sources) {
  Tensors handles;
  for (const Variable& v : sources) handles.push_back(v.handle());
  return gradients(Tensors{target}, handles);
}
Tensors GradientTape::gradient(const Tensor& target, const std::vector<Variable>& sources) {
  return dense(gradients(target, sources));
}

}  // namespace ninefold
