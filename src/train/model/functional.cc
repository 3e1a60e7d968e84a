// In: symbolic inputs and outputs. Out: a model that runs the layers between them.
#include "train/model/functional.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "base/check.h"
#include "ninefold/saving.h"
#include "train/layers/notes.h"
#include "train/layers/schema.h"
#include "train/model/values.h"

namespace ninefold::keras {

Value conformed_input(const Value& input, const KerasTensor& wanted) {
  const Tensor* given = input.get<Tensor>();
  if (const auto c = CompositeSpec::of(input)) {
    const DType from = c->rows.dtype, to = wanted.spec.dtype;
    if (from == to || from == DType::invalid || to == DType::invalid) return input;
    return c->made ? c->made->cast(input, to) : ninefold::call("tf.cast", {{"x", input}, {"dtype", to}});
  }
  if (!given) return input;
  Tensor t = *given;
  const Shape& want = wanted.spec.shape;
  if (want.known_rank() && t.shape().known_rank()) {
    if (t.rank() == want.rank() + 1 && t.dim(-1) == 1) t = op("Squeeze", {t}, {{"squeeze_dims", std::vector<int64_t>{-1}}});
    else if (t.rank() == want.rank() - 1 && want.rank() > 0 && want.dim(-1) == 1)
      t = op("ExpandDims", {t, Tensor(int32_t{-1})});
  }
  if (t.dtype() != wanted.spec.dtype && wanted.spec.dtype != DType::invalid) t = op("Cast", {t}, {{"DstT", wanted.spec.dtype}});
  if (t.impl() != given->impl()) set_mask(t, mask_of(*given));
  return t;
}

Value graph_input_spec(const Value& structure, const ValueList& inputs) {
  const auto spec = [](const Value& v, const std::string& name) {
    const KerasTensorPtr t = nest::keras_tensor(v);
    Shape shape = t->spec.shape;
    if (shape.rank() > 0) shape.set(0, -1);
    return ValueDict{{"shape", shape.known_rank() ? Value(shape) : Value()}, {"allow_last_axis_squeeze", true},
                     {"name", name}};
  };
  const ValueList* list = structure.get<ValueList>();
  const ValueDict* dict = structure.get<ValueDict>();
  if ((list && list->size() != inputs.size()) || (dict && dict->size() != inputs.size())) return {};   // a deeper nest
  ValueList out;
  if (dict) {
    for (const Entry& e : *dict)
      if (!nest::is_leaf(e.value)) return {};   // a deeper one that has as many leaves as keys
    for (const Entry* e : nest::sorted(*dict)) out.push_back(spec(e->value, e->key));
  } else {
    for (const Value& v : inputs) {
      const KerasTensorPtr t = nest::keras_tensor(v);
      out.push_back(spec(v, t->node ? t->node->layer->name() : t->name));
    }
  }
  return out;
}

Functional::Functional(const Value& inputs, const Value& outputs, std::string name) {
  const auto tensors = [](const Value& v, const char* what) {
    ValueList flat = nest::flatten(v);
    for (const Value& leaf : flat)
      check(nest::keras_tensor(leaf) != nullptr, Code::value,
            "{} tensors to a Functional must come from `tf.keras.Input`. Received: {} (missing previous layer metadata).",
            what, nest::python_text(leaf));
    return flat;
  };
  ValueDict common;
  common.push_back({"name", name.empty() ? unique_name("model") : name});
  init_common(common);
  input_tensors = tensors(inputs, "Input");
  output_tensors = tensors(outputs, "Output");
  input_structure = inputs;
  output_structure = outputs;
  std::set<const KerasTensor*> once;
  for (const Value& v : input_tensors)
    check(once.insert(nest::keras_tensor(v).get()).second, Code::value, "The list of inputs passed to the model "
          "contains the same input multiple times. All inputs should only appear once.Received inputs={}",
          nest::python_text(inputs));
  GraphOrder order = order_graph(input_tensors, output_tensors);
  order_ = std::move(order.nodes);
  depth_ = std::move(order.depth);
  layers_ = std::move(order.layers);
  std::map<std::string, int> layer_names;
  for (const LayerPtr& l : layers_)
    check(++layer_names[l->name()] == 1, Code::value,
          "The name \"{}\" is used {} times in the model. All layer names should be unique.", l->name(), 2);
  for (const Value& v : input_tensors) {
    const KerasTensorPtr t = nest::keras_tensor(v);
    input_names.push_back(t->node ? t->node->layer->name() : t->name);
  }
  std::map<std::string, int> repeats;
  for (const Value& v : output_tensors) {
    const std::string base = nest::keras_tensor(v)->node->layer->name();
    std::string proposal = base;
    while (std::find(output_names.begin(), output_names.end(), proposal) != output_names.end()) {
      int& count = repeats.try_emplace(base, 1).first->second;
      proposal = base + "_" + std::to_string(count++);
    }
    output_names.push_back(proposal);
  }
  input_spec = graph_input_spec(input_structure, input_tensors);
  autocast_ = false;   // its layers cast
  set_built(true);
}

const std::string& Functional::class_name() const {
  static const std::string name = "Functional";
  return name;
}
std::vector<LayerPtr> Functional::layers() const { return layers_; }
std::vector<LayerPtr> Functional::sublayers() const {
  std::vector<LayerPtr> out = layers_;
  for (const LayerPtr& l : children_)   // attributes of a subclass
    if (std::find(out.begin(), out.end(), l) == out.end()) out.push_back(l);
  return out;
}

namespace {

// Arguments in the order of the model's inputs: dicts by the inputs' names, other nests leaf by leaf.
ValueList in_input_order(const Functional& model, const Value& inputs) {
  if (const ValueDict* dict = inputs.get<ValueDict>(); dict && !model.input_structure.get<ValueDict>()) {
    ValueList out;
    for (const std::string& name : model.input_names) {
      const Value* item = inputs.find(name);
      if (!item) return nest::flatten(inputs);
      out.push_back(*item);
    }
    return out;
  }
  if (const ValueDict* wanted = model.input_structure.get<ValueDict>(); wanted && inputs.get<ValueDict>()) {
    ValueList out;   // more keys than the model has inputs are no harm
    for (const Entry* e : nest::sorted(*wanted)) {
      const Value* item = inputs.find(e->key);
      if (!item) return nest::flatten(inputs);
      for (const Value& leaf : nest::flatten(*item)) out.push_back(leaf);
    }
    return out;
  }
  return nest::flatten(inputs);
}

}  // namespace

Value Functional::call(const Value& inputs, const CallArgs& args) {
  const ValueList given = in_input_order(*this, inputs);
  check(given.size() == input_tensors.size(), Code::value,
        "Layer \"{}\" expects {} input(s), but it received {} input tensors. Inputs received: {}", name(),
        input_tensors.size(), given.size(), nest::python_text(inputs));
  std::unordered_map<const KerasTensor*, Value> values;
  for (size_t i = 0; i < given.size(); ++i) {
    const KerasTensorPtr in = nest::keras_tensor(input_tensors[i]);
    values[in.get()] = conformed_input(given[i], *in);
  }
  const auto filled = [&](const Value& v) {
    return nest::map(v, [&](const Value& leaf) -> Value {
      const KerasTensorPtr t = nest::keras_tensor(leaf);
      if (!t) return leaf;
      const auto at = values.find(t.get());
      NINEFOLD_INVARIANT(at != values.end());
      return at->second;
    });
  };
  for (const std::shared_ptr<Node>& node : order_) {
    const ValueList outputs = nest::flatten(node->outputs());
    bool known = true;
    for (const Value& out : outputs) known = known && values.count(nest::keras_tensor(out).get());
    if (known) continue;   // an input
    CallArgs own;
    own.training = node->args.training.none() ? args.training : node->args.training;
    for (const Value& v : node->args.further) own.further.push_back(filled(v));
    for (const Entry& e : node->args.named) own.named.push_back({e.key, filled(e.value)});
    const ValueList results = nest::flatten((*node->layer)(filled(node->inputs), std::move(own)));
    NINEFOLD_INVARIANT(results.size() == outputs.size());
    for (size_t i = 0; i < outputs.size(); ++i) values[nest::keras_tensor(outputs[i]).get()] = results[i];
  }
  return filled(output_structure);
}

void Graph::extend(Functional& model, const ValueList& tensors) {
  const GraphOrder found = order_graph(model.input_tensors, tensors);
  std::map<const Node*, int64_t> depth;
  for (size_t i = 0; i < model.order_.size(); ++i) depth[model.order_[i].get()] = model.depth_[i];
  for (const std::shared_ptr<Node>& node : found.nodes) {
    if (depth.count(node.get())) continue;
    int64_t lowest = 0;   // one below what it reads, and below the outputs
    for (const KerasTensorPtr& in : keras_inputs(*node))
      if (const auto at = depth.find(in->node); at != depth.end()) lowest = std::min(lowest, at->second);
    depth[node.get()] = lowest - 1;
    model.order_.push_back(node);
    model.depth_.push_back(lowest - 1);
  }
  for (const LayerPtr& layer : found.layers)
    if (std::find(model.layers_.begin(), model.layers_.end(), layer) == model.layers_.end()) model.layers_.push_back(layer);
}
void extend_graph(Functional& model, const Value& tensors) { Graph::extend(model, nest::flatten(tensors)); }

}  // namespace ninefold::keras
