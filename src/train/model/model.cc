// In: layers, compile's options, batches. Out: the steps of training, testing and predicting, as Keras defines them.
#include "ninefold/keras.h"

#include <algorithm>
#include <set>

#include "base/check.h"
#include "ninefold/distribute.h"
#include "ninefold/grad.h"
#include "train/layers/schema.h"
#include "train/layers/tracked.h"
#include "train/model/optimizers/resolve.h"
#include "train/model/training.h"
#include "train/model/values.h"

namespace ninefold::keras {

Model::Model() : training_(std::make_unique<Training>()) {}
Model::~Model() = default;

Model::Training& Model::training() { return *training_; }

std::vector<LayerPtr> Model::layers() const {
  std::vector<LayerPtr> out;
  for (const LayerPtr& l : sublayers())
    if (!dynamic_cast<const Metric*>(l.get())) out.push_back(l);   // metrics are no part of the topology
  return out;
}

LayerPtr Model::get_layer(const std::string& name) const {
  std::vector<std::string> names;
  for (const LayerPtr& l : layers()) {
    if (l->name() == name) return l;
    names.push_back(l->name());
  }
  fail(Code::value, "No such layer: {}. Existing layers are: {}.", name, nest::python_keys(names));
}

void Model::compile(const CompileOptions& options) {
  check(options.steps_per_execution >= 1, Code::value,
        "compile: steps_per_execution must be at least 1, got {}", options.steps_per_execution);
  auto fresh = std::make_unique<Training>();
  fresh->options = options;
  fresh->optimizer = optimizer_for(options.optimizer);
  if (dtype_policy() == "mixed_float16" && !dynamic_cast<LossScaleOptimizer*>(fresh->optimizer.get()))
    fresh->optimizer = std::make_shared<LossScaleOptimizer>(fresh->optimizer);   // gradients of float16 vanish otherwise
  fresh->losses = Losses(options.loss, options.loss_weights, output_names);
  fresh->metrics = Metrics(options.metrics, options.weighted_metrics, output_names);
  fresh->compiled = true;
  fresh->trainable = Trainability(*this);
  if (distribute::in_scope()) fresh->strategy = distribute::current();
  training_ = std::move(fresh);
}

OptimizerPtr Model::optimizer() const { return training_->optimizer; }

std::vector<MetricPtr> Model::metrics() const {
  std::vector<MetricPtr> out;
  std::set<const Metric*> seen;
  const auto add = [&](const MetricPtr& m) {
    if (m && seen.insert(m.get()).second) out.push_back(m);
  };
  if (training_->compiled) {
    for (const MetricPtr& m : training_->losses.metrics()) add(m);
    for (const MetricPtr& m : training_->metrics.metrics()) add(m);
  }
  // Those that layers or the model hold as attributes or by add_metric.
  const std::function<void(const Layer&)> walk = [&](const Layer& l) {
    for (const LayerPtr& child : l.sublayers()) {
      if (MetricPtr m = std::dynamic_pointer_cast<Metric>(child)) add(m);
      else walk(*child);
    }
  };
  walk(*this);
  return out;
}

std::vector<std::string> Model::metrics_names() const {
  std::vector<std::string> out;
  for (const MetricPtr& m : metrics()) out.push_back(m->name());
  return out;
}

void Model::reset_metrics() {
  if (const Method* own = overridden("reset_metrics")) {
    (*own)({}, {});
    return;
  }
  for (const MetricPtr& m : metrics()) reset(*m);
}

Tensor Model::compute_loss(const Value& x, const Value& y, const Value& y_pred, const Value& sample_weight) {
  if (const Method* own = overridden("compute_loss")) {
    const Value loss = (*own)({x, y, y_pred, sample_weight}, {});
    if (loss.none()) return {};
    return loss.get<Tensor>() ? *loss.get<Tensor>() : to_tensor(loss, DType::invalid, "compute_loss");
  }
  return compiled_loss(y, y_pred, sample_weight, losses());
}

Tensor Model::compiled_loss(const Value& y, const Value& y_pred, const Value& sample_weight, const Tensors& further) {
  return training_->losses(y, y_pred, sample_weight, further);
}
void Model::update_compiled_metrics(const Value& y, const Value& y_pred, const Value& sample_weight) {
  training_->metrics.update_state(y, y_pred, sample_weight);
}

// Keras' order: what is tracked, attribute by attribute, then the model's own.
std::vector<Weight> Model::weights() const {
  std::vector<Weight> out;
  for (const Tracked& t : tracked(*this)) append_unique(out, weights_of(t));
  for (const bool trainable : {true, false}) append_unique(out, of_trainability(own_weights(), trainable));
  return out;
}

Value Model::compute_metrics(const Value& x, const Value& y, const Value& y_pred, const Value& sample_weight) {
  if (const Method* own = overridden("compute_metrics")) return (*own)({x, y, y_pred, sample_weight}, {});
  update_compiled_metrics(y, y_pred, sample_weight);
  distribute::merge_call({}, [](const std::vector<Tensors>&) { return Tensors{}; });   // all replicas have counted
  ValueDict out;
  for (const MetricPtr& m : metrics()) {
    const Value result = result_of(*m);
    if (const ValueDict* several = result.get<ValueDict>()) {
      for (const Entry& e : *several) put(out, e.key, e.value);
    } else {
      put(out, m->name(), result);
    }
  }
  return out;
}

namespace {
Value called(Model& model, const Value& x, bool training) {
  CallArgs args;
  args.training = training;
  return model(x, std::move(args));
}
}  // namespace

Value Model::train_step(const Value& data) {
  const Batch batch = unpacked_data(data);
  GradientTape tape;
  const Value y_pred = called(*this, batch.x, true);
  const Tensor loss = compute_loss(batch.x, batch.y, y_pred, batch.sample_weight);
  check(!training_->losses.given() || !batch.y.none(), Code::value,
        "Target data is missing. Your model was compiled with loss={}, and therefore expects target data to be "
        "provided in `fit()`.", nest::python_text(training_->losses.as_given()));
  check(loss.defined(), Code::value,
        "No loss found. You may have forgotten to provide a `loss` argument in the `compile()` method.");
  const std::vector<Weight> weights = trainable_weights();
  std::vector<Variable> variables;
  for (const Weight& w : weights) variables.push_back(w.variable);
  auto* const scaling = dynamic_cast<LossScaleOptimizer*>(training_->optimizer.get());
  const Tensor minimised = scaling ? scaling->scaled(loss) : loss;
  tape.stop();
  const Gradients gradients = tape.gradients(minimised, variables);
  training_->optimizer->apply_gradients(scaling ? scaling->unscaled(gradients) : gradients, weights);
  return compute_metrics(batch.x, batch.y, y_pred, batch.sample_weight);
}

Value Model::test_step(const Value& data) {
  const Batch batch = unpacked_data(data);
  const Value y_pred = called(*this, batch.x, false);
  compute_loss(batch.x, batch.y, y_pred, batch.sample_weight);   // the loss metrics want it
  return compute_metrics(batch.x, batch.y, y_pred, batch.sample_weight);
}

Value Model::predict_step(const Value& data) { return called(*this, unpacked_data(data).x, false); }

}  // namespace ninefold::keras
