// In: input and output tensors of a functional model. Out: its nodes in the order of execution, its layers
// in Keras' order: by depth from the outputs, then by the first time a walk from the outputs meets them.
#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "base/check.h"
#include "train/model/functional.h"
#include "train/model/values.h"

namespace ninefold::keras {
namespace {

using NodePtr = std::shared_ptr<Node>;

// As Python's str() shows a symbolic tensor.
std::string text_of(const KerasTensor& t) {
  const std::string layer = t.node ? t.node->layer->name() : t.name;
  if (t.composite && t.composite->made)
    return fmt::format("KerasTensor(type_spec={}, description=\"created by layer '{}'\")", t.composite->str(), layer);
  const bool input = t.node && is_input_layer(*t.node->layer);
  return fmt::format("KerasTensor(type_spec=TensorSpec(shape={}, dtype=tf.{}, name={}), name='{}', description=\"created by layer "
                     "'{}'\")", t.spec.shape.tuple(), name_of(t.spec.dtype), input ? "'" + t.name + "'" : "None", t.name, layer);
}

struct Walk {
  std::set<const KerasTensor*> inputs;
  std::set<const Node*> done, open;
  std::vector<NodePtr> finished;                     // what a node reads comes before it
  std::unordered_map<const Layer*, size_t> met;      // layer -> when the walk first saw it

  void visit(const KerasTensor& t) {
    if (!t.node || done.count(t.node)) return;
    const NodePtr node = t.node->shared_from_this();
    check(!open.count(node.get()), Code::value, "Tensor {} from layer \"{}\" is part of a cycle.", t.name,
          node->layer->name());
    met.try_emplace(node->layer.get(), met.size());
    open.insert(node.get());
    if (!inputs.count(&t))
      for (const KerasTensorPtr& in : keras_inputs(*node)) visit(*in);
    done.insert(node.get());
    open.erase(node.get());
    finished.push_back(node);
  }
};

void check_connected(const Walk& walk, const std::vector<NodePtr>& nodes) {
  std::set<const KerasTensor*> known = walk.inputs;
  std::vector<std::string> seen;
  for (const NodePtr& node : nodes) {
    bool given = false;
    for (const Value& out : nest::flatten(node->outputs())) given = given || known.count(nest::keras_tensor(out).get());
    if (given) {
      seen.push_back(node->layer->name());
      for (const Value& out : nest::flatten(node->outputs())) known.insert(nest::keras_tensor(out).get());
      continue;
    }
    if (is_input_layer(*node->layer)) continue;   // its reader will complain
    for (const KerasTensorPtr& in : keras_inputs(*node))
      check(known.count(in.get()) > 0, Code::value, "Graph disconnected: cannot obtain value for tensor {} at layer "
            "\"{}\". The following previous layers were accessed without issue: {}", text_of(*in),
            node->layer->name(), nest::python_keys(seen));
    for (const Value& out : nest::flatten(node->outputs())) known.insert(nest::keras_tensor(out).get());
    seen.push_back(node->layer->name());
  }
}

}  // namespace

bool is_input_layer(const Layer& layer) { return layer.class_name() == "InputLayer"; }

std::vector<KerasTensorPtr> keras_inputs(const Node& node) {
  std::vector<KerasTensorPtr> out;
  const auto add = [&](const Value& v) {
    for (const Value& leaf : nest::flatten(v))
      if (KerasTensorPtr t = nest::keras_tensor(leaf)) out.push_back(std::move(t));
  };
  if (is_input_layer(*node.layer)) return out;
  add(node.inputs);
  for (const Value& v : node.args.further) add(v);
  for (const Entry& e : node.args.named) add(e.value);
  return out;
}

int64_t node_index(const Layer& layer, const Node* node) {
  const auto* model = dynamic_cast<const Model*>(&layer);
  const int64_t own = model && !model->input_tensors.empty() ? 1 : 0;
  for (size_t i = 0; i < layer.inbound.size(); ++i)
    if (const NodePtr here = layer.inbound[i].lock(); here && here.get() == node) return own + static_cast<int64_t>(i);
  return own;
}
Origin origin_of(const KerasTensor& t) {
  if (!t.node) return {};
  return {t.node->layer, node_index(*t.node->layer, t.node), t.index};
}

GraphOrder order_graph(const ValueList& inputs, const ValueList& outputs) {
  Walk walk;
  for (const Value& v : inputs) walk.inputs.insert(nest::keras_tensor(v).get());
  for (const Value& v : outputs) walk.visit(*nest::keras_tensor(v));

  // Depths from the outputs; a layer is as deep as its deepest call. `order` keeps when a node got its depth
  // first, which decides among nodes of equal depth.
  std::unordered_map<const Node*, int64_t> depth;
  std::unordered_map<const Layer*, int64_t> layer_depth;
  std::vector<NodePtr> order;
  std::vector<LayerPtr> layers;
  const auto deepen = [&](const NodePtr& node, int64_t d) {
    const auto [at, fresh] = depth.try_emplace(node.get(), d);
    if (fresh) order.push_back(node);
    else at->second = std::max(at->second, d);
  };
  for (auto it = walk.finished.rbegin(); it != walk.finished.rend(); ++it) {
    const NodePtr& node = *it;
    deepen(node, 0);
    const auto [at, fresh] = layer_depth.try_emplace(node->layer.get(), 0);
    if (fresh) layers.push_back(node->layer);
    at->second = std::max(at->second, depth[node.get()]);
    depth[node.get()] = at->second;
    bool source = false;
    for (const Value& out : nest::flatten(node->outputs()))
      source = source || walk.inputs.count(nest::keras_tensor(out).get());
    if (source) continue;
    for (const KerasTensorPtr& in : keras_inputs(*node))
      if (in->node) deepen(in->node->shared_from_this(), at->second + 1);
  }
  for (const Value& v : inputs) {   // inputs that no output needs
    const KerasTensorPtr tensor = nest::keras_tensor(v);
    const NodePtr node = tensor->node ? tensor->node->shared_from_this() : nullptr;
    if (!node || layer_depth.count(node->layer.get())) continue;
    layer_depth[node->layer.get()] = 0;
    layers.push_back(node->layer);
    deepen(node, 0);
  }

  GraphOrder out;
  out.nodes = order;
  std::stable_sort(out.nodes.begin(), out.nodes.end(),
                   [&](const NodePtr& a, const NodePtr& b) { return depth[a.get()] > depth[b.get()]; });
  for (const NodePtr& n : out.nodes) out.depth.push_back(depth[n.get()]);
  const auto when = [&](const LayerPtr& l) {
    const auto at = walk.met.find(l.get());
    return at == walk.met.end() ? int64_t{-1} : static_cast<int64_t>(at->second);
  };
  out.layers = layers;
  std::stable_sort(out.layers.begin(), out.layers.end(), [&](const LayerPtr& a, const LayerPtr& b) {
    const int64_t da = layer_depth[a.get()], db = layer_depth[b.get()];
    return da != db ? da > db : when(a) < when(b);
  });
  check_connected(walk, out.nodes);
  return out;
}

}  // namespace ninefold::keras
