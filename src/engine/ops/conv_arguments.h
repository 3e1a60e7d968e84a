// In: strides, dilations, paddings as tf.nn takes them. Out: the lists that ops take.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "engine/op/op.h"

namespace ninefold::ops {

// One number, one a spatial dimension, or one a dimension; None is 1. The result has one a dimension.
std::vector<int64_t> sequence_of(const Args& a, const char* name, int spatial, bool channels_first);

struct Padding {
  std::string kind;              // SAME, VALID, EXPLICIT
  std::vector<int64_t> pairs;    // before and after, a dimension; empty unless EXPLICIT
};
// The argument `padding`: a word, or as many pairs as the input has dimensions.
Padding padding_of(const Args& a, int entries);

// Runs the body on x with all leading dimensions but the last inner_rank as one.
Tensor with_batch(const Tensor& x, int inner_rank, const std::function<Tensor(const Tensor&)>& body);

}  // namespace ninefold::ops
