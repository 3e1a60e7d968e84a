// In: a traced function. Out: TensorFlow's GraphDef: placeholders, the ops, the functions they call as a library.
#include <cctype>
#include <cstring>
#include <map>
#include <set>

#include "base/check.h"
#include "base/hash.h"
#include "base/wire.h"
#include "engine/grad/custom.h"
#include "engine/graph/expansion.h"
#include "engine/graph/function.h"
#include "engine/tensor/resource.h"
#include "ninefold/saved_model.h"

namespace ninefold::graph {
namespace {

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

// Names that are taken get a number, as TensorFlow's do: "MatMul", "MatMul_1".
class Names {
 public:
  std::string fresh(const std::string& base) {
    std::string name = base;
    for (int i = 1; !taken_.insert(name).second; ++i) name = base + "_" + std::to_string(i);
    return name;
  }

 private:
  std::set<std::string> taken_;
};

constexpr const char* kRule = "_gradient_op_type";   // the attribute by which a node names its gradient

class Writer {
 public:
  using Rule = GraphWriter::Rule;
  // `with_shapes`: arguments of functions say their shapes, as a SavedModel's do. `with_rules`: the rules of custom
  // gradients are functions of the library.
  explicit Writer(bool with_shapes = false, bool with_rules = false) : with_shapes_(with_shapes), with_rules_(with_rules) {}
  std::vector<wire::FunctionDef> take_library() { return std::move(library_); }
  const std::vector<Rule>& rules() const { return rules_; }
  const std::map<std::string, std::string>& registered() const { return registered_; }
  const std::map<std::string, TensorSpec>& reads() const { return reads_; }   // nodes that no op of the trace is
  // A function of the library once more, under a name of its own. Rules read tensors of the one function that holds their
  // node, so they are copied too.
  std::string again(const std::string& name, const std::string& digits) {
    const std::string other = name + digits;
    if (!names_.insert(other).second) return other;
    const auto at = std::find_if(library_.begin(), library_.end(), [&](const auto& d) { return d.signature.name == name; });
    NINEFOLD_INVARIANT(at != library_.end());
    wire::FunctionDef copy = *at;
    copy.signature.name = other;
    for (size_t i = 0, count = rules_.size(); i < count; ++i) {
      if (rules_[i].of != name) continue;
      Rule rule = rules_[i];
      const std::string type = registered_.at(rule.function);
      rule.of = other;
      rule.function = again(rule.function, digits);
      registered_[rule.function] = type + digits;
      for (wire::NodeDef& n : copy.node)
        if (const auto named = n.attr.find(kRule); named != n.attr.end() && std::get<std::string>(named->second.value) == type)
          named->second.value = type + digits;
      rules_.push_back(std::move(rule));
    }
    library_.push_back(std::move(copy));
    return other;
  }
  std::map<std::string, const Node*> names_of(const Concrete& f) {
    std::map<std::string, const Node*> out;
    for (const auto& [node, name] : body_of(f, false).name_of) out[name] = node;
    return out;
  }
  wire::GraphDef write(const Concrete& f) {
    wire::GraphDef g;
    Body body = body_of(f, false);
    g.node = std::move(body.nodes);
    Names names = body.names;
    for (size_t i = 0; i < f.results().size(); ++i) {
      wire::NodeDef n;
      n.name = names.fresh("Identity");
      n.op = "Identity";
      n.input = {body.reference(f.results()[i])};
      for (const std::string& c : body.must_run) n.input.push_back("^" + c);
      n.attr["T"].value = wire::Type{static_cast<int>(f.results()[i].dtype())};
      g.node.push_back(std::move(n));
    }
    g.function = std::move(library_);
    return g;
  }

 private:
  struct Body {
    bool function = false, counted = false;   // counted: loops have two variables more
    Names names;
    std::vector<wire::NodeDef> nodes;
    std::vector<std::string> must_run;
    std::map<const Node*, std::string> name_of;
    std::vector<Rule> rules;                  // of its nodes
    // "x:1" as the graph of a function that is loaded calls it.
    std::string name_when_loaded(const Tensor& t) const {
      const Node& n = node_of(t);
      return name_of.at(&n) + ":" + std::to_string(index_of(t) + (counted && is_loop(n) ? 2 : 0));
    }
    // "x" and "x:1" in a graph; "x:output:0" in a function, counted within the output argument.
    std::string reference(const Tensor& t) const {
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
  };

  wire::AttrValue value(const AttrDef& d, const Attr& a) {
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

  // TensorFlow's gradient of a loop reads its first two variables: how often it ran, and how often it may (-1: no limit).
  static bool is_loop(const Node& n) { return n.op->name == "While" || n.op->name == "StatelessWhile"; }
  static wire::NodeDef scalar(std::string name, int32_t value) {
    wire::NodeDef n;
    n.name = std::move(name);
    n.op = "Const";
    n.attr["dtype"].value = wire::Type{static_cast<int>(DType::i32)};
    n.attr["value"].value = to_wire(Tensor(value));
    return n;
  }
  void count(wire::NodeDef& w, const Node& n, Body& b) {
    std::vector<std::string> first;
    for (const auto& [name, value] : {std::pair("while_counter", 0), std::pair("maximum_iterations", -1)}) {
      b.nodes.push_back(scalar(b.names.fresh(name), value));
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

  // What a node must wait for besides its inputs: writes and reads of the same resource, and the world, in order.
  struct Earlier {   // by place in the program, so that equal functions are equal bytes
    bool operator()(const Node* a, const Node* b) const { return a->id < b->id; }
  };
  using NodeSet = std::set<const Node*, Earlier>;
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

  Body body_of(const Concrete& f, bool function) {
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

  // An op of our own becomes a call of what it stands for.
  wire::AttrMap call_of(const Node& n, Expansion expand) {
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

  // A custom gradient is an IdentityN of its results and its sources, which names the rule for what flows back into them.
  // In the place of a variable stands what is read from it.
  void custom(wire::NodeDef& w, const Node& n, Body& b, const Graph& g) {
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

  // TensorFlow calls a rule with what flows into every output of the node, that of the sources too.
  std::string rule_function(const Concrete& f, const Rule& rule, size_t results) {
    auto [d, inner] = definition(f, 0);
    const auto more = static_cast<uint32_t>(rule.flows.size() - results);
    std::map<uint32_t, wire::AttrMap> attrs;
    for (auto& [i, all] : d.arg_attr) attrs[i < results ? i : i + more] = std::move(all);
    for (size_t i = 0; i < rule.flows.size(); ++i) {
      wire::ArgDef a;
      a.name = "result_grads_" + std::to_string(i);
      a.type = static_cast<int>(rule.flows[i].dtype);
      if (i < results) continue;
      wire::AttrList shapes;
      shapes.shape.push_back(to_wire(rule.flows[i].shape));
      attrs[static_cast<uint32_t>(i)]["_output_shapes"].value = shapes;
      d.signature.input_arg.insert(d.signature.input_arg.begin() + static_cast<std::ptrdiff_t>(i), std::move(a));
    }
    d.arg_attr = std::move(attrs);
    uint64_t number = std::stoull(number_of(wire::encode(d)));
    const std::string stem = "__inference_internal_grad_fn_";
    while (names_.contains(stem + std::to_string(number))) ++number;   // each node has one: they read different tensors
    d.signature.name = stem + std::to_string(number);
    registered_[d.signature.name] = "CustomGradient-" + std::to_string(number);
    std::string name = d.signature.name;
    publish(std::move(d), std::move(inner));
    return name;
  }
  static std::string number_of(const std::string& bytes) {
    return std::to_string(std::stoull(sha256_hex(bytes).substr(0, 8), nullptr, 16));
  }

  // What an argument of a function may be called: references to it must be readable.
  static std::string argument_name(std::string name) {
    for (char& c : name)
      if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
    return name.empty() || !std::isalpha(static_cast<unsigned char>(name[0])) ? "arg_" + name : name;
  }
  // Of a layer or scope that users named as they liked: what TensorFlow takes for a node's name.
  static std::string node_name(std::string name) {
    for (char& c : name)
      if (!std::isalnum(static_cast<unsigned char>(c)) && !std::strchr("_./", c)) c = '_';
    return std::isalnum(static_cast<unsigned char>(name[0])) ? name : "." + name;
  }

 public:
  // `counted`: 1 the body of a loop whose iterations are counted, 2 its condition.
  std::string function(const Concrete& f, int counted = 0) {
    if (auto at = written_.find({&f, counted}); at != written_.end()) return at->second;
    auto [d, rules] = definition(f, counted);
    // Named by what it does: the same function has the same name in every process, another one another.
    std::string number = sha256_hex(wire::encode(d)).substr(0, 8);
    if (with_shapes_) number = std::to_string(std::stoull(number, nullptr, 16));   // readers know functions by digits at the end
    const std::string name = stem(f.name()) + "_" + number;
    written_[{&f, counted}] = name;
    d.signature.name = name;
    publish(std::move(d), std::move(rules));
    return name;
  }

 private:
  void publish(wire::FunctionDef d, std::vector<Rule> rules) {
    if (!names_.insert(d.signature.name).second) return;
    for (Rule& r : rules) {
      r.of = d.signature.name;
      rules_.push_back(std::move(r));
    }
    library_.push_back(std::move(d));
  }

  // The function without its name, and the rules of its nodes.
  std::pair<wire::FunctionDef, std::vector<Rule>> definition(const Concrete& f, int counted) {
    Body b = body_of(f, true);
    wire::FunctionDef d;
    if (counted) {
      for (const char* name : {"while_counter", "maximum_iterations"}) {
        wire::ArgDef a;
        a.name = b.names.fresh(name);
        a.type = static_cast<int>(DType::i32);
        d.signature.input_arg.push_back(a);
        if (counted == 1) {
          wire::ArgDef out = a;
          out.name = b.names.fresh(a.name + "_next");
          d.signature.output_arg.push_back(std::move(out));
        }
      }
    }
    if (counted == 1) {
      wire::NodeDef one = scalar(b.names.fresh("one"), 1), sum;
      sum.name = b.names.fresh("count");
      sum.op = "AddV2";
      sum.input = {d.signature.input_arg[0].name, one.name + ":output:0"};
      sum.attr["T"].value = wire::Type{static_cast<int>(DType::i32)};
      d.ret[d.signature.output_arg[0].name] = sum.name + ":z:0";
      d.ret[d.signature.output_arg[1].name] = d.signature.input_arg[1].name;
      b.nodes.push_back(std::move(one));
      b.nodes.push_back(std::move(sum));
    }
    for (const Node* n : f.graph().inputs) {
      wire::ArgDef a;
      a.name = b.name_of.at(n);
      a.type = static_cast<int>(n->out[0].dtype());
      if (with_shapes_ && n->out[0].dtype() != DType::resource) {
        wire::AttrList shapes;
        shapes.shape.push_back(to_wire(n->out[0].shape()));
        d.arg_attr[static_cast<uint32_t>(d.signature.input_arg.size())]["_output_shapes"].value = shapes;
      }
      d.signature.input_arg.push_back(std::move(a));
    }
    for (size_t i = 0; i < f.results().size(); ++i) {
      wire::ArgDef a;
      a.name = b.names.fresh("output_" + std::to_string(i));
      a.type = static_cast<int>(f.results()[i].dtype());
      d.ret[a.name] = b.reference(f.results()[i]);
      d.signature.output_arg.push_back(std::move(a));
    }
    for (const std::string& n : b.must_run) {
      d.control_ret[n] = n;
      d.signature.control_output.push_back(n);
    }
    d.signature.is_stateful = !b.must_run.empty();
    d.node = std::move(b.nodes);
    return {std::move(d), std::move(b.rules)};
  }

  // The name without the number that a process gave it.
  static std::string stem(const std::string& name) {
    const size_t end = name.find_last_not_of("0123456789");
    return end != std::string::npos && end > 0 && end + 1 < name.size() && name[end] == '_' ? name.substr(0, end) : name;
  }

  const bool with_shapes_, with_rules_;
  std::vector<Rule> rules_;
  std::map<std::string, std::string> registered_;     // functions that are rules: what nodes call them
  std::map<std::string, TensorSpec> reads_;
  std::set<std::string> names_;
  std::map<std::pair<const Concrete*, int>, std::string> written_;
  std::vector<wire::FunctionDef> library_;
  std::vector<std::shared_ptr<Concrete>> expanded_;   // written_ knows them by address
};

}  // namespace

std::string Concrete::graph_def() const { return wire::encode(Writer().write(*this)); }

std::vector<TraceNode> Concrete::nodes() const {
  Writer writer;
  const wire::GraphDef written = writer.write(*this);
  // The wire does not tell the specs of outputs; nodes that no op of the trace is are reads and the results' Identity.
  const std::map<std::string, const Node*> by_name = Writer().names_of(*this);
  std::vector<TraceNode> out;
  size_t result = 0;
  for (const wire::NodeDef& w : written.node) {
    TraceNode n{w.name, w.op, {}, {}, {}, {}};
    for (const std::string& i : w.input) {
      if (i.starts_with("^")) n.waits.push_back(i.substr(1));
      else n.inputs.push_back(i.find(':') == std::string::npos ? i + ":0" : i);
    }
    if (const auto at = by_name.find(w.name); at != by_name.end()) {
      const Node& node = *at->second;
      for (const Tensor& t : node.out) n.outputs.push_back({t.shape(), t.dtype(), {}});
      if (grad::is_custom_gradient(*node.op)) {
        std::vector<DType> types;
        for (int type : std::get<wire::AttrList>(w.attr.at("T").value).type) types.push_back(static_cast<DType>(type));
        for (size_t i = n.outputs.size(); i < types.size(); ++i) n.outputs.push_back({node.in[i].shape(), types[i], {}});
        n.attrs = {{"T", types}, {kRule, std::get<std::string>(w.attr.at(kRule).value)}};
        out.push_back(std::move(n));
        continue;
      }
      for (size_t i = 0; i < node.attrs.size(); ++i) n.attrs.emplace_back(def(*node.op).attrs[i].name, node.attrs[i]);
    } else if (const auto read = writer.reads().find(w.name); read != writer.reads().end()) {
      n.outputs.push_back(read->second);
      n.attrs.emplace_back("dtype", read->second.dtype);
    } else {
      n.outputs.push_back(outputs()[result]);
      n.attrs.emplace_back("T", outputs()[result++].dtype);
    }
    out.push_back(std::move(n));
  }
  return out;
}

}  // namespace ninefold::graph

namespace ninefold {

std::vector<TraceNode> trace_nodes(const FunctionRef& f) { return graph::concrete(f).nodes(); }

struct GraphWriter::State {
  explicit State(bool rules) : writer(true, rules) {}
  graph::Writer writer;
  wire::GraphDef def;
  std::vector<FunctionRef> kept;   // the writer knows functions by address
  graph::Names names;

  wire::NodeDef& node(const std::string& name, const char* op) {
    wire::NodeDef& n = def.node.emplace_back();
    n.name = names.fresh(name);
    n.op = op;
    return n;
  }
};

GraphWriter::GraphWriter(bool rules) : state_(std::make_unique<State>(rules)) {}
GraphWriter::~GraphWriter() = default;

std::string GraphWriter::function(const FunctionRef& f, const std::string& digits) {
  state_->kept.push_back(f);
  const std::string name = state_->writer.function(graph::concrete(f));
  return digits.empty() ? name : state_->writer.again(name, digits);
}

std::string GraphWriter::constant(const std::string& name, const Tensor& value) {
  wire::NodeDef& n = state_->node(name, "Const");
  n.attr["dtype"].value = wire::Type{static_cast<int>(value.dtype())};
  n.attr["value"].value = graph::to_wire(value);
  return n.name;
}

std::string GraphWriter::placeholder(const TensorSpec& spec) {
  wire::NodeDef& n = state_->node(spec.name, "Placeholder");
  n.attr["dtype"].value = wire::Type{static_cast<int>(spec.dtype)};
  n.attr["shape"].value = graph::to_wire(spec.shape);
  return n.name;
}

std::string GraphWriter::variable(const TensorSpec& spec) {
  wire::NodeDef& n = state_->node(spec.name, "VarHandleOp");
  n.attr["dtype"].value = wire::Type{static_cast<int>(spec.dtype)};
  n.attr["shape"].value = graph::to_wire(spec.shape);
  n.attr["shared_name"].value = n.name;
  n.attr["container"].value = std::string();
  n.attr["allowed_devices"].value = wire::AttrList{};
  return n.name;
}

std::string GraphWriter::call(const std::string& name, const std::string& function, std::span<const std::string> inputs,
                              std::span<const DType> in, std::span<const DType> out) {
  wire::NodeDef& n = state_->node(name, "StatefulPartitionedCall");
  n.input.assign(inputs.begin(), inputs.end());
  wire::AttrList tin, tout;
  for (DType d : in) tin.type.push_back(static_cast<int>(d));
  for (DType d : out) tout.type.push_back(static_cast<int>(d));
  n.attr["Tin"].value = tin;
  n.attr["Tout"].value = tout;
  n.attr["f"].value = wire::NameAttrs{function, {}};
  n.attr["config"].value = std::string();
  n.attr["config_proto"].value = std::string();
  n.attr["executor_type"].value = std::string();
  return n.name;
}

std::string GraphWriter::node(const std::string& op, const std::string& name, std::span<const std::string> inputs,
                              const std::map<std::string, DType>& types, std::span<const DType> dtypes) {
  wire::NodeDef& n = state_->node(name, op.c_str());
  n.input.assign(inputs.begin(), inputs.end());
  for (const auto& [key, dtype] : types) n.attr[key].value = wire::Type{static_cast<int>(dtype)};
  if (dtypes.empty()) return n.name;
  wire::AttrList list;
  for (DType d : dtypes) list.type.push_back(static_cast<int>(d));
  n.attr["dtypes"].value = list;
  return n.name;
}

const std::vector<GraphWriter::Rule>& GraphWriter::rules() const { return state_->writer.rules(); }

std::string GraphWriter::bytes() {
  state_->def.registered = state_->writer.registered();
  state_->def.function = state_->writer.take_library();
  return wire::encode(state_->def);
}

}  // namespace ninefold
