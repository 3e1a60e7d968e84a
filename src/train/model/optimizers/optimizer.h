// In: gradients and variables; hyperparameters, some of them functions of the step. Out: what all optimizers
// share: clipping, slots, variables that hold hyperparameters, the count of steps. An optimizer's file adds
// its options, its slots and the update of one variable.
#pragma once

#include <functional>
#include <map>

#include "engine/op/scope.h"
#include "train/layers/schema.h"
#include "train/model/losses/calc.h"

namespace ninefold::keras {

// Variables are made outside of whatever is traced or taped (tf.init_scope).
struct OutsideTrace {
  NoRecording quiet;
  Pushed<Tracer*> eager{scope().tracers, nullptr};
};

class OptimizerBase : public Optimizer {
 public:
  using Optimizer::apply_gradients;
  void apply_gradients(const Gradients& gradients, const std::vector<Weight>& variables) override;
  // The same, but `guard` is given the sums over the replicas and decides, in the order of the step: update() changes the
  // variables, pass() only counts the step.
  using Guard = std::function<void(const Gradients& sums, const std::function<void()>& update, const std::function<void()>& pass)>;
  void apply_guarded(const Gradients& gradients, const std::vector<Weight>& variables, const Guard& guard);
  std::vector<Variable> weights() const override { return weights_; }
  Value hyper(std::string_view name) const override;
  void set_hyper(std::string_view name, const Value& value) override;
  Variable iterations() const override;
  std::vector<std::string> slot_names() const override { return slot_names_; }
  Variable slot(const Variable& of, std::string_view name) const override;
  ValueDict config() const override;
  // The update alone: no clipping, no count.
  void update_only(const Gradients& gradients, const std::vector<Weight>& variables);
  // All that the first step would make for these variables.
  void create_weights(const std::vector<Variable>& variables);
  // The count of steps and the slots of living variables, as another optimizer of this class has them; it keeps its own. Raises
  // TypeError where that one has weights besides.
  void take_state(const OptimizerBase& from);

 protected:
  // What remains of the keyword arguments: clipnorm, clipvalue, global_clipnorm, decay.
  void take(const ValueDict& common);
  // A number that a scalar variable holds once there are weights, so that a captured step reads it anew at
  // each run; or a schedule.
  void hyperparameter(std::string name, const Value& value);
  Tensor read(std::string_view name, DType dtype) const;
  // learning_rate at this step, after `decay`.
  Tensor learning_rate(DType dtype) const;
  Tensor step(DType dtype, int64_t ahead) const;            // iterations + ahead
  Variable add_weight(const std::string& name, const Tensor& initial) const;   // counts among weights()
  void add_slot(const Variable& of, const std::string& name, double initial = 0);
  static double epsilon_or_default(const std::optional<double>& given);
  static Tensor epsilon_or_default(const std::optional<double>& given, DType dtype);

  virtual void create_slots(const std::vector<Variable>&) {}
  virtual Tensors prepare(DType dtype) = 0;                 // what updates of variables of that dtype share
  virtual void update(const Variable& v, const Tensor& gradient, const Tensors& shared) = 0;
  // Of rows only; no index stands twice.
  virtual void update_rows(const Variable& v, const Tensor& rows, const Tensor& indices, const Tensors& shared) = 0;
  // Of rows whose indices may repeat: sums those first.
  virtual void update_slices(const Variable& v, const IndexedSlices& gradient, const Tensors& shared);
  virtual std::vector<std::string> config_keys() const = 0; // after name and clipping, in Keras' order
  virtual ValueDict own_options() const = 0;

  double decay_ = 0;

 private:
  struct Hyper {
    Value value;         // a number, a tensor, a schedule
    Variable variable;   // once made
  };
  using Slots = std::map<std::string, Variable, std::less<>>;
  void create_hypers() const;
  void step_of(const Gradients& sums, const std::vector<const Weight*>& weights);   // of each variable
  Gradients clipped(Gradients gradients) const;

  mutable std::map<std::string, Hyper, std::less<>> hypers_;   // by name: the order in which Keras makes them
  mutable bool hypers_created_ = false;
  mutable Variable iterations_;
  mutable std::vector<Variable> weights_;
  std::vector<std::string> slot_names_;
  std::map<std::weak_ptr<VariableResource>, Slots, std::owner_less<>> slots_;
  std::optional<double> clipnorm_, clipvalue_, global_clipnorm_;
};

// An optimizer whose options are the struct C: its fields are the constructor's parameters.
template <class C>
class OptimizerOf : public OptimizerBase, public OptionFields {
 public:
  // Hyperparameters are set_hyper's; which slots there are does not change any more.
  bool set_field(const std::string& field, const Value& value) override {
    return (field == "epsilon" || field == "nesterov") && schema().change(field, value, options);
  }
  const std::string& class_name() const override {
    static const std::string text = C::class_name;
    return text;
  }
  static const Schema<C>& schema() {
    static const Schema<C> all = [] {
      Schema<C> s;
      C::fields(s);
      return s;
    }();
    return all;
  }
  void configure(ValueDict given) {
    for (Entry& e : given)
      if (e.key == "lr") e.key = "learning_rate";   // the name of old, which configs of old files have
    take(schema().read(given, options, C::class_name));
    name = options.name.empty() ? unique_name(snake_case(C::class_name)) : options.name;
    ready();
  }
  C options;

 protected:
  virtual void ready() = 0;   // options are set: check them, name the hyperparameters
  ValueDict own_options() const override {
    ValueDict out;
    schema().write(options, out);
    return out;
  }
};

template <class T>
ObjectPtr make_optimizer(const ValueDict& given) {
  auto o = std::make_shared<T>();
  o->configure(given);
  return o;
}
// T::class_name may stand first among further names.
template <class T>
ObjectRecord optimizer_record(const char* doc) {
  ObjectRecord r = {.kind = "optimizer", .names = {decltype(T::options)::class_name}, .module = "tf.keras.optimizers",
                    .fields = T::schema().fields(), .doc = doc, .make = make_optimizer<T>, .base = "Optimizer"};
  for (const char* also : {"clipnorm", "clipvalue", "global_clipnorm", "decay"})
    r.fields.push_back({also, {}, false, "float"});
  return r;
}

// An op that only writes: ResourceApplyAdam and its like.
inline void apply(const char* name, std::initializer_list<Tensor> inputs, AttrList attrs = {}) {
  op_all(name, {inputs.begin(), inputs.size()}, {attrs.begin(), attrs.size()});
}
// The rows of a variable at `indices`, and such rows changed.
inline Tensor rows_of(const Variable& v, const Tensor& indices) {
  return op("ResourceGather", {v.handle(), indices}, {{"dtype", v.dtype()}});
}
inline void add_rows(const Variable& v, const Tensor& indices, const Tensor& rows) {
  apply("ResourceScatterAdd", {v.handle(), indices, rows});
}
// A moving mean of what is 0 in all other rows: v = keep v, then v[indices] += rows.
inline void fade_and_add(const Variable& v, const Tensor& keep, const Tensor& indices, const Tensor& rows) {
  v.assign(v.read() * keep);
  add_rows(v, indices, rows);
}
// `momentum` must be between [0, 1]; true if it is more than 0.
bool uses_momentum(const Value& momentum);

}  // namespace ninefold::keras
