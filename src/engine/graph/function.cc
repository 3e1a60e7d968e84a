// In: calls of traced functions. Out: runs of plans, or ops of the trace that is active.
#include "engine/graph/function.h"

#include <algorithm>
#include <deque>

#include "base/check.h"
#include "engine/grad/custom.h"
#include "engine/graph/seen.h"
#include "engine/graph/plan.h"
#include "engine/graph/tracer.h"
#include "engine/op/after.h"
#include "engine/op/counters.h"
#include "engine/op/leak.h"
#include "engine/tensor/resource.h"
#include "engine/tensor/variable_making.h"

namespace ninefold {
namespace graph {
namespace {

constexpr size_t kPlans = 16;   // shapes a function keeps plans for

// "f" of "__inference_f_12".
std::string short_of(const std::string& name) {
  constexpr std::string_view begin = "__inference_";
  const size_t end = name.rfind('_');
  return name.starts_with(begin) && end >= begin.size() ? name.substr(begin.size(), end - begin.size()) : name;
}

}  // namespace

Concrete& concrete(const FunctionRef& f) {
  auto* c = dynamic_cast<Concrete*>(f.get());
  NINEFOLD_INVARIANT(c);
  return *c;
}

Concrete::Concrete(std::string name, std::shared_ptr<Body> body, Tensors results, std::vector<TensorSpec> arguments,
                   Tensors captures, std::shared_ptr<Streams> streams)
    : name_(std::move(name)), body_(std::move(body)),
      streams_(streams ? std::move(streams) : std::shared_ptr<Streams>(body_, &body_->streams)), results_(std::move(results)), arguments_(std::move(arguments)),
      captures_(std::move(captures)) {
  for (const Tensor& t : results_) outputs_.push_back({t.shape(), t.dtype(), {}});
}
Concrete::~Concrete() = default;

bool Concrete::draws() const {
  return std::any_of(graph().nodes.begin(), graph().nodes.end(), [](const Node& n) { return n.op->effect == Effect::random; });
}
std::shared_ptr<Concrete> Concrete::with_streams(std::shared_ptr<Streams> streams) const {
  auto f = std::make_shared<Concrete>(name_, body_, results_, arguments_, captures_, std::move(streams));
  f->backward = backward;
  f->seen = seen;
  return f;
}
std::shared_ptr<Concrete> Concrete::telling() {
  const auto self = std::static_pointer_cast<Concrete>(shared_from_this());
  std::lock_guard hold(mutex_);
  if (asked_) return telling_ ? telling_ : self;
  asked_ = true;
  const auto whole = telling_throughout(self);
  const Tensors found = seen_in(whole->graph());
  if (found.empty()) return self;
  Tensors results = whole->results();
  results.insert(results.end(), found.begin(), found.end());
  telling_ = std::make_shared<Concrete>(name_, whole->shared_body(), std::move(results), arguments_, captures_, whole->streams());
  for (size_t i = 0; i < found.size(); ++i) telling_->seen.push_back(static_cast<int>(results_.size() + i));
  return telling_;
}
std::shared_ptr<Concrete> Concrete::on_seen() {
  std::lock_guard hold(mutex_);
  if (!on_seen_) on_seen_ = graph::on_seen(*this);
  return on_seen_;
}

uint64_t* Streams::at(int place) {
  if (const auto there = places_.find(place); there != places_.end()) return of_->at(there->second);
  std::lock_guard hold(mutex_);
  auto& c = counters_[place];
  if (!c) c = std::make_unique<uint64_t>(0);
  return c.get();
}

// set_seed begins every stream anew; seeds stay those of tracing time.
void Streams::restart() {
  if (of_) return of_->restart();
  if (!restarts_) return;
  const uint64_t now = seed_epoch();
  if (seeds_.load(std::memory_order_acquire) == now) return;
  std::lock_guard hold(mutex_);
  for (auto& [node, c] : counters_) *c = 0;
  seeds_.store(now, std::memory_order_release);
}

std::shared_ptr<Plan> Concrete::plan_for(std::span<const Tensor> inputs) {
  {
    std::lock_guard hold(mutex_);
    for (auto at = plans_.begin(); at != plans_.end(); ++at)
      if ((*at)->fits(inputs)) {
        if (at != plans_.begin()) plans_.splice(plans_.begin(), plans_, at);
        return plans_.front();
      }
  }
  auto made = std::make_shared<Plan>(*this, inputs);   // outside the lock: planning runs kernels
  std::lock_guard hold(mutex_);
  plans_.push_front(made);
  if (plans_.size() > kPlans) plans_.pop_back();
  return made;
}

Tensors Concrete::run(std::span<const Tensor> inputs) {
  streams_->restart();
  return plan_for(inputs)->run(inputs);
}

// Called within a trace, the body's ops join that trace: each call has random streams of its own, passes see
// through the call, and every tape does.
Tensors Concrete::replay(std::span<const Tensor> inputs, const Instead& instead) const {
  const Deaf deaf;
  std::vector<Tensors> values(graph().nodes.size());
  for (size_t i = 0; i < inputs.size(); ++i) values[static_cast<size_t>(graph().inputs[i]->id)] = {inputs[i]};
  auto value = [&](const Tensor& t) -> const Tensor& {
    return values[static_cast<size_t>(node_of(t).id)][static_cast<size_t>(index_of(t))];
  };
  for (const Node& n : graph().nodes) {
    auto& out = values[static_cast<size_t>(n.id)];
    if (!out.empty() || n.op == &placeholder_op()) continue;
    if (n.op == &const_op()) {
      out = dispatch(*n.op, {}, n.attrs);
      out[0].impl()->known = n.out[0].impl()->known;
      continue;
    }
    Tensors in;
    for (const Tensor& t : n.in) in.push_back(value(t));
    const AsPlaced there(&n);
    std::optional<Tensors> other;
    if (instead) other = instead(n, in);
    out = other ? std::move(*other) : dispatch(*n.op, in, n.attrs);
    for (size_t i = 0; i < out.size(); ++i) {   // the inputs fit what was traced, so what followed from it holds
      Shape& s = out[i].impl()->shape;
      if (out[i].symbolic() && s.compatible(n.out[i].shape())) s = s.merge(n.out[i].shape());
    }
  }
  Tensors out;
  Tracer& tracer = *scope().tracer();
  for (const Tensor& t : results_) out.push_back(tracer.owns(value(t)) ? value(t) : tracer.capture(value(t)));
  return out;
}

Tensors Concrete::call(std::span<const Tensor> arguments) {
  check(arguments.size() == arguments_.size(), Code::type, "{}: expected {} arguments, got {}", name_, arguments_.size(),
        arguments.size());
  Tensors inputs;
  inputs.reserve(arguments.size() + captures_.size());
  for (size_t i = 0; i < arguments.size(); ++i) {
    const TensorSpec& want = arguments_[i];
    const Tensor& got = arguments[i];
    check(got.defined() && got.dtype() == want.dtype, "{}: cannot compute {} as input #{}(zero-based) was expected to be "
          "a {} tensor but is a {} tensor", name_, name_, i, short_name(want.dtype), got.defined() ? short_name(got.dtype()) : "missing");
    check(want.shape.compatible(got.shape()), "{}: argument {} has shape {}, the function was traced for {}", name_, i,
          got.shape().tuple(), want.shape.tuple());
    inputs.push_back(got);
  }
  inputs.insert(inputs.end(), captures_.begin(), captures_.end());
  Scope& s = scope();
  if (s.tracer()) return replay(inputs);
  for (const Tensor& t : arguments)
    if (t.symbolic()) [[unlikely]] fail(Code::type, "{}", out_of_scope(t, "here"));
  try {
    Tensors out = run_from_outside(inputs);
    return after_op() ? heard(name_, arguments, std::move(out)) : out;
  } catch (const Error& e) {
    if (e.code() >= Code::value || !e.message().ends_with("}}]]")) throw;
    // A function of a dataset fails where an element is asked for.
    const std::string who = name_ == "Dataset_reduce" ? "ReduceDataset" : name_.starts_with("Dataset_") ? "IteratorGetNext" : name_;
    throw Error(e.code(), e.message() + " [Op:" + who + "]");
  }
}

Tensors Concrete::run_from_outside(std::span<const Tensor> inputs) {
  Scope& s = scope();
  for (const Tensor& t : inputs)
    check(!t.symbolic(), Code::type, "{}: it was traced inside another function and uses tensors of that trace; call it there",
          name_);
  if (!s.recorders.empty()) {
    std::vector<bool> wanted(inputs.size());
    for (Recorder* r : s.recorders)
      for (size_t i = 0; i < inputs.size(); ++i) wanted[i] = wanted[i] || r->follows(inputs[i]);
    if (std::find(wanted.begin(), wanted.end(), true) != wanted.end()) return call_recorded(inputs, wanted);
  }
  return run(inputs);
}

Tensors Concrete::call_recorded(std::span<const Tensor> inputs, const std::vector<bool>& wanted) {
  // What second derivatives run once more must see what this run sees.
  auto& recorders = scope().recorders;
  const bool higher = recorders.size() > 1 || recorders[0]->lasts();
  const std::shared_ptr<Concrete> f = (higher ? telling() : std::static_pointer_cast<Concrete>(shared_from_this()))->forward(wanted, true);
  Tensors all = f->run(inputs);
  const Op& op = call_op();
  std::vector<DType> tin, tout;
  for (const Tensor& t : inputs) tin.push_back(t.dtype());
  for (const Tensor& t : all) tout.push_back(t.dtype());
  const NamedAttr named[] = {{"Tin", tin}, {"Tout", tout}, {"f", FunctionRef(f)}};
  const Attrs attrs(op, named);
  for (size_t i = 0; i < recorders.size(); ++i) recorders[i]->record(op, attrs, inputs, all);
  all.resize(results_.size());
  return all;
}

namespace {
// Whether tapes listened when each of the traces of this thread began.
std::deque<bool>& tapes_heard() {
  thread_local std::deque<bool> heard;
  return heard;
}
}  // namespace
bool tapes_outside() { return !tapes_heard().empty() && tapes_heard().back(); }

namespace {
// A handle of the same form, of a variable that holds nothing. It is none that the program makes.
std::shared_ptr<const Tensor> form_of(const Tensor& handle) {
  const auto& v = resource_as<VariableResource>(handle, "tf.function");
  const VariableMaking told = variable_making();
  variable_making() = {};
  auto form = std::make_shared<const Tensor>(handle_of(std::make_shared<VariableResource>(v.name, v.dtype, v.shape, v.trainable)));
  variable_making() = told;
  return form;
}

// What a finished trace knows of a variable that was its argument gives way to the form, in functions that it calls too.
void forget(const Graph& g, uint64_t variable, const std::shared_ptr<const Tensor>& form) {
  for (const Node& n : g.nodes) {
    for (const Tensor& t : n.out) {
      std::shared_ptr<const Tensor>& known = t.impl()->known;
      if (known && known->dtype() == DType::resource && known->id() == variable) known = form;
    }
    for (size_t i = 0; i < n.attrs.size(); ++i) {
      if (const auto* f = std::get_if<FunctionRef>(&n.attrs[i]); f && *f) forget(concrete(*f).graph(), variable, form);
      if (const auto* all = std::get_if<std::vector<FunctionRef>>(&n.attrs[i]))
        for (const FunctionRef& f : *all) forget(concrete(f).graph(), variable, form);
    }
    if (grad::is_custom_gradient(*n.op))
      if (const FunctionRef& rule = grad::rule_of(*n.op, n.attrs).function) forget(concrete(rule).graph(), variable, form);
  }
}
}  // namespace

Traced trace_body(const std::string& name, std::span<const TensorSpec> arguments,
                  const std::function<Tensors(const Tensors&)>& body, const Graph* differentiates) {
  Traced t{std::make_shared<Body>(), {}, {}};
  t.body->graph.name = short_of(name);
  GraphTracer tracer(t.body->graph, differentiates);
  Tensors in;
  for (const TensorSpec& spec : arguments) in.push_back(tracer.argument(spec));
  tapes_heard().push_back(tapes_outside() || !scope().recorders.empty());
  struct Heard { ~Heard() { tapes_heard().pop_back(); } } heard;
  {
    NoRecording outer_tapes;
    Pushed<Tracer*> tracing(scope().tracers, &tracer);
    const Tensors out = body(in);
    for (size_t i = 0; i < out.size(); ++i) {
      check(out[i].defined(), Code::value, "{}: output {} is nothing", name, i);
      t.results.push_back(tracer.owns(out[i]) ? out[i] : tracer.capture(out[i]));
    }
  }
  verify(t.body->graph);
  for (const Tensor& handle : tracer.bound()) forget(t.body->graph, handle.id(), form_of(handle));
  t.captures = tracer.captures();
  return t;
}

}  // namespace graph

void bind_argument(const Tensor& argument, const Variable& variable) {
  auto* tracer = dynamic_cast<graph::GraphTracer*>(scope().tracer());
  check(tracer && tracer->owns(argument), Code::value, "bind_argument: expected an argument of the trace that is active");
  tracer->bind(argument, variable.handle());
}

FunctionRef trace(std::string name, std::span<const TensorSpec> arguments,
                  const std::function<Tensors(const Tensors&)>& body) {
  timeline::Span span(timeline::critical, timeline::Kind::make, "TraceFunction");
  if (span) span.fact("function", name);
  graph::Traced t = graph::trace_body(name, arguments, body);
  return std::make_shared<graph::Concrete>(std::move(name), std::move(t.body), std::move(t.results),
                                           std::vector<TensorSpec>(arguments.begin(), arguments.end()),
                                           std::move(t.captures));
}

}  // namespace ninefold
