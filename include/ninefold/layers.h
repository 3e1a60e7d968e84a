// In: a layer's options. Out: the layer, ready for a model. The fields are the layer's config, Python's
// keywords and its documentation at once; `name`, `input_shape` and `trainable` stand in each.
#pragma once

#include "ninefold/keras.h"

namespace ninefold::keras {

#define NINEFOLD_LAYER_OPTIONS \
  std::string name = {};       \
  InputShape input_shape = {}; \
  bool trainable = true;       \
  DType dtype = DType::invalid

struct DenseOptions {
  int64_t units = 0;
  Given<Activation> activation = {};
  bool use_bias = true;
  Given<Initializer> kernel_initializer = "glorot_uniform", bias_initializer = "zeros";
  Given<Regularizer> kernel_regularizer = {}, bias_regularizer = {}, activity_regularizer = {};
  Given<Constraint> kernel_constraint = {}, bias_constraint = {};
  NINEFOLD_LAYER_OPTIONS;
};
// y = activation(x W + b) over the last axis: [..., n] -> [..., units].
NINEFOLD_API LayerPtr Dense(int64_t units, DenseOptions options = {});

struct DropoutOptions {
  double rate = 0;
  std::vector<int64_t> noise_shape = {};   // empty: the input's; -1: as the input has it
  Value seed = {};
  NINEFOLD_LAYER_OPTIONS;
};
// Zeroes a share `rate` of the input while training and scales the rest by 1 / (1 - rate).
NINEFOLD_API LayerPtr Dropout(double rate, DropoutOptions options = {});

struct ActivationOptions {
  Given<keras::Activation> activation = {};
  NINEFOLD_LAYER_OPTIONS;
};
// An activation as a layer of its own (class Activation in Python).
NINEFOLD_API LayerPtr Activate(Given<keras::Activation> activation, ActivationOptions options = {});

struct FlattenOptions {
  std::string data_format = {};            // empty: channels_last
  NINEFOLD_LAYER_OPTIONS;
};
// [batch, ...] -> [batch, n].
NINEFOLD_API LayerPtr Flatten(FlattenOptions options = {});

// Ints of which negative ones are meant, as the -1 of a reshape.
struct SignedInts : std::vector<int64_t> {
  using vector::vector;
};
struct ReshapeOptions {
  SignedInts target_shape = {};            // without the batch; one -1 takes what is left
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr Reshape(std::vector<int64_t> target_shape, ReshapeOptions options = {});

}  // namespace ninefold::keras
