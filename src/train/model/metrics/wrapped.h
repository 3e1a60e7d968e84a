// In: a function of y_true and y_pred. Out: the metric that averages it.
#pragma once

#include "train/model/metrics/metric.h"

namespace ninefold::keras {

// Keras' MeanMetricWrapper of a function that is no class of its own.
MetricPtr mean_of(std::function<Tensor(const Tensor&, const Tensor&)> function, const std::string& name);

}  // namespace ninefold::keras
