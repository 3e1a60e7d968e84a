// In: a layer's common arguments, its weights and sublayers. Out: its name, policy, weights and losses.
#include <algorithm>
#include <mutex>
#include <set>

#include "ninefold/distribute.h"
#include "engine/op/scope.h"
#include "train/layers/call_context.h"
#include "train/layers/described.h"
#include "train/layers/nest.h"
#include "train/layers/schema.h"
#include "train/layers/tracked.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

std::mutex policy_mutex;        // guards global_name and phase
std::string global_name;        // empty: floatx
Value phase;

struct Policy { DType variable, compute; };
// "mixed_float16" computes in half and keeps variables in float32; a dtype's name means that dtype for both.
Policy policy_named(const std::string& name) {
  if (name == "mixed_float16") return {DType::f32, DType::f16};
  if (name == "mixed_bfloat16") return {DType::f32, DType::bf16};
  const DType d = dtype_named(name);
  check(d != DType::invalid, Code::value,
        "Cannot convert value {} to a mixed precision Policy. Valid policies include 'mixed_float16', "
        "'mixed_bfloat16', and the name of any dtype such as 'float32'.", name);
  return {d, d};
}

void flatten_into(const LayerPtr& layer, std::vector<LayerPtr>& out, std::set<const Layer*>& seen) {
  if (!seen.insert(layer.get()).second) return;
  out.push_back(layer);
  for (const LayerPtr& child : layer->sublayers()) flatten_into(child, out, seen);
}
// All layers below, depth first, each once.
std::vector<LayerPtr> below(const Layer& layer) {
  std::vector<LayerPtr> out;
  std::set<const Layer*> seen = {&layer};
  for (const LayerPtr& child : layer.sublayers()) flatten_into(child, out, seen);
  return out;
}

// What an attribute that holds the variable of that name is called: "dense/kernel:0" is "kernel".
std::string last_part(const std::string& variable) {
  const size_t from = variable.rfind('/') + 1;
  return variable.substr(from, variable.rfind(':') - from);
}

bool is_model(const Layer& layer) { return dynamic_cast<const Model*>(&layer); }

// Layers and modules, those of containers in their place. Metrics are no part of a layer.
std::vector<Tracked> opened(const std::vector<Tracked>& parts) {
  std::vector<Tracked> out;
  for (const Tracked& t : parts) {
    if (dynamic_cast<const Metric*>(t.layer.get())) continue;
    if (t.layer || t.module) out.push_back(t);
    else for (Tracked& inner : opened(t.held)) out.push_back(std::move(inner));
  }
  return out;
}

}  // namespace

void set_global_policy(const std::string& name) {
  if (!name.empty()) policy_named(name);
  std::lock_guard hold(policy_mutex);
  global_name = name;
}
std::string global_policy() {
  std::lock_guard hold(policy_mutex);
  return global_name.empty() ? name_of(floatx()) : global_name;
}
Value learning_phase() {
  std::lock_guard hold(policy_mutex);
  return phase;
}
void set_learning_phase(const Value& value) {
  std::lock_guard hold(policy_mutex);
  phase = value;
}

// ---- construction ----

void Layer::set_policy(const Value& dtype) {
  if (dtype.none()) {
    policy_ = global_policy();
  } else if (const DType* d = dtype.get<DType>()) {
    policy_ = name_of(*d);
  } else if (const std::string* name = dtype.get<std::string>()) {
    policy_ = *name;
    check(policy_ == "mixed_float16" || policy_ == "mixed_bfloat16" || dtype_named(policy_) != DType::invalid, Code::type,
          "Cannot convert the argument `type_value`: '{}' to a TensorFlow DType.", policy_);
  } else if (const Value* config = dtype.find("config"); config && config->find("name")) {
    policy_ = As<std::string>::from(*config->find("name"), "dtype");
  } else if (const auto* object = dtype.get<std::shared_ptr<Foreign>>()) {
    policy_ = (*object)->describe();
  } else {
    fail(Code::value, "Cannot convert value to a mixed precision Policy. Valid policies include 'mixed_float16', "
         "'mixed_bfloat16', and the name of any dtype such as 'float32'.");
  }
  const Policy p = policy_named(policy_);
  dtype_ = p.variable;
  compute_dtype_ = p.compute;
}

void Layer::init_common(const ValueDict& common) {
  Value dtype, input_dim, input_shape, batch_shape, batch_size;
  std::string name;
  for (const Entry& e : common) {
    if (e.key == "name") {
      check(e.value.none() || e.value.get<std::string>(), Code::type, "Expected `name` argument to be a string, but got: {}",
            e.value.get<int64_t>() ? std::to_string(*e.value.get<int64_t>()) : "no string");
      if (!e.value.none()) name = *e.value.get<std::string>();
    } else if (e.key == "trainable") {
      check(e.value.get<bool>() || e.value.get<int64_t>(), Code::type, "Expected `trainable` argument to be a boolean");
      trainable_ = As<bool>::from(e.value, "trainable");
    } else if (e.key == "dtype") {
      dtype = e.value;
    } else if (e.key == "dynamic") {
      check(e.value.get<bool>(), Code::type, "Expected `dynamic` argument to be a boolean");
      dynamic_ = *e.value.get<bool>();
    } else if (e.key == "input_dim") {
      input_dim = e.value;
    } else if (e.key == "input_shape") {
      input_shape = e.value;
    } else if (e.key == "batch_input_shape") {
      batch_shape = e.value;
    } else if (e.key == "batch_size") {
      batch_size = e.value;
    } else if (e.key == "autocast") {
      autocast_ = As<bool>::from(e.value, "autocast");
    } else if (e.key == "activity_regularizer") {
      activity_regularizer_ = Given<Regularizer>(e.value);
    } else if (e.key == "weights") {
      if (const ValueList* list = e.value.get<ValueList>()) initial_weights_ = *list;
    } else if (e.key != "implementation") {   // a hint of speed to Keras' recurrent layers
      fail(Code::type, "('Keyword argument not understood:', '{}')", e.key);
    }
  }
  set_name(name.empty() ? unique_name(snake_case(class_name())) : name);
  set_policy(dtype);
  if (!input_dim.none() && input_shape.none()) input_shape = ValueList{input_dim};
  if (!batch_shape.none()) {
    batch_input_shape = InputShape(nest::shape(batch_shape, "batch_input_shape"));
  } else if (!input_shape.none() && nest::is_shape(input_shape)) {
    const int64_t batch = batch_size.none() ? -1 : As<int64_t>::from(batch_size, "batch_size");
    batch_input_shape = InputShape(Shape{batch}.concat(nest::shape(input_shape, "input_shape")));
  }
}

void Layer::set_name(std::string name) { name_ = std::move(name); }

ValueDict Layer::config() const {
  ValueDict out = {{"name", name_}, {"trainable", trainable_}};
  if (batch_input_shape.given) {
    ValueList dims;
    for (int64_t d : batch_input_shape.shape) dims.push_back(d < 0 ? Value() : Value(d));
    out.push_back({"batch_input_shape", dims});
  }
  if (policy_.starts_with("mixed_"))
    out.push_back({"dtype", ValueDict{{"class_name", "Policy"}, {"config", ValueDict{{"name", policy_}}}}});
  else out.push_back({"dtype", policy_});
  if (dynamic_) out.push_back({"dynamic", true});
  return out;
}

// ---- weights ----

Variable Layer::add_weight(const WeightOptions& o) {
  if (adopts_) return adopted(o);
  const DType dtype = o.dtype == DType::invalid ? dtype_ : o.dtype;
  std::shared_ptr<Initializer> initializer = o.initializer;
  if (!initializer) {
    check(is_floating(dtype) || is_integer(dtype) || dtype == DType::boolean, Code::value,
          "An initializer for variable {} of type <dtype: '{}'> is required for layer {}. Received: None.", o.name,
          name_of(dtype), name_);
    initializer = Given<Initializer>(is_floating(dtype) ? "glorot_uniform" : "zeros");
  }
  Variable v;
  {
    // Made now, also within a trace: its value must outlive it.
    Pushed<Tracer*> eager(scope().tracers, nullptr);
    NoRecording quiet;
    v = Variable((*initializer)(o.shape, dtype),
                 {.name = NameScope::current() + o.name, .trainable = o.trainable, .shape = o.shape});
  }
  if (anew_) std::erase_if(weights_, [&](const Weight& w) { return last_part(w.variable.name()) == o.name; });
  track(Weight{v, o.regularizer, o.constraint, o.trainable,
               o.autocast && compute_dtype_ != dtype_ && is_floating(dtype)});
  return v;
}
Layer::Layer() = default;
Layer::~Layer() = default;

void Layer::track(const Weight& weight) {
  for (const Weight& w : weights_)
    if (w.variable.same(weight.variable)) return;
  weights_.push_back(weight);
}
void Layer::track(LayerPtr child) {
  if (child && std::find(children_.begin(), children_.end(), child) == children_.end()) children_.push_back(std::move(child));
}

// Keras hands the variables of containers to the layer itself when the attribute is set, not those that come later, and
// looks through containers for layers and modules. Of models everything that is tracked comes before their own weights.
std::vector<Weight> Layer::trainable_weights() const {
  if (!trainable_) return {};
  const std::vector<Tracked> parts = tracked(*this);
  std::vector<Weight> out;
  if (is_model(*this)) {
    for (const Tracked& t : parts) append_unique(out, trainable_of(t));
    append_unique(out, of_trainability(weights_, true));
    return out;
  }
  out = of_trainability(weights_, true);
  for (const Tracked& t : opened(parts)) append_unique(out, trainable_of(t));
  return out;
}
std::vector<Weight> Layer::non_trainable_weights() const {
  const std::vector<Tracked> parts = tracked(*this);
  std::vector<Weight> out;
  if (is_model(*this)) {
    if (!trainable_) {
      for (const Tracked& t : parts) append_unique(out, trainable_of(t));
      append_unique(out, of_trainability(weights_, true));
    }
    for (const Tracked& t : parts) append_unique(out, non_trainable_of(t));
    append_unique(out, of_trainability(weights_, false));
    return out;
  }
  for (const bool trainable : {true, false}) {
    if (trainable && trainable_) continue;
    append_unique(out, of_trainability(weights_, trainable));
  }
  for (const Tracked& t : opened(parts)) append_unique(out, trainable_ ? non_trainable_of(t) : weights_of(t));
  return out;
}
std::vector<Weight> Layer::weights() const {
  std::vector<Weight> out = trainable_weights();
  append_unique(out, non_trainable_weights());
  return out;
}
void Layer::set_trainable(bool trainable) {
  trainable_ = trainable;
  for (const LayerPtr& layer : below(*this)) layer->trainable_ = trainable;
}

Tensors Layer::get_weights() const {
  Tensors out;
  for (const Weight& w : weights()) out.push_back(w.variable.value());
  return out;
}
void Layer::set_weights(const Tensors& values) {
  const std::vector<Weight> mine = weights();
  check(mine.size() == values.size(), Code::value,
        "You called `set_weights(weights)` on layer \"{}\" with a weight list of length {}, but the layer was "
        "expecting {} weights.", name_, values.size(), mine.size());
  for (size_t i = 0; i < mine.size(); ++i)
    check(mine[i].variable.shape().compatible(values[i].shape()), Code::value,
          "Layer {} weight shape {} is not compatible with provided weight shape {}.", name_,
          mine[i].variable.shape().tuple(), values[i].shape().tuple());
  for (size_t i = 0; i < mine.size(); ++i) {
    const DType d = mine[i].variable.dtype();
    mine[i].variable.assign(values[i].dtype() == d ? values[i] : op("Cast", {values[i]}, {{"DstT", d}}));
  }
}

void Layer::stand_in(const std::string& name, const Value& value) {
  const Variable* other = value.get<Variable>();
  const auto known = std::find_if(stand_ins_.begin(), stand_ins_.end(), [&](const StandIn& s) { return s.name == name; });
  if (known != stand_ins_.end()) {      // first as it was
    const StandIn before = *known;
    if (const Variable* last = before.value.get<Variable>())
      std::erase_if(weights_, [&](const Weight& w) { return w.variable.same(*last); });
    stand_ins_.erase(known);
    if (before.own) {
      track(before.weight);
    } else {
      stand_ins_.push_back({name, before.weight, value, false});
      if (other) track(Weight{*other, nullptr, nullptr, other->trainable()});
      return;
    }
  }
  const auto own = std::find_if(weights_.begin(), weights_.end(), [&](const Weight& w) { return last_part(w.variable.name()) == name; });
  if (own == weights_.end() || (other && other->same(own->variable))) return;
  stand_ins_.push_back({name, *own, value});
  weights_.erase(own);
  if (other) track(Weight{*other, nullptr, nullptr, other->trainable()});
}
// The weight that a build() written elsewhere made, or was to make: reads of it find the attribute of its name.
Variable Layer::adopted(const WeightOptions& o) {
  const DType dtype = o.dtype == DType::invalid ? dtype_ : o.dtype;
  std::vector<int64_t> sizes = o.shape.vector();
  for (int64_t& size : sizes) size = std::max<int64_t>(size, 0);
  const Variable place(op("Fill", {ints(sizes), number(0, dtype)}), {.name = o.name, .shape = o.shape});
  const Method* attribute = overridden("_attribute");
  stand_ins_.push_back({o.name, Weight{place, nullptr, nullptr}, attribute ? (*attribute)({o.name}, {}) : Value(), false});
  return place;
}
Value Layer::own_call(const Value& inputs, const CallArgs& args) {
  if (!weights_made_ && !is_model(*this)) {
    Pushed<Tracer*> eager(scope().tracers, nullptr);
    NoRecording quiet;
    adopts_ = true;
    struct Done { bool& adopts; ~Done() { adopts = false; } } done{adopts_};
    build(shapes_to_build(inputs));
    set_built(true);
  }
  return call(inputs, args);
}
Tensor Layer::value_of(const Variable& v) const {
  for (const StandIn& s : stand_ins_) {
    if (!s.weight.variable.same(v)) continue;
    const Variable* other = s.value.get<Variable>();
    check(!s.value.none(), Code::attribute, "'{}' object has no attribute '{}'", class_of(*this), s.name);
    return other ? other->read() : nest::tensor(s.value, name_);
  }
  return v.read();
}
Tensor Layer::read(const Variable& v) const {
  const Tensor t = value_of(v);
  return compute_dtype_ != dtype_ && is_floating(t.dtype()) ? op("Cast", {t}, {{"DstT", compute_dtype_}}) : t;
}

// ---- losses and updates ----

void Layer::add_loss(const Value& loss) {
  for (const Value& l : nest::flatten(loss)) {
    if (const auto* object = l.get<std::shared_ptr<Foreign>>(); object && !nest::keras_tensor(l)) callable_losses_.push_back(l);
    else if (!l.none()) losses_.push_back(l);
  }
}
// Replicas agree on the mean of what each would have written, as mirrored variables do.
void Layer::add_update(const Tensor& value, const Variable& of) {
  if (distribute::replicas() == 1) return of.assign(value);
  distribute::merge_call({value}, [&](const std::vector<Tensors>& all) {
    const Tensor sum = distribute::summed(all)[0];
    of.assign(sum / op("Cast", {Tensor(static_cast<float>(all.size()))}, {{"DstT", sum.dtype()}}));
    return Tensors{};
  });
}

void Layer::clear_losses() {
  losses_.clear();
  for (const LayerPtr& layer : below(*this)) layer->losses_.clear();
}

Tensors Layer::losses() const {
  Tensors out;
  const auto of = [&](const Layer& layer) {
    for (const Value& l : layer.losses_)
      if (!nest::keras_tensor(l)) out.push_back(nest::tensor(l, layer.name_));
    for (const Weight& w : layer.weights_)
      if (w.regularizer) out.push_back((*w.regularizer)(w.variable.read()));
    for (const StandIn& s : layer.stand_ins_)     // Keras asks the variable for which the regularizer was given
      if (s.weight.regularizer) out.push_back((*s.weight.regularizer)(s.weight.variable.read()));
    for (const Value& l : layer.callable_losses_)
      if (const auto object = std::dynamic_pointer_cast<Object>(*l.get<std::shared_ptr<Foreign>>()))
        if (const Object::Method* call = object->overridden("__call__"))
          if (const Value v = (*call)({}, {}); !v.none()) out.push_back(nest::tensor(v, layer.name_));
  };
  of(*this);
  for (const LayerPtr& layer : below(*this)) of(*layer);
  return out;
}

LayerPtr make_layer(std::string_view class_name, const ValueDict& config) {
  return std::dynamic_pointer_cast<Layer>(make_object("layer", class_name, config));
}

}  // namespace ninefold::keras
