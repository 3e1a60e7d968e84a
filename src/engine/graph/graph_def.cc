// In: a traced function. Out: TensorFlow's GraphDef: placeholders, the ops, the functions they call as a library.
#include "base/check.h"
#include "engine/grad/custom.h"
#include "engine/graph/graph_def_writer.h"

namespace ninefold::graph {

std::map<std::string, const Node*> GraphDefWriter::names_of(const Concrete& f) {
  std::map<std::string, const Node*> out;
  for (const auto& [node, name] : body_of(f, false).name_of) out[name] = node;
  return out;
}

wire::GraphDef GraphDefWriter::write(const Concrete& f) {
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

std::string Concrete::graph_def() const { return wire::encode(GraphDefWriter().write(*this)); }

std::vector<TraceNode> Concrete::nodes() const {
  GraphDefWriter writer;
  const wire::GraphDef written = writer.write(*this);
  // The wire does not tell the specs of outputs; nodes that no op of the trace is are reads and the results' Identity.
  const std::map<std::string, const Node*> by_name = GraphDefWriter().names_of(*this);
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
  graph::GraphDefWriter writer;
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
