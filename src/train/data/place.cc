// In: a dataset. Out: its iterator, and the random streams that begin with it.
#include "train/data/place.h"

#include <charconv>

#include "base/check.h"
#include "base/timeline.h"
#include "base/text.h"
#include "ninefold/resume.h"

namespace ninefold {
namespace data {
namespace {

// The first op of a function that has a state of its own, as TensorFlow counts it: tables and prints have none.
std::string state_in(const graph::Graph& graph) {
  for (const graph::Node& node : graph.nodes) {
    const std::string& name = node.op->name;
    const bool calls_python = name == "EagerPyFunc" || name == "PyFunc";
    if (node.op->effect == Effect::random || calls_python || name == "ReadVariableOp" || name.starts_with("Assign")) return name;
  }
  return {};
}

}  // namespace

PlacePtr Place::below(size_t i) {
  std::lock_guard hold(mutex_);
  if (below_.size() <= i) below_.resize(i + 1);
  if (!below_[i]) {
    below_[i] = std::make_shared<Place>();
    below_[i]->give(given_, path_ + std::to_string(i) + ".");
    below_[i]->bound_ = bound_;
  }
  return below_[i];
}

void Place::bind(const Dataset* late, DatasetPtr truth) {
  std::lock_guard hold(mutex_);
  bound_[late] = std::move(truth);
}
DatasetPtr Place::bound(const Dataset* late) {
  std::lock_guard hold(mutex_);
  const auto at = bound_.find(late);
  return at == bound_.end() ? nullptr : at->second;
}

std::optional<Place::Draws> Place::begin(const Draws& now) {
  std::lock_guard hold(mutex_);
  if (!began_.empty() && began_.back().same_generator(now)) return {};   // it goes on
  const auto at = given_.find(path_);
  const bool told = at != given_.end() && began_.size() < at->second.size();
  began_.push_back(told ? at->second[began_.size()] : now);
  if (!told) return {};
  return began_.back();
}

void Place::stateful(const std::string& op) {
  std::lock_guard hold(mutex_);
  if (stateful_.empty()) stateful_ = op;
}

void Place::collect(States& states, std::string& stateful, const std::string& path) {
  std::lock_guard hold(mutex_);
  if (!began_.empty()) states[path] = began_;
  if (stateful.empty()) stateful = stateful_;
  for (size_t i = 0; i < below_.size(); ++i)
    if (below_[i]) below_[i]->collect(states, stateful, path + std::to_string(i) + ".");
}

void Place::give(const States& states, const std::string& path) {
  std::lock_guard hold(mutex_);
  given_ = states;
  path_ = path;
}

FunctionRef Place::function(const FunctionRef& f) {
  const graph::Concrete& c = graph::concrete(f);
  std::lock_guard hold(mutex_);
  if (stateful_.empty()) stateful_ = state_in(c.graph());
  if (!c.draws()) return f;
  // set_seed changes nothing in an iterator that lives.
  if (!streams_) streams_ = std::make_shared<graph::Streams>(false);
  return c.with_streams(streams_);
}

}  // namespace data

namespace data {

ResumablePass::ResumablePass(DatasetPtr from) : from_(std::move(from)), place_(std::make_shared<Place>()), pass_(from_->pass(place_)) {}
ResumablePass::~ResumablePass() = default;

bool ResumablePass::next(Tensors& element) {
  const timeline::Span span(timeline::critical, timeline::Kind::input, "IteratorGetNext");
  ++drawn_;      // the end is drawn, too
  if (!ahead_) return pass_->next(element);
  const auto [more, tensors] = *std::exchange(ahead_, {});
  element = tensors;
  return more;
}

std::vector<std::string> ResumablePass::state() {
  if (drawn_ == 0 && !ahead_) {      // stages begin with the first element
    Tensors element;
    const bool more = pass_->next(element);
    ahead_ = {more, std::move(element)};
  }
  Place::States states;
  std::string stateful;
  place_->collect(states, stateful);
  check(stateful.empty(), Code::failed_precondition, "{} is stateful. [Op:SerializeIterator]", stateful);
  std::vector<std::string> out = {kKind, from_->stage(), std::to_string(drawn_)};
  for (const auto& [path, all] : states)
    for (const Place::Draws& s : all) out.push_back(fmt::format("{} {} {} {} {}", path.empty() ? "-" : path, s.key, s.low, s.high, s.drawn));
  return out;
}

void ResumablePass::restore(const std::vector<std::string>& state) {
  const auto number = [&](const std::string& text, auto& to) {
    const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), to);
    check(bad == std::errc() && end == text.data() + text.size(), Code::data_loss, "Failed to restore dataset iterator from checkpoint: "
          "'{}' is no number; the file is damaged [Op:DeserializeIterator]", text);
  };
  check(state.size() >= 3 && state[0] == kKind, Code::unimplemented, "Failed to restore dataset iterator from checkpoint: its state is not "
        "Ninefold's; TensorFlow's own holds the bytes of its kernels. [Op:DeserializeIterator]");
  check(state[1] == from_->stage(), Code::not_found, "Failed to restore dataset iterator from checkpoint: Iterator::Root::{}. Make sure the "
        "dataset definition has not changed between the process that saved the checkpoint and the process that is restoring it. "
        "[Op:DeserializeIterator]", from_->stage());
  uint64_t drawn = 0;
  number(state[2], drawn);
  Place::States states;
  for (size_t i = 3; i < state.size(); ++i) {
    const std::vector<std::string_view> parts = split(state[i], ' ');
    check(parts.size() == 5, Code::data_loss, "Failed to restore dataset iterator from checkpoint: '{}' is no state of a shuffle; the file "
          "is damaged [Op:DeserializeIterator]", state[i]);
    Place::Draws& s = states[parts[0] == "-" ? std::string() : std::string(parts[0])].emplace_back();
    uint64_t* fields[] = {&s.key, &s.low, &s.high, &s.drawn};
    for (size_t f = 0; f < 4; ++f) number(std::string(parts[f + 1]), *fields[f]);
  }
  const auto place = std::make_shared<Place>();
  place->give(states);
  std::unique_ptr<DataIterator> pass = from_->pass(place);
  Tensors element;
  for (uint64_t i = 0; i < drawn && pass->next(element); ++i) {
  }
  place_ = place, pass_ = std::move(pass), drawn_ = drawn, ahead_.reset();
}

}  // namespace data

std::unique_ptr<DataIterator> Dataset::iterator() { return pass(std::make_shared<data::Place>()); }

}  // namespace ninefold
