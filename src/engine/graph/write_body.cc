// In: the trace of a function. Out: its nodes as messages: names, references, attributes, what they wait for; loops that count,
// calls for ops of our own, an IdentityN for a custom gradient.
#include <algorithm>
#include <cctype>
#include <cstring>

#include "base/check.h"
#include "engine/grad/custom.h"
#include "engine/graph/graph_def_writer.h"
#include "engine/tensor/resource.h"

namespace ninefold::graph {
namespace {

// TensorFlow's gradient of a loop reads its first two variables: how often it ran, and how often it may (-1: no limit).
bool is_loop(const Node& n) { return n.op->name == "While" || n.op->name == "StatelessWhile"; }

struct Earlier {   // by place in the program, so that equal functions are equal bytes
  bool operator()(const Node* a, const Node* b) const { return a->id < b->id; }
};
using NodeSet = std::set<const Node*, Earlier>;

// What a node must wait for besides its inputs: writes and reads of the same resource, and the world, in order.
struct Order {
  struct Last { const Node* writer = nullptr; std::vector<const Node*> readers; };
  std::map<const TensorImpl*, Last> resources;
  const Node* world = nullptr;
  NodeSet before(const Node& n) {
    NodeSet wait;
    const Effect e = effect_of(*n.op, n.attrs);
    const bool writes = e == Effect::writes || e == Effect::world;
    if (e == Effect::none) return wait;
    for (const Tensor& t : n.in) {
      if (t.dtype() != DType::resource) continue;
      Last& last = resources[t.impl()];
      if (last.writer) wait.insert(last.writer);
      if (writes) {
        wait.insert(last.readers.begin(), last.readers.end());
        last = {&n, {}};
      } else {
        last.readers.push_back(&n);
      }
    }
    if (e == Effect::world) {
      if (world) wait.insert(world);
      world = &n;
    }
    wait.erase(&n);
    return wait;
  }
};

// What an argument of a function may be called: references to it must be readable.
std::string argument_name(std::string name) {
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name.empty() || !std::isalpha(static_cast<unsigned char>(name[0])) ? "arg_" + name : name;
}

// Of a layer or scope that users named as they liked: what TensorFlow takes for a node's name.
std::string node_name(std::string name) {
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && !std::strchr("_./", c)) c = '_';
  return std::isalnum(static_cast<unsigned char>(name[0])) ? name : "." + name;
}

}  // namespace

wire::Shape to_wire(const Shape& s) {
  wire::Shape w;
  w.unknown_rank = !s.known_rank();
  w.dims.assign(s.begin(), s.end());
  return w;
}

wire::Tensor to_wire(const Tensor& t) {
  wire::Tensor w;
  w.dtype = static_cast<int>(t.dtype());
  w.shape = to_wire(t.shape());
  if (t.dtype() == DType::string) w.strings.assign(t.as<std::string>(), t.as<std::string>() + t.size());
  else if (is_plain(t.dtype())) w.content.assign(static_cast<const char*>(t.data()), t.bytes());
  else fail(Code::unimplemented, "a constant of dtype {} cannot be written to a graph", name_of(t.dtype()));
  return w;
}

wire::NodeDef scalar_node(std::string name, int32_t value) {
  wire::NodeDef n;
  n.name = std::move(name);
  n.op = "Const";
  n.attr["dtype"].value = wire::Type{static_cast<int>(DType::i32)};
  n.attr["value"].value = to_wire(Tensor(value));
  return n;
}

std::string GraphDefWriter::Body::name_when_loaded(const Tensor& t) const {
  const Node& n = node_of(t);
  return name_of.at(&n) + ":" + std::to_string(index_of(t) + (counted && is_loop(n) ? 2 : 0));
}

std::string GraphDefWriter::Body::reference(const Tensor& t) const {
  const Node& n = node_of(t);
  const std::string& name = name_of.at(&n);
  int index = index_of(t);
  if (counted && !function && is_loop(n)) index += 2;
  if (!function) return index ? name + ":" + std::to_string(index) : name;
  if (n.op == &placeholder_op()) return name;
  if (counted && is_loop(n)) return name + ":output:" + std::to_string(index + 2);
  if (expansion_of(*n.op) || grad::is_custom_gradient(*n.op)) return name + ":output:" + std::to_string(index);
  int at = 0;
  for (const ArgDef& a : def(*n.op).outputs) {
    int count = 1;
    if (a.count_attr >= 0) count = static_cast<int>(std::get<int64_t>(n.attrs[static_cast<size_t>(a.count_attr)]));
    if (a.list_attr >= 0)
      count = static_cast<int>(std::get<std::vector<DType>>(n.attrs[static_cast<size_t>(a.list_attr)]).size());
    if (index < at + count) return name + ":" + a.name + ":" + std::to_string(index - at);
    at += count;
  }
  fail(Code::internal, "graph_def: {} has no output {}", n.op->name, index);
}

wire::AttrValue GraphDefWriter::value(const AttrDef& d, const Attr& a) {
  wire::AttrValue v;
  wire::AttrList list;
  auto type = [](DType t) { return static_cast<int>(t); };
  switch (d.kind) {
    case AttrKind::type: v.value = wire::Type{type(std::get<DType>(a))}; break;
    case AttrKind::integer: v.value = std::get<int64_t>(a); break;
    case AttrKind::number: v.value = static_cast<float>(std::get<double>(a)); break;
    case AttrKind::flag: v.value = std::get<bool>(a); break;
    case AttrKind::text: v.value = std::get<std::string>(a); break;
    case AttrKind::shape: v.value = to_wire(std::get<Shape>(a)); break;
    case AttrKind::tensor: v.value = to_wire(std::get<Tensor>(a)); break;
    case AttrKind::func: v.value = wire::NameAttrs{function(concrete(std::get<FunctionRef>(a))), {}}; break;
    case AttrKind::list_type:
      for (DType t : std::get<std::vector<DType>>(a)) list.type.push_back(type(t));
      v.value = list;
      break;
    case AttrKind::list_integer: list.i = std::get<std::vector<int64_t>>(a); v.value = list; break;
    case AttrKind::list_number:
      for (double x : std::get<std::vector<double>>(a)) list.f.push_back(static_cast<float>(x));
      v.value = list;
      break;
    case AttrKind::list_flag: list.b = std::get<std::vector<bool>>(a); v.value = list; break;
    case AttrKind::list_text: list.s = std::get<std::vector<std::string>>(a); v.value = list; break;
    case AttrKind::list_shape:
      for (const Shape& s : std::get<std::vector<Shape>>(a)) list.shape.push_back(to_wire(s));
      v.value = list;
      break;
    case AttrKind::list_func:
      for (const FunctionRef& f : std::get<std::vector<FunctionRef>>(a)) list.func.push_back({function(concrete(f)), {}});
      v.value = list;
      break;
  }
  return v;
}

void GraphDefWriter::count(wire::NodeDef& w, const Node& n, Body& b) {
  std::vector<std::string> first;
  for (const auto& [name, value] : {std::pair("while_counter", 0), std::pair("maximum_iterations", -1)}) {
    b.nodes.push_back(scalar_node(b.names.fresh(name), value));
    first.push_back(b.function ? b.nodes.back().name + ":output:0" : b.nodes.back().name);
  }
  w.input.insert(w.input.begin(), first.begin(), first.end());
  const OpDef& d = def(*n.op);
  for (size_t i = 0; i < d.attrs.size(); ++i) {
    const std::string& name = d.attrs[i].name;
    if (name == "cond" || name == "body") {
      w.attr[name].value = wire::NameAttrs{function(concrete(std::get<FunctionRef>(n.attrs[i])), name == "body" ? 1 : 2), {}};
      continue;
    }
    w.attr[name] = value(d.attrs[i], n.attrs[i]);
    auto* list = std::get_if<wire::AttrList>(&w.attr[name].value);
    if (list && name == "T") list->type.insert(list->type.begin(), 2, static_cast<int>(DType::i32));
    if (list && name == "output_shapes" && !list->shape.empty()) list->shape.insert(list->shape.begin(), 2, wire::Shape{});
  }
}

GraphDefWriter::Body GraphDefWriter::body_of(const Concrete& f, bool function) {
  Body b;
  b.function = function;
  b.counted = with_shapes_;
  const Graph& g = f.graph();
  for (size_t i = 0; i < g.inputs.size(); ++i) {
    const std::string given = i < f.inputs().size() ? f.inputs()[i].name : "";
    b.name_of[g.inputs[i]] = b.names.fresh(!given.empty() ? (function ? argument_name(given) : given) : i < f.inputs().size() ? "args_" + std::to_string(i) : "capture");
  }
  Order order;
  for (const Node& n : g.nodes) {
    const bool input = n.op == &placeholder_op();
    if (input && (function || !b.name_of.contains(&n))) continue;
    wire::NodeDef w;
    const Expansion expand = expansion_of(*n.op);
    if (!input) b.name_of[&n] = b.names.fresh(node_name(g.stem_of(n)));
    w.name = b.name_of[&n];
    w.op = n.op->name;
    for (const Tensor& t : n.in) w.input.push_back(b.reference(t));
    for (const Node* before : order.before(n)) w.input.push_back("^" + b.name_of.at(before));
    if (must_run(*n.op, n.attrs)) b.must_run.push_back(w.name);
    if (expand) {
      w.op = "PartitionedCall";
      w.attr = call_of(n, expand);
      b.nodes.push_back(std::move(w));
      continue;
    }
    const OpDef& d = def(*n.op);
    if (b.counted && is_loop(n)) {
      count(w, n, b);
      b.nodes.push_back(std::move(w));
      continue;
    }
    if (grad::is_custom_gradient(*n.op)) {
      custom(w, n, b, g);
      b.nodes.push_back(std::move(w));
      continue;
    }
    for (size_t i = 0; i < d.attrs.size(); ++i) w.attr[d.attrs[i].name] = value(d.attrs[i], n.attrs[i]);
    b.nodes.push_back(std::move(w));
  }
  return b;
}

wire::AttrMap GraphDefWriter::call_of(const Node& n, Expansion expand) {
  std::vector<TensorSpec> specs;
  wire::AttrList in, out;
  for (const Tensor& t : n.in) {
    specs.push_back({t.shape(), t.dtype(), {}});
    in.type.push_back(static_cast<int>(t.dtype()));
  }
  for (const Tensor& t : n.out) out.type.push_back(static_cast<int>(t.dtype()));
  Traced body = trace_body(n.op->name, specs, [&](const Tensors& inputs) { return expand(*n.op, n.attrs, inputs); });
  NINEFOLD_INVARIANT(body.captures.empty());
  expanded_.push_back(std::make_shared<Concrete>(n.op->name, body.body, body.results, specs, Tensors()));
  wire::AttrMap attr;
  attr["Tin"].value = in;
  attr["Tout"].value = out;
  attr["f"].value = wire::NameAttrs{function(*expanded_.back()), {}};
  return attr;
}

void GraphDefWriter::custom(wire::NodeDef& w, const Node& n, Body& b, const Graph& g) {
  const size_t results = std::get<std::vector<DType>>(n.attrs.at(*n.op, "Tout")).size();
  const size_t inputs = results + std::get<std::vector<DType>>(n.attrs.at(*n.op, "Tin")).size();
  w.op = "IdentityN";
  w.input.clear();
  Rule rule;
  wire::AttrList types;
  for (size_t i = 0; i < inputs; ++i) {
    const Tensor& t = n.in[i];
    TensorSpec spec{t.shape(), t.dtype(), {}};
    std::string from = b.reference(t);
    const Tensor* known = t.dtype() == DType::resource ? t.impl()->known.get() : nullptr;
    if (const auto* v = known ? dynamic_cast<const VariableResource*>(resource_of(*known).get()) : nullptr) {
      spec = {v->shape, v->dtype, {}};
      wire::NodeDef read;
      read.name = b.names.fresh(w.name + "/ReadVariableOp");
      read.op = "ReadVariableOp";
      read.input = {from};
      read.attr["dtype"].value = wire::Type{static_cast<int>(v->dtype)};
      reads_[read.name] = spec;
      from = b.function ? read.name + ":value:0" : read.name;
      b.nodes.push_back(std::move(read));
    }
    w.input.push_back(std::move(from));
    types.type.push_back(static_cast<int>(spec.dtype));
    rule.flows.push_back(std::move(spec));
  }
  w.attr["T"].value = std::move(types);
  const grad::TracedRule& traced = grad::rule_of(*n.op, n.attrs);
  if (!with_rules_ || traced.missing) {   // a name that no other graph has
    w.attr[kRule].value = "CustomGradient-" + number_of(w.name);
    return;
  }
  check(traced.function != nullptr, Code::value,
        "Error when tracing gradients for SavedModel.\n\nThe gradient function raised an exception: differentiate the function to "
        "see it. You may need to update the custom gradient, or disable saving gradients with the option "
        "tf.saved_model.SaveOptions(experimental_custom_gradients=False).\n\tProblematic op name: {}", w.name);
  const Concrete& f = concrete(traced.function);
  for (size_t i = 0, next = 0; i < inputs; ++i) {
    const bool flows = i >= results && traced.given[i - results];
    rule.gradients.push_back(flows ? f.outputs()[next++] : TensorSpec{{}, DType::invalid, {}});
  }
  for (size_t i = inputs; i < n.in.size(); ++i) {
    const auto at = std::find(g.inputs.begin(), g.inputs.end(), &node_of(n.in[i]));
    rule.captures.push_back({b.name_when_loaded(n.in[i]), at == g.inputs.end() ? -1 : static_cast<int>(at - g.inputs.begin()),
                             n.in[i].dtype()});
  }
  rule.function = rule_function(f, rule, results);
  w.attr[kRule].value = registered_.at(rule.function);
  b.rules.push_back(std::move(rule));
}

}  // namespace ninefold::graph
