// In: bodies in order (import_order.cc) and tensors for their arguments. Out: what they give, as ops of the trace being made:
// calls put in place, branches and loops as ours, gradients as their rules say.
#include "base/check.h"
#include "engine/grad/custom.h"
#include "engine/graph/function.h"
#include "engine/graph/import_state.h"
#include "engine/op/scope.h"
#include "engine/tensor/resource.h"
#include "ninefold/grad.h"

namespace ninefold {
namespace {

constexpr int kDeepest = 200;             // calls within calls
constexpr int64_t kMostNodes = 4000000;   // of one import: forty functions may stand for a trillion nodes

const Tensor* known_value(const Tensor& t) { return t.symbolic() ? t.impl()->known.get() : &t; }

}  // namespace

Tensors ImportedGraph::State::call(const std::string& name, const Tensors& arguments, Run& run) const {
  const size_t expected = find(name).signature.input_arg.size();
  check(arguments.size() == expected, Code::invalid_argument, "import: function '{}' is called with {} arguments, it takes {}",
        name, arguments.size(), expected);
  check(run.depth < kDeepest, Code::invalid_argument,
        "import: function '{}' is called {} calls deep; functions that call themselves cannot be imported", name, run.depth);
  Run inner = run;
  ++inner.depth;
  return put(body(name), name, arguments, inner);
}

Tensors ImportedGraph::State::put(const std::shared_ptr<const Prepared>& prepared, const std::string& name, const Tensors& arguments, Run& run) const {
  const Prepared& p = *prepared;
  const auto frame = std::make_shared<Frame>(Frame{name, prepared, arguments, std::vector<Tensors>(p.items.size()), run.frame});
  run.frame = frame;
  std::vector<Tensors>& values = frame->values;
  const auto value = [&](const Source& s) -> const Tensor& {
    const Tensor* found = frame->value(s);
    if (found) return *found;
    const Item& item = p.items[static_cast<size_t>(s.item)];
    fail(Code::invalid_argument, "import: node '{}' ({}) has {} outputs; number {} is read", item.node->name, item.node->op,
         values[static_cast<size_t>(s.item)].size(), s.output);
  };
  for (size_t i = 0; i < p.items.size(); ++i) {
    check(++*run.nodes <= kMostNodes, Code::resource_exhausted, "import: the graph is more than {} nodes with its calls put in place",
          kMostNodes);
    Tensors in;
    for (const Source& s : p.items[i].in) in.push_back(value(s));
    const Item& item = p.items[i];
    if (item.rule.empty()) {
      values[i] = result(item, std::move(in), run);
    } else {
      const Tensors found = result(item, in, run);
      values[i] = found.empty() ? found : differentiated(item, found, in, run);
    }
  }
  Tensors out;
  for (const Source& s : p.results) out.push_back(value(s));
  return out;
}

Tensors ImportedGraph::State::differentiated(const Item& item, const Tensors& out, const Tensors& in, const Run& run) const {
  const auto at = rules.find(item.rule);
  if (at == rules.end()) {
    if (const ImportedGraph::RuleOfNode rule = elsewhere ? elsewhere(item.rule) : nullptr)
      return custom_gradient(out, in, [rule, out](const Tensors& dy) { return rule(out, dy); });
    return grad::without_gradient(out, in, [missing = missing, node = item.node->name, op = item.node->op](const Tensors&) -> Tensors {
      if (missing) missing(node, op);
      fail(Code::key, "No gradient defined for operation '{}' (op type: {})", node, op);
    });
  }
  return custom_gradient(out, in, [self = shared_from_this(), &rule = at->second, node = item.node->name, in, run](const Tensors& dy) {
    return self->flown_back(rule, node, in, dy, run);
  });
}

Tensors ImportedGraph::State::flown_back(const Rule& rule, const std::string& node, const Tensors& in, const Tensors& dy, Run run) const {
  const std::string context = "import: the gradient '" + rule.function + "' of node '" + node + "'";
  check(rule.results.size() == in.size(), Code::invalid_argument, "{} gives {} gradients, the node has {} inputs", context,
        rule.results.size(), in.size());
  Tensors all = dy;
  for (const Bound& b : rule.bound) all.push_back(b.tensor.defined() ? b.tensor : read_by_rule(b, run, context));
  run.depth += 25;   // a rule within a rule takes more of the stack than a call, and may be there twice
  const Tensors found = call(rule.function, all, run);
  Tensors out(in.size());
  size_t next = 0;
  for (size_t i = 0; i < in.size(); ++i) {
    const auto count = static_cast<size_t>(rule.results[i]);
    check(next + count <= found.size(), Code::invalid_argument, "{} gives {} tensors, the file tells of more", context, found.size());
    const Tensor* part = found.data() + next;
    if (count == 1) out[i] = part[0];
    if (count > 1) out[i] = Gradient(IndexedSlices{part[0], part[1], count == 3 ? part[2] : ninefold::op("Shape", {in[i]})}).dense();
    next += count;
  }
  return out;
}

Tensor ImportedGraph::State::read_by_rule(const Bound& b, const Run& run, const std::string& context) {
  for (const Frame* f = run.frame.get(); f; f = f->outer.get()) {
    if (f->function != b.function) continue;
    const auto at = f->body->read_by_rules.find(b.name);
    const Tensor* found = at == f->body->read_by_rules.end() ? nullptr : f->value(at->second);
    check(found && found->defined(), Code::invalid_argument, "{} reads '{}' of function '{}', which is not there yet", context, b.name,
          b.function);
    return *found;
  }
  fail(Code::invalid_argument, "{} reads '{}' of function '{}', which does not hold the node", context, b.name, b.function);
}

Tensors ImportedGraph::State::result(const Item& item, Tensors in, Run& run) const {
  switch (item.kind) {
    case ItemKind::hand_on: return in;
    case ItemKind::nothing: return {};
    case ItemKind::constant: return constant(item);
    case ItemKind::call: return call(item.calls[0], in, run);
    case ItemKind::variable: return {variable(item)};
    case ItemKind::composite: return {graph::composite(*item.node, in)};
    case ItemKind::loop: return loop(item, in, run);
    case ItemKind::branch:
    case ItemKind::branches: return branch(item, in, run);
    case ItemKind::placeholder:
      fail(Code::invalid_argument, "You must feed a value for placeholder tensor '{}' with dtype {}", item.node->name, [&] {
        const auto at = item.node->attr.find("dtype");
        const auto* type = at == item.node->attr.end() ? nullptr : std::get_if<wire::Type>(&at->second.value);
        return std::string(type && type->number > 0 && type->number < kDTypes ? short_name(static_cast<DType>(type->number)) : "?");
      }());
    case ItemKind::op: break;
  }
  try {
    return dispatch(*item.op, in, item.attrs);
  } catch (const Error& e) {
    throw e.within("import: node '" + item.node->name + "'");
  }
}

Tensors ImportedGraph::State::constant(const Item& item) {
  Tensors out = dispatch(*item.op, {}, item.attrs);
  if (out[0].symbolic())
    out[0].impl()->known = std::make_shared<const Tensor>(std::get<Tensor>(item.attrs.at(*item.op, "value")));
  return out;
}

Tensor ImportedGraph::State::variable(const Item& item) const {
  const std::string context = "import: node '" + item.node->name + "' (VarHandleOp)";
  const auto attr = [&](const char* name) -> const wire::AttrValue* {
    const auto at = item.node->attr.find(name);
    return at == item.node->attr.end() ? nullptr : &at->second;
  };
  const auto* shared = attr("shared_name");
  const auto* named = shared ? std::get_if<std::string>(&shared->value) : nullptr;
  const std::string name = named && !named->empty() ? *named : item.node->name;
  const auto* dtype = attr("dtype") ? std::get_if<wire::Type>(&attr("dtype")->value) : nullptr;
  const auto* shape = attr("shape") ? std::get_if<wire::Shape>(&attr("shape")->value) : nullptr;
  check(dtype != nullptr, Code::invalid_argument, "{}: it has no dtype", context);
  std::lock_guard hold(mutex);
  Tensor& handle = variables[name];
  if (!handle.defined())
    handle = handle_of(std::make_shared<VariableResource>(
        name, graph::dtype_from_wire(dtype->number, context), shape ? graph::shape_from_wire(*shape, context) : Shape::unknown(), true));
  return handle;
}

Tensors ImportedGraph::State::branch(const Item& item, const Tensors& in, Run& run) const {
  check(!in.empty(), Code::invalid_argument, "import: node '{}' ({}) has no condition", item.node->name, item.node->op);
  const Tensors arguments(in.begin() + 1, in.end());
  const auto taken = [&](size_t i) { return [this, &item, &arguments, &run, i] { return call(item.calls[i], arguments, run); }; };
  if (item.kind == ItemKind::branch) {
    if (const Tensor* flag = known_value(in[0]); flag && flag->dtype() == DType::boolean && flag->size() == 1)
      return taken(*flag->as<bool>() ? 0 : 1)();
    return cond(in[0], taken(0), taken(1));
  }
  // An index beyond the branches, or a negative one, takes the last.
  const std::function<Tensors(size_t)> from = [&](size_t i) -> Tensors {
    if (i + 1 == item.calls.size()) return taken(i)();
    return cond(op("Equal", {in[0], Tensor(static_cast<int32_t>(i))}), taken(i), [&, i] { return from(i + 1); });
  };
  return from(0);
}

// Variables that the body hands on unchanged are captured: what is known of them, handles above all, stays known.
Tensors ImportedGraph::State::loop(const Item& item, const Tensors& in, Run& run) const {
  const auto step = body(item.calls[1]);
  check(step->results.size() == in.size(), Code::invalid_argument, "import: node '{}' ({}) has {} variables, its body returns {}",
        item.node->name, item.node->op, in.size(), step->results.size());
  std::vector<size_t> changing;
  Tensors initial;
  WhileOptions options;
  for (size_t i = 0; i < in.size(); ++i) {
    if (step->results[i].item == -1 - static_cast<int>(i)) continue;
    changing.push_back(i);
    initial.push_back(in[i]);
    const Shape& now = in[i].shape();
    options.shape_invariants.push_back(i < item.shapes.size() ? now.relax(item.shapes[i]) : now);
  }
  const auto whole = [&](const Tensors& state) {
    Tensors all = in;
    for (size_t k = 0; k < changing.size(); ++k) all[changing[k]] = state[k];
    return all;
  };
  const Tensors end = while_loop(
      [&](const Tensors& state) { return call(item.calls[0], whole(state), run).at(0); },
      [&](const Tensors& state) {
        const Tensors all = call(item.calls[1], whole(state), run);
        Tensors next;
        for (size_t k = 0; k < changing.size(); ++k) {
          next.push_back(all[changing[k]]);
          // The file says what the shape stays; our rules may say less.
          const Shape& stays = options.shape_invariants[k];
          if (next[k].symbolic() && next[k].shape().compatible(stays)) next[k].impl()->shape = next[k].shape().merge(stays);
        }
        return next;
      },
      initial, options);
  return whole(end);
}

}  // namespace ninefold
