// In: layers, losses, metrics, optimizers by name or object; arrays or datasets.
// Out: models that train, evaluate and predict as Keras 2.9 does.
//   nf::keras::Sequential model({nf::keras::Dense(64, {.activation = "relu", .input_shape = {20}}),
//                                nf::keras::Dense(1, {.activation = "sigmoid"})});
//   model.compile({.optimizer = "adam", .loss = "binary_crossentropy", .metrics = {"accuracy"}});
//   model.fit(x, y, {.epochs = 5, .batch_size = 32});
#pragma once

#include <concepts>
#include <map>

#include "ninefold/composite.h"
#include "ninefold/function.h"
#include "ninefold/grad.h"

namespace ninefold {
class Dataset;   // data.h

// ---- for C++ programs: TensorFlow's short names ----
inline constexpr DType float32 = DType::f32, float64 = DType::f64, float16 = DType::f16, bfloat16 = DType::bf16,
                       int8 = DType::i8, int16 = DType::i16, int32 = DType::i32, int64 = DType::i64,
                       uint8 = DType::u8, boolean = DType::boolean;
namespace random {
// tf.random.uniform and tf.random.normal, with the global seed. Integers need both bounds.
NINEFOLD_API Tensor uniform(const Shape& shape, double low = 0, double high = 1, DType dtype = DType::f32);
NINEFOLD_API Tensor normal(const Shape& shape, double mean = 0, double stddev = 1, DType dtype = DType::f32);
}  // namespace random

namespace keras {

// ---- what all parts have in common ---------------------------------------------------------------

// A part of a model that has a class name and a config: initializer, regularizer, constraint, layer,
// loss, metric, optimizer, schedule, callback. A subclass written elsewhere (in Python) overrides
// methods by name; every call goes through `overridden` first.
class NINEFOLD_API Object : public Foreign {
 public:
  using Method = std::function<Value(ValueList positional, ValueDict named)>;
  virtual const std::string& class_name() const = 0;
  virtual ValueDict config() const = 0;                    // get_config()
  std::string describe() const override { return class_name(); }
  // `method` runs instead of the C++ method of that name; an empty one takes the override away.
  void override_method(const std::string& name, Method method);
  const Method* overridden(std::string_view name) const;  // null: not overridden

 private:
  std::map<std::string, Method, std::less<>> overrides_;
};
using ObjectPtr = std::shared_ptr<Object>;

struct Field {
  std::string name;
  Value fallback;         // None where `required`
  bool required = false;
  std::string type;       // "int", "bool", "float", "str", "ints", "initializer", ...: for stubs and pages
};
// What there is to know of a class: from it come Python's class shell, from_config and the sweep's row.
struct ObjectRecord {
  std::string kind;                 // "layer", "initializer", "loss", "metric", "optimizer", ...
  std::vector<std::string> names;   // class name first, then aliases: "Dense"; "MaxPooling2D", "MaxPool2D"
  std::string module;               // "tf.keras.layers"
  std::vector<Field> fields;        // the constructor's parameters in Keras' order
  std::string doc;
  ObjectPtr (*make)(const ValueDict& config) = nullptr;   // abstract classes have none
  std::string base;                 // class name of the base class: "Layer", "Loss", ...
};
NINEFOLD_API const ObjectRecord* find_record(std::string_view kind, std::string_view name);  // null if none
NINEFOLD_API std::vector<const ObjectRecord*> all_records();
// From keyword arguments or a config; unknown ones raise ('Keyword argument not understood:', 'x').
NINEFOLD_API ObjectPtr make_object(std::string_view kind, std::string_view name, const ValueDict& config);
// A name ("glorot_uniform"), {"class_name": .., "config": ..}, an object, or None (null).
// Raises ValueError "Unknown initializer: x. ..." as Keras' get().
NINEFOLD_API ObjectPtr get_object(std::string_view kind, const Value& identifier);

// "dense", "dense_1", ...; clear_session starts again. snake_case("MaxPooling2D") = "max_pooling2d".
NINEFOLD_API std::string unique_name(const std::string& base);
NINEFOLD_API std::string snake_case(std::string_view class_name);
NINEFOLD_API void clear_session();
NINEFOLD_API DType floatx();
NINEFOLD_API void set_floatx(DType);
NINEFOLD_API double epsilon();
NINEFOLD_API void set_epsilon(double);
// tf.keras.utils.set_random_seed's share: the engine's seed and the layers' own generator.
NINEFOLD_API void set_random_seed(int64_t seed);
// Where a layer that has a generator of its own and no seed takes one: numbers of 1 to 10^9. Without a source they come from
// what set_random_seed began, else from the system; Python gives its own `random`, as Keras does.
NINEFOLD_API void set_seed_source(std::function<int64_t()> source);

// ---- parts that layers are given -----------------------------------------------------------------

class NINEFOLD_API Initializer : public Object {
 public:
  virtual Tensor make(const Shape& shape, DType dtype) = 0;
  Tensor operator()(const Shape& shape, DType dtype);       // through an override of "__call__"
};
class NINEFOLD_API Regularizer : public Object {
 public:
  virtual Tensor penalty(const Tensor& x) = 0;              // a scalar
  Tensor operator()(const Tensor& x);
};
class NINEFOLD_API Constraint : public Object {
 public:
  virtual Tensor project(const Tensor& w) = 0;
  Tensor operator()(const Tensor& w);
};
// A function of a tensor, by Keras' name or any callable; config holds the name.
class NINEFOLD_API Activation : public Object {
 public:
  virtual Tensor apply(const Tensor& x) = 0;
  Tensor operator()(const Tensor& x);
};
// Handles that options hold: from a name, a pointer, or nothing.
template <class T> class Given : public std::shared_ptr<T> {
 public:
  Given() = default;
  Given(std::shared_ptr<T> p) : std::shared_ptr<T>(std::move(p)) {}
  Given(const char* name);
  Given(const Value& identifier);
};
template <> NINEFOLD_API Given<Initializer>::Given(const char*);
template <> NINEFOLD_API Given<Initializer>::Given(const Value&);
template <> NINEFOLD_API Given<Regularizer>::Given(const char*);
template <> NINEFOLD_API Given<Regularizer>::Given(const Value&);
template <> NINEFOLD_API Given<Constraint>::Given(const char*);
template <> NINEFOLD_API Given<Constraint>::Given(const Value&);
template <> NINEFOLD_API Given<Activation>::Given(const char*);
template <> NINEFOLD_API Given<Activation>::Given(const Value&);

// input_shape = {20}: given or not.
struct InputShape {
  InputShape() = default;
  InputShape(std::initializer_list<int64_t> dims) : given(true), shape(dims) {}
  InputShape(Shape s) : given(true), shape(std::move(s)) {}
  bool given = false;
  Shape shape;
};

// ---- layers ----------------------------------------------------------------------------------------

class Layer;
class Model;
class Node;
using LayerPtr = std::shared_ptr<Layer>;

struct CallArgs {
  Value training = {}; // None: that of the layer around, else false (Keras' learning phase); bool or a tensor
  Value mask = {};     // a nest like the inputs, or None: the masks that the inputs carry
  ValueList further = {};   // positional arguments after the inputs (query and value of an attention, states)
  ValueDict named = {};     // further keyword arguments
};

// The symbolic tensor of functional models: what keras.Input returns. Public functions called with one
// become layers (TFOpLambda) of the model.
class NINEFOLD_API KerasTensor : public Foreign {
 public:
  TensorSpec spec;
  std::optional<CompositeSpec> composite;   // of one that stands for a composite
  std::string name;
  Node* node = nullptr;         // that made it and holds it
  int index = 0;                // among the flat outputs of that node
  Value mask;                   // a KerasTensor or None
  std::string describe() const override;   // Keras' repr
  bool takes_calls() const override { return true; }
  Value call(const Function& f, std::vector<Value> values) override;
};
// One call of a layer on symbolic inputs: an edge of a functional model. Handles of its outputs share its count,
// so whoever holds a tensor holds the calls that lead to it; the layers know their calls weakly.
class NINEFOLD_API Node : public std::enable_shared_from_this<Node> {
 public:
  LayerPtr layer;
  Value inputs;        // a nest whose leaves are KerasTensors (and constants)
  CallArgs args;
  Value outputs();     // a nest of KerasTensors
  // Makes the outputs: a KerasTensor for each leaf to which `tensor` gives one; other leaves stay.
  void set_outputs(const Value& structure, const std::function<std::unique_ptr<KerasTensor>(const Value& leaf)>& tensor);

 private:
  Value structure_;
  std::vector<std::unique_ptr<KerasTensor>> tensors_;   // by leaf of the structure; null where that leaf stays
};
using KerasTensorPtr = std::shared_ptr<KerasTensor>;

struct WeightOptions {
  std::string name = "Variable";
  Shape shape = {};
  DType dtype = DType::invalid;           // invalid: the layer's variable dtype
  std::shared_ptr<Initializer> initializer = {};   // null: glorot_uniform for floats, zeros for the rest
  std::shared_ptr<Regularizer> regularizer = {};
  std::shared_ptr<Constraint> constraint = {};
  bool trainable = true;
  bool autocast = true;                   // under mixed precision a call written in Python reads it in compute_dtype
};
struct Weight {
  Variable variable;
  std::shared_ptr<Regularizer> regularizer;
  std::shared_ptr<Constraint> constraint;
  bool trainable = true;
  bool autocast = false;
};

class NINEFOLD_API Layer : public Object, public std::enable_shared_from_this<Layer> {
 public:
  Layer();
  ~Layer() override;
  // What C++ layers implement. Inputs, outputs and shapes are nests; most layers have one tensor.
  virtual void build(const Value& input_shape);
  virtual Value call(const Value& inputs, const CallArgs& args) = 0;
  virtual Value compute_mask(const Value& inputs, const Value& mask);     // default: hands it on or raises
  virtual Value compute_output_shape(const Value& input_shape);           // default: traces call
  virtual std::vector<LayerPtr> sublayers() const { return children_; }   // in order of attributes
  // The arguments of a call as this layer wants them before anything else happens: recurrent layers tell inputs
  // from states in a list.
  virtual void arrange(Value& inputs, CallArgs& args) { (void)inputs, (void)args; }
  ValueDict config() const override;                                      // name, trainable, dtype, ...

  // __call__: checks inputs, builds, casts, sets training and masks, collects losses; symbolic inputs
  // make a node of a functional model.
  Value operator()(const Value& inputs, CallArgs args = {});
  Tensor operator()(const Tensor& x) { return *(*this)(Value(x)).get<Tensor>(); }

  Variable add_weight(const WeightOptions& options);
  void track(const Weight& weight);       // a variable made elsewhere (an attribute in Python)
  void track(LayerPtr child);
  void add_loss(const Value& loss);       // a tensor, or an override-style callable object
  void add_update(const Tensor& value, const Variable& of);
  void clear_losses();                    // and those of all sublayers; done when an outermost call begins
  // All weights' values in the order of weights(); set_weights checks number and shapes as Keras does.
  Tensors get_weights() const;
  void set_weights(const Tensors& values);
  void set_activity_regularizer(std::shared_ptr<Regularizer> r) { activity_regularizer_ = std::move(r); }
  const std::shared_ptr<Regularizer>& activity_regularizer() const { return activity_regularizer_; }
  // "float32", "mixed_float16", ...: dtype() and compute_dtype() follow from it.
  const std::string& dtype_policy() const { return policy_; }
  // The variable as this layer computes with it: cast to compute_dtype under mixed precision.
  Tensor read(const Variable& v) const;
  // What the layer computes with in place of the weight of that name: a tensor, or another variable, which takes the weight's place
  // among the weights, too. The weight itself: as before. Nothing happens where it has no such weight.
  void stand_in(const std::string& name, const Value& value);
  Tensor value_of(const Variable& v) const;   // its stand-in's value, or its own, as it is
  // Calls "build" as it is overridden or implemented, as the first call does; of layers within others, too.
  void build_now(const Value& input_shape);
  // Calls "call" as it is overridden or implemented, with none of __call__'s manners around it.
  Value run_call(const Value& inputs, const CallArgs& args);
  // Calls "call" as it is implemented. Where a build() written elsewhere took the place of the layer's own, what it made
  // ("_attribute" tells it by its name) are the weights.
  Value own_call(const Value& inputs, const CallArgs& args);
  bool dynamic() const { return dynamic_; }

  std::vector<Weight> own_weights() const { return weights_; }
  std::vector<Weight> trainable_weights() const;       // own, then those of sublayers, without repeats
  std::vector<Weight> non_trainable_weights() const;
  virtual std::vector<Weight> weights() const;         // trainable first; of models: layer by layer
  Tensors losses() const;                              // regularizers of weights, then add_loss of the last call

  const std::string& name() const { return name_; }
  void set_name(std::string name);                     // also what automatic names come from
  bool trainable() const { return trainable_; }
  virtual void set_trainable(bool trainable);          // and that of all sublayers
  bool built() const { return built_; }
  void set_built(bool built) { built_ = weights_made_ = built; }
  // Whether or not build() ran. One that runs anew replaces the weights of the same names.
  void say_built(bool built) {
    anew_ = built_ && !built;
    built_ = built, weights_made_ = weights_made_ && built;
  }
  DType dtype() const { return dtype_; }               // of the variables
  DType compute_dtype() const { return compute_dtype_; }
  bool supports_masking = false;
  bool stateful = false;
  InputShape batch_input_shape;                        // of the first layer of a Sequential
  Value input_spec;                                    // dicts of ndim, min_ndim, max_ndim, axes, dtype
  // Calls on symbolic inputs, and calls of other layers on what came out of them, in order; some may be gone.
  std::vector<std::weak_ptr<Node>> inbound, outbound;
  std::vector<std::shared_ptr<Node>> calls() const;    // the inbound ones that are left

 protected:
  // `common` holds name, trainable, dtype, input_shape, batch_input_shape, ... and nothing else.
  void init_common(const ValueDict& common);
  std::vector<LayerPtr> children_;
  std::vector<Weight> weights_;
  struct StandIn {
    std::string name;
    Weight weight;
    Value value;
    bool own = true;        // the weight is the layer's, not the place of one that it was to make
  };
  std::vector<StandIn> stand_ins_;   // few, mostly none
  std::string name_;
  bool trainable_ = true, built_ = false, weights_made_ = false, adopts_ = false, anew_ = false;
  DType dtype_ = DType::f32, compute_dtype_ = DType::f32;
  ValueList losses_;
  bool autocast_ = true, dynamic_ = false, converts_inputs_ = true;
  std::string policy_ = "float32";
  std::shared_ptr<Regularizer> activity_regularizer_;
  // The parameters of `call` as errors list them.
  virtual std::vector<std::string> call_parameters() const { return {"inputs"}; }

  virtual Value shapes_to_build(const Value& inputs) const;   // what build() is told of the first inputs

 private:
  void set_policy(const Value& dtype);
  void maybe_build(const Value& inputs);
  Variable adopted(const WeightOptions& options);
  Value cast_inputs(const Value& inputs) const;
  void regularize_activity(const Value& inputs, const Value& outputs);
  void propagate_masks(const Value& inputs, const Value& outputs, const Value& masks);
  Value symbolic_call(const Value& inputs, CallArgs& args);
  ValueList initial_weights_, callable_losses_;
};
// tf.keras.mixed_precision: the policy of layers that are given no dtype. "float32", "mixed_float16", ...
NINEFOLD_API void set_global_policy(const std::string& name);
NINEFOLD_API std::string global_policy();
// tf.keras.backend.learning_phase: None until it is set; what `training` is where nobody says.
NINEFOLD_API Value learning_phase();
NINEFOLD_API void set_learning_phase(const Value& phase);
// Raises Keras' error if the inputs are not as the spec (one, or a nest of them) says.
NINEFOLD_API void check_input_spec(const Value& spec, const Value& inputs, const std::string& layer_name);
NINEFOLD_API LayerPtr make_layer(std::string_view class_name, const ValueDict& config);
// keras.Input; `shape` is without the batch.
NINEFOLD_API KerasTensorPtr Input(const Shape& shape, int64_t batch = -1, DType dtype = DType::f32,
                                  std::string name = "");
NINEFOLD_API KerasTensorPtr input_tensor(const LayerPtr& input_layer);   // what an InputLayer stands for

// ---- losses, metrics, optimizers -----------------------------------------------------------------

class NINEFOLD_API Loss : public Object {
 public:
  virtual Tensor call(const Tensor& y_true, const Tensor& y_pred) = 0;   // a value a sample
  // Weighted and reduced ("auto", "sum_over_batch_size", "sum", "none").
  Tensor operator()(const Value& y_true, const Value& y_pred, const Value& sample_weight = {});
  // The same of values that may be ragged: a ragged tensor where nothing is reduced.
  Value weighted(const Value& y_true, const Value& y_pred, const Value& sample_weight = {});
  std::string reduction = "auto", name;
};
using LossPtr = std::shared_ptr<Loss>;

class NINEFOLD_API Metric : public Layer {
 public:
  virtual void update_state(const ValueList& values, const Value& sample_weight) = 0;  // {y_true, y_pred} or {values}
  virtual Value result() = 0;               // a tensor or a dict of them
  virtual void reset_state();               // all variables to zero
  Value call(const Value& inputs, const CallArgs& args) override;
};
using MetricPtr = std::shared_ptr<Metric>;

class NINEFOLD_API Optimizer : public Object {
 public:
  // Clips, then updates each variable and `iterations`; null gradients are skipped with Keras' warning.
  // Of a gradient that is rows only those rows are stepped, as the optimizer of that name does in Keras.
  virtual void apply_gradients(const Gradients& gradients, const std::vector<Weight>& variables) = 0;
  template <std::same_as<Tensors> T>   // a template, so that a list in braces means Gradients
  void apply_gradients(const T& gradients, const std::vector<Weight>& variables) {
    apply_gradients(Gradients(gradients.begin(), gradients.end()), variables);
  }
  virtual std::vector<Variable> weights() const = 0;         // iterations, then slots in Keras' order
  virtual Value hyper(std::string_view name) const = 0;      // a Variable, or a schedule object
  virtual void set_hyper(std::string_view name, const Value& value) = 0;
  virtual Variable iterations() const = 0;
  virtual std::vector<std::string> slot_names() const = 0;   // "m", "v", in the order of creation
  virtual Variable slot(const Variable& of, std::string_view name) const = 0;   // raises KeyError if none
  std::string name;
};
using OptimizerPtr = std::shared_ptr<Optimizer>;

struct LossScaleOptions {
  bool dynamic = true;
  std::optional<double> initial_scale = {};            // 2^15 if dynamic, else needed
  std::optional<int64_t> dynamic_growth_steps = {};    // 2000; of dynamic scales only
};
// Another optimizer, and a scale for losses, so that gradients of float16 do not vanish. A dynamic scale doubles after
// `dynamic_growth_steps` steps with finite gradients; a step with others only halves it and counts.
class NINEFOLD_API LossScaleOptimizer : public Optimizer {
 public:
  explicit LossScaleOptimizer(OptimizerPtr inner, LossScaleOptions options = {});
  Tensor scaled(const Tensor& loss);                   // loss * scale
  Gradients unscaled(const Gradients& gradients);      // gradient / scale; undefined ones stay
  Tensor loss_scale() const;
  Variable scale() const { return scale_; }            // undefined unless dynamic
  Variable counter() const { return counter_; }        // steps with finite gradients since the last change
  const OptimizerPtr& inner() const { return inner_; }
  const LossScaleOptions& options() const { return options_; }

  using Optimizer::apply_gradients;
  void apply_gradients(const Gradients& gradients, const std::vector<Weight>& variables) override;
  std::vector<Variable> weights() const override { return inner_->weights(); }
  Value hyper(std::string_view key) const override { return inner_->hyper(key); }
  void set_hyper(std::string_view key, const Value& value) override { inner_->set_hyper(key, value); }
  Variable iterations() const override { return inner_->iterations(); }
  std::vector<std::string> slot_names() const override { return inner_->slot_names(); }
  Variable slot(const Variable& of, std::string_view key) const override { return inner_->slot(of, key); }
  const std::string& class_name() const override;
  ValueDict config() const override;

 private:
  OptimizerPtr inner_;
  LossScaleOptions options_;
  Variable scale_, counter_;
  bool scaled_ = false, unscaled_ = false;             // by whoever takes the gradients
};

// A learning rate that is a function of the step.
class NINEFOLD_API Schedule : public Object {
 public:
  virtual Tensor at(const Tensor& step) = 0;
};

// ---- callbacks ---------------------------------------------------------------------------------------

// Hooks: on_train_begin, on_epoch_begin, on_train_batch_end, ...: `index` is the epoch or batch, `logs`
// a dict of numbers that the hook may change.
class NINEFOLD_API Callback : public Object {
 public:
  virtual void on(std::string_view hook, int64_t index, ValueDict& logs);
  virtual bool wants(std::string_view hook) const;   // batch hooks are called only if wanted
  virtual void set_model(Model* model) { model_ = model; }
  virtual void set_params(const ValueDict& params) { params_ = params; }
  // What programs read from the object afterwards: EarlyStopping's "stopped_epoch". None: there is no such.
  virtual Value attribute(std::string_view name) const { (void)name; return {}; }

 protected:
  Model* model_ = nullptr;
  ValueDict params_;
};
using CallbackPtr = std::shared_ptr<Callback>;
// What fit prints goes here; Python sets the present sys.stdout.
NINEFOLD_API void set_text_sink(std::function<void(std::string_view)> sink);

// ---- batches -----------------------------------------------------------------------------------------

struct Batch {
  Value x, y, sample_weight;   // nests of tensors; None: not there
};
// Batches on their way into a model: what a dataset, a generator or a keras.utils.Sequence is to fit.
class NINEFOLD_API BatchSource : public Foreign {
 public:
  virtual bool next(Batch& out) = 0;             // false: the pass is at its end
  virtual void restart() {}                      // a new pass; called before the first one too
  virtual void end_epoch() {}                    // Sequence.on_epoch_end
  virtual int64_t size() const { return -1; }    // batches a pass; -1: unknown, -2: infinite
  // True: each epoch is a new pass; `steps` is what the user asked for, -1 if nothing.
  virtual bool restarts(int64_t steps) const { return steps < 0 || steps == size(); }
  // What fit, evaluate and predict call this kind of input where an option does not go with it.
  std::string describe() const override { return "a source of batches"; }
};
using BatchSourcePtr = std::shared_ptr<BatchSource>;
// Called at least every 50 ms of fit, evaluate and predict, between steps; it may throw. The model stays usable.
NINEFOLD_API void set_interrupt_hook(std::function<void()> hook);

// ---- models --------------------------------------------------------------------------------------------

struct CompileOptions {
  Value optimizer = "rmsprop", loss = {};
  Value metrics = {}, loss_weights = {}, weighted_metrics = {};   // nests like the outputs
  bool run_eagerly = false;
  int64_t steps_per_execution = 1;
  bool jit_compile = false;                        // a promise of speed that we keep anyway
};
struct FitOptions {
  int64_t epochs = 1;
  Value batch_size = {};                           // None: 32 for arrays
  Value verbose = "auto";                          // 0, 1, 2, "auto"
  std::vector<CallbackPtr> callbacks = {};
  double validation_split = 0;
  Value validation_data = {};                           // [x, y], [x, y, sample_weight], or a dataset object
  Value shuffle = true;                            // a bool or "batch"
  Value class_weight = {}, sample_weight = {};
  int64_t initial_epoch = 0;
  Value steps_per_epoch = {}, validation_steps = {}, validation_batch_size = {};
  int64_t validation_freq = 1;
  ValueList validation_epochs = {};                     // given instead of a frequency
};
struct EvaluateOptions {
  Value batch_size = {}, verbose = 1, sample_weight = {}, steps = {};
  std::vector<CallbackPtr> callbacks = {};
  bool return_dict = false;
};
struct PredictOptions {
  Value batch_size = {}, verbose = "auto", steps = {};
  std::vector<CallbackPtr> callbacks = {};
};
struct History {
  std::vector<int64_t> epoch;
  std::map<std::string, std::vector<double>> history;
  std::vector<std::string> keys;                   // in the order that Keras has them
};

class Graph;   // src/train/model/functional.h
class NINEFOLD_API Model : public Layer {
 public:
  Model();
  ~Model() override;
  void compile(const CompileOptions& options);
  // x, y: tensors or nests of them; or x alone: a dataset.
  History fit(const Value& x, const Value& y = {}, const FitOptions& options = {});
  Value evaluate(const Value& x, const Value& y = {}, const EvaluateOptions& options = {});
  Value predict(const Value& x, const PredictOptions& options = {});
  Value train_on_batch(const Value& x, const Value& y = {}, const Value& sample_weight = {},
                       const Value& class_weight = {}, bool reset_metrics = true, bool return_dict = false);
  Value test_on_batch(const Value& x, const Value& y = {}, const Value& sample_weight = {},
                      bool reset_metrics = true, bool return_dict = false);
  Value predict_on_batch(const Value& x);
  // `positions`: where columns end, as shares of the line or in characters.
  std::string summary(int64_t line_length = 0, bool expand_nested = false, bool show_trainable = false,
                      std::vector<double> positions = {}) const;
  void save_weights(const std::string& path, bool overwrite = true) const;   // .h5: Keras' HDF5
  void load_weights(const std::string& path, bool by_name = false, bool skip_mismatch = false);
  virtual std::vector<LayerPtr> layers() const;
  LayerPtr get_layer(const std::string& name) const;

  // The steps that fit traces; Python may override "train_step", "test_step", "predict_step".
  virtual Value train_step(const Value& data);     // a dict of scalars
  virtual Value test_step(const Value& data);
  virtual Value predict_step(const Value& data);
  Tensor compute_loss(const Value& x, const Value& y, const Value& y_pred, const Value& sample_weight);
  Value compute_metrics(const Value& x, const Value& y, const Value& y_pred, const Value& sample_weight);
  // What compile was given, for steps of one's own: the loss with `further` (regularizers) added, and the
  // metrics' states.
  Tensor compiled_loss(const Value& y, const Value& y_pred, const Value& sample_weight, const Tensors& further);
  void update_compiled_metrics(const Value& y, const Value& y_pred, const Value& sample_weight);
  std::vector<Weight> weights() const override;
  std::vector<MetricPtr> metrics() const;
  std::vector<std::string> metrics_names() const;
  void reset_metrics();
  std::string to_json() const;                     // what keras.models.model_from_json reads
  OptimizerPtr optimizer() const;
  bool stop_training = false;

  ValueList input_tensors, output_tensors;         // KerasTensors, flat; empty for subclassed models
  Value input_structure, output_structure;         // the nests they came in
  std::vector<std::string> input_names, output_names;
  struct Training;                                 // what compile made (src/train/model/training.h)
  Training& training();

 protected:
  std::unique_ptr<Training> training_;
};

class NINEFOLD_API Sequential : public Model {
 public:
  explicit Sequential(std::vector<LayerPtr> layers = {}, std::string name = "");
  void add(LayerPtr layer);
  void pop();
  static std::shared_ptr<Sequential> from_config(const ValueDict& config);
  const std::string& class_name() const override;
  ValueDict config() const override;
  void build(const Value& input_shape) override;
  Value shapes_to_build(const Value& inputs) const override;
  Value call(const Value& inputs, const CallArgs& args) override;
  std::vector<LayerPtr> layers() const override;
  std::vector<LayerPtr> sublayers() const override { return layers_; }

 private:
  void begin(const LayerPtr& first);             // with the shape that the first layer knows, if it does
  void connect(const Shape& batch_shape, DType dtype, const std::string& input_name);
  void finish();                                 // what follows from output_tensors
  LayerPtr input_;                               // the InputLayer; null until the input's shape is known
  std::vector<LayerPtr> layers_;
  bool shape_given_ = false;                     // by a layer, not by the first batch
  Shape input_shape_ = Shape::unknown();
};
// The graph of layers from inputs to outputs: keras.Model(inputs, outputs).
class NINEFOLD_API Functional : public Model {
 public:
  Functional(const Value& inputs, const Value& outputs, std::string name = "");
  static std::shared_ptr<Functional> from_config(const ValueDict& config);
  // The same of layers made already (in Python), in the order of config["layers"]: the model's inputs and outputs, and
  // the outputs of all calls, as those that lead to losses only live no longer than somebody holds them.
  struct Connected {
    Value inputs, outputs;
    ValueList all;
  };
  static Connected connect(const ValueDict& config, const std::vector<LayerPtr>& layers);
  const std::string& class_name() const override;
  ValueDict config() const override;
  Value call(const Value& inputs, const CallArgs& args) override;
  std::vector<LayerPtr> layers() const override;
  std::vector<LayerPtr> sublayers() const override;

 private:
  friend class Graph;                              // summary's and config's view of the nodes
  std::vector<std::shared_ptr<Node>> order_;       // in the order of execution
  std::vector<int64_t> depth_;                     // of each of them: what shares one is apart in summary
  std::vector<LayerPtr> layers_;
};

}  // namespace keras
}  // namespace ninefold

#include "ninefold/layers.h"
