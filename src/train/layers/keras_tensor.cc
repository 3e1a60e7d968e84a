// In: shapes (keras.Input) or public functions called on symbolic tensors. Out: KerasTensors and the layers
// that make them: InputLayer, TFOpLambda.
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"

namespace ninefold::keras {

std::string KerasTensor::describe() const {
  std::string by;
  if (node && node->layer) by = " (created by layer '" + node->layer->name() + "')";
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
    return {{"batch_input_shape", Value(*Value(Layer::config()).find("batch_input_shape"))},
            {"dtype", name_of(dtype_)}, {"sparse", false}, {"ragged", false}, {"name", name_}};
  }
  Value call(const Value& inputs, const CallArgs&) override { return inputs; }
  void configure(const ValueDict& given) {
    ValueDict common;
    bool named = false;
    for (const Entry& e : given) {
      if (e.key == "sparse" || e.key == "ragged") {
        check(e.value.none() || !As<bool>::from(e.value, e.key), Code::not_implemented,
              "Input: {}=True is not available yet; give dense tensors", e.key);
      } else if (e.key == "input_tensor" || e.key == "type_spec") {
        check(e.value.none(), Code::not_implemented, "Input: {} is not available yet; give a shape and a dtype", e.key);
      } else {
        named |= e.key == "name" && !e.value.none();
        common.push_back(e);
      }
    }
    if (!named) {
      std::string name = unique_name("input");
      if (name == "input") name = unique_name("input");   // Keras counts inputs from 1
      put(common, "name", name);
    }
    const Value* dtype = Value(common).find("dtype");
    if (!dtype || dtype->none()) put(common, "dtype", name_of(floatx()));
    init_common(common);
    if (!batch_input_shape.given) batch_input_shape = InputShape(Shape::unknown());
    built_ = supports_masking = true;
  }
  KerasTensorPtr output() {
    auto node = std::make_shared<Node>();
    node->layer = shared_from_this();
    auto k = std::make_shared<KerasTensor>();
    k->spec = {batch_input_shape.shape, dtype_, name_};
    k->name = name_;
    k->node = node;
    node->outputs = std::shared_ptr<Foreign>(k);
    inbound.push_back(node);
    return k;
  }
};
std::shared_ptr<InputLayer> input_layer(const ValueDict& given) {
  auto layer = std::make_shared<InputLayer>();
  layer->configure(given);
  layer->output();
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

// A public function called on symbolic tensors, as a layer. The node keeps the first parameter as inputs and the
// others that differ from their defaults as keyword arguments, as Keras writes them.
class OpLambda : public Layer {
 public:
  const std::string& class_name() const override {
    static const std::string op = "TFOpLambda", slicing = "SlicingOpLambda";
    return symbol() == "__operators__.getitem" ? slicing : op;
  }
  ValueDict config() const override {
    ValueDict out = Layer::config();
    out.push_back({"function", symbol()});
    return out;
  }
  Value call(const Value& inputs, const CallArgs& args) override {
    std::vector<std::pair<std::string, Value>> named = {{parameters_of(*function_).at(0).name, inputs}};
    for (const Entry& e : args.named)
      if (e.key != "name") named.emplace_back(e.key, e.value);   // a name would be used twice
    return ninefold::call(function_->names.front(), named);
  }
  void configure(const ValueDict& given) {
    ValueDict common;
    bool is_named = false;
    for (const Entry& e : given) {
      if (e.key == "function") {
        const std::string name = As<std::string>::from(e.value, "function");
        function_ = find_function("tf." + name);
        if (!function_) function_ = find_function(name);
        check(function_, Code::value, "TF symbol `{}` could not be found.", name);
      } else {
        is_named |= e.key == "name" && !e.value.none();
        common.push_back(e);
      }
    }
    check(function_, Code::type, "TFOpLambda.__init__() missing 1 required positional argument: 'function'");
    if (!is_named) put(common, "name", unique_name("tf." + symbol()));
    put(common, "autocast", false);
    init_common(common);
    built_ = true;
    converts_inputs_ = false;
  }

 private:
  std::string symbol() const {
    const std::string& name = function_->names.front();
    return name.starts_with("tf.") ? name.substr(3) : name;
  }
  const Function* function_ = nullptr;
};
const ObjectRecord op_record = {
    .kind = "layer", .names = {"TFOpLambda", "SlicingOpLambda"}, .module = "tf.keras.layers",
    .fields = {{"function", {}, true, "str"}},
    .doc = "A public function applied to symbolic tensors of a functional model.",
    .make = [](const ValueDict& given) -> ObjectPtr {
      auto layer = std::make_shared<OpLambda>();
      layer->configure(given);
      return layer;
    },
    .base = "Layer",
};
NINEFOLD_OBJECT(op_record);

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

bool same_value(const Value& a, const Value& b) {
  if (a.index() != b.index()) return false;
  if (a.none()) return true;
  if (const bool* x = a.get<bool>()) return *x == *b.get<bool>();
  if (const int64_t* x = a.get<int64_t>()) return *x == *b.get<int64_t>();
  if (const double* x = a.get<double>()) return *x == *b.get<double>();
  if (const std::string* x = a.get<std::string>()) return *x == *b.get<std::string>();
  if (const DType* x = a.get<DType>()) return *x == *b.get<DType>();
  return false;
}

}  // namespace

Value KerasTensor::call(const Function& f, std::vector<Value> values) {
  check(!values.empty(), Code::type, "{}: no arguments", f.names.front());
  auto layer = std::make_shared<OpLambda>();
  layer->configure({{"function", f.names.front()}});
  const std::vector<Parameter>& parameters = parameters_of(f);
  CallArgs args;
  for (size_t i = 1; i < values.size(); ++i)
    if (parameters[i].required || !same_value(values[i], parameters[i].fallback))
      args.named.push_back({parameters[i].name, values[i]});
  return (*layer)(values.front(), std::move(args));
}

KerasTensorPtr Input(const Shape& shape, int64_t batch, DType dtype, std::string name) {
  ValueDict given = {{"batch_input_shape", shape.known_rank() ? Shape{batch}.concat(shape) : shape},
                     {"dtype", name_of(dtype)}};
  if (!name.empty()) given.push_back({"name", name});
  return nest::keras_tensor(input_layer(given)->inbound.front()->outputs);
}

}  // namespace ninefold::keras
