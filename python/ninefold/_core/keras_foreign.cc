// In: overrides of methods by name. Out: one small class a kind that forwards to them.
#include "keras_foreign.h"

namespace ninefold::python {
namespace {

using namespace keras;

// Calls the override `method`, which a class of that kind must have.
Value ask(const Object& self, const char* method, ValueList positional, ValueDict named = {}) {
  const Object::Method* own = self.overridden(method);
  if (!own)
    throw Error(Code::not_implemented, "When subclassing in Python, `" + self.class_name() + "` must implement `" +
                                           method + "()`.");
  return (*own)(std::move(positional), std::move(named));
}
ValueDict dict_of(const Value& v) {
  const ValueDict* d = v.get<ValueDict>();
  return d ? *d : ValueDict{};
}
Tensor tensor_of(const Value& v, const std::string& who) {
  if (const Tensor* t = v.get<Tensor>()) return *t;
  return to_tensor(v, DType::invalid, who);
}

template <class Base>
class Foreigner : public Base {
 public:
  explicit Foreigner(std::string name) : name_of_class_(std::move(name)) {}
  const std::string& class_name() const override { return name_of_class_; }

 private:
  std::string name_of_class_;
};
// Its config is what Python's get_config says.
template <class Base>
class Configured : public Foreigner<Base> {
 public:
  using Foreigner<Base>::Foreigner;
  ValueDict config() const override {
    return this->overridden("get_config") ? dict_of(ask(*this, "get_config", {})) : ValueDict{};
  }
};

struct ForeignInitializer : Configured<Initializer> {
  using Configured::Configured;
  Tensor make(const Shape& shape, DType dtype) override {
    return tensor_of(ask(*this, "__call__", {shape}, {{"dtype", dtype}}), class_name());
  }
};
struct ForeignRegularizer : Configured<Regularizer> {
  using Configured::Configured;
  Tensor penalty(const Tensor& x) override { return tensor_of(ask(*this, "__call__", {x}), class_name()); }
};
struct ForeignConstraint : Configured<Constraint> {
  using Configured::Configured;
  Tensor project(const Tensor& w) override { return tensor_of(ask(*this, "__call__", {w}), class_name()); }
};
struct ForeignActivation : Foreigner<Activation> {
  using Foreigner::Foreigner;
  ValueDict config() const override { return {{"name", class_name()}}; }
  Tensor apply(const Tensor& x) override { return tensor_of(ask(*this, "__call__", {x}), class_name()); }
};
struct ForeignSchedule : Configured<Schedule> {
  using Configured::Configured;
  Tensor at(const Tensor& step) override { return tensor_of(ask(*this, "__call__", {step}), class_name()); }
};
struct ForeignLoss : Configured<Loss> {
  using Configured::Configured;
  Tensor call(const Tensor& y_true, const Tensor& y_pred) override {
    return tensor_of(ask(*this, "call", {y_true, y_pred}), class_name());
  }
};
struct ForeignCallback : Configured<Callback> {
  using Configured::Configured;
};
// Layers, metrics and models find their children among the attributes of the Python object.
std::vector<LayerPtr> children_of(const Layer& self) {
  std::vector<LayerPtr> out;
  if (!self.overridden("_sublayers")) return out;
  const Value all = ask(self, "_sublayers", {});
  if (const ValueList* list = all.get<ValueList>())
    for (const Value& v : *list)
      if (const auto* f = v.get<std::shared_ptr<Foreign>>())
        if (auto layer = std::dynamic_pointer_cast<Layer>(*f)) out.push_back(std::move(layer));
  return out;
}
template <class Base>
class ForeignLayerOf : public Foreigner<Base> {
 public:
  ForeignLayerOf(std::string name, const ValueDict& common) : Foreigner<Base>(std::move(name)) {
    this->init_common(common);
  }
  std::vector<LayerPtr> sublayers() const override { return children_of(*this); }
  // A layer without `call` hands its input on, as Keras' own does.
  Value call(const Value& inputs, const CallArgs&) override { return inputs; }
};
struct ForeignLayer : ForeignLayerOf<Layer> {
  using ForeignLayerOf::ForeignLayerOf;
};
struct ForeignModel : ForeignLayerOf<Model> {
  using ForeignLayerOf::ForeignLayerOf;
  Value call(const Value&, const CallArgs&) override {
    throw Error(Code::not_implemented, "Unimplemented `tf.keras.Model.call()`: if you intend to create a `Model` with "
                "the Functional API, please provide `inputs` and `outputs` arguments. Otherwise, subclass `Model` with "
                "an overridden `call()` method.");
  }
};
struct ForeignMetric : ForeignLayerOf<Metric> {
  using ForeignLayerOf::ForeignLayerOf;
  Value call(const Value& inputs, const CallArgs& args) override { return Metric::call(inputs, args); }
  void update_state(const ValueList& values, const Value& sample_weight) override {
    ask(*this, "update_state", values, sample_weight.none() ? ValueDict{} : ValueDict{{"sample_weight", sample_weight}});
  }
  Value result() override { return ask(*this, "result", {}); }
  void reset_state() override {
    if (overridden("reset_state")) ask(*this, "reset_state", {});
    else Metric::reset_state();
  }
};

template <class T>
std::shared_ptr<Object> plain(const std::string& name, const ValueDict&) { return std::make_shared<T>(name); }
template <class T>
std::shared_ptr<Object> layer(const std::string& name, const ValueDict& common) {
  return std::make_shared<T>(name, common);
}

struct Kind {
  const char* name;
  std::shared_ptr<Object> (*make)(const std::string&, const ValueDict&);
};
constexpr Kind kinds[] = {
    {"initializer", plain<ForeignInitializer>}, {"regularizer", plain<ForeignRegularizer>},
    {"constraint", plain<ForeignConstraint>},   {"activation", plain<ForeignActivation>},
    {"schedule", plain<ForeignSchedule>},       {"loss", plain<ForeignLoss>},
    {"callback", plain<ForeignCallback>},
    {"layer", layer<ForeignLayer>},             {"model", layer<ForeignModel>},
    {"metric", layer<ForeignMetric>},
};

}  // namespace

std::shared_ptr<keras::Object> foreign_object(const std::string& kind, const std::string& class_name,
                                              const ValueDict& config) {
  for (const Kind& k : kinds)
    if (kind == k.name) return k.make(class_name, config);
  throw Error(Code::value, "no objects of kind " + kind);
}

}  // namespace ninefold::python
