// In: functions that nodes call, and the rules of custom gradients. Out: the library: each once, named by what it does.
#include <algorithm>

#include "base/check.h"
#include "base/hash.h"
#include "engine/graph/graph_def_writer.h"

namespace ninefold::graph {
namespace {

// The name without the number that a process gave it.
std::string stem(const std::string& name) {
  const size_t end = name.find_last_not_of("0123456789");
  return end != std::string::npos && end > 0 && end + 1 < name.size() && name[end] == '_' ? name.substr(0, end) : name;
}

}  // namespace

std::string number_of(const std::string& bytes) {
  return std::to_string(std::stoull(sha256_hex(bytes).substr(0, 8), nullptr, 16));
}

std::string GraphDefWriter::again(const std::string& name, const std::string& digits) {
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

std::string GraphDefWriter::function(const Concrete& f, int counted) {
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

std::string GraphDefWriter::rule_function(const Concrete& f, const Rule& rule, size_t results) {
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

void GraphDefWriter::publish(wire::FunctionDef d, std::vector<Rule> rules) {
  if (!names_.insert(d.signature.name).second) return;
  for (Rule& r : rules) {
    r.of = d.signature.name;
    rules_.push_back(std::move(r));
  }
  library_.push_back(std::move(d));
}

std::pair<wire::FunctionDef, std::vector<GraphDefWriter::Rule>> GraphDefWriter::definition(const Concrete& f, int counted) {
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
    wire::NodeDef one = scalar_node(b.names.fresh("one"), 1), sum;
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

}  // namespace ninefold::graph
