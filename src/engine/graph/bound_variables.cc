// In: the variables that a program uses. Out: where they lie, and whether they still lie there.
#include "engine/graph/bound_variables.h"

#include <algorithm>

#include "base/check.h"
#include "engine/graph/control_flow.h"
#include "engine/graph/graph.h"
#include "engine/op/place.h"

namespace ninefold::graph {
namespace {

size_t at(int v) { return static_cast<size_t>(v); }

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

void BoundVariables::bind(const Program& p, std::span<const Tensor> inputs, std::span<Accelerator* const> devices) {
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
    const auto there = [&] { return std::find(devices.begin(), devices.end(), &v.read().impl()->buffer->device()) != devices.end(); };
    // Counters begin with the host; what the card writes lies there, except int32 (op/place.h).
    if (b.written && v.dtype != DType::i32 && !there()) move_variable(v, *devices[0]);
    check(there(), Code::failed_precondition, "variable {} lies on {}", v.name, v.read().device_name());
    b.memory = v.read().impl()->data;
    b.generation = v.generation();
  }
  std::sort(bound_.begin(), bound_.end(), [](const Bound& a, const Bound& b) { return a.variable->id < b.variable->id; });
}

std::vector<std::unique_lock<std::recursive_mutex>> BoundVariables::lock() const {
  std::vector<std::unique_lock<std::recursive_mutex>> locks;
  for (const Bound& b : bound_) locks.emplace_back(b.variable->mutex);
  return locks;
}
bool BoundVariables::unmoved() const {
  return std::all_of(bound_.begin(), bound_.end(), [](const Bound& b) { return b.variable->generation() == b.generation; });
}
bool BoundVariables::gone() const {
  return std::any_of(bound_.begin(), bound_.end(), [](const Bound& b) { return b.held.expired(); });
}
bool BoundVariables::same(std::span<const Tensor> inputs) const {
  return std::all_of(bound_.begin(), bound_.end(), [&](const Bound& b) {
    return b.argument < 0 || b.held.lock() == resource_of(inputs[at(b.argument)]);
  });
}
bool BoundVariables::still() const {
  for (const Bound& b : bound_)
    if (b.generation != b.variable->generation() || (b.written && b.variable->writable(nullptr) != b.memory)) return false;
  return true;
}
void BoundVariables::wrote() const {
  for (const Bound& b : bound_)
    if (b.written) b.variable->wrote();
}

}  // namespace ninefold::graph
