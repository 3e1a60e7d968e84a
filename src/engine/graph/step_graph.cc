// In: runs of a plan on one GPU. Out: their work, captured once and replayed: inputs are copied into slots, results out of
// the slab, variables are found where they were.
#include "engine/graph/step_graph.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string_view>

#include "base/check.h"
#include "engine/device/cuda/launch.h"
#include "engine/graph/captured_flow.h"
#include "engine/graph/graph.h"
#include "engine/graph/plan.h"
#include "engine/graph/run_state.h"
#include "engine/op/after.h"
#include "engine/op/place.h"
#include "engine/op/scope.h"
#include "engine/ops/condition_launch.h"
#include "ninefold/device.h"

namespace ninefold::graph {
namespace {

constexpr int kTries = 4;                              // measurements and captures of one plan
constexpr uint64_t kForgiven = 64;                     // replays after which tries are counted anew
constexpr size_t kMargin = 256;                        // before the slab: no tensor of it has the address that the device knows
constexpr size_t kFewDraws = 64;                       // places for counters, at first
constexpr size_t kMostResults = size_t{64} << 20;      // bytes that each run would copy
std::atomic<bool> enabled{wants_step_graphs(std::getenv("NINEFOLD_STEP_GRAPHS"))};

size_t at(int v) { return static_cast<size_t>(v); }
size_t bytes_of(DType d, const Shape& s) { return static_cast<size_t>(s.size()) * size_of(d); }

// Whether an op writes the variable that is its input i, in its functions, too.
bool writes_input(const Op& op, const Attrs& attrs, size_t i) {
  bool enters = false;
  const size_t before = op.name == "If" || op.name == "StatelessIf";   // its condition is no input of its functions
  for (size_t a = 0; a < attrs.size(); ++a) {
    const auto* f = std::get_if<FunctionRef>(&attrs[a]);
    if (!f || !*f) continue;
    enters = true;
    if (i < before) continue;
    const Graph& g = concrete(*f).graph();
    const TensorImpl* const handle = g.inputs.at(i - before)->out[0].impl();
    for (const Node& n : g.nodes)
      for (size_t k = 0; k < n.in.size(); ++k)
        if (n.in[k].impl() == handle && writes_input(*n.op, n.attrs, k)) return true;
  }
  return !enters && effect_of(op, attrs) == Effect::writes;
}

}  // namespace

// Tells random ops of a capture where on the card their counters will stand. What branches and loops draw moves its counter on there:
// each stream of theirs has one place, however often they draw from it.
class StepGraph::Counting : public Draws {
 public:
  Counting(StepGraph& step, size_t room) : step_(step), room_(room) {
    step_.draws_.clear();
    step_.unseeded_.clear();
    now() = this;
  }
  ~Counting() { now() = nullptr; }
  uint64_t reserve(uint64_t* counter, uint64_t blocks) override {
    std::vector<Draw>& draws = step_.draws_;
    move_on();
    size_t place = draws.size();
    for (size_t i = 0; counter && i < draws.size(); ++i) {
      if (draws[i].counter != counter || (!bodies_ && draws[i].blocks)) continue;
      if (!bodies_ || draws[i].blocks) cuda::Session::blocked("draws from one stream both within a branch or loop and outside");
      place = i;
    }
    if (where) cuda::Session::blocked("draws numbers on the host");
    if (place == room_) {
      wants_ = 2 * room_;
      cuda::Session::blocked("draws more often than the run before");
    }
    if (place == draws.size()) draws.push_back({counter ? counter : &step_.unseeded_.emplace_back(0), bodies_ ? 0 : blocks});
    where = static_cast<const uint64_t*>(step_.counters_.impl()->data) + place;
    if (bodies_) pending_ = {const_cast<uint64_t*>(where), blocks};
    return 0;
  }
  void begin_body() override {
    move_on();
    ++bodies_;
  }
  void end_body() override {
    move_on();
    --bodies_;
  }
  bool all_taken() const { return !where; }
  size_t wants() const { return wants_; }    // places, of a capture that had too few; 0: it had enough

 private:
  // Behind the kernel that drew.
  void move_on() {
    if (!pending_.counter) return;
    if (where) cuda::Session::blocked("draws numbers on the host");
    cuda::launch(*step_.device_, "move_on", cuda::threads_for(1), std::exchange(pending_, {}));
  }
  StepGraph& step_;
  const size_t room_;
  cuda::MoveOn pending_ = {};
  int bodies_ = 0;
  size_t wants_ = 0;
};

void set_step_graphs(bool on) { enabled.store(on); }
bool wants_step_graphs(const char* environment) { return !environment || std::string_view(environment) != "0"; }

namespace {
struct All {
  std::mutex mutex;                          // guards `steps`; taken before a step's own
  std::vector<const StepGraph*> steps;
};
All& all_steps() {
  static auto* const all = new All();
  return *all;
}
}  // namespace

StepGraph::StepGraph(Plan& plan) : plan_(plan) {
  std::lock_guard hold(all_steps().mutex);
  all_steps().steps.push_back(this);
}
StepGraph::~StepGraph() {
  {
    std::lock_guard hold(all_steps().mutex);
    std::erase(all_steps().steps, this);
  }
  drop();
}

const std::string& StepGraph::function() const { return plan_.body_->graph.name; }

std::string StepGraph::state() const {
  const std::unique_lock hold(mutex_, std::try_to_lock);   // a run may make functions, which are added to the list of all
  return !hold ? "running" : stage_ == captured ? "captured" : why_;
}

std::optional<Tensors> StepGraph::run(std::span<const Tensor> inputs) {
  const std::unique_lock hold(mutex_, std::try_to_lock);
  if (!hold || stage_ == apart || !enabled.load(std::memory_order_relaxed) || cuda::Session::active()) return std::nullopt;
  if (placement_is_told.load(std::memory_order_relaxed) || after_op()) return std::nullopt;   // somebody looks at every op
  Device* const wish = preferred_device();
  if (wish->host()) return std::nullopt;
  auto* const caller = static_cast<Accelerator*>(wish);
  if (caller_ && caller != caller_) return std::nullopt;
  if (stage_ == fresh) {
    decide(*caller, inputs);
    return std::nullopt;
  }
  if (stage_ == warm) return measure(inputs);
  if (stage_ == measured) capture(inputs);
  if (stage_ != captured) return std::nullopt;
  if (!same_variables(inputs)) {
    if (std::any_of(bound_.begin(), bound_.end(), [](const Bound& b) { return b.held.expired(); })) again("its variables are gone");
    return std::nullopt;
  }
  std::vector<std::unique_lock<std::recursive_mutex>> locks;
  for (const Bound& b : bound_) locks.emplace_back(b.variable->mutex);
  const bool settings = tensor_float_ == device::tensor_float_32() && deterministic_ == device::deterministic();
  if (settings && still_bound()) {
    if (++replays_ % kForgiven == 0) tries_ = 0;
    return replay(inputs);
  }
  locks.clear();
  again(settings ? "its variables move from run to run" : "settings of the device change from run to run");
  return std::nullopt;
}

// The caller's device, or another one on which all of it is wished for.
void StepGraph::decide(Accelerator& caller, std::span<const Tensor> inputs) {
  stage_ = warm;
  device_ = caller_ = &caller;
  std::string why = blocks_capture(plan_.program_, caller, caller, inputs);
  for (int i = 0; !why.empty() && i < find_gpus(); ++i) {
    Accelerator* const other = gpu_device(i);
    if (other == caller_ || !blocks_capture(plan_.program_, *other, caller, inputs).empty()) continue;
    device_ = other;
    why.clear();
  }
  if (!why.empty()) give_up(std::move(why));
}

void StepGraph::give_up(std::string why) {
  drop();
  why_ = std::move(why);
  stage_ = apart;
}
void StepGraph::again(std::string why) {
  if (++tries_ >= kTries) return give_up(std::move(why));
  drop();
  why_ = std::move(why);
  stage_ = warm;
}
void StepGraph::drop() noexcept {
  if (graph_) cuda::drop_graph(*device_, graph_);
  graph_ = nullptr;
  state_.reset();
  slots_.clear();
  bound_.clear();
  results_.clear();
  draws_.clear();
  unseeded_.clear();
  constants_.clear();
  streams_.clear();
  slab_ = counters_ = Tensor();
}

// Raises where a variable is none, has no value, or lies elsewhere.
void StepGraph::bind(std::span<const Tensor> inputs) {
  const Program& p = plan_.program_;
  bound_.clear();
  for (const Instruction& c : p.code)
    for (size_t i = 0; i < c.in.size(); ++i) {
      const int v = c.in[i];
      const Value& value = p.values[at(v)];
      if (value.dtype != DType::resource) continue;
      const auto input = std::find(p.inputs.begin(), p.inputs.end(), v);
      const int argument = value.known.defined() || input == p.inputs.end() ? -1 : static_cast<int>(input - p.inputs.begin());
      const std::shared_ptr<Resource>& held = resource_of(argument < 0 ? value.known : inputs[at(argument)]);
      auto* const variable = dynamic_cast<VariableResource*>(held.get());
      check(variable, Code::failed_precondition, "it uses a {}", held->kind());
      const bool written = writes_input(*c.op, c.attrs, i);
      const auto same = std::find_if(bound_.begin(), bound_.end(), [&](const Bound& b) { return b.variable == variable; });
      if (same != bound_.end()) {
        same->written = same->written || written;
        continue;
      }
      bound_.push_back({held, variable, argument, written, nullptr, 0});
    }
  for (Bound& b : bound_) {
    VariableResource& v = *b.variable;
    std::lock_guard hold(v.mutex);
    check(v.initialised(), Code::failed_precondition, "variable {} has no value yet", v.name);
    // Counters begin with the host; what the card writes lies there, except int32 (op/place.h).
    if (b.written && v.dtype != DType::i32) move_variable(v, *device_);
    const Tensor now = v.read();
    check(&now.impl()->buffer->device() == device_, Code::failed_precondition, "variable {} lies on {}", v.name, now.device_name());
    b.memory = now.impl()->data;
    b.generation = v.generation();
  }
  std::sort(bound_.begin(), bound_.end(), [](const Bound& a, const Bound& b) { return a.variable->id < b.variable->id; });
}
bool StepGraph::unmoved() const {
  return std::all_of(bound_.begin(), bound_.end(), [](const Bound& b) { return b.variable->generation() == b.generation; });
}
bool StepGraph::same_variables(std::span<const Tensor> inputs) const {
  return std::all_of(bound_.begin(), bound_.end(), [&](const Bound& b) {
    return b.argument < 0 || b.held.lock() == resource_of(inputs[at(b.argument)]);
  });
}
// With the variables locked. A reader that holds what the graph writes keeps it: the variable moves then.
bool StepGraph::still_bound() const {
  for (const Bound& b : bound_)
    if (b.generation != b.variable->generation() || (b.written && b.variable->writable(nullptr) != b.memory)) return false;
  return true;
}

void StepGraph::bring(std::span<const Tensor> inputs) {
  const Program& p = plan_.program_;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (p.values[at(p.inputs[i])].known.defined()) continue;
    if (!slots_[i].defined()) continue;
    // Large ones travel while the run before is at work, and wait for it on the card alone.
    const bool beside = on_host(inputs[i]) && inputs[i].bytes() >= Accelerator::kStaged;
    copy_bytes(slots_[i], beside ? on_device(inputs[i], *device_) : inputs[i]);
  }
}
// What kernels find in the run state: the slots, and the run's own handles. It is emptied after each run of kernels.
void StepGraph::fill(std::span<const Tensor> inputs) {
  const Program& p = plan_.program_;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!p.values[at(p.inputs[i])].known.defined()) state_->slots[at(p.inputs[i])] = slots_[i].defined() ? slots_[i] : inputs[i];
}

std::vector<StepGraph::Result> StepGraph::results(std::span<const Tensor> inputs) const {
  const Program& p = plan_.program_;
  std::vector<Result> all;
  for (int v : p.outputs) {
    Result r;
    for (size_t i = 0; i < inputs.size(); ++i)
      if (p.inputs[i] == v && !p.values[at(v)].known.defined()) r.input = static_cast<int>(i);
    const Tensor& t = state_->slots[at(v)];
    if (r.input < 0 && on_host(t)) r.fixed = t;
    else if (r.input < 0) r.memory = t.impl()->data, r.dtype = t.dtype(), r.shape = t.shape();
    all.push_back(std::move(r));
  }
  return all;
}

// A run as the graph will see it: the same inputs' places, the same order of requests.
Tensors StepGraph::measure(std::span<const Tensor> inputs) {
  const Program& p = plan_.program_;
  NoRecording quiet;
  Pushed<Tracer*> eager(scope().tracers, nullptr);
  state_ = plan_.make_state();
  slots_.assign(inputs.size(), Tensor());
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Value& value = p.values[at(p.inputs[i])];
    if (value.known.defined() || value.dtype == DType::resource) continue;
    slots_[i] = empty_on(*device_, inputs[i].dtype(), inputs[i].shape());
  }
  plan_.bring_constants(*state_, *device_, nullptr);
  bring(inputs);
  fill(inputs);
  std::string why;
  try {
    bind(inputs);
  } catch (const Error& e) {
    why = e.message();
  }
  Tensors out;
  size_t bytes = 0;
  const auto leave = [&] { plan_.empty(*state_); };
  try {
    cuda::Session session(*device_);
    plan_.execute(*state_);
    for (Result& r : results(inputs)) {
      const size_t k = out.size();
      out.push_back(r.input >= 0 ? inputs[at(r.input)].with_shape(inputs[at(r.input)].shape())
                                 : state_->slots[at(p.outputs[k])].with_shape(state_->slots[at(p.outputs[k])].shape()));
      if (!r.memory) continue;
      bytes += bytes_of(r.dtype, r.shape);
    }
    leave();
    measured_ = session.bytes();
  } catch (...) {
    leave();
    drop();
    throw;
  }
  if (why.empty() && !unmoved()) why = "a variable is written while its old value is read";
  if (why.empty() && bytes > kMostResults) {
    give_up(fmt::format("it returns {} bytes, which a graph would copy", bytes));
  } else if (!why.empty()) {
    again(std::move(why));
  } else {
    stage_ = measured;
  }
  return out;
}

// More room is found by trying: a branch that the measured run did not take may want more than the one that it took.
void StepGraph::capture(std::span<const Tensor> inputs) {
  NoRecording quiet;
  Pushed<Tracer*> eager(scope().tracers, nullptr);
  tensor_float_ = device::tensor_float_32();
  deterministic_ = device::deterministic();
  std::string why;
  try {
    bind(inputs);
    CapturedFlow flow(plan_, inputs, *device_);
    constants_ = flow.constants();
    streams_ = flow.streams();
    size_t room = std::max<size_t>(measured_, 1), draws = kFewDraws;
    for (size_t wants = 0, wants_draws = 0;; wants = wants_draws = 0) {
      const CapturedFlow::Captures captures(flow);
      why = captured_in(room, draws, inputs, &wants, &wants_draws);
      if (!wants && !wants_draws) break;
      room = std::max(room, wants);
      draws = std::max(draws, wants_draws);
    }
    if (why.empty() && !unmoved()) why = "a variable is written while its old value is read";
  } catch (const Error& e) {
    why = e.message();
  }
  if (why.empty()) stage_ = captured;
  else again(std::move(why));
}

// "" or why not.
std::string StepGraph::captured_in(size_t room, size_t draws, std::span<const Tensor> inputs, size_t* wants, size_t* wants_draws) {
  std::string why;
  {
    const Holder holder("the slab of a function");
    slab_ = empty_on(*device_, DType::u8, {static_cast<int64_t>(room + kMargin)});
    counters_ = empty_on(*device_, DType::u64, {static_cast<int64_t>(draws)});
  }
  fill(inputs);
  // Before the device: whoever holds a variable may wait for that.
  std::vector<std::unique_lock<std::recursive_mutex>> locks;
  for (const Bound& b : bound_) locks.emplace_back(b.variable->mutex);
  const VariablesStay stay;
  cuda::Session session(*device_, static_cast<char*>(slab_.impl()->data) + kMargin, room);
  Counting counting(*this, draws);
  try {
    state_->now = nullptr;
    plan_.run_thunks(*state_);
    results_ = results(inputs);
  } catch (const Error& e) {
    why = (state_->now ? state_->now->op->name + ": " : "") + e.message();
  }
  plan_.empty(*state_);
  if (why.empty() && !counting.all_taken()) why = "it draws numbers on the host";
  try {
    if (why.empty()) graph_ = session.end();
  } catch (const Error& e) {
    why = e.message();
  }
  *wants = session.wants();
  *wants_draws = counting.wants();
  return why;
}

Tensors StepGraph::replay(std::span<const Tensor> inputs) {
  bring(inputs);
  for (const std::shared_ptr<Streams>& s : streams_) s->restart();
  std::vector<uint64_t> stands, went;
  if (!draws_.empty()) {
    for (const Draws::Draw& d : draws_) stands.push_back(std::atomic_ref<uint64_t>(*d.counter).fetch_add(d.blocks, std::memory_order_relaxed));
    device_->upload(counters_.impl()->data, stands.data(), stands.size() * sizeof(uint64_t));
  }
  cuda::replay(*device_, graph_);
  // How often branches and loops drew, only the card knows.
  if (std::any_of(draws_.begin(), draws_.end(), [](const Draws::Draw& d) { return !d.blocks; })) {
    went.resize(stands.size());
    device_->download(went.data(), counters_.impl()->data, went.size() * sizeof(uint64_t));
    for (size_t i = 0; i < went.size(); ++i)
      if (!draws_[i].blocks) std::atomic_ref<uint64_t>(*draws_[i].counter).fetch_add(went[i] - stands[i], std::memory_order_relaxed);
  }
  Tensors out;
  for (const Result& r : results_) {
    if (r.input >= 0) out.push_back(inputs[at(r.input)].with_shape(inputs[at(r.input)].shape()));
    else if (r.fixed.defined()) out.push_back(r.fixed.with_shape(r.fixed.shape()));
    else {
      out.push_back(empty_on(*device_, r.dtype, r.shape));
      if (const size_t n = bytes_of(r.dtype, r.shape)) device_->copy(out.back().impl()->data, r.memory, n);
    }
  }
  for (const Bound& b : bound_)
    if (b.written) b.variable->wrote();
  return out;
}

}  // namespace ninefold::graph

namespace ninefold::device {

std::vector<Step> steps() {
  graph::All& all = graph::all_steps();
  std::lock_guard hold(all.mutex);
  std::vector<Step> told;
  for (const graph::StepGraph* s : all.steps)
    if (std::string state = s->state(); !state.empty()) told.push_back({s->function(), std::move(state)});
  return told;
}

}  // namespace ninefold::device
