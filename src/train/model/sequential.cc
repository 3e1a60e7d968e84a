// In: layers in order. Out: a model that runs them one after the other; its graph is built as soon as the
// input's shape is known, by a layer or by the first batch.
#include <algorithm>

#include "base/check.h"
#include "train/layers/schema.h"
#include "train/model/functional.h"
#include "train/model/values.h"

namespace ninefold::keras {
namespace {

constexpr const char* kOneOutput = "All layers in a Sequential model should have a single output tensor. "
                                   "For multi-output layers, use the functional API.";

KerasTensorPtr only_output(const Value& outputs) {
  const ValueList flat = nest::flatten(outputs);
  const KerasTensorPtr t = flat.size() == 1 ? nest::keras_tensor(flat[0]) : nullptr;
  check(t != nullptr, Code::value, "{}", kOneOutput);
  return t;
}
Value handle(const KerasTensorPtr& t) { return std::static_pointer_cast<Foreign>(t); }



// The layer that knows the input's shape: the first one, or the first inside a nested model.
LayerPtr innermost_first(LayerPtr layer) {
  while (const auto* model = dynamic_cast<const Model*>(layer.get())) {
    if (!dynamic_cast<const Sequential*>(model) && !dynamic_cast<const Functional*>(model)) break;
    const std::vector<LayerPtr> inner = model->layers();
    if (inner.empty()) break;
    layer = inner.front();
  }
  return layer;
}

}  // namespace

Sequential::Sequential(std::vector<LayerPtr> layers, std::string name) {
  ValueDict common;
  if (!name.empty()) common.push_back({"name", name});
  init_common(common);
  for (LayerPtr& l : layers) add(std::move(l));
}

const std::string& Sequential::class_name() const {
  static const std::string name = "Sequential";
  return name;
}

std::vector<LayerPtr> Sequential::layers() const { return layers_; }

void Sequential::begin(const LayerPtr& first) {
  if (is_input_layer(*first)) {
    input_ = first;
    const KerasTensorPtr t = input_tensor(first);
    input_tensors = {handle(t)};
    output_tensors = input_tensors;
    input_shape_ = t->spec.shape;
  } else {
    const LayerPtr knows = innermost_first(first);
    Shape shape = Shape::unknown();
    DType dtype = knows->dtype();
    if (knows->batch_input_shape.given) {
      shape = knows->batch_input_shape.shape;
    } else if (is_input_layer(*knows)) {
      const KerasTensorPtr t = input_tensor(knows);
      shape = t->spec.shape;
      dtype = t->spec.dtype;
    } else if (const auto* model = dynamic_cast<const Model*>(first.get()); model && model->input_tensors.size() == 1) {
      const KerasTensorPtr t = nest::keras_tensor(model->input_tensors[0]);
      shape = t->spec.shape;
      dtype = t->spec.dtype;
    } else {
      return;   // the first batch will tell
    }
    const KerasTensorPtr in = Input(shape.slice(1, shape.rank()), shape[0], dtype, first->name() + "_input");
    input_ = in->node ? in->node->layer : nullptr;
    input_tensors = {handle(in)};
    input_shape_ = shape;
    output_tensors = {handle(only_output((*first)(input_tensors[0])))};
  }
  shape_given_ = true;
}

void Sequential::add(LayerPtr layer) {
  check(layer != nullptr, Code::type,
        "The added layer must be an instance of class Layer. Received: layer=None of type <class 'NoneType'>.");
  for (const LayerPtr& l : layers_)
    check(l->name() != layer->name(), Code::value, "All layers added to a Sequential model should have unique names. "
          "Name \"{}\" is already the name of a layer in this model. Update the `name` argument to pass a unique name.",
          layer->name());
  set_built(false);
  if (layers_.empty() && !input_) {
    begin(layer);
    if (is_input_layer(*layer)) return finish();
  } else if (shape_given_) {
    output_tensors = {handle(only_output((*layer)(output_tensors.at(0))))};
  }
  layers_.push_back(std::move(layer));
  if (shape_given_) {
    finish();
  } else {   // what the first batch told holds no longer
    input_ = nullptr;
    input_shape_ = Shape::unknown();
    input_tensors.clear();
    output_tensors.clear();
  }
}

void Sequential::finish() {
  input_structure = input_tensors.at(0);
  output_structure = output_tensors.at(0);
  const KerasTensorPtr in = nest::keras_tensor(input_tensors[0]);
  input_names = {in->node ? in->node->layer->name() : in->name};
  output_names = {layers_.empty() ? input_names[0] : layers_.back()->name()};
  if (shape_given_) input_spec = graph_input_spec(input_structure, input_tensors);
  autocast_ = false;   // its layers cast
  set_built(true);
}

void Sequential::pop() {
  check(!layers_.empty(), Code::type, "There are no layers in the model.");
  layers_.pop_back();
  if (layers_.empty() || !shape_given_) {
    input_tensors.clear();
    output_tensors.clear();
    input_names.clear();
    output_names.clear();
    input_ = nullptr;
    shape_given_ = false;
    set_built(false);
    return;
  }
  // The last call knows what the layer before it gave.
  const KerasTensorPtr last = nest::keras_tensor(output_tensors.at(0));
  output_tensors = {last->node->inputs};
  finish();
}

void Sequential::connect(const Shape& batch_shape, DType dtype, const std::string& input_name) {
  const InitScope eager;   // variables belong to no trace
  const KerasTensorPtr in = Input(batch_shape.slice(1, batch_shape.rank()), batch_shape[0], dtype, input_name);
  KerasTensorPtr at = in;
  for (const LayerPtr& l : layers_) {
    if (input_) l->inbound.pop_back();   // the node of the narrower shape
    at = only_output((*l)(handle(at)));
  }
  input_ = in->node ? in->node->layer : nullptr;
  input_tensors = {handle(in)};
  output_tensors = {handle(at)};
  input_shape_ = batch_shape;
  finish();
}

void Sequential::build(const Value& input_shape) {
  if (shape_given_) return set_built(true);
  if (layers_.empty()) return;
  check(!input_shape.none(), Code::value, "You must provide an `input_shape` argument.");
  if (!nest::is_shape(input_shape)) return set_built(true);
  const Shape shape = nest::shape(input_shape, "build");
  if (shape.rank() > 0) connect(shape, floatx(), layers_[0]->name() + "_input");
  set_built(true);
}

// A shape makes no value of an extension type: the layers build themselves when they are called.
Value Sequential::shapes_to_build(const Value& inputs) const {
  const auto spec = CompositeSpec::of(inputs);
  return spec && spec->made ? Value(ValueList{nest::shapes(inputs)}) : nest::shapes(inputs);
}

Value Sequential::call(const Value& inputs, const CallArgs& args) {
  if (!shape_given_ && !layers_.empty()) {
    if (const Tensor* x = inputs.get<Tensor>(); x && x->rank() > 0) {
      // A shape that does not fit what the graph was built for widens it.
      Shape wide = x->shape();
      if (input_shape_.known_rank() && input_shape_.rank() == wide.rank()) wide = input_shape_.relax(wide);
      // build() knows no dtype: texts are no floats.
      const bool text = input_ && (x->dtype() == DType::string) != (nest::keras_tensor(input_tensors[0])->spec.dtype == DType::string);
      if (!input_ || text || !(wide == input_shape_)) connect(wide, x->dtype(), layers_[0]->name() + "_input");
    }
  }
  Value at = inputs;
  if (input_) {
    const KerasTensorPtr in = nest::keras_tensor(input_tensors[0]);
    at = conformed_input(inputs, *in);
  }
  for (const LayerPtr& l : layers_) {
    CallArgs own;
    own.training = args.training;
    if (&l == &layers_.front()) own.mask = args.mask;
    at = (*l)(at, std::move(own));
  }
  return at;
}

}  // namespace ninefold::keras
