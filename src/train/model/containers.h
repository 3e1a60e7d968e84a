// In: the losses and metrics given to compile, a model's outputs and targets. Out: the total loss, and
// metrics that are up to date. Names, copies and order follow Keras' compile_utils.
#pragma once

#include <optional>

#include "ninefold/keras.h"

namespace ninefold::keras {

// `given` in the form of `outputs`: dicts by output name become lists, one item serves all outputs.
Value conform(const Value& outputs, const std::vector<std::string>& names, Value given);
std::vector<std::string> pseudo_names(const Value& nest, const std::string& prefix);  // output_1, output_2

void update(Metric& metric, const ValueList& values, const Value& sample_weight);   // through overrides
Value result_of(Metric& metric);
void reset(Metric& metric);

class Losses {
 public:
  Losses() = default;
  Losses(Value losses, Value weights, std::vector<std::string> output_names);
  // The loss to differentiate; an undefined tensor if nothing contributes.
  Tensor operator()(const Value& y_true, const Value& y_pred, const Value& sample_weight, const Tensors& further);
  std::vector<MetricPtr> metrics() const;
  bool given() const { return !given_.none(); }
  const Value& as_given() const { return given_; }

 private:
  void build(const Value& y_pred);
  Value given_, given_weights_;
  std::vector<std::string> names_;
  std::vector<LossPtr> losses_;
  std::vector<std::optional<double>> weights_;
  std::vector<MetricPtr> each_;   // one an output where there are several; null where it has no loss
  MetricPtr total_;
  bool built_ = false;
};

class Metrics {
 public:
  Metrics() = default;
  Metrics(Value metrics, Value weighted, std::vector<std::string> output_names);
  void update_state(const Value& y_true, const Value& y_pred, const Value& sample_weight);
  const std::vector<MetricPtr>& metrics() const { return ordered_; }   // none before the first step

 private:
  void build(const Value& y_pred, const Value& y_true);
  Value given_, given_weighted_;
  std::vector<std::string> names_;
  std::vector<std::vector<MetricPtr>> plain_, weighted_;   // by output
  std::vector<MetricPtr> ordered_;
  bool built_ = false;
};

}  // namespace ninefold::keras
