// In: a C++ callable and its arguments. Out: one trace a signature; also the scopes in which ops run at once.
#include <algorithm>
#include <list>
#include <mutex>

#include "base/check.h"
#include "engine/op/scope.h"
#include "ninefold/function.h"

namespace ninefold {

struct Traced::State {
  std::function<Tensors(const Tensors&)> body;
  FunctionOptions options;
  std::recursive_mutex mutex;   // guards what follows; a body may call its own function for another signature
  std::list<FunctionRef> made;
  int traces = 0;
};

Traced::Traced(std::function<Tensors(const Tensors&)> body, FunctionOptions options)
    : state_(std::make_shared<State>()) {
  state_->body = std::move(body);
  state_->options = std::move(options);
}

int Traced::tracing_count() const {
  std::lock_guard hold(state_->mutex);
  return state_->traces;
}

namespace {

bool same_kind(std::span<const TensorSpec> a, std::span<const TensorSpec> b) {   // but for dimensions
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const TensorSpec& x, const TensorSpec& y) {
    return x.dtype == y.dtype && x.shape.rank() == y.shape.rank();
  });
}

// Does a function traced for `have` take arguments of `want`?
bool takes(std::span<const TensorSpec> have, std::span<const TensorSpec> want) {
  return std::equal(have.begin(), have.end(), want.begin(), want.end(), [](const TensorSpec& h, const TensorSpec& w) {
    return h.dtype == w.dtype && h.shape == h.shape.relax(w.shape);
  });
}

}  // namespace

FunctionRef Traced::concrete(std::span<const TensorSpec> arguments) const {
  State& s = *state_;
  std::lock_guard hold(s.mutex);
  for (const FunctionRef& f : s.made)
    if (std::equal(f->inputs().begin(), f->inputs().end(), arguments.begin(), arguments.end())) return f;
  std::vector<TensorSpec> specs(arguments.begin(), arguments.end());
  if (s.options.reduce_retracing)
    for (const FunctionRef& f : s.made) {
      if (takes(f->inputs(), arguments)) return f;
      if (!same_kind(f->inputs(), arguments)) continue;
      for (size_t i = 0; i < specs.size(); ++i) specs[i].shape = specs[i].shape.relax(f->inputs()[i].shape);
    }
  ++s.traces;
  FunctionRef f = trace(s.options.name, specs, s.body);
  s.made.push_back(f);
  return f;
}

Tensors Traced::operator()(const Tensors& arguments) const {
  std::vector<TensorSpec> specs;
  for (size_t i = 0; i < arguments.size(); ++i) {
    check(arguments[i].defined(), Code::type, "{}: argument {} is nothing", state_->options.name, i);
    specs.push_back({arguments[i].shape(), arguments[i].dtype(), {}});
  }
  return concrete(specs)->call(arguments);
}

struct InitScope::Saved {
  NoRecording quiet;
  // Outside of every trace the wish around it counts, if none was made within.
  Device* const before = scope().device;
  Saved() {
    const std::vector<Tracer*>& all = scope().tracers;   // the last is this scope's, null
    for (size_t i = all.size() - 1; i-- > 0 && all[i] && !scope().device;) scope().device = all[i]->wished_outside();
  }
  ~Saved() { scope().device = before; }
  Pushed<Tracer*> eager{scope().tracers, nullptr};
};
InitScope::InitScope() : saved_(std::make_unique<Saved>()) {}
InitScope::~InitScope() = default;

bool executing_eagerly() { return scope().tracer() == nullptr; }

}  // namespace ninefold
