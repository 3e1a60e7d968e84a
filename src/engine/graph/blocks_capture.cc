// In: a program. Out: what of it a graph cannot hold, if anything: the pure half of step_graph.cc.
#include <algorithm>

#include "base/check.h"
#include "engine/device/cuda/launch.h"
#include "engine/graph/captured_flow.h"
#include "engine/graph/control_flow.h"
#include "engine/graph/graph.h"
#include "engine/graph/step_graph.h"
#include "engine/op/place.h"
#include "engine/op/plan_forms.h"

namespace ninefold::graph {
namespace {

// Where a value lies: with the host, the same in every run (a constant, a shape); on the card; or it is a handle. Nowhere: handles that
// loops pass on, and empty lists, which loops have for what their gradient would read.
enum class Lies : uint8_t { nowhere, fixed, card, handle };

bool enters_functions(const Attrs& attrs) {
  for (size_t i = 0; i < attrs.size(); ++i)
    if (std::holds_alternative<FunctionRef>(attrs[i]) || std::holds_alternative<std::vector<FunctionRef>>(attrs[i])) return true;
  return false;
}
bool host_input(const Op& op, size_t inputs, size_t i) {
  const OpDef& d = def(op);
  if (d.plain) return d.inputs[i].host;
  const size_t several = inputs - (d.inputs.size() - 1);
  size_t at = 0;
  for (const ArgDef& a : d.inputs) {
    at += a.count_attr >= 0 || a.list_attr >= 0 ? several : 1;
    if (i < at) return a.host;
  }
  return false;
}

class Reader {
 public:
  Reader(const Program& p, std::span<Accelerator* const> devices, const Device& caller, std::span<const Tensor> inputs)
      : p_(p), devices_(devices), caller_(caller), inputs_(inputs), lies_(p.values.size(), Lies::nowhere) {
    for (size_t v = 0; v < p.values.size(); ++v)
      if (p.values[v].known.defined()) lies_[v] = p.values[v].dtype == DType::resource ? Lies::handle : Lies::fixed;
    for (int v : p.inputs) {
      const DType d = p.values[static_cast<size_t>(v)].dtype;
      if (!p.values[static_cast<size_t>(v)].known.defined()) at(v) = d == DType::resource ? Lies::handle : Lies::card;
    }
  }
  // Of a function that a branch or a loop enters: where its inputs lie.
  void begin_with(const std::vector<Lies>& inputs) {
    for (size_t i = 0; i < inputs.size(); ++i)
      if (!p_.values[static_cast<size_t>(p_.inputs[i])].known.defined()) at(p_.inputs[i]) = inputs[i];
  }
  std::string instructions() {
    for (int v : p_.inputs) {
      const Value& value = p_.values[static_cast<size_t>(v)];
      if (value.dtype == DType::string) return fmt::format("an input is {}", name_of(value.dtype));
    }
    for (const Instruction& c : p_.code)
      if (std::string why = of(c); !why.empty()) return c.op->name + " " + why;
    return {};
  }
  std::string first() {
    for (int v : p_.inputs) {
      const Value& value = p_.values[static_cast<size_t>(v)];
      if (value.dtype != DType::resource && !is_plain(value.dtype)) return fmt::format("an input is {}", name_of(value.dtype));
    }
    if (std::string why = instructions(); !why.empty()) return why;
    for (int v : p_.outputs) {
      const DType d = p_.values[static_cast<size_t>(v)].dtype;
      if (!is_plain(d)) return fmt::format("a result is {}", name_of(d));
      // Op by op it would have stayed with the host, and whoever asks where it lies can tell.
      if (d == DType::i32 && at(v) == Lies::card && std::find(p_.inputs.begin(), p_.inputs.end(), v) == p_.inputs.end())
        return "a result is int32 and stays with the host";
    }
    return {};
  }

 private:
  Lies& at(int v) { return lies_[static_cast<size_t>(v)]; }
  bool captured(const Device* d) const { return std::find(devices_.begin(), devices_.end(), d) != devices_.end(); }

  std::string of(const Instruction& c) {
    const Device* const wish = c.origin ? c.origin->device : nullptr;
    const bool fixed = std::all_of(c.in.begin(), c.in.end(), [&](int v) { return at(v) == Lies::fixed; });
    const Effect effect = effect_of(*c.op, c.attrs);
    if (c.op->name == "EmptyTensorList") return {};
    const bool enters = enters_functions(c.attrs);
    for (int v : c.in) {
      const DType d = p_.values[static_cast<size_t>(v)].dtype;
      if (d == DType::resource && at(v) != Lies::handle) return "reads a handle that a loop passes on";
      if (d == DType::variant && !enters && !c.out.empty() && is_plain(p_.values[static_cast<size_t>(c.out[0])].dtype)) return "reads a list";
    }
    if (enters) return flow(c);
    if (effect == Effect::world) return "acts on the world";
    for (int v : c.out) {
      const Value& value = p_.values[static_cast<size_t>(v)];
      if (!is_plain(value.dtype)) return fmt::format("gives {}", name_of(value.dtype));
      if (!value.shape.fully_known()) return "gives a size that follows from data";
    }
    auto gives = [&](Lies where) {
      for (int v : c.out) at(v) = where;
      return std::string();
    };
    // What nobody wishes elsewhere runs where the caller does, or where its variable lies.
    const bool own = std::any_of(c.in.begin(), c.in.end(), [&](int v) { return at(v) == Lies::handle; });
    const Device* const where = wish_of(c) ? wish_of(c) : own ? devices_[0] : &caller_;
    if (c.fused) return !captured(where) ? "runs on another device" : gives(Lies::card);
    if (c.op->shape_only || c.op->name == "VariableShape") return gives(Lies::fixed);
    if (c.op->view) return at(c.in[0]) == Lies::handle ? "passes a handle on" : gives(at(c.in[0]));
    if (c.op->name == "ReadVariableOp") return gives(Lies::card);
    if (c.op->name == "AssignVariableOp") return {};
    if (abilities_of(*c.op).collective) {
      if (std::get<double>(c.attrs[static_cast<size_t>(def(*c.op).slot("_timeout_seconds"))]) > 0) return "has timeout_seconds, by which the host waits for it";
      return captured(where) ? gives(Lies::card) : "runs on another device";
    }
    if (is_anywhere(*c.op)) {                        // looks at no element: IdentityN
      if (effect != Effect::none || c.in.size() != c.out.size()) return "is the host's";
      for (size_t i = 0; i < c.in.size(); ++i) at(c.out[i]) = at(c.in[i]);
      return {};
    }
    if (!captured(where)) return fixed && effect == Effect::none && (where->host() || !wish_of(c)) ? gives(Lies::fixed) : "runs on another device";
    const DType key = kernel_key(*c.op, c.attrs);
    const bool on_card = find_kernel(*c.op, key, "GPU") && !(key == DType::i32 && !wish && fixed);
    if (!on_card) return fixed && effect == Effect::none ? gives(Lies::fixed) : "has no kernel for GPUs";
    const size_t inputs = c.in.size() - (c.guard != Guard::none);
    for (size_t i = 0; i < inputs; ++i)
      if (host_input(*c.op, inputs, i) && at(c.in[i]) != Lies::fixed) return "reads on the host what the card computes";
    return gives(Lies::card);
  }

  // A branch or a loop: what its functions do is looked at as the graph will have it. Its results lie on the card.
  std::string flow(const Instruction& c) {
    const std::vector<EnteredFunction> functions = functions_entered(p_, c, inputs_);
    if (functions.empty()) return "enters a function";
    if (!cuda::conditional()) return "enters a function: graphs have branches and loops since CUDA 12.4";
    const Device& where = wish_of(c) ? *wish_of(c) : caller_;
    const auto wished = std::find(devices_.begin(), devices_.end(), &where);   // its work is that of one device
    const std::span<Accelerator* const> its = devices_.subspan(wished == devices_.end() ? 0 : static_cast<size_t>(wished - devices_.begin()), 1);
    const bool loop = is_loop(c);
    const auto scalar = [](const Value& v) { return v.dtype == DType::boolean && v.shape.fully_known() && v.shape.rank() == 0; };
    if (!loop && !scalar(p_.values[static_cast<size_t>(c.in[0])])) return "has a condition that is no boolean scalar";
    std::vector<Lies> lies;
    for (size_t i = loop ? 0 : 1; i < c.in.size(); ++i) {
      const Value& v = p_.values[static_cast<size_t>(c.in[i])];
      if (!v.shape.fully_known()) return "has an input whose size follows from data";
      const bool stays = !loop || fixed_variable(*functions[1].function, i);
      if (!stays && !is_plain(v.dtype)) return v.dtype == DType::resource ? "changes a handle" : "keeps lists, which grow";
      lies.push_back(stays ? at(c.in[i]) : Lies::card);
    }
    std::vector<Program> programs;
    for (const EnteredFunction& f : functions) {
      try {
        programs.push_back(program_of(f));
      } catch (const Error&) {
        return "enters a function which its inputs do not fit";
      }
      Reader inner(programs.back(), its, where, {});
      inner.begin_with(lies);
      if (std::string why = inner.instructions(); !why.empty()) return "enters a function: " + why;
    }
    const auto form = [&](size_t f, size_t i) -> const Value& { return programs[f].values[static_cast<size_t>(programs[f].outputs[i])]; };
    const auto same = [](const Value& a, const Value& b) { return a.dtype == b.dtype && a.shape.fully_known() && a.shape == b.shape; };
    if (loop && (!scalar(form(0, 0)) || !scalar(form(1, c.out.size())))) return "has a condition that is no boolean scalar";
    for (size_t i = 0; i < c.out.size(); ++i) {
      const Value& is = p_.values[static_cast<size_t>(c.out[i])];
      const bool stays = loop && fixed_variable(*functions[1].function, i);
      if (!is_plain(is.dtype) && !stays) return fmt::format("gives {}", name_of(is.dtype));
      const auto stands_in = [&](size_t f) { return i < functions[f].function->stand_ins.size() && functions[f].function->stand_ins[i]; };
      bool fits = true;
      if (loop) fits = stays || same(form(1, i), p_.values[static_cast<size_t>(c.in[i])]);
      else if (stands_in(0) != stands_in(1)) fits = form(stands_in(0), i).shape.fully_known();
      else fits = same(form(0, i), form(1, i));
      if (!fits || (is_plain(is.dtype) && !is.shape.fully_known())) return "gives sizes that follow from data";
      at(c.out[i]) = !is_plain(is.dtype) ? Lies::nowhere : stays ? at(c.in[i]) : Lies::card;
    }
    return {};
  }

  const Program& p_;
  const std::span<Accelerator* const> devices_;
  const Device& caller_;
  const std::span<const Tensor> inputs_;
  std::vector<Lies> lies_;
};

}  // namespace

std::string blocks_capture(const Program& p, std::span<Accelerator* const> devices, const Device& caller, std::span<const Tensor> inputs) {
  return Reader(p, devices, caller, inputs).first();
}

}  // namespace ninefold::graph
