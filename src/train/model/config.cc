// In: models; configs. Out: Keras' configs of Sequential and Functional models, and models made of them.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/json_text.h"
#include "train/layers/described.h"
#include "train/layers/schema.h"
#include "train/model/functional.h"
#include "train/model/values.h"

namespace ninefold::keras {
namespace {

using Json = nlohmann::ordered_json;

// The numbers or texts of a tensor from element `at` on, in lists by axis; `at` moves past them.
Value plain_value(const Tensor& t, int axis, int64_t& at) {
  if (axis < t.rank()) {
    ValueList rows;
    for (int64_t i = 0; i < t.dim(axis); ++i) rows.push_back(plain_value(t, axis + 1, at));
    return rows;
  }
  const int64_t i = at++;
  if (t.dtype() == DType::string) return t.as<std::string>()[i];
  if (t.dtype() == DType::boolean) return t.int_at(i) != 0;
  return is_floating(t.dtype()) ? Value(t.float_at(i)) : Value(t.int_at(i));
}
Value plain_value(const Tensor& t) {
  int64_t at = 0;
  return plain_value(t, 0, at);
}

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
  if (const Tensor* t = v.get<Tensor>(); t && !t->symbolic()) return json_of(plain_value(*t));
  if (const auto* o = v.get<std::shared_ptr<Foreign>>())
    if (const ObjectPtr object = std::dynamic_pointer_cast<Object>(*o)) return json_of(serialized(object));
  fail(Code::type, "to_json: {} has no JSON form", nest::python_text(v));
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
    for (const auto& node : l->calls())
      if (std::find(mine.begin(), mine.end(), node) != mine.end()) out[node.get()] = next++;
  }
  return out;
}

Value place(const KerasTensor& t, const NodeNumbers& numbers, const ValueDict* kwargs) {
  const auto at = t.node ? numbers.find(t.node) : numbers.end();
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
      const Tensor* constant = leaf.get<Tensor>();
      return t ? place(*t, numbers, nullptr) : constant ? plain_value(*constant) : leaf;
    });
  };
  for (const Entry& e : node.args.named) kwargs.push_back({e.key, plain(e.value)});
  if (!node.args.training.none()) kwargs.push_back({"training", node.args.training});
  if (!node.args.mask.none()) kwargs.push_back({"mask", plain(node.args.mask)});
  const auto tensor = [&](const Value& leaf) -> Value {
    const KerasTensorPtr t = nest::keras_tensor(leaf);
    const Tensor* constant = leaf.get<Tensor>();
    if (!t) return ValueList{"_CONSTANT_VALUE", -1, constant ? plain_value(*constant) : leaf, kwargs};
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
  // `made`: the layers of the entries where they are made already; empty: they are made here.
  explicit Builder(const ValueList& entries, const std::vector<LayerPtr>& made = {}) {
    for (size_t i = 0; i < entries.size(); ++i) {
      const Value& entry = entries[i];
      const LayerPtr layer = made.empty() ? layer_from(entry) : made.at(i);
      const Value* given = entry.find("name");
      const std::string name = given ? text(*given) : layer->name();
      Made& here = made_[name];
      here.layer = layer;
      here.first = node_index(*layer, nullptr);
      if (is_input_layer(*layer)) here.outputs.push_back(ValueList{std::static_pointer_cast<Foreign>(input_tensor(layer))});
      const Value* nodes = entry.find("inbound_nodes");
      if (const ValueList* list = nodes ? nodes->get<ValueList>() : nullptr)
        for (const Value& call : *list) calls_.push_back({name, call});
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
  // What the calls of all layers give.
  ValueList all() const {
    ValueList out;
    for (const auto& [name, made] : made_)
      for (const ValueList& outputs : made.outputs) out.insert(out.end(), outputs.begin(), outputs.end());
    return out;
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
  struct Call { std::string layer; Value inputs; };
  // A layer, the number of its first call (1 for a model with a node of its own), and the outputs of its calls:
  // they hold the calls, which the layer does not.
  struct Made { LayerPtr layer; int64_t first = 0; std::vector<ValueList> outputs; };

  static bool constant(const Value& place) { return text((*place.get<ValueList>())[0]) == "_CONSTANT_VALUE"; }
  // A place whose layer is one of the config's: other lists of that form are plain values.
  bool refers(const Value& v) const { return is_place(v) && made_.count(text((*v.get<ValueList>())[0])); }
  const ValueList* outputs_at(const Value& place) const {
    const ValueList& p = *place.get<ValueList>();
    const auto at = made_.find(text(p[0]));
    if (at == made_.end()) return nullptr;
    const int64_t i = *p[1].get<int64_t>() - at->second.first;
    return i >= 0 && i < static_cast<int64_t>(at->second.outputs.size()) ? &at->second.outputs[static_cast<size_t>(i)] : nullptr;
  }
  Value found(const Value& v) const {
    const ValueList& p = *v.get<ValueList>();
    if (constant(v)) return p[2];
    const ValueList* outputs = outputs_at(v);
    check(outputs, Code::value, "from_config: call {} of layer '{}' is asked for, there is none", *p[1].get<int64_t>(), text(p[0]));
    const auto index = static_cast<size_t>(As<int64_t>::from(p[2], "inbound_nodes"));
    check(index < outputs->size(), Code::value, "from_config: layer {} has {} outputs, tensor {} is asked for", text(p[0]),
          outputs->size(), index);
    return (*outputs)[index];
  }
  bool ready(const Value& v) const {
    if (is_place(v) && (constant(v) || refers(v))) {
      if (!constant(v) && !outputs_at(v)) return false;
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
    if (refers(v)) return found(v);
    if (const ValueList* list = v.get<ValueList>()) {
      ValueList out;
      for (const Value& item : *list) out.push_back(filled(item));
      return out;
    }
    if (const ValueDict* dict = v.get<ValueDict>()) {
      ValueDict out;
      for (const Entry& e : *dict) out.push_back({e.key, filled(e.value)});
      return out;
    }
    return v;
  }
  void run(const Call& c) {
    CallArgs args;
    const auto kwargs = [&](const Value& place) {
      const ValueList& p = *place.get<ValueList>();
      const ValueDict* named = p.size() > 3 ? p[3].get<ValueDict>() : nullptr;
      if (!named) return;
      for (const Entry& e : *named) {
        if (e.key == "training") args.training = e.value;
        else if (e.key == "mask") args.mask = filled(e.value);
        else put(args.named, e.key, filled(e.value));   // each tensor of a call repeats them
      }
    };
    const std::function<void(const Value&)> collect = [&](const Value& v) {
      if (is_place(v)) return kwargs(v);
      if (const ValueList* list = v.get<ValueList>()) std::for_each(list->begin(), list->end(), collect);
      if (const ValueDict* dict = v.get<ValueDict>())
        for (const Entry& e : *dict) collect(e.value);
    };
    collect(c.inputs);
    Made& here = made_.at(c.layer);
    here.outputs.push_back(nest::flatten((*here.layer)(tensors(c.inputs), std::move(args))));
  }
  std::map<std::string, Made> made_;
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
  ValueDict all = described(*this);
  all.push_back({"keras_version", "2.9.0"});
  all.push_back({"backend", "tensorflow"});
  return python_json(json_of(all));
}

ValueDict Sequential::config() const {
  ValueList layers;
  if (input_) layers.push_back(described(*input_));
  for (const LayerPtr& l : layers_) layers.push_back(described(*l));
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
    ValueDict entry = described(*l);
    ValueList calls;
    if (!is_input_layer(*l))
      for (const auto& node : l->calls())
        if (std::find(mine.begin(), mine.end(), node) != mine.end()) calls.push_back(node_config(*node, numbers));
    entry.push_back({"name", l->name()});
    entry.push_back({"inbound_nodes", calls});
    layers.push_back(entry);
  }
  return {{"name", name()}, {"layers", layers}, {"input_layers", places(input_structure, numbers)},
          {"output_layers", places(output_structure, numbers)}};
}

Functional::Connected Functional::connect(const ValueDict& config, const std::vector<LayerPtr>& layers) {
  const ValueList& entries = list_in(config, "layers", "Model.from_config");
  check(layers.empty() || layers.size() == entries.size(), Code::value,
        "Model.from_config: {} layers for {} entries of the config", layers.size(), entries.size());
  const Builder built(entries, layers);
  const Value* in = nest::find(config, "input_layers");
  const Value* out = nest::find(config, "output_layers");
  check(in && out, Code::value, "Model.from_config: the config needs input_layers and output_layers");
  return {built.tensors(*in), built.tensors(*out), built.all()};
}
std::shared_ptr<Functional> Functional::from_config(const ValueDict& config) {
  const Connected found = connect(config, {});
  auto model = std::make_shared<Functional>(found.inputs, found.outputs, name_in(config));
  Graph::extend(*model, found.all);
  return model;
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
