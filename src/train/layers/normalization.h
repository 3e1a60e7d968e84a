// In: tensors and axes. Out: means, variances and what is normalized by them: for the normalization layers.
#pragma once

#include <algorithm>
#include <tuple>

#include "train/layers/words.h"

namespace ninefold::keras {

// From 0; raises Keras' errors for axes out of range or named twice.
std::vector<int64_t> normalized_axes(const Value& axis, int rank, const std::string& who);
std::pair<Tensor, Tensor> moments(const Tensor& x, const std::vector<int64_t>& axes, bool keep);
// (x - mean) scale / sqrt(variance + epsilon) + offset, in the order of tf.nn.batch_normalization; scale and
// offset may be undefined.
Tensor normalized(const Tensor& x, const Tensor& mean, const Tensor& variance, const Tensor& offset, const Tensor& scale, double epsilon);

}  // namespace ninefold::keras
