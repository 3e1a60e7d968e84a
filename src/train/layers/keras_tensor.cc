// In: shapes (keras.Input). Out: KerasTensors, the calls that make them, and InputLayer.
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"

namespace ninefold::keras {

void Node::set_outputs(const Value& structure,
                       const std::function<std::unique_ptr<KerasTensor>(const Value& leaf)>& tensor) {
  structure_ = structure;
  tensors_.clear();
  int index = 0;
  for (const Value& leaf : nest::flatten(structure)) {
    tensors_.push_back(tensor(leaf));
    if (!tensors_.back()) continue;
    tensors_.back()->node = this;
    tensors_.back()->index = index++;
  }
}
Value Node::outputs() {
  size_t at = 0;
  return nest::map(structure_, [&](const Value& leaf) -> Value {
    KerasTensor* t = tensors_[at++].get();
    return t ? Value(std::shared_ptr<Foreign>(shared_from_this(), t)) : leaf;
  });
}

std::vector<std::shared_ptr<Node>> Layer::calls() const {
  std::vector<std::shared_ptr<Node>> out;
  for (const std::weak_ptr<Node>& w : inbound)
    if (std::shared_ptr<Node> node = w.lock()) out.push_back(std::move(node));
  return out;
}

std::string KerasTensor::describe() const {
  std::string by;
  if (node && node->layer) by = " (created by layer '" + node->layer->name() + "')";
  if (composite) return fmt::format("<KerasTensor: type_spec={}{}>", composite->str(), by);
  return fmt::format("<KerasTensor: shape={} dtype={}{}>", spec.shape.tuple(), name_of(spec.dtype), by);
}

namespace {

// The layer that stands for an input of a functional model.
class InputLayer : public Layer {
 public:
  const std::string& class_name() const override {
    static const std::string name = "InputLayer";
    return name;
  }
  ValueDict config() const override {
    if (form_) return {{"name", name_}, {"type_spec", Value(std::static_pointer_cast<Foreign>(form_))}};
    return {{"batch_input_shape", Value(*Value(Layer::config()).find("batch_input_shape"))},
            {"dtype", name_of(dtype_)}, {"sparse", sparse_}, {"ragged", ragged_}, {"name", name_}};
  }
  Value call(const Value& inputs, const CallArgs&) override { return inputs; }
  void configure(const ValueDict& given) {
    ValueDict common;
    bool named = false;
    for (const Entry& e : given) {
      if (e.key == "sparse" || e.key == "ragged") {
        (e.key == "sparse" ? sparse_ : ragged_) = !e.value.none() && As<bool>::from(e.value, e.key);
      } else if (e.key == "type_spec" && (form_ = form_in(e.value))) {
        const std::optional<Shape> shape = form_->form()->shape();
        check(shape.has_value(), Code::value, "KerasTensor only supports TypeSpecs that have a shape field; got {}, which does not "
              "have a shape.", form_->form()->str());
        batch_input_shape = InputShape(*shape);
      } else if (e.key == "input_tensor" || e.key == "type_spec") {
        check(e.value.none(), Code::not_implemented, "Input: {} is not available yet; give a shape and a dtype", e.key);
      } else {
        named |= e.key == "name" && !e.value.none();
        common.push_back(e);
      }
    }
    if (form_)
      for (const Entry& e : given)
        check(e.value.none() || e.key == "type_spec" || e.key == "name", Code::value,
              "When `type_spec` is not None, all other args except `name` must be None, but {} is not None.", e.key);
    check(!sparse_ || !ragged_, Code::value, "Cannot set both `sparse` and `ragged` to `True` in a Keras `Input`.");
    if (!named) {
      std::string name = unique_name("input");
      if (name == "input") name = unique_name("input");   // Keras counts inputs from 1
      put(common, "name", name);
    }
    const Value said = common;
    const Value* dtype = said.find("dtype");
    if (!dtype || dtype->none()) put(common, "dtype", name_of(floatx()));
    init_common(common);
    if (!batch_input_shape.given) batch_input_shape = InputShape(Shape::unknown());
    built_ = supports_masking = true;
  }
  // What it stands for, if that is a composite: ragged up to the last dimension that is open.
  std::optional<CompositeSpec> composite() const {
    if (form_) return CompositeSpec::of(form_->form());
    const Shape& shape = batch_input_shape.shape;
    int ragged_rank = 0;
    for (int i = 1; i < shape.rank(); ++i)
      if (shape[i] < 0) ragged_rank = i;
    if (!sparse_ && (!ragged_ || ragged_rank == 0)) return std::nullopt;
    return CompositeSpec{sparse_, {shape, dtype_, ragged_rank, DType::i64}};
  }

 private:
  static std::shared_ptr<ValueOfForm> form_in(const Value& v) {
    const auto* object = v.get<std::shared_ptr<Foreign>>();
    return object ? std::dynamic_pointer_cast<ValueOfForm>(*object) : nullptr;
  }
  bool sparse_ = false, ragged_ = false;
  std::shared_ptr<ValueOfForm> form_;   // of an extension type
};
std::shared_ptr<InputLayer> input_layer(const ValueDict& given) {
  auto layer = std::make_shared<InputLayer>();
  layer->configure(given);
  return layer;
}
const ObjectRecord input_record = {
    .kind = "layer", .names = {"InputLayer"}, .module = "tf.keras.layers",
    .fields = {{"input_shape", {}, false, "value"}, {"batch_size", {}, false, "int"}, {"dtype", {}, false, "dtype"},
               {"input_tensor", {}, false, "value"}, {"sparse", {}, false, "bool"}, {"name", {}, false, "str"},
               {"ragged", {}, false, "bool"}, {"type_spec", {}, false, "value"}},
    .doc = "The entry of a functional model: where data of a given shape and dtype comes in.",
    .make = [](const ValueDict& given) -> ObjectPtr { return input_layer(given); },
    .base = "Layer",
};
NINEFOLD_OBJECT(input_record);

// What subclasses written elsewhere stand on: it hands its inputs on until "call" is overridden.
class PlainLayer : public Layer {
 public:
  const std::string& class_name() const override {
    static const std::string name = "Layer";
    return name;
  }
  Value call(const Value& inputs, const CallArgs&) override { return inputs; }
  void configure(const ValueDict& given) { init_common(given); }
};
const ObjectRecord layer_record = {
    .kind = "layer", .names = {"Layer"}, .module = "tf.keras.layers",
    .fields = {{"trainable", true, false, "bool"}, {"name", {}, false, "str"}, {"dtype", {}, false, "dtype"},
               {"dynamic", false, false, "bool"}},
    .doc = "A callable with weights. Subclasses define build(input_shape) and call(inputs).",
    .make = [](const ValueDict& given) -> ObjectPtr {
      auto layer = std::make_shared<PlainLayer>();
      layer->configure(given);
      return layer;
    },
    .base = "",
};
NINEFOLD_OBJECT(layer_record);

}  // namespace

KerasTensorPtr input_tensor(const LayerPtr& layer) {
  for (const std::shared_ptr<Node>& node : layer->calls()) return nest::keras_tensor(node->outputs());
  const std::shared_ptr<Node> node(new Node);   // no make_shared: its memory goes although the layer refers to it
  node->layer = layer;
  node->set_outputs(Value(), [&](const Value&) {
    auto t = std::make_unique<KerasTensor>();
    t->spec = {layer->batch_input_shape.shape, layer->dtype(), layer->name()};
    if (const auto* entry = dynamic_cast<const InputLayer*>(layer.get())) t->composite = entry->composite();
    if (t->composite) t->spec.dtype = t->composite->rows.dtype;
    t->name = layer->name();
    return t;
  });
  layer->inbound = {node};
  return nest::keras_tensor(node->outputs());
}

KerasTensorPtr Input(const Shape& shape, int64_t batch, DType dtype, std::string name) {
  ValueDict given = {{"batch_input_shape", shape.known_rank() ? Shape{batch}.concat(shape) : shape},
                     {"dtype", name_of(dtype)}};
  if (!name.empty()) given.push_back({"name", name});
  return input_tensor(input_layer(given));
}

}  // namespace ninefold::keras
