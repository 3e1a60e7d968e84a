// In: a GraphDef with its library. Out: its functions as traces: ops by name, calls put in place, branches and loops
// as ours. An op is looked up only when something needs it.
#include <algorithm>
#include <charconv>
#include <mutex>
#include <set>

#include "base/check.h"
#include "engine/grad/custom.h"
#include "engine/graph/function.h"
#include "engine/graph/import.h"
#include "engine/op/scope.h"
#include "engine/tensor/resource.h"
#include "ninefold/grad.h"
#include "ninefold/saved_model.h"

namespace ninefold {
namespace graph {
namespace {

constexpr int kDeepest = 200;             // calls within calls
constexpr int64_t kMostNodes = 4000000;   // of one import: forty functions may stand for a trillion nodes

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

// "x", "^x", "x:1" of a graph; "x", "x:output:1" of a function.
struct Reference {
  std::string_view node, argument;
  int index = 0;
  bool control = false;
};
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
}  // namespace graph

using graph::Item;
using graph::ItemKind;
using graph::Prepared;
using graph::Source;

struct ImportedGraph::State : std::enable_shared_from_this<ImportedGraph::State> {
  wire::GraphDef def;
  std::map<std::string, const wire::FunctionDef*, std::less<>> library;
  std::map<std::string, int, std::less<>> by_name;                     // nodes of the graph itself
  mutable std::mutex mutex;                                            // guards what follows
  mutable std::map<std::string, std::shared_ptr<const Prepared>, std::less<>> prepared;
  mutable std::map<std::string, Tensor> variables;                     // of VarHandleOp, by shared name
  // Said before functions are asked for, and then only read.
  struct Rule {
    std::string function;
    std::vector<Bound> bound;
    std::vector<int> results;
  };
  std::map<std::string, Rule, std::less<>> rules;                      // by what nodes call them
  std::map<std::string, std::set<std::string>, std::less<>> read_by_rules;   // tensors of functions
  std::function<void(const std::string&, const std::string&)> missing;
  std::function<ImportedGraph::RuleOfNode(const std::string&)> elsewhere;

  const wire::FunctionDef& find(const std::string& name) const {
    const auto at = library.find(name);
    check(at != library.end(), Code::not_found, "import: the library has no function '{}'", name);
    return *at->second;
  }

  // ---- a body: what it needs, checked, in order ----

  using Fed = std::map<std::pair<std::string, int>, int, std::less<>>;   // tensors that arguments stand for
  struct Request {
    const std::vector<wire::NodeDef>& nodes;
    std::string where;                     // "function 'f'"
    const std::set<std::string>* read_by_rules = nullptr;
    bool function = false;
    Fed fed;
    std::vector<std::string> results, targets;
  };

  // What a node calls its gradient. Calls have one too, a name of the process that wrote them: theirs is the function's.
  std::string rule_named_by(const wire::NodeDef& n) const {
    const auto at = n.attr.find("_gradient_op_type");
    const auto* name = at == n.attr.end() ? nullptr : std::get_if<std::string>(&at->second.value);
    const graph::Special* s = graph::special(n.op);
    if (!name || library.contains(n.op) || (s && (s->kind != ItemKind::hand_on || n.op == "_Retval"))) return {};
    return *name;
  }

  Item item_of(const wire::NodeDef& n, const std::string& where) const {
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

  Prepared prepare(const Request& q) const {
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

  static bool arguments_hold(const Request& q, const graph::Reference& r) {   // a control input that is an argument
    const auto at = q.fed.find(std::pair(std::string(r.node), 0));
    return q.function && at != q.fed.end();
  }

  // The nodes that results and targets need; in a function also those that act on the world or on state.
  std::vector<size_t> needed(const Request& q, const std::map<std::string_view, int>& index) const {
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

  std::shared_ptr<const Prepared> body(const std::string& name) const {
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

  // ---- a body: traced ----

  // A body while it is traced: rules read its values.
  struct Frame {
    std::string function;
    std::shared_ptr<const Prepared> body;
    const Tensors arguments;
    std::vector<Tensors> values;
    std::shared_ptr<const Frame> outer;

    const Tensor* value(const Source& s) const {
      if (s.item < 0) return &arguments[static_cast<size_t>(-1 - s.item)];
      const Tensors& all = values[static_cast<size_t>(s.item)];
      return static_cast<size_t>(s.output) < all.size() ? &all[static_cast<size_t>(s.output)] : nullptr;
    }
  };
  struct Run {
    int depth = 0;
    std::shared_ptr<int64_t> nodes = std::make_shared<int64_t>(0);
    std::shared_ptr<const Frame> frame = nullptr;   // the innermost
  };
  Tensors call(const std::string& name, const Tensors& arguments, Run& run) const {
    const size_t expected = find(name).signature.input_arg.size();
    check(arguments.size() == expected, Code::invalid_argument, "import: function '{}' is called with {} arguments, it takes {}",
          name, arguments.size(), expected);
    check(run.depth < graph::kDeepest, Code::invalid_argument,
          "import: function '{}' is called {} calls deep; functions that call themselves cannot be imported", name, run.depth);
    Run inner = run;
    ++inner.depth;
    return put(body(name), name, arguments, inner);
  }

  Tensors put(const std::shared_ptr<const Prepared>& prepared, const std::string& name, const Tensors& arguments, Run& run) const {
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
      check(++*run.nodes <= graph::kMostNodes, Code::resource_exhausted, "import: the graph is more than {} nodes with its calls put in place",
            graph::kMostNodes);
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

  // ---- gradients that nodes name ----

  Tensors differentiated(const Item& item, const Tensors& out, const Tensors& in, const Run& run) const {
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

  Tensors flown_back(const Rule& rule, const std::string& node, const Tensors& in, const Tensors& dy, Run run) const {
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

  static Tensor read_by_rule(const Bound& b, const Run& run, const std::string& context) {
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

  Tensors result(const Item& item, Tensors in, Run& run) const {
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

  static Tensors constant(const Item& item) {
    Tensors out = dispatch(*item.op, {}, item.attrs);
    if (out[0].symbolic())
      out[0].impl()->known = std::make_shared<const Tensor>(std::get<Tensor>(item.attrs.at(*item.op, "value")));
    return out;
  }

  Tensor variable(const Item& item) const {
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

  static const Tensor* known(const Tensor& t) { return t.symbolic() ? t.impl()->known.get() : &t; }

  Tensors branch(const Item& item, const Tensors& in, Run& run) const {
    check(!in.empty(), Code::invalid_argument, "import: node '{}' ({}) has no condition", item.node->name, item.node->op);
    const Tensors arguments(in.begin() + 1, in.end());
    const auto taken = [&](size_t i) { return [this, &item, &arguments, &run, i] { return call(item.calls[i], arguments, run); }; };
    if (item.kind == ItemKind::branch) {
      if (const Tensor* flag = known(in[0]); flag && flag->dtype() == DType::boolean && flag->size() == 1)
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
  Tensors loop(const Item& item, const Tensors& in, Run& run) const {
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
};

ImportedGraph::ImportedGraph(std::string_view graph_def) : state_(std::make_shared<State>()) {
  State& s = *state_;
  s.def = wire::decode_graph(graph_def);
  for (const wire::FunctionDef& f : s.def.function)
    check(s.library.emplace(f.signature.name, &f).second, Code::invalid_argument, "import: two functions are called '{}'",
          f.signature.name);
}
ImportedGraph::~ImportedGraph() = default;

std::vector<std::string> ImportedGraph::functions() const {
  std::vector<std::string> out;
  for (const wire::FunctionDef& f : state_->def.function) out.push_back(f.signature.name);
  return out;
}

std::vector<std::pair<std::string, std::string>> ImportedGraph::rules() const {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [function, type] : state_->def.registered)
    if (!type.empty()) out.emplace_back(type, function);
  return out;
}

void ImportedGraph::describe_rule(const std::string& op_type, std::vector<Bound> bound, std::vector<int> results) {
  State& s = *state_;
  for (const auto& [function, type] : s.def.registered) {
    if (type != op_type) continue;
    s.find(function);
    for (const Bound& b : bound)
      if (!b.tensor.defined()) s.read_by_rules[b.function].insert(b.name);
    s.rules[op_type] = {function, std::move(bound), std::move(results)};
    return;
  }
  fail(Code::not_found, "import: the library has no gradient '{}'", op_type);
}

std::vector<std::string> ImportedGraph::without_rules() const {
  std::vector<std::string> out;
  for (const wire::FunctionDef& f : state_->def.function)
    if (std::any_of(f.node.begin(), f.node.end(), [&](const wire::NodeDef& n) {
          const std::string rule = state_->rule_named_by(n);
          return !rule.empty() && !state_->rules.contains(rule);
        }))
      out.push_back(f.signature.name);
  return out;
}

void ImportedGraph::on_missing_rule(std::function<void(const std::string&, const std::string&)> fail) {
  state_->missing = std::move(fail);
}

void ImportedGraph::on_unknown_rule(std::function<RuleOfNode(const std::string&)> find) { state_->elsewhere = std::move(find); }

ImportedGraph::Signature ImportedGraph::signature(const std::string& function) const {
  const wire::FunctionDef& f = state_->find(function);
  const std::string context = "import: function '" + function + "'";
  Signature s;
  for (size_t i = 0; i < f.signature.input_arg.size(); ++i) {
    const wire::ArgDef& a = f.signature.input_arg[i];
    TensorSpec spec{Shape::unknown(), graph::dtype_from_wire(a.type, context), a.name};
    if (const auto attrs = f.arg_attr.find(static_cast<uint32_t>(i)); attrs != f.arg_attr.end()) {
      if (const auto at = attrs->second.find("_output_shapes"); at != attrs->second.end())
        if (const auto* list = std::get_if<wire::AttrList>(&at->second.value); list && !list->shape.empty())
          spec.shape = graph::shape_from_wire(list->shape[0], context);
      if (const auto at = attrs->second.find("_user_specified_name"); at != attrs->second.end())
        if (const auto* name = std::get_if<std::string>(&at->second.value)) spec.name = *name;
    }
    s.inputs.push_back(std::move(spec));
  }
  for (const wire::ArgDef& a : f.signature.output_arg)
    s.outputs.push_back({Shape::unknown(), graph::dtype_from_wire(a.type, context), a.name});
  return s;
}

FunctionRef ImportedGraph::function(const std::string& name, const Tensors& captures) const {
  std::vector<TensorSpec> specs = signature(name).inputs;
  check(captures.size() <= specs.size(), Code::invalid_argument, "import: function '{}' takes {} arguments, {} are bound", name,
        specs.size(), captures.size());
  const size_t free = specs.size() - captures.size();
  for (size_t i = 0; i < captures.size(); ++i)
    check(captures[i].defined() && captures[i].dtype() == specs[free + i].dtype, Code::invalid_argument,
          "import: argument {} of function '{}' is {}, a {} is bound to it", free + i, name, name_of(specs[free + i].dtype),
          captures[i].defined() ? name_of(captures[i].dtype()) : "nothing");
  specs.resize(free);
  return trace(name, specs, [&](const Tensors& arguments) {
    Tensors all = arguments;
    all.insert(all.end(), captures.begin(), captures.end());
    State::Run run;
    return state_->call(name, all, run);
  });
}

std::vector<ImportedGraph::Node> ImportedGraph::nodes() const {
  std::vector<Node> out;
  for (const wire::NodeDef& n : state_->def.node) out.push_back({n.name, n.op, n.device, n.input});
  return out;
}

namespace {
std::pair<std::string, int> tensor_name(const std::string& text) {
  const graph::Reference r = graph::parse(text, "import");
  check(!r.control && r.argument.empty(), Code::value, "import: '{}' is no name of a tensor; expected \"node\" or \"node:0\"", text);
  return {std::string(r.node), r.index};
}
}  // namespace

Tensors ImportedGraph::add(const std::map<std::string, Tensor>& feeds, std::span<const std::string> fetches,
                           std::span<const std::string> targets) const {
  State::Request q{state_->def.node, "the graph", nullptr, false, {}, {fetches.begin(), fetches.end()}, {targets.begin(), targets.end()}};
  Tensors arguments;
  for (const auto& [name, tensor] : feeds) {
    q.fed[tensor_name(name)] = static_cast<int>(arguments.size());
    arguments.push_back(tensor);
  }
  State::Run run;
  return state_->put(std::make_shared<const Prepared>(state_->prepare(q)), {}, arguments, run);
}

TensorSpec ImportedGraph::spec_of(const std::string& tensor) const {
  const auto [node, index] = tensor_name(tensor);
  for (const wire::NodeDef& n : state_->def.node) {
    if (n.name != node) continue;
    TensorSpec spec{Shape::unknown(), DType::invalid, tensor};
    const std::string context = "import: node '" + node + "'";
    for (const char* name : {"dtype", "T", "DstT", "output_type", "out_type"})
      if (const auto at = n.attr.find(name); at != n.attr.end() && spec.dtype == DType::invalid)
        if (const auto* type = std::get_if<wire::Type>(&at->second.value)) spec.dtype = graph::dtype_from_wire(type->number, context);
    if (const auto at = n.attr.find("shape"); at != n.attr.end())
      if (const auto* shape = std::get_if<wire::Shape>(&at->second.value)) spec.shape = graph::shape_from_wire(*shape, context);
    // Placeholders of old graphs say "scalar" where they mean that nothing is known.
    if (n.op == "Placeholder" && state_->def.versions.producer < 24 && spec.shape.rank() == 0) spec.shape = Shape::unknown();
    return spec;
  }
  fail(Code::key, "The name '{}' refers to a Tensor which does not exist. The operation, '{}', does not exist in the graph.",
       tensor, node);
}

FunctionRef ImportedGraph::prune(std::span<const std::string> feeds, std::span<const std::string> fetches,
                                 std::span<const std::string> targets) const {
  std::vector<TensorSpec> specs;
  for (const std::string& name : feeds) {
    specs.push_back(spec_of(name));
    check(specs.back().dtype != DType::invalid, Code::value, "import: the dtype of '{}' does not follow from its node", name);
    specs.back().name = tensor_name(name).first;
  }
  return trace("pruned", specs, [&](const Tensors& arguments) {
    std::map<std::string, Tensor> fed;
    for (size_t i = 0; i < feeds.size(); ++i) fed[feeds[i]] = arguments[i];
    return add(fed, fetches, targets);
  });
}

}  // namespace ninefold
