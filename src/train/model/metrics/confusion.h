// In: labels, probabilities, thresholds. Out: counts of true and false positives and negatives at each threshold.
#pragma once

#include "train/model/metrics/metric.h"

namespace ninefold::keras {

// Where the counts go; those that are undefined are not computed. Shape [thresholds], or [thresholds, labels].
struct Counts {
  Variable true_positives, false_positives, true_negatives, false_negatives;
};
struct ConfusionOptions {
  std::vector<double> thresholds;
  bool even = false;                    // spaced evenly over [0, 1]: counted by buckets, not one by one
  std::optional<int64_t> top_k, class_id;
  bool multi_label = false;
  Tensor label_weights;                 // undefined: all 1
};
void count_confusion(const Counts& into, const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight,
                     const ConfusionOptions& options);

// A number, a list of them, or None (then `fallback`). Raises ValueError "Threshold values must be in [0, 1]. ..."
std::vector<double> thresholds_in(const Value& given, double fallback);
bool evenly_spaced(const std::vector<double>& thresholds);
std::vector<double> even_thresholds(int64_t count);   // 0, 1 / (count - 1), .., 1
// x / (x + y), 0 where that is 0 / 0.
Tensor share(const Variable& x, const Variable& y);

}  // namespace ninefold::keras
