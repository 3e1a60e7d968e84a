// In: runs of a plan on GPUs. Out: their work, captured once and replayed: inputs are copied into slots, results out of
// the slab, variables are found where they were.
#include "engine/graph/step_graph.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string_view>

#include "base/check.h"
#include "engine/graph/captured_flow.h"
#include "engine/graph/graph.h"
#include "engine/graph/plan.h"
#include "engine/graph/run_state.h"
#include "engine/graph/step_devices.h"
#include "engine/op/after.h"
#include "engine/op/place.h"
#include "engine/op/scope.h"
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

}  // namespace

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
  if (!bound_.same(inputs)) {
    if (bound_.gone()) again("its variables are gone");
    return std::nullopt;
  }
  std::vector<std::unique_lock<std::recursive_mutex>> locks = bound_.lock();
  const bool settings = tensor_float_ == device::tensor_float_32() && deterministic_ == device::deterministic();
  if (settings && bound_.still()) {
    if (++replays_ % kForgiven == 0) tries_ = 0;
    if (std::optional<Tensors> out = replay(inputs)) return out;
  }
  locks.clear();
  again(!settings         ? "settings of the device change from run to run"
        : graph_->gone() ? "its communicators were ended"
                         : "its variables move from run to run");
  return std::nullopt;
}

// The caller's device; or another one on which all of it is wished for; or several, on which its parts are.
void StepGraph::decide(Accelerator& caller, std::span<const Tensor> inputs) {
  stage_ = warm;
  caller_ = &caller;
  devices_ = {&caller};
  std::string why = blocks_capture(plan_.program_, devices_, caller, inputs);
  for (int i = 0; !why.empty() && i < find_gpus(); ++i) {
    Accelerator* const other = gpu_device(i);
    if (other == caller_ || !blocks_capture(plan_.program_, {&other, 1}, caller, inputs).empty()) continue;
    devices_ = {other};
    why.clear();
  }
  if (!why.empty()) {
    devices_ = devices_of(plan_.program_, caller);
    if (devices_.size() > 1) why = blocks_capture(plan_.program_, devices_, caller, inputs);
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
  graph_.reset();
  state_.reset();
  slots_.clear();
  bound_.clear();
  results_.clear();
  draws_ = {};
  constants_.clear();
  streams_.clear();
  slabs_.clear();
}

void StepGraph::bring(std::span<const Tensor> inputs) {
  const Program& p = plan_.program_;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (p.values[at(p.inputs[i])].known.defined()) continue;
    if (!slots_[i].defined()) continue;
    // Large ones travel while the run before is at work, and wait for it on the card alone.
    const bool beside = on_host(inputs[i]) && inputs[i].bytes() >= Accelerator::kStaged;
    copy_bytes(slots_[i], beside ? on_device(inputs[i], slots_[i].impl()->buffer->device()) : inputs[i]);
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
    else if (r.input < 0) r = {-1, {}, static_cast<Accelerator*>(&t.impl()->buffer->device()), t.impl()->data, t.dtype(), t.shape()};
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
  const std::vector<Accelerator*> readers = first_readers(p, devices_);
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Value& value = p.values[at(p.inputs[i])];
    if (value.known.defined() || value.dtype == DType::resource) continue;
    slots_[i] = empty_on(*readers[at(p.inputs[i])], inputs[i].dtype(), inputs[i].shape());
  }
  plan_.bring_constants(*state_, devices_, nullptr);
  bring(inputs);
  fill(inputs);
  std::string why;
  try {
    bound_.bind(p, inputs, devices_);
  } catch (const Error& e) {
    why = e.message();
  }
  Tensors out;
  size_t bytes = 0;
  const auto leave = [&] { plan_.empty(*state_); };
  try {
    cuda::Session session(devices_);
    plan_.execute(*state_);
    for (Result& r : results(inputs)) {
      const size_t k = out.size();
      out.push_back(r.input >= 0 ? inputs[at(r.input)].with_shape(inputs[at(r.input)].shape())
                                 : state_->slots[at(p.outputs[k])].with_shape(state_->slots[at(p.outputs[k])].shape()));
      if (!r.memory) continue;
      bytes += bytes_of(r.dtype, r.shape);
    }
    leave();
    measured_.clear();
    for (const auto& share : session.shares()) measured_.push_back(share->bytes());
  } catch (...) {
    leave();
    drop();
    throw;
  }
  if (why.empty() && !bound_.unmoved()) why = "a variable is written while its old value is read";
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
    bound_.bind(plan_.program_, inputs, devices_);
    CapturedFlow flow(plan_, inputs, devices_);
    constants_ = flow.constants();
    streams_ = flow.streams();
    Room room{measured_, kFewDraws};
    for (size_t& bytes : room.bytes) bytes = std::max<size_t>(bytes, 1);
    for (bool tried = false; !tried;) {
      const CapturedFlow::Captures captures(flow);
      Room wants{std::vector<size_t>(devices_.size()), 0};
      why = captured_in(room, inputs, &wants);
      tried = !wants.draws && std::all_of(wants.bytes.begin(), wants.bytes.end(), [](size_t bytes) { return bytes == 0; });
      for (size_t i = 0; i < devices_.size(); ++i) room.bytes[i] = std::max(room.bytes[i], wants.bytes[i]);
      room.draws = std::max(room.draws, wants.draws);
    }
    if (why.empty() && !bound_.unmoved()) why = "a variable is written while its old value is read";
  } catch (const Error& e) {
    why = e.message();
  }
  if (why.empty()) stage_ = captured;
  else again(std::move(why));
}

// "" or why not.
std::string StepGraph::captured_in(const Room& room, std::span<const Tensor> inputs, Room* wants) {
  std::string why;
  std::vector<cuda::Session::Room> slabs;
  slabs_.clear();
  draws_.places.clear();
  for (size_t i = 0; i < devices_.size(); ++i) {
    const Holder holder("the slab of a function");
    slabs_.push_back(empty_on(*devices_[i], DType::u8, {static_cast<int64_t>(room.bytes[i] + kMargin)}));
    draws_.places.push_back(empty_on(*devices_[i], DType::u64, {static_cast<int64_t>(room.draws)}));
    slabs.push_back({static_cast<char*>(slabs_[i].impl()->data) + kMargin, room.bytes[i]});
  }
  fill(inputs);
  // Before the devices: whoever holds a variable may wait for them.
  const std::vector<std::unique_lock<std::recursive_mutex>> locks = bound_.lock();
  const VariablesStay stay;
  cuda::Session session(devices_, slabs);
  CapturedDraws draws(draws_, devices_, room.draws);
  try {
    state_->now = nullptr;
    plan_.run_thunks(*state_);
    results_ = results(inputs);
  } catch (const Error& e) {
    why = (state_->now ? state_->now->op->name + ": " : "") + e.message();
  }
  plan_.empty(*state_);
  if (why.empty() && !draws.all_taken()) why = "it draws numbers on the host";
  try {
    if (why.empty()) graph_ = session.end();
  } catch (const Error& e) {
    why = e.message();
  }
  for (size_t i = 0; i < devices_.size(); ++i) wants->bytes[i] = session.shares()[i]->wants();
  wants->draws = draws.wants();
  return why;
}

std::optional<Tensors> StepGraph::replay(std::span<const Tensor> inputs) {
  if (graph_->gone()) return std::nullopt;
  bring(inputs);
  for (const std::shared_ptr<Streams>& s : streams_) s->restart();
  const std::vector<uint64_t> stands = draws_.begin();
  check(graph_->start(), Code::aborted, "a sum of this step was ended by the fault of another step");
  draws_.end(stands);
  Tensors out;
  for (const Result& r : results_) {
    if (r.input >= 0) out.push_back(inputs[at(r.input)].with_shape(inputs[at(r.input)].shape()));
    else if (r.fixed.defined()) out.push_back(r.fixed.with_shape(r.fixed.shape()));
    else {
      out.push_back(empty_on(*r.device, r.dtype, r.shape));
      if (const size_t n = bytes_of(r.dtype, r.shape)) r.device->copy(out.back().impl()->data, r.memory, n);
    }
  }
  bound_.wrote();
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
