// In: inputs of If, While and calls. Out: results of their functions, each entered through a frame of its own.
#include "engine/graph/flow.h"

#include <optional>

#include "base/check.h"
#include "base/interrupts.h"
#include "engine/graph/captured_flow.h"
#include "engine/graph/frame.h"
#include "engine/op/scope.h"

namespace ninefold::graph {
namespace {

// Of a node's two functions: then and else; cond and body.
struct Planned { Plans plans[2]; };

// What a node keeps from run to run: frames of its functions, bound when first entered.
struct Flow : KernelState {
  Flow(const std::vector<bool>& last, std::shared_ptr<Planned> p) : read_last(last), planned(std::move(p)) {}
  Concrete& function(const KernelCtx& k, int i, const char* attr) {
    if (!functions[i]) functions[i] = &concrete(std::get<FunctionRef>(k.attr(attr)));
    return *functions[i];
  }
  // The node's inputs from `first` on; those that nothing else reads leave their slots, so that whoever gets
  // them may be their only holder.
  Tensors& take(KernelCtx& k, size_t first) {
    const auto n = static_cast<size_t>(k.num_inputs());
    given.resize(n - first);
    for (size_t i = first; i < n; ++i) {
      const Tensor& slot = k.in(static_cast<int>(i));
      if (i < read_last.size() && read_last[i]) given[i - first] = std::move(const_cast<Tensor&>(slot));
      else given[i - first] = slot;
    }
    return given;
  }
  void leave() {
    for (Frame& f : frames) f.leave();
    for (Tensor& t : given) t = Tensor();
    for (Tensor& t : asked) t = Tensor();
  }

  const std::vector<bool> read_last;
  const std::shared_ptr<Planned> planned;
  Concrete* functions[2] = {};   // held by the node's attributes
  Frame frames[2];
  Tensors given, asked;
  InterruptWatch watch;
};

std::shared_ptr<void> planned() { return std::make_shared<Planned>(); }
std::unique_ptr<KernelState> flow_state(const std::vector<bool>& read_last, const std::shared_ptr<void>& shared) {
  return std::make_unique<Flow>(read_last, std::static_pointer_cast<Planned>(shared));
}

// The state that the plan keeps; outside of plans one for this run, in which ops run whatever the caller is doing.
class Entered {
 public:
  explicit Entered(KernelCtx& k) {
    if (k.prepared) {
      flow_ = static_cast<Flow*>(k.prepared->get());
    } else {
      alone_.emplace();
      flow_ = &alone_->flow;
    }
  }
  ~Entered() { flow_->leave(); }
  Entered(const Entered&) = delete;
  Flow& operator*() const { return *flow_; }
  Flow* operator->() const { return flow_; }

 private:
  struct Alone {
    Flow flow{{}, std::make_shared<Planned>()};
    NoRecording quiet;
    Pushed<Tracer*> eager{scope().tracers, nullptr};
  };
  std::optional<Alone> alone_;
  Flow* flow_;
};

void call(KernelCtx& k, Flow& flow, int which, const char* attr, size_t first) {
  Concrete& f = flow.function(k, which, attr);
  Frame& frame = flow.frames[which];
  frame.enter(f, nullptr, flow.planned->plans[which], flow.take(k, first));
  frame.run();
  for (int i = 0; i < k.num_outputs(); ++i) k.set_output(i, frame.take(static_cast<size_t>(i)));
}

}  // namespace

Abilities flow_abilities() { return {.any_shapes = true, .common = planned, .state = flow_state}; }

bool truth(const Tensor& t) {
  if (t.dtype() == DType::boolean && t.rank() == 0) return *t.as<bool>();
  check(t.size() == 1, "The truth value of a condition must be a scalar, got shape {}", t.shape().tuple());
  if (t.dtype() == DType::string) return !t.as<std::string>()->empty();
  return t.dtype() == DType::boolean ? *t.as<bool>() : t.float_at(0) != 0;
}

void run_if(KernelCtx& k) {
  if (CapturedFlow* const graph = CapturedFlow::now()) [[unlikely]] return graph->enter(k);
  Entered flow(k);
  const bool taken = truth(k.in(0));
  call(k, *flow, taken ? 0 : 1, taken ? "then_branch" : "else_branch", 1);
}

void run_call(KernelCtx& k) {
  Entered flow(k);
  call(k, *flow, 0, "f", 0);
}

// The condition is asked once by itself; then each iteration ends with asking it, within the same plan.
void run_while(KernelCtx& k) {
  if (CapturedFlow* const graph = CapturedFlow::now()) [[unlikely]] return graph->enter(k);
  Entered flow(k);
  Concrete &test = flow->function(k, 0, "cond"), &body = flow->function(k, 1, "body");
  Frame &first = flow->frames[0], &step = flow->frames[1];
  Tensors& state = flow->take(k, 0);
  flow->asked = state;
  first.enter(test, nullptr, flow->planned->plans[0], flow->asked);
  first.run();
  bool go_on = truth(first.result(0));
  first.leave();
  for (Tensor& t : flow->asked) t = Tensor();
  while (go_on) {
    step.enter(body, &test, flow->planned->plans[1], state);
    do {
      flow->watch.tick();
      step.run();
      go_on = truth(step.result(state.size()));
    } while (step.turn(state, go_on));
  }
  for (size_t i = 0; i < state.size(); ++i) k.set_output(static_cast<int>(i), std::move(state[i]));
}

}  // namespace ninefold::graph
