// In: a tensor and the numbers of an activation. Out: its value; layers of the same name use these.
#pragma once

#include "ninefold/keras.h"

namespace ninefold::keras {

Tensor softmax(const Tensor& x, const std::vector<int64_t>& axes);
Tensor relu(const Tensor& x, double alpha, std::optional<double> max_value, double threshold);
Tensor elu(const Tensor& x, double alpha);
Tensor gelu(const Tensor& x, bool approximate);

}  // namespace ninefold::keras
