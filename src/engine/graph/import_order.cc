// In: nodes of a GraphDef, what is fed and what is wanted. Out: those that are needed, checked, in an order that inputs, control
// inputs and rules of gradients allow. An op is looked up only when something needs it.
#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "engine/graph/graph.h"
#include "engine/graph/import_state.h"

namespace ninefold {
namespace graph {
namespace {

struct Special {
  ItemKind kind;
  std::vector<const char*> functions;     // attributes that name what is called
};
const Special* special(std::string_view op) {
  static const std::map<std::string_view, Special> all = {
      {"Const", {ItemKind::constant, {}}},
      {"Placeholder", {ItemKind::placeholder, {}}}, {"PlaceholderV2", {ItemKind::placeholder, {}}},
      {"_Arg", {ItemKind::placeholder, {}}},
      {"PlaceholderWithDefault", {ItemKind::hand_on, {}}}, {"IdentityN", {ItemKind::hand_on, {}}},
      {"PreventGradient", {ItemKind::hand_on, {}}}, {"_Retval", {ItemKind::hand_on, {}}},
      {"NoOp", {ItemKind::nothing, {}}}, {"ControlTrigger", {ItemKind::nothing, {}}},
      {"PartitionedCall", {ItemKind::call, {"f"}}}, {"StatefulPartitionedCall", {ItemKind::call, {"f"}}},
      {"RemoteCall", {ItemKind::call, {"f"}}},
      {"If", {ItemKind::branch, {"then_branch", "else_branch"}}},
      {"StatelessIf", {ItemKind::branch, {"then_branch", "else_branch"}}},
      {"Case", {ItemKind::branches, {}}}, {"StatelessCase", {ItemKind::branches, {}}},
      {"While", {ItemKind::loop, {"cond", "body"}}}, {"StatelessWhile", {ItemKind::loop, {"cond", "body"}}},
      {"VarHandleOp", {ItemKind::variable, {}}}, {"Einsum", {ItemKind::composite, {}}},
      {"RaggedTensorToTensor", {ItemKind::composite, {}}},
  };
  const auto at = all.find(op);
  return at == all.end() ? nullptr : &at->second;
}
bool old_control_flow(std::string_view op) {
  if (op.starts_with("Ref")) op.remove_prefix(3);
  for (const char* name : {"Switch", "Merge", "Enter", "Exit", "NextIteration", "LoopCond", "Select"})
    if (op == name) return op != "Select";
  return false;
}

const Op* find_record(const std::string& name) {
  try {
    return &find_op(name);
  } catch (const Error&) {
    return nullptr;
  }
}

// The place among a node's outputs of number `index` of the output argument `argument`.
int place_of(const Item& item, const wire::FunctionDef* called, const Reference& r, const std::string& context) {
  if (r.argument.empty()) return r.index;
  if (item.kind == ItemKind::op) {
    int at = 0;
    for (const ArgDef& a : def(*item.op).outputs) {
      if (a.name == r.argument) return at + r.index;
      if (a.count_attr >= 0) {
        const auto* n = std::get_if<int64_t>(&item.attrs[static_cast<size_t>(a.count_attr)]);
        check(n != nullptr, Code::invalid_argument, "{}: '{}' does not say how many outputs it has", context, r.node);
        at += static_cast<int>(*n);
      } else if (a.list_attr >= 0) {
        const auto* l = std::get_if<std::vector<DType>>(&item.attrs[static_cast<size_t>(a.list_attr)]);
        check(l != nullptr, Code::invalid_argument, "{}: '{}' does not say how many outputs it has", context, r.node);
        at += static_cast<int>(l->size());
      } else {
        ++at;
      }
    }
    fail(Code::invalid_argument, "{}: node '{}' ({}) has no output '{}'", context, r.node, item.op->name, r.argument);
  }
  if (called) {   // a function called by its name
    const auto& outputs = called->signature.output_arg;
    for (size_t i = 0; i < outputs.size(); ++i)
      if (outputs[i].name == r.argument) return static_cast<int>(i);
  }
  return r.index;
}

}  // namespace

Reference parse(std::string_view text, const std::string& context) {
  Reference r;
  if (text.starts_with('^')) return {text.substr(1), {}, 0, true};
  const size_t first = text.find(':'), last = text.rfind(':');
  r.node = text.substr(0, first);
  if (first == std::string_view::npos) return r;
  const std::string_view number = text.substr(last + 1);
  const auto [end, bad] = std::from_chars(number.data(), number.data() + number.size(), r.index);
  const bool whole = bad == std::errc() && end == number.data() + number.size() && r.index >= 0;
  if (first != last) r.argument = text.substr(first + 1, last - first - 1);
  else if (!whole) return {r.node, number, 0, false};
  check(whole, Code::invalid_argument, "{}: input '{}' is no reference to a tensor", context, text);
  return r;
}

}  // namespace graph

// What a node calls its gradient. Calls have one too, a name of the process that wrote them: theirs is the function's.
std::string ImportedGraph::State::rule_named_by(const wire::NodeDef& n) const {
  const auto at = n.attr.find("_gradient_op_type");
  const auto* name = at == n.attr.end() ? nullptr : std::get_if<std::string>(&at->second.value);
  const graph::Special* s = graph::special(n.op);
  if (!name || library.contains(n.op) || (s && (s->kind != ItemKind::hand_on || n.op == "_Retval"))) return {};
  return *name;
}

graph::Item ImportedGraph::State::item_of(const wire::NodeDef& n, const std::string& where) const {
  Item item;
  item.node = &n;
  item.rule = rule_named_by(n);
  const std::string context = fmt::format("import: node '{}' ({}) of {}", n.name, n.op, where);
  if (const graph::Special* s = graph::special(n.op)) {
    item.kind = s->kind;
    const auto name_in = [&](const wire::AttrValue& v) {
      const auto* named = std::get_if<wire::NameAttrs>(&v.value);
      check(named != nullptr, Code::invalid_argument, "{}: what it calls is no function", context);
      find(named->name);
      return named->name;
    };
    for (const char* attr : s->functions) {
      const auto at = n.attr.find(attr);
      check(at != n.attr.end(), Code::invalid_argument, "{}: attribute '{}' is missing", context, attr);
      item.calls.push_back(name_in(at->second));
    }
    if (item.kind == ItemKind::branches) {
      const auto at = n.attr.find("branches");
      const auto* list = at == n.attr.end() ? nullptr : std::get_if<wire::AttrList>(&at->second.value);
      check(list && !list->func.empty(), Code::invalid_argument, "{}: it has no branches", context);
      for (const wire::NameAttrs& f : list->func) item.calls.push_back(name_in({f}));
    }
    if (item.kind == ItemKind::loop)
      if (const auto at = n.attr.find("output_shapes"); at != n.attr.end())
        if (const auto* list = std::get_if<wire::AttrList>(&at->second.value))
          for (const wire::Shape& shape : list->shape) item.shapes.push_back(graph::shape_from_wire(shape, context));
    if (item.kind == ItemKind::constant) {
      item.op = &graph::const_op();
      item.attrs = graph::attrs_from_wire(*item.op, n, context);
      const auto* value = std::get_if<Tensor>(&item.attrs.at(*item.op, "value"));
      const auto* dtype = std::get_if<DType>(&item.attrs.at(*item.op, "dtype"));
      check(value && dtype && value->dtype() == *dtype, Code::invalid_argument, "{}: its value is not of its dtype", context);
    }
    return item;
  }
  check(!graph::old_control_flow(n.op), Code::unimplemented,
        "{}: control flow of TensorFlow 1 cannot be imported; write the graph anew with tf.compat.v1.enable_control_flow_v2() "
        "or from TensorFlow 2, which write If and While", context);
  if (library.contains(n.op)) {
    item.kind = ItemKind::call;
    item.calls.push_back(n.op);
    return item;
  }
  item.op = graph::find_record(n.op);
  check(item.op != nullptr, Code::not_found,
        "Op type not registered '{}': node '{}' of {} needs it, and this Ninefold has no such op", n.op, n.name, where);
  item.attrs = graph::attrs_from_wire(*item.op, n, context);
  return item;
}

graph::Prepared ImportedGraph::State::prepare(const Request& q) const {
  std::map<std::string_view, int> index;
  for (size_t i = 0; i < q.nodes.size(); ++i)
    check(index.emplace(q.nodes[i].name, static_cast<int>(i)).second, Code::invalid_argument,
          "import: {} has two nodes '{}'", q.where, q.nodes[i].name);
  const auto argument = [&](const graph::Reference& r) {   // what is fed for this tensor; -1: nothing
    const auto at = q.fed.find(std::pair(std::string(r.node), r.index));
    return r.control || !r.argument.empty() || at == q.fed.end() ? -1 : at->second;
  };
  const auto node_of = [&](const graph::Reference& r, const std::string& who) {
    const auto at = index.find(r.node);
    check(at != index.end(), Code::invalid_argument, "import: {} of {} refers to '{}', which is not there", who, q.where, r.node);
    return static_cast<size_t>(at->second);
  };
  Prepared p;
  // What the rule of a node reads of this body comes before it, where it can.
  const auto read_by_rule = [&](const wire::NodeDef& n) {
    std::vector<std::string> out;
    if (!q.read_by_rules) return out;
    const auto rule = rules.find(rule_named_by(n));
    if (rule == rules.end()) return out;
    for (const Bound& b : rule->second.bound)
      if (!b.tensor.defined() && q.read_by_rules->contains(b.name)) out.push_back(b.name);
    return out;
  };
  std::vector<int> item_at(q.nodes.size(), -1);
  const auto source = [&](const graph::Reference& r, const std::string& who) -> Source {
    if (const int a = argument(r); a >= 0) return {-1 - a, 0};
    const int at = item_at[node_of(r, who)];
    const Item& item = p.items[static_cast<size_t>(at)];
    const auto called = library.find(item.node->op);
    return {at, graph::place_of(item, called == library.end() ? nullptr : called->second, r, "import: " + who + " of " + q.where)};
  };
  // Depth first: a node comes after all that it reads or waits for.
  enum : char { unseen, on_the_way, done };
  std::vector<char> state(q.nodes.size(), unseen);
  const auto visit = [&](size_t root) {
    if (state[root] != unseen) return;
    state[root] = on_the_way;
    struct Visit {
      size_t node, next = 0;
      std::vector<std::string> more;     // read by its rule
    };
    std::vector<Visit> stack = {{root, 0, read_by_rule(q.nodes[root])}};
    while (!stack.empty()) {
      const size_t at = stack.back().node;
      const wire::NodeDef& n = q.nodes[at];
      const std::string who = "node '" + n.name + "'";
      if (const size_t next = stack.back().next; next < n.input.size() + stack.back().more.size()) {
        ++stack.back().next;
        const bool own = next < n.input.size();
        const graph::Reference r = graph::parse(own ? n.input[next] : stack.back().more[next - n.input.size()], who);
        if (argument(r) >= 0 || (r.control && arguments_hold(q, r))) continue;
        const size_t before = node_of(r, who);
        if (!own && state[before] == on_the_way) continue;   // a rule may read what comes of its own results
        check(state[before] != on_the_way, Code::invalid_argument, "import: {} ({}) of {} waits for itself{}", who, n.op, q.where,
              graph::old_control_flow(n.op) ? ": control flow of TensorFlow 1 cannot be imported" : "");
        if (state[before] == unseen) {
          state[before] = on_the_way;
          stack.push_back({before, 0, read_by_rule(q.nodes[before])});
        }
        continue;
      }
      Item item = item_of(n, q.where);
      for (const std::string& text : n.input)
        if (const graph::Reference r = graph::parse(text, who); !r.control) item.in.push_back(source(r, who));
      item_at[at] = static_cast<int>(p.items.size());
      p.items.push_back(std::move(item));
      state[at] = done;
      stack.pop_back();
    }
  };
  // In the order of the file, as far as inputs allow.
  for (size_t i : needed(q, index)) visit(i);
  for (const std::string& text : q.results) p.results.push_back(source(graph::parse(text, "a result"), "a result"));
  if (q.read_by_rules)
    for (const std::string& text : *q.read_by_rules) p.read_by_rules[text] = source(graph::parse(text, "a rule"), "a rule");
  return p;
}

bool ImportedGraph::State::arguments_hold(const Request& q, const graph::Reference& r) {   // a control input that is an argument
  const auto at = q.fed.find(std::pair(std::string(r.node), 0));
  return q.function && at != q.fed.end();
}

// The nodes that results and targets need; in a function also those that act on the world or on state.
std::vector<size_t> ImportedGraph::State::needed(const Request& q, const std::map<std::string_view, int>& index) const {
  std::vector<char> wanted(q.nodes.size());
  std::vector<size_t> open;
  const auto want = [&](const std::string& text, const std::string& who) {
    const graph::Reference r = graph::parse(text, who);
    if (arguments_hold(q, r) && r.argument.empty()) return;
    if (!r.control && r.argument.empty() && q.fed.contains(std::pair(std::string(r.node), r.index))) return;
    const auto at = index.find(r.node);
    check(at != index.end(), q.function ? Code::invalid_argument : Code::key,
          "import: {} refers to the name '{}', which is not in {}", who, r.node, q.where);
    const auto i = static_cast<size_t>(at->second);
    if (!wanted[i]) wanted[i] = 1, open.push_back(i);
  };
  for (const std::string& text : q.results) want(text, "a result of " + q.where);
  for (const std::string& text : q.targets) want(text, "a target of " + q.where);
  if (q.read_by_rules)
    for (const std::string& text : *q.read_by_rules) want(text, "a rule of " + q.where);
  for (size_t i = 0; q.function && i < q.nodes.size(); ++i) {
    const wire::NodeDef& n = q.nodes[i];
    const graph::Special* s = graph::special(n.op);
    const Op* op = s ? nullptr : graph::find_record(n.op);
    const bool acts = s ? n.op == "StatefulPartitionedCall" || n.op == "If" || n.op == "While" || n.op == "Case"
                        : op && (op->effect == Effect::writes || op->effect == Effect::world);
    if (acts && !wanted[i]) wanted[i] = 1, open.push_back(i);
  }
  while (!open.empty()) {
    const size_t i = open.back();
    open.pop_back();
    for (const std::string& text : q.nodes[i].input) want(text, "node '" + q.nodes[i].name + "'");
  }
  std::vector<size_t> out;
  for (size_t i = 0; i < wanted.size(); ++i)
    if (wanted[i]) out.push_back(i);
  return out;
}

std::shared_ptr<const graph::Prepared> ImportedGraph::State::body(const std::string& name) const {
  {
    std::lock_guard hold(mutex);
    if (const auto at = prepared.find(name); at != prepared.end()) return at->second;
  }
  const wire::FunctionDef& f = find(name);
  const auto read = read_by_rules.find(name);
  Request q{f.node, "function '" + name + "'", read == read_by_rules.end() ? nullptr : &read->second, true, {}, {}, {}};
  for (size_t i = 0; i < f.signature.input_arg.size(); ++i)
    q.fed[{f.signature.input_arg[i].name, 0}] = static_cast<int>(i);
  for (const wire::ArgDef& a : f.signature.output_arg) {
    const auto at = f.ret.find(a.name);
    check(at != f.ret.end(), Code::invalid_argument, "import: {} does not say what its output '{}' is", q.where, a.name);
    q.results.push_back(at->second);
  }
  for (const auto& [output, node] : f.control_ret) q.targets.push_back(node);
  auto made = std::make_shared<const Prepared>(prepare(q));
  std::lock_guard hold(mutex);
  return prepared.emplace(name, std::move(made)).first->second;
}

}  // namespace ninefold
