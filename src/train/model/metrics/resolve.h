// In: what `metrics=` may hold: a name, a class name, a config, an object; labels and predictions of one output.
// Out: the metric.
#pragma once

#include "ninefold/keras.h"

namespace ninefold::keras {

// "accuracy", "acc", "crossentropy" and "ce" mean the binary, categorical or sparse form: binary if the
// predictions' last dimension is 1; sparse if labels have one dimension less, or a last one of 1.
// Other names are those of functions ("mse": their mean, under that name) and of classes ("AUC").
// Raises ValueError "Unknown metric function: x. ..." or "Could not interpret metric identifier: x".
MetricPtr metric_for(const Value& identifier, const Value& y_true, const Value& y_pred);   // of values, maybe None
MetricPtr metric_for(const Value& identifier, const Shape& y_true, const Shape& y_pred);

}  // namespace ninefold::keras
