// Generated from the records by tools/generate/generate.py: change those, not this.
// In: values. Out: what the functions of tf.nn make of them.
#pragma once

#include "ninefold/functions/arguments.h"

namespace ninefold::nn {

// 2-D convolution with holes: filter taps are `rate` pixels apart.
NINEFOLD_API Tensor atrous_conv2d(const Value& value, const Value& filters, int64_t rate,
    const std::string& padding);

// The mean of every window, for 1 to 3 spatial dimensions.
struct AvgPoolOptions {
  Value data_format = {};
};
NINEFOLD_API Tensor avg_pool(const Value& input, const Ints& ksize, const Ints& strides, const Value& padding,
    const AvgPoolOptions& options = {});

// The mean of every window of [batch, width, channels].
struct AvgPool1dOptions {
  std::string data_format = "NWC";
};
NINEFOLD_API Tensor avg_pool1d(const Value& input, const Ints& ksize, const Ints& strides,
    const Value& padding, const AvgPool1dOptions& options = {});

// The mean of every window of [batch, height, width, channels].
struct AvgPool2dOptions {
  std::string data_format = "NHWC";
};
NINEFOLD_API Tensor avg_pool2d(const Value& input, const Ints& ksize, const Ints& strides,
    const Value& padding, const AvgPool2dOptions& options = {});

// The mean of every window of [batch, depth, height, width, channels].
struct AvgPool3dOptions {
  std::string data_format = "NDHWC";
};
NINEFOLD_API Tensor avg_pool3d(const Value& input, const Ints& ksize, const Ints& strides,
    const Value& padding, const AvgPool3dOptions& options = {});

// batch_normalization with offset beta, and scale gamma if scale_after_normalization.
NINEFOLD_API Tensor batch_norm_with_global_normalization(const Value& input, const Value& mean,
    const Value& variance, const Value& beta, const Value& gamma, double variance_epsilon,
    bool scale_after_normalization);

// (x - mean) scale / sqrt(variance + variance_epsilon) + offset; offset and scale may be None.
NINEFOLD_API Tensor batch_normalization(const Value& x, const Value& mean, const Value& variance,
    const Value& offset, const Value& scale, double variance_epsilon);

// value + bias. bias has one element a channel: the last dimension of value, or the second one where
// data_format begins with NC.
struct BiasAddOptions {
  Value data_format = {};
};
NINEFOLD_API Tensor bias_add(const Value& value, const Value& bias, const BiasAddOptions& options = {});

// The sum of the losses by the size of the batch of all replicas (None: as many for each replica as there
// are losses). sample_weight broadcasts to the losses. Raises ValueError for a scalar loss, RuntimeError
// outside of a replica.
struct ComputeAverageLossOptions {
  Value sample_weight = {};
  Value global_batch_size = {};
};
NINEFOLD_API Tensor compute_average_loss(const Value& per_example_loss,
    const ComputeAverageLossOptions& options = {});

// 1-D convolution of input [..., width, in] with filters [width, in, out].
struct Conv1dOptions {
  std::string data_format = "NWC";
  Ints dilations = {};
};
NINEFOLD_API Tensor conv1d(const Value& input, const Value& filters, const Ints& stride, const Value& padding,
    const Conv1dOptions& options = {});

// The gradient of conv1d by its input, as an op of its own. filters: [width, out, in].
struct Conv1dTransposeOptions {
  Value padding = "SAME";
  std::string data_format = "NWC";
  Ints dilations = {};
};
NINEFOLD_API Tensor conv1d_transpose(const Value& input, const Value& filters, const Ints& output_shape,
    const Ints& strides, const Conv1dTransposeOptions& options = {});

// 2-D convolution of input [..., height, width, in] with filters [height, width, in, out]. padding:
// 'SAME', 'VALID', or four pairs.
struct Conv2dOptions {
  std::string data_format = "NHWC";
  Ints dilations = {};
};
NINEFOLD_API Tensor conv2d(const Value& input, const Value& filters, const Ints& strides,
    const Value& padding, const Conv2dOptions& options = {});

// The gradient of conv2d by its input, as an op of its own. filters: [height, width, out, in].
struct Conv2dTransposeOptions {
  Value padding = "SAME";
  std::string data_format = "NHWC";
  Ints dilations = {};
};
NINEFOLD_API Tensor conv2d_transpose(const Value& input, const Value& filters, const Ints& output_shape,
    const Ints& strides, const Conv2dTransposeOptions& options = {});

// 3-D convolution of input [..., depth, height, width, in] with filters [depth, height, width, in, out].
struct Conv3dOptions {
  std::string data_format = "NDHWC";
  Ints dilations = {};
};
NINEFOLD_API Tensor conv3d(const Value& input, const Value& filters, const Ints& strides,
    const Value& padding, const Conv3dOptions& options = {});

// The gradient of conv3d by its input, as an op of its own. filters: [depth, height, width, out, in].
struct Conv3dTransposeOptions {
  std::string padding = "SAME";
  std::string data_format = "NDHWC";
  Ints dilations = {};
};
NINEFOLD_API Tensor conv3d_transpose(const Value& input, const Value& filters, const Ints& output_shape,
    const Ints& strides, const Conv3dTransposeOptions& options = {});

// conv1d_transpose, conv2d_transpose or conv3d_transpose, as output_shape has 3, 4 or 5 entries.
struct ConvTransposeOptions {
  Value padding = "SAME";
  Value data_format = {};
  Ints dilations = {};
};
NINEFOLD_API Tensor conv_transpose(const Value& input, const Value& filters, const Ints& output_shape,
    const Ints& strides, const ConvTransposeOptions& options = {});

// 1-, 2- or 3-D convolution: filters have as many spatial dimensions as they have dimensions but two.
struct ConvolutionOptions {
  Ints strides = {};
  Value padding = "VALID";
  Value data_format = {};
  Ints dilations = {};
};
NINEFOLD_API Tensor convolution(const Value& input, const Value& filters,
    const ConvolutionOptions& options = {});

// relu of features and of -features, side by side along axis.
struct CreluOptions {
  int64_t axis = -1;
};
NINEFOLD_API Tensor crelu(const Value& features, const CreluOptions& options = {});

// Channels of an image become blocks of space.
struct DepthToSpaceOptions {
  std::string data_format = "NHWC";
};
NINEFOLD_API Tensor depth_to_space(const Value& input, int64_t block_size,
    const DepthToSpaceOptions& options = {});

// Each channel of input convolved with its own filters, [height, width, in, multiplier].
struct DepthwiseConv2dOptions {
  Value data_format = {};
  Ints dilations = {};
};
NINEFOLD_API Tensor depthwise_conv2d(const Value& input, const Value& filter, const Ints& strides,
    const Value& padding, const DepthwiseConv2dOptions& options = {});

// What flows back to the filter of depthwise_conv2d.
struct DepthwiseConv2dBackpropFilterOptions {
  std::string data_format = "NHWC";
  Ints dilations = {};
};
NINEFOLD_API Tensor depthwise_conv2d_backprop_filter(const Value& input, const Ints& filter_sizes,
    const Value& out_backprop, const Ints& strides, const Value& padding,
    const DepthwiseConv2dBackpropFilterOptions& options = {});

// What flows back to the input of depthwise_conv2d.
struct DepthwiseConv2dBackpropInputOptions {
  std::string data_format = "NHWC";
  Ints dilations = {};
};
NINEFOLD_API Tensor depthwise_conv2d_backprop_input(const Ints& input_sizes, const Value& filter,
    const Value& out_backprop, const Ints& strides, const Value& padding,
    const DepthwiseConv2dBackpropInputOptions& options = {});

// The greatest of image plus filter in every window: grayscale dilation.
NINEFOLD_API Tensor dilation2d(const Value& input, const Value& filters, const Ints& strides,
    const std::string& padding, const std::string& data_format, const Ints& dilations);

// Each element is zero with probability rate, else x / (1 - rate). noise_shape: the shape of the
// independent choices; it broadcasts to x. ValueError unless 0 <= rate < 1 and x is of a float dtype.
struct DropoutOptions {
  Value noise_shape = {};
  Value seed = {};
};
NINEFOLD_API Tensor dropout(const Value& x, const Value& rate, const DropoutOptions& options = {});

// features where positive, else e^features - 1.
NINEFOLD_API Tensor elu(const Value& features);

// Rows of params, one for each id. Several params are the parts of one table, split evenly along axis 0.
// With max_norm a row longer than that is scaled to it.
struct EmbeddingLookupOptions {
  Value max_norm = {};
};
NINEFOLD_API Tensor embedding_lookup(const Value& params, const Value& ids,
    const EmbeddingLookupOptions& options = {});

// For each row of sparse ids their rows of the table, weighted, as sum, mean (weights count) or sum by the
// root of the squared weights.
struct EmbeddingLookupSparseOptions {
  Value combiner = {};
  Value max_norm = {};
};
NINEFOLD_API Tensor embedding_lookup_sparse(const Value& params, const Value& sp_ids, const Value& sp_weights,
    const EmbeddingLookupSparseOptions& options = {});

// The least of image minus filter in every window: grayscale erosion.
NINEFOLD_API Tensor erosion2d(const Value& value, const Value& filters, const Ints& strides,
    const std::string& padding, const std::string& data_format, const Ints& dilations);

// x P(X <= x) for a normal X: x/2 (1 + erf(x / sqrt 2)); approximate: x/2 (1 + tanh(sqrt(2/pi) (x +
// 0.044715 x^3))).
struct GeluOptions {
  bool approximate = false;
};
NINEFOLD_API Tensor gelu(const Value& features, const GeluOptions& options = {});

// sum(t^2) / 2.
NINEFOLD_API Tensor l2_loss(const Value& t);

// features where positive, else alpha features. Integers become float32.
struct LeakyReluOptions {
  double alpha = 0.2;
};
NINEFOLD_API Tensor leaky_relu(const Value& features, const LeakyReluOptions& options = {});

// input / (bias + alpha sum(input^2 over 2 depth_radius + 1 channels)) ^ beta.
struct LocalResponseNormalizationOptions {
  int64_t depth_radius = 5;
  double bias = 1;
  double alpha = 1;
  double beta = 0.5;
};
NINEFOLD_API Tensor local_response_normalization(const Value& input,
    const LocalResponseNormalizationOptions& options = {});

// e^log_input - targets log_input; the full loss adds Stirling's approximation of log(targets!).
struct LogPoissonLossOptions {
  bool compute_full_loss = false;
};
NINEFOLD_API Tensor log_poisson_loss(const Value& targets, const Value& log_input,
    const LogPoissonLossOptions& options = {});

// logits - log(sum(e^logits)) over `axis` (None: the last).
struct LogSoftmaxOptions {
  Value axis = {};
};
NINEFOLD_API Tensor log_softmax(const Value& logits, const LogSoftmaxOptions& options = {});

// The greatest element of every window, for 1 to 3 spatial dimensions.
struct MaxPoolOptions {
  Value data_format = {};
};
NINEFOLD_API Tensor max_pool(const Value& input, const Ints& ksize, const Ints& strides, const Value& padding,
    const MaxPoolOptions& options = {});

// The greatest element of every window of [batch, width, channels].
struct MaxPool1dOptions {
  std::string data_format = "NWC";
};
NINEFOLD_API Tensor max_pool1d(const Value& input, const Ints& ksize, const Ints& strides,
    const Value& padding, const MaxPool1dOptions& options = {});

// The greatest element of every window of [batch, height, width, channels].
struct MaxPool2dOptions {
  std::string data_format = "NHWC";
};
NINEFOLD_API Tensor max_pool2d(const Value& input, const Ints& ksize, const Ints& strides,
    const Value& padding, const MaxPool2dOptions& options = {});

// The greatest element of every window of [batch, depth, height, width, channels].
struct MaxPool3dOptions {
  std::string data_format = "NDHWC";
};
NINEFOLD_API Tensor max_pool3d(const Value& input, const Ints& ksize, const Ints& strides,
    const Value& padding, const MaxPool3dOptions& options = {});

// (max_pool2d, where each greatest element is): (row * width + column) * channels + channel, counted
// within an image or within the batch.
struct MaxPoolWithArgmaxOptions {
  std::string data_format = "NHWC";
  DType output_dtype = dtype_named("int64");
  bool include_batch_in_index = false;
};
NINEFOLD_API Tensors max_pool_with_argmax(const Value& input, const Ints& ksize, const Ints& strides,
    const std::string& padding, const MaxPoolWithArgmaxOptions& options = {});

// (mean, variance) over axes; the variance is the mean of the squares of what is left. float16 is computed
// in float32. shift is not used.
struct MomentsOptions {
  Value shift = {};
  bool keepdims = false;
};
NINEFOLD_API Tensors moments(const Value& x, const Ints& axes, const MomentsOptions& options = {});

// (mean, variance) from sufficient_statistics.
NINEFOLD_API Tensors normalize_moments(const Value& counts, const Value& mean_ss, const Value& variance_ss,
    const Value& shift);

// Pooling of type 'MAX' or 'AVG' with as many spatial dimensions as window_shape has entries.
struct PoolOptions {
  Ints strides = {};
  Value padding = "VALID";
  Value data_format = {};
  Ints dilations = {};
};
NINEFOLD_API Tensor pool(const Value& input, const Ints& window_shape, const std::string& pooling_type,
    const PoolOptions& options = {});

// max(features, 0).
NINEFOLD_API Tensor relu(const Value& features);

// min(max(features, 0), 6).
NINEFOLD_API Tensor relu6(const Value& features);

// As embedding_lookup_sparse, [..., embedding]; negative ids and weights that are not positive are left
// out, and rows without ids have the embedding of default_id, or zeros.
struct SafeEmbeddingLookupSparseOptions {
  Value sparse_weights = {};
  std::string combiner = "mean";
  Value default_id = {};
  Value max_norm = {};
};
NINEFOLD_API Tensor safe_embedding_lookup_sparse(const Value& embedding_weights, const Value& sparse_ids,
    const SafeEmbeddingLookupSparseOptions& options = {});

// The sum of the losses by the number of replicas, each of which adds it. Raises RuntimeError outside of a
// replica.
NINEFOLD_API Tensor scale_regularization_loss(const Value& regularization_loss);

// The self-normalising unit: scale * elu with alpha 1.67 and scale 1.05.
NINEFOLD_API Tensor selu(const Value& features);

// depthwise_conv2d, then a convolution with 1 x 1 filters.
struct SeparableConv2dOptions {
  Value data_format = {};
  Ints dilations = {};
};
NINEFOLD_API Tensor separable_conv2d(const Value& input, const Value& depthwise_filter,
    const Value& pointwise_filter, const Ints& strides, const Value& padding,
    const SeparableConv2dOptions& options = {});

// -labels log(sigmoid(logits)) - (1 - labels) log(1 - sigmoid(logits)), for independent classes.
struct SigmoidCrossEntropyWithLogitsOptions {
  Value labels = {};
  Value logits = {};
};
NINEFOLD_API Tensor sigmoid_cross_entropy_with_logits(
    const SigmoidCrossEntropyWithLogitsOptions& options = {});

// features * sigmoid(beta * features).
struct SiluOptions {
  Value beta = 1.0;
};
NINEFOLD_API Tensor silu(const Value& features, const SiluOptions& options = {});

// e^logits / sum(e^logits) over `axis` (None: the last). float16, bfloat16, float32 or float64.
struct SoftmaxOptions {
  Value axis = {};
};
NINEFOLD_API Tensor softmax(const Value& logits, const SoftmaxOptions& options = {});

// -sum(labels log softmax(logits)) over `axis`; labels of every row should sum to 1.
struct SoftmaxCrossEntropyWithLogitsOptions {
  int64_t axis = -1;
};
NINEFOLD_API Tensor softmax_cross_entropy_with_logits(const Value& labels, const Value& logits,
    const SoftmaxCrossEntropyWithLogitsOptions& options = {});

// features / (1 + |features|).
NINEFOLD_API Tensor softsign(const Value& features);

// Blocks of an image become channels.
struct SpaceToDepthOptions {
  std::string data_format = "NHWC";
};
NINEFOLD_API Tensor space_to_depth(const Value& input, int64_t block_size,
    const SpaceToDepthOptions& options = {});

// -log softmax(logits)[label]; labels are class numbers, one fewer dimension than logits.
NINEFOLD_API Tensor sparse_softmax_cross_entropy_with_logits(const Value& labels, const Value& logits);

// (count, sum, sum of squares, shift) over axes; with a shift the sums are of x - shift.
struct SufficientStatisticsOptions {
  Value shift = {};
  bool keepdims = false;
};
NINEFOLD_API Value sufficient_statistics(const Value& x, const Ints& axes,
    const SufficientStatisticsOptions& options = {});

// sigmoid_cross_entropy_with_logits with the labels' term times pos_weight.
NINEFOLD_API Tensor weighted_cross_entropy_with_logits(const Value& labels, const Value& logits,
    const Value& pos_weight);

// (mean, variance) over axes with a weight for each element; weights broadcast to x.
struct WeightedMomentsOptions {
  bool keepdims = false;
};
NINEFOLD_API Tensors weighted_moments(const Value& x, const Ints& axes, const Value& frequency_weights,
    const WeightedMomentsOptions& options = {});

}  // namespace ninefold::nn
