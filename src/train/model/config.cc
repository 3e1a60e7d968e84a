// In: models; configs. Out: Keras' configs of Sequential and Functional models, and models made of them.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/json_text.h"
#include "train/layers/schema.h"
#include "train/model/functional.h"
#include "train/model/values.h"

namespace ninefold::keras {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Value& v) {
  if (v.none()) return nullptr;
  if (const bool* b = v.get<bool>()) return *b;
  if (const int64_t* i = v.get<int64_t>()) return *i;
  if (const double* d = v.get<double>()) return *d;
  if (const std::string* s = v.get<std::string>()) return *s;
  if (const DType* d = v.get<DType>()) return name_of(*d);
  Json out = Json::array();
  if (const Shape* s = v.get<Shape>()) {
    for (int64_t d : *s) out.push_back(d < 0 ? Json(nullptr) : Json(d));
    return out;
  }
  if (const ValueList* list = v.get<ValueList>()) {
    for (const Value& item : *list) out.push_back(json_of(item));
    return out;
  }
  if (const ValueDict* dict = v.get<ValueDict>()) {
    Json object = Json::object();
    for (const Entry& e : *dict) object[e.key] = json_of(e.value);
    return object;
  }
  if (const Tensor* t = v.get<Tensor>(); t && !t->symbolic() && t->size() == 1)
    return is_floating(t->dtype()) ? Json(t->float_at(0)) : Json(t->int_at(0));
  if (const auto* o = v.get<std::shared_ptr<Foreign>>())
    if (const ObjectPtr object = std::dynamic_pointer_cast<Object>(*o)) return json_of(serialized(object));
  fail(Code::type, "to_json: {} has no JSON form", nest::python_text(v));
}

ValueDict layer_config(const Layer& layer) {
  const Object::Method* own = layer.overridden("get_config");
  Value config = own ? (*own)({}, {}) : Value(layer.config());
  return {{"class_name", layer.class_name()}, {"config", config}};
}

bool op_layer(const Layer& layer) {
  return layer.class_name() == "TFOpLambda" || layer.class_name() == "SlicingOpLambda";
}

// Keras counts only the nodes of a layer that belong to this model.
using NodeNumbers = std::map<const Node*, int64_t>;

NodeNumbers number_nodes(const Functional& model) {
  NodeNumbers out;
  const auto& mine = Graph::nodes(model);
  for (const LayerPtr& l : model.layers()) {
    int64_t next = node_index(*l, nullptr);   // 1 for a model that has a node of its own
    for (const auto& node : l->inbound)
      if (std::find(mine.begin(), mine.end(), node) != mine.end()) out[node.get()] = next++;
  }
  return out;
}

Value place(const KerasTensor& t, const NodeNumbers& numbers, const ValueDict* kwargs) {
  const auto at = t.node ? numbers.find(t.node.get()) : numbers.end();
  check(at != numbers.end(), Code::value, "get_config: tensor {} comes from no layer of the model", t.describe());
  ValueList out = {t.node->layer->name(), at->second, t.index};
  if (kwargs) out.push_back(*kwargs);
  return out;
}

Value node_config(const Node& node, const NodeNumbers& numbers) {
  ValueDict kwargs;
  const auto plain = [&](const Value& v) {
    return nest::map(v, [&](const Value& leaf) -> Value {
      const KerasTensorPtr t = nest::keras_tensor(leaf);
      return t ? place(*t, numbers, nullptr) : leaf;
    });
  };
  for (const Entry& e : node.args.named) kwargs.push_back({e.key, plain(e.value)});
  if (!node.args.training.none()) kwargs.push_back({"training", node.args.training});
  if (!node.args.mask.none()) kwargs.push_back({"mask", plain(node.args.mask)});
  const auto tensor = [&](const Value& leaf) -> Value {
    const KerasTensorPtr t = nest::keras_tensor(leaf);
    if (!t) return ValueList{"_CONSTANT_VALUE", -1, leaf, kwargs};
    return place(*t, numbers, &kwargs);
  };
  if (!nest::nested(node.inputs)) {
    const Value only = tensor(node.inputs);
    if (op_layer(*node.layer)) return only;
    return ValueList{only};
  }
  return nest::map(node.inputs, tensor);
}

Value places(const Value& structure, const NodeNumbers& numbers) {
  const Value out = nest::map(structure, [&](const Value& leaf) {
    return place(*nest::keras_tensor(leaf), numbers, nullptr);
  });
  return nest::nested(structure) ? out : Value(ValueList{out});
}

LayerPtr layer_from(const Value& entry) {
  const Value* name = entry.find("class_name");
  const Value* config = entry.find("config");
  check(name && name->get<std::string>() && config && config->get<ValueDict>(), Code::value,
        "from_config: a layer needs class_name and config, got {}", nest::python_text(entry));
  return make_layer(*name->get<std::string>(), *config->get<ValueDict>());
}

const std::string& text(const Value& v) {
  const std::string* s = v.get<std::string>();
  check(s, Code::value, "from_config: expected a name, got {}", nest::python_text(v));
  return *s;
}
bool is_place(const Value& v) {
  const ValueList* list = v.get<ValueList>();
  return list && list->size() >= 3 && (*list)[0].get<std::string>() && (*list)[1].get<int64_t>();
}

// Layers of a config by name, and the calls that wait for what they read.
class Builder {
 public:
  explicit Builder(const ValueList& layers) {
    for (const Value& entry : layers) {
      const LayerPtr layer = layer_from(entry);
      const Value* name = entry.find("name");
      layers_[name ? text(*name) : layer->name()] = layer;
      const Value* nodes = entry.find("inbound_nodes");
      if (const ValueList* list = nodes ? nodes->get<ValueList>() : nullptr)
        for (const Value& call : *list) calls_.push_back({layer, call});
    }
    while (!calls_.empty()) {
      const size_t before = calls_.size();
      std::vector<Call> later;
      for (const Call& c : calls_) {
        // Calls of one layer keep their order.
        const bool waits = std::any_of(later.begin(), later.end(), [&](const Call& l) { return l.layer == c.layer; });
        if (waits || !ready(c.inputs)) later.push_back(c);
        else run(c);
      }
      check(later.size() < before, Code::value, "from_config: the layers' inbound_nodes form a cycle or name a layer that "
            "is not there");
      calls_ = std::move(later);
    }
  }
  Value tensors(const Value& v) const {
    if (is_place(v)) return found(v);
    if (const ValueList* list = v.get<ValueList>()) {
      ValueList out;
      for (const Value& item : *list) out.push_back(tensors(item));
      return out.size() == 1 ? out[0] : Value(out);
    }
    ValueDict out;
    if (const ValueDict* dict = v.get<ValueDict>())
      for (const Entry& e : *dict) out.push_back({e.key, tensors(e.value)});
    return out;
  }

 private:
  struct Call { LayerPtr layer; Value inputs; };
  const Node* node_at(const Value& v) const {
    const ValueList& p = *v.get<ValueList>();
    const auto at = layers_.find(text(p[0]));
    if (at == layers_.end()) return nullptr;
    const int64_t i = *p[1].get<int64_t>() - node_index(*at->second, nullptr);
    return i >= 0 && i < static_cast<int64_t>(at->second->inbound.size()) ? at->second->inbound[static_cast<size_t>(i)].get()
                                                                          : nullptr;
  }
  Value found(const Value& v) const {
    const Node* node = node_at(v);
    NINEFOLD_INVARIANT(node != nullptr);
    const ValueList flat = nest::flatten(node->outputs);
    const auto index = static_cast<size_t>(As<int64_t>::from((*v.get<ValueList>())[2], "inbound_nodes"));
    check(index < flat.size(), Code::value, "from_config: layer {} has {} outputs, tensor {} is asked for",
          node->layer->name(), flat.size(), index);
    return flat[index];
  }
  bool ready(const Value& v) const {
    if (is_place(v)) {
      if (!node_at(v)) return false;
      const ValueList& p = *v.get<ValueList>();
      return p.size() < 4 || ready(p[3]);
    }
    if (const ValueList* list = v.get<ValueList>())
      return std::all_of(list->begin(), list->end(), [&](const Value& item) { return ready(item); });
    if (const ValueDict* dict = v.get<ValueDict>())
      return std::all_of(dict->begin(), dict->end(), [&](const Entry& e) { return ready(e.value); });
    return true;
  }
  Value filled(const Value& v) const {   // kwargs: places among plain values
    if (is_place(v) && node_at(v)) return found(v);
    if (const ValueList* list = v.get<ValueList>()) {
      ValueList out;
      for (const Value& item : *list) out.push_back(filled(item));
      return out;
    }
    return v;
  }
  void run(const Call& c) const {
    CallArgs args;
    const auto kwargs = [&](const Value& place) {
      const ValueList& p = *place.get<ValueList>();
      const ValueDict* named = p.size() > 3 ? p[3].get<ValueDict>() : nullptr;
      if (!named) return;
      for (const Entry& e : *named) {
        if (e.key == "training") args.training = e.value;
        else if (e.key == "mask") args.mask = filled(e.value);
        else args.named.push_back({e.key, filled(e.value)});
      }
    };
    const std::function<void(const Value&)> collect = [&](const Value& v) {
      if (is_place(v)) return kwargs(v);
      if (const ValueList* list = v.get<ValueList>()) std::for_each(list->begin(), list->end(), collect);
      if (const ValueDict* dict = v.get<ValueDict>())
        for (const Entry& e : *dict) collect(e.value);
    };
    collect(c.inputs);
    (*c.layer)(tensors(c.inputs), std::move(args));
  }
  std::map<std::string, LayerPtr> layers_;
  std::vector<Call> calls_;
};

const ValueList& list_in(const ValueDict& config, const char* key, const char* who) {
  const Value* v = nest::find(config, key);
  if (v && v->get<ValueList>()) return *v->get<ValueList>();
  fail(Code::value, "{}: the config needs a list \"{}\", got {}", who, key, v ? nest::python_text(*v) : "none");
}
std::string name_in(const ValueDict& config) {
  const Value* v = nest::find(config, "name");
  return v && v->get<std::string>() ? *v->get<std::string>() : std::string();
}

}  // namespace

std::string Model::to_json() const {
  ValueDict all = layer_config(*this);
  all.push_back({"keras_version", "2.9.0"});
  all.push_back({"backend", "tensorflow"});
  return python_json(json_of(all));
}

ValueDict Sequential::config() const {
  ValueList layers;
  if (input_) layers.push_back(layer_config(*input_));
  for (const LayerPtr& l : layers_) layers.push_back(layer_config(*l));
  return {{"name", name()}, {"layers", layers}};
}

std::shared_ptr<Sequential> Sequential::from_config(const ValueDict& config) {
  std::vector<LayerPtr> layers;
  for (const Value& entry : list_in(config, "layers", "Sequential.from_config")) layers.push_back(layer_from(entry));
  return std::make_shared<Sequential>(std::move(layers), name_in(config));
}

ValueDict Functional::config() const {
  const NodeNumbers numbers = number_nodes(*this);
  const auto& mine = Graph::nodes(*this);
  ValueList layers;
  for (const LayerPtr& l : layers_) {
    ValueDict entry = layer_config(*l);
    ValueList calls;
    if (!is_input_layer(*l))
      for (const auto& node : l->inbound)
        if (std::find(mine.begin(), mine.end(), node) != mine.end()) calls.push_back(node_config(*node, numbers));
    entry.push_back({"name", l->name()});
    entry.push_back({"inbound_nodes", calls});
    layers.push_back(entry);
  }
  return {{"name", name()}, {"layers", layers}, {"input_layers", places(input_structure, numbers)},
          {"output_layers", places(output_structure, numbers)}};
}

std::shared_ptr<Functional> Functional::from_config(const ValueDict& config) {
  const Builder built(list_in(config, "layers", "Model.from_config"));
  const Value* in = nest::find(config, "input_layers");
  const Value* out = nest::find(config, "output_layers");
  check(in && out, Code::value, "Model.from_config: the config needs input_layers and output_layers");
  return std::make_shared<Functional>(built.tensors(*in), built.tensors(*out), name_in(config));
}

namespace {
const ObjectRecord sequential = {
    .kind = "layer", .names = {"Sequential"}, .module = "tf.keras",
    .fields = {{"layers", {}, false, "value"}, {"name", {}, false, "str"}}, .doc = "Layers one after the other.",
    .make = [](const ValueDict& config) -> ObjectPtr { return Sequential::from_config(config); }, .base = "Model"};
NINEFOLD_OBJECT(sequential);
const ObjectRecord functional = {
    .kind = "layer", .names = {"Functional"}, .module = "tf.keras",
    .fields = {{"inputs", {}, true, "value"}, {"outputs", {}, true, "value"}, {"name", {}, false, "str"}},
    .doc = "A graph of layers from inputs to outputs.",
    .make = [](const ValueDict& config) -> ObjectPtr { return Functional::from_config(config); }, .base = "Model"};
NINEFOLD_OBJECT(functional);
}  // namespace

}  // namespace ninefold::keras
