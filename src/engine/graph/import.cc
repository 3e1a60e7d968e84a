// In: a GraphDef with its library. Out: its functions and parts of its graph as traces, and what they say of themselves.
// Order: import_order.cc. Tracing: import_trace.cc.
#include <algorithm>

#include "base/check.h"
#include "engine/graph/function.h"
#include "engine/graph/import_state.h"

namespace ninefold {

using graph::Prepared;

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
