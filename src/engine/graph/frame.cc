// In: inputs, in slots. Out: results, in slots; from one iteration of a loop to the next they are swapped, not copied.
#include "engine/graph/frame.h"

#include <algorithm>

#include "base/check.h"

namespace ninefold::graph {

std::shared_ptr<Plan> Plans::find(const Concrete& f, const Concrete* test, std::span<const Tensor> inputs) {
  {
    std::lock_guard hold(mutex_);
    for (auto at = plans_.begin(); at != plans_.end(); ++at)
      if ((*at)->fits(inputs, test)) {
        plans_.splice(plans_.begin(), plans_, at);
        return plans_.front();
      }
  }
  auto made = std::make_shared<Plan>(f, inputs, test);   // outside the lock: planning runs kernels
  std::lock_guard hold(mutex_);
  plans_.push_front(made);
  if (plans_.size() > kMost) plans_.pop_back();
  return made;
}

void Frame::enter(const Concrete& f, const Concrete* test, Plans& plans, Tensors& inputs) {
  f.streams()->restart();
  if (test) test->streams()->restart();
  if (!plan_ || !plan_->fits(inputs, test)) {
    std::shared_ptr<Plan> plan = plans.find(f, test, inputs);
    state_.reset();
    plan_ = std::move(plan);
    state_ = plan_->make_state();
    if (test) route();
  }
  const Program& p = plan_->program_;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!p.values[static_cast<size_t>(p.inputs[i])].known.defined()) slot(p.inputs[i]) = std::move(inputs[i]);
}

// A result that the program computes for itself alone changes places with the input whose turn it takes: the memory
// of that input is then where the result's will be next time, and is used again if nobody else holds it.
void Frame::route() {
  const Program& p = plan_->program_;
  const size_t n = p.inputs.size();
  NINEFOLD_INVARIANT(p.outputs.size() == n + 1);
  std::vector<int> wanted(p.values.size());
  std::vector<bool> given(p.values.size()), fresh(p.values.size());
  for (int v : p.inputs) given[static_cast<size_t>(v)] = true;
  for (int v : p.outputs) ++wanted[static_cast<size_t>(v)];
  for (const Thunk& t : plan_->thunks())
    for (int v : t.fresh) fresh[static_cast<size_t>(v)] = true;
  swaps_.clear(), copies_.clear(), stale_.clear(), varying_.clear();
  replanned_ = false;
  for (size_t i = 0; i <= n; ++i) {
    const int from = p.outputs[i];
    const auto v = static_cast<size_t>(from);
    const bool computed = !given[v] && !p.values[v].known.defined();
    if (computed && !fresh[v]) stale_.push_back(from);
    if (i == n || from == p.inputs[i]) continue;
    const int to = p.inputs[i];
    replanned_ = replanned_ || p.values[static_cast<size_t>(to)].known.defined();
    (computed && wanted[v] == 1 ? swaps_ : copies_).push_back({from, to});
    if (!fresh[v] || !(p.values[v].shape == plan_->shapes_[i])) varying_.push_back(i);
  }
  aside_.resize(copies_.size());
  for (Move& c : copies_) {
    const Value& old = p.values[static_cast<size_t>(c.to)];
    for (Move& m : swaps_) {
      const Value& made = p.values[static_cast<size_t>(m.from)];
      if (m.spare >= 0 || !fresh[static_cast<size_t>(m.from)] || made.dtype != old.dtype || !(made.shape == old.shape)) continue;
      c.spare = m.from;
      m.spare = m.from;   // taken
      break;
    }
  }
}

Tensor Frame::take(size_t i) {
  const Program& p = plan_->program_;
  const int v = p.outputs[i];
  const bool own = !p.values[static_cast<size_t>(v)].known.defined() &&
                   std::count(p.outputs.begin(), p.outputs.end(), v) == 1;
  return own ? std::move(slot(v)) : slot(v);
}

void Frame::gather(Tensors& state) {
  const Program& p = plan_->program_;
  for (size_t i = 0; i < state.size(); ++i) state[i] = slot(p.inputs[i]);
  leave();
}

bool Frame::turn(Tensors& state, bool go_on) {
  if (replanned_) {
    for (size_t i = 0; i < state.size(); ++i) state[i] = result(i);
    leave();
    return false;
  }
  for (size_t c = 0; c < copies_.size(); ++c) aside_[c] = slot(copies_[c].from);
  for (const Move& m : swaps_) slot(m.from).swap(slot(m.to));
  for (size_t c = 0; c < copies_.size(); ++c) {
    Tensor& to = slot(copies_[c].to);
    to.swap(aside_[c]);
    if (const int v = copies_[c].spare; v >= 0 && !sole_owner(slot(v))) slot(v) = std::move(aside_[c]);
    aside_[c] = Tensor();
  }
  for (int v : stale_) slot(v) = Tensor();
  for (size_t i : varying_) go_on = go_on && slot(plan_->program_.inputs[i]).impl()->shape == plan_->shapes_[i];
  if (!go_on) gather(state);
  return go_on;
}

}  // namespace ninefold::graph
