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

// ---- convolutions: data_format is "channels_last" (empty) or "channels_first"; one size stands for all axes ----

struct ConvOptions {
  int64_t filters = 0;
  std::vector<int64_t> kernel_size = {}, strides = {1};
  std::string padding = "valid", data_format = {};
  std::vector<int64_t> dilation_rate = {1};
  int64_t groups = 1;
  Given<keras::Activation> activation = {};
  bool use_bias = true;
  Given<Initializer> kernel_initializer = "glorot_uniform", bias_initializer = "zeros";
  Given<Regularizer> kernel_regularizer = {}, bias_regularizer = {}, activity_regularizer = {};
  Given<Constraint> kernel_constraint = {}, bias_constraint = {};
  std::vector<int64_t> output_padding = {};   // of transposed convolutions
  NINEFOLD_LAYER_OPTIONS;
};
// [batch, steps, n] -> [batch, steps', filters]; padding may be "causal".
NINEFOLD_API LayerPtr Conv1D(int64_t filters, std::vector<int64_t> kernel_size, ConvOptions options = {});
NINEFOLD_API LayerPtr Conv2D(int64_t filters, std::vector<int64_t> kernel_size, ConvOptions options = {});
NINEFOLD_API LayerPtr Conv3D(int64_t filters, std::vector<int64_t> kernel_size, ConvOptions options = {});
NINEFOLD_API LayerPtr Conv1DTranspose(int64_t filters, std::vector<int64_t> kernel_size, ConvOptions options = {});
NINEFOLD_API LayerPtr Conv2DTranspose(int64_t filters, std::vector<int64_t> kernel_size, ConvOptions options = {});

struct DepthwiseConvOptions {
  std::vector<int64_t> kernel_size = {}, strides = {1};
  std::string padding = "valid", data_format = {};
  std::vector<int64_t> dilation_rate = {1};
  int64_t depth_multiplier = 1, filters = 0;  // filters: of separable convolutions
  Given<keras::Activation> activation = {};
  bool use_bias = true;
  Given<Initializer> depthwise_initializer = "glorot_uniform", pointwise_initializer = "glorot_uniform", bias_initializer = "zeros";
  Given<Regularizer> depthwise_regularizer = {}, pointwise_regularizer = {}, bias_regularizer = {}, activity_regularizer = {};
  Given<Constraint> depthwise_constraint = {}, pointwise_constraint = {}, bias_constraint = {};
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr DepthwiseConv2D(std::vector<int64_t> kernel_size, DepthwiseConvOptions options = {});
NINEFOLD_API LayerPtr SeparableConv2D(int64_t filters, std::vector<int64_t> kernel_size, DepthwiseConvOptions options = {});

// ---- pooling ----

struct PoolOptions {
  std::vector<int64_t> pool_size = {2}, strides = {};   // no strides: the pool's size
  std::string padding = "valid", data_format = {};
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr MaxPooling1D(PoolOptions options = {});
NINEFOLD_API LayerPtr MaxPooling2D(PoolOptions options = {});
NINEFOLD_API LayerPtr AveragePooling1D(PoolOptions options = {});
NINEFOLD_API LayerPtr AveragePooling2D(PoolOptions options = {});
struct GlobalPoolOptions {
  std::string data_format = {};
  bool keepdims = false;
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr GlobalMaxPooling1D(GlobalPoolOptions options = {});
NINEFOLD_API LayerPtr GlobalMaxPooling2D(GlobalPoolOptions options = {});
NINEFOLD_API LayerPtr GlobalMaxPooling3D(GlobalPoolOptions options = {});
NINEFOLD_API LayerPtr GlobalAveragePooling1D(GlobalPoolOptions options = {});
NINEFOLD_API LayerPtr GlobalAveragePooling2D(GlobalPoolOptions options = {});
NINEFOLD_API LayerPtr GlobalAveragePooling3D(GlobalPoolOptions options = {});

// ---- normalization ----

struct BatchNormalizationOptions {
  Value axis = -1;                  // an axis or a list of them; a list once built
  double momentum = 0.99, epsilon = 1e-3;
  bool center = true, scale = true;
  Given<Initializer> beta_initializer = "zeros", gamma_initializer = "ones", moving_mean_initializer = "zeros",
                     moving_variance_initializer = "ones";
  Given<Regularizer> beta_regularizer = {}, gamma_regularizer = {};
  Given<Constraint> beta_constraint = {}, gamma_constraint = {};
  NINEFOLD_LAYER_OPTIONS;
};
// Per channel: while training by the batch's mean and variance, which move averages; else by those averages.
NINEFOLD_API LayerPtr BatchNormalization(BatchNormalizationOptions options = {});
struct LayerNormalizationOptions {
  Value axis = -1;                  // an axis or a list of them; a list once built
  double epsilon = 1e-3;
  bool center = true, scale = true;
  Given<Initializer> beta_initializer = "zeros", gamma_initializer = "ones";
  Given<Regularizer> beta_regularizer = {}, gamma_regularizer = {};
  Given<Constraint> beta_constraint = {}, gamma_constraint = {};
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr LayerNormalization(LayerNormalizationOptions options = {});

// ---- embeddings and masks ----

struct EmbeddingOptions {
  int64_t input_dim = 0, output_dim = 0;
  Given<Initializer> embeddings_initializer = "uniform";
  Given<Regularizer> embeddings_regularizer = {}, activity_regularizer = {};
  Given<Constraint> embeddings_constraint = {};
  bool mask_zero = false;
  Value input_length = {};
  NINEFOLD_LAYER_OPTIONS;
};
// Ids [batch, ...] -> rows of a table [batch, ..., output_dim].
NINEFOLD_API LayerPtr Embedding(int64_t input_dim, int64_t output_dim, EmbeddingOptions options = {});

// ---- merging: called on a list ----

struct MergeOptions { NINEFOLD_LAYER_OPTIONS; };
NINEFOLD_API LayerPtr Add(MergeOptions options = {});
NINEFOLD_API LayerPtr Subtract(MergeOptions options = {});
NINEFOLD_API LayerPtr Multiply(MergeOptions options = {});
NINEFOLD_API LayerPtr Average(MergeOptions options = {});
NINEFOLD_API LayerPtr Maximum(MergeOptions options = {});
NINEFOLD_API LayerPtr Minimum(MergeOptions options = {});
struct ConcatenateOptions {
  int64_t axis = -1;
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr Concatenate(ConcatenateOptions options = {});

// ---- forms: sizes and paddings as Keras takes them, an int, a list or a list of pairs ----

struct PermuteOptions {
  std::vector<int64_t> dims = {};   // from 1: the batch stays
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr Permute(std::vector<int64_t> dims, PermuteOptions options = {});
struct RepeatVectorOptions {
  int64_t n = 0;
  NINEFOLD_LAYER_OPTIONS;
};
// [batch, n] -> [batch, times, n].
NINEFOLD_API LayerPtr RepeatVector(int64_t times, RepeatVectorOptions options = {});
struct PaddingOptions {
  Value padding = 1;
  std::string data_format = {};
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr ZeroPadding1D(PaddingOptions options = {});
NINEFOLD_API LayerPtr ZeroPadding2D(PaddingOptions options = {});
struct CroppingOptions {
  Value cropping = ValueList{1, 1};
  std::string data_format = {};
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr Cropping1D(CroppingOptions options = {});
NINEFOLD_API LayerPtr Cropping2D(CroppingOptions options = {});
struct UpSamplingOptions {
  std::vector<int64_t> size = {2};
  std::string data_format = {}, interpolation = "nearest";
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr UpSampling1D(UpSamplingOptions options = {});
NINEFOLD_API LayerPtr UpSampling2D(UpSamplingOptions options = {});

// ---- activations with numbers of their own ----

struct ReluOptions {
  Value max_value = {};
  double negative_slope = 0, threshold = 0;
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr ReLU(ReluOptions options = {});
struct SlopeOptions {
  double alpha = 0.3;
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr LeakyReLU(SlopeOptions options = {});
struct EluOptions {
  double alpha = 1;
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr ELU(EluOptions options = {});
struct ThresholdOptions {
  double theta = 1;
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr ThresholdedReLU(ThresholdOptions options = {});
struct SoftmaxOptions {
  Value axis = -1;
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr Softmax(SoftmaxOptions options = {});
struct PreluOptions {
  Given<Initializer> alpha_initializer = "zeros";
  Given<Regularizer> alpha_regularizer = {};
  Given<Constraint> alpha_constraint = {};
  std::vector<int64_t> shared_axes = {};
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr PReLU(PreluOptions options = {});

// ---- noise, only while training ----

struct NoiseOptions {
  double stddev = 0;
  Value seed = {};
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr GaussianNoise(double stddev, NoiseOptions options = {});
struct RateOptions {
  double rate = 0;
  Value seed = {};
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr GaussianDropout(double rate, RateOptions options = {});
struct SpatialDropoutOptions {
  double rate = 0;
  std::string data_format = {};
  NINEFOLD_LAYER_OPTIONS;
};
NINEFOLD_API LayerPtr SpatialDropout1D(double rate, SpatialDropoutOptions options = {});
NINEFOLD_API LayerPtr SpatialDropout2D(double rate, SpatialDropoutOptions options = {});

struct MaskingOptions {
  Value mask_value = 0.0;
  NINEFOLD_LAYER_OPTIONS;
};
// Steps whose features all equal mask_value are masked.
NINEFOLD_API LayerPtr Masking(MaskingOptions options = {});

}  // namespace ninefold::keras
