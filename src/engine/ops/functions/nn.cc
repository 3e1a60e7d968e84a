// Generated from the records by tools/generate/generate.py: change those, not this.
// In: C++ calls of the functions of tf.nn. Out: calls of their records.
#include "ninefold/functions/nn.h"

#include "engine/ops/functions/call.h"

namespace ninefold::nn {

Tensor atrous_conv2d(const Value& value, const Value& filters, int64_t rate, const std::string& padding) {
  static const Function& f = named("tf.nn.atrous_conv2d");
  return tensor_of(f, {value, filters, rate, padding, Value()});
}

Tensor avg_pool(const Value& input, const Ints& ksize, const Ints& strides, const Value& padding,
    const AvgPoolOptions& options) {
  static const Function& f = named("tf.nn.avg_pool");
  return tensor_of(f, {input, ksize.value, strides.value, padding, options.data_format, Value()});
}

Tensor avg_pool1d(const Value& input, const Ints& ksize, const Ints& strides, const Value& padding,
    const AvgPool1dOptions& options) {
  static const Function& f = named("tf.nn.avg_pool1d");
  return tensor_of(f, {input, ksize.value, strides.value, padding, options.data_format, Value()});
}

Tensor avg_pool2d(const Value& input, const Ints& ksize, const Ints& strides, const Value& padding,
    const AvgPool2dOptions& options) {
  static const Function& f = named("tf.nn.avg_pool2d");
  return tensor_of(f, {input, ksize.value, strides.value, padding, options.data_format, Value()});
}

Tensor avg_pool3d(const Value& input, const Ints& ksize, const Ints& strides, const Value& padding,
    const AvgPool3dOptions& options) {
  static const Function& f = named("tf.nn.avg_pool3d");
  return tensor_of(f, {input, ksize.value, strides.value, padding, options.data_format, Value()});
}

Tensor batch_norm_with_global_normalization(const Value& input, const Value& mean, const Value& variance,
    const Value& beta, const Value& gamma, double variance_epsilon, bool scale_after_normalization) {
  static const Function& f = named("tf.nn.batch_norm_with_global_normalization");
  return tensor_of(f, {input, mean, variance, beta, gamma, variance_epsilon, scale_after_normalization,
    Value()});
}

Tensor batch_normalization(const Value& x, const Value& mean, const Value& variance, const Value& offset,
    const Value& scale, double variance_epsilon) {
  static const Function& f = named("tf.nn.batch_normalization");
  return tensor_of(f, {x, mean, variance, offset, scale, variance_epsilon, Value()});
}

Tensor bias_add(const Value& value, const Value& bias, const BiasAddOptions& options) {
  static const Function& f = named("tf.nn.bias_add");
  return tensor_of(f, {value, bias, options.data_format, Value()});
}

Tensor compute_average_loss(const Value& per_example_loss, const ComputeAverageLossOptions& options) {
  static const Function& f = named("tf.nn.compute_average_loss");
  return tensor_of(f, {per_example_loss, options.sample_weight, options.global_batch_size});
}

Tensor conv1d(const Value& input, const Value& filters, const Ints& stride, const Value& padding,
    const Conv1dOptions& options) {
  static const Function& f = named("tf.nn.conv1d");
  return tensor_of(f, {input, filters, stride.value, padding, options.data_format, options.dilations.value,
    Value()});
}

Tensor conv1d_transpose(const Value& input, const Value& filters, const Ints& output_shape,
    const Ints& strides, const Conv1dTransposeOptions& options) {
  static const Function& f = named("tf.nn.conv1d_transpose");
  return tensor_of(f, {input, filters, output_shape.value, strides.value, options.padding,
    options.data_format, options.dilations.value, Value()});
}

Tensor conv2d(const Value& input, const Value& filters, const Ints& strides, const Value& padding,
    const Conv2dOptions& options) {
  static const Function& f = named("tf.nn.conv2d");
  return tensor_of(f, {input, filters, strides.value, padding, options.data_format, options.dilations.value,
    Value()});
}

Tensor conv2d_transpose(const Value& input, const Value& filters, const Ints& output_shape,
    const Ints& strides, const Conv2dTransposeOptions& options) {
  static const Function& f = named("tf.nn.conv2d_transpose");
  return tensor_of(f, {input, filters, output_shape.value, strides.value, options.padding,
    options.data_format, options.dilations.value, Value()});
}

Tensor conv3d(const Value& input, const Value& filters, const Ints& strides, const Value& padding,
    const Conv3dOptions& options) {
  static const Function& f = named("tf.nn.conv3d");
  return tensor_of(f, {input, filters, strides.value, padding, options.data_format, options.dilations.value,
    Value()});
}

Tensor conv3d_transpose(const Value& input, const Value& filters, const Ints& output_shape,
    const Ints& strides, const Conv3dTransposeOptions& options) {
  static const Function& f = named("tf.nn.conv3d_transpose");
  return tensor_of(f, {input, filters, output_shape.value, strides.value, options.padding,
    options.data_format, options.dilations.value, Value()});
}

Tensor conv_transpose(const Value& input, const Value& filters, const Ints& output_shape, const Ints& strides,
    const ConvTransposeOptions& options) {
  static const Function& f = named("tf.nn.conv_transpose");
  return tensor_of(f, {input, filters, output_shape.value, strides.value, options.padding,
    options.data_format, options.dilations.value, Value()});
}

Tensor convolution(const Value& input, const Value& filters, const ConvolutionOptions& options) {
  static const Function& f = named("tf.nn.convolution");
  return tensor_of(f, {input, filters, options.strides.value, options.padding, options.data_format,
    options.dilations.value, Value()});
}

Tensor crelu(const Value& features, const CreluOptions& options) {
  static const Function& f = named("tf.nn.crelu");
  return tensor_of(f, {features, options.axis, Value()});
}

Tensor depth_to_space(const Value& input, int64_t block_size, const DepthToSpaceOptions& options) {
  static const Function& f = named("tf.nn.depth_to_space");
  return tensor_of(f, {input, block_size, options.data_format, Value()});
}

Tensor depthwise_conv2d(const Value& input, const Value& filter, const Ints& strides, const Value& padding,
    const DepthwiseConv2dOptions& options) {
  static const Function& f = named("tf.nn.depthwise_conv2d");
  return tensor_of(f, {input, filter, strides.value, padding, options.data_format, options.dilations.value,
    Value()});
}

Tensor depthwise_conv2d_backprop_filter(const Value& input, const Ints& filter_sizes,
    const Value& out_backprop, const Ints& strides, const Value& padding,
    const DepthwiseConv2dBackpropFilterOptions& options) {
  static const Function& f = named("tf.nn.depthwise_conv2d_backprop_filter");
  return tensor_of(f, {input, filter_sizes.value, out_backprop, strides.value, padding, options.data_format,
    options.dilations.value, Value()});
}

Tensor depthwise_conv2d_backprop_input(const Ints& input_sizes, const Value& filter,
    const Value& out_backprop, const Ints& strides, const Value& padding,
    const DepthwiseConv2dBackpropInputOptions& options) {
  static const Function& f = named("tf.nn.depthwise_conv2d_backprop_input");
  return tensor_of(f, {input_sizes.value, filter, out_backprop, strides.value, padding, options.data_format,
    options.dilations.value, Value()});
}

Tensor dilation2d(const Value& input, const Value& filters, const Ints& strides, const std::string& padding,
    const std::string& data_format, const Ints& dilations) {
  static const Function& f = named("tf.nn.dilation2d");
  return tensor_of(f, {input, filters, strides.value, padding, data_format, dilations.value, Value()});
}

Tensor dropout(const Value& x, const Value& rate, const DropoutOptions& options) {
  static const Function& f = named("tf.nn.dropout");
  return tensor_of(f, {x, rate, options.noise_shape, options.seed, Value()});
}

Tensor elu(const Value& features) {
  static const Function& f = named("tf.nn.elu");
  return tensor_of(f, {features, Value()});
}

Tensor embedding_lookup(const Value& params, const Value& ids, const EmbeddingLookupOptions& options) {
  static const Function& f = named("tf.nn.embedding_lookup");
  return tensor_of(f, {params, ids, options.max_norm, Value()});
}

Tensor embedding_lookup_sparse(const Value& params, const Value& sp_ids, const Value& sp_weights,
    const EmbeddingLookupSparseOptions& options) {
  static const Function& f = named("tf.nn.embedding_lookup_sparse");
  return tensor_of(f, {params, sp_ids, sp_weights, options.combiner, options.max_norm, Value()});
}

Tensor erosion2d(const Value& value, const Value& filters, const Ints& strides, const std::string& padding,
    const std::string& data_format, const Ints& dilations) {
  static const Function& f = named("tf.nn.erosion2d");
  return tensor_of(f, {value, filters, strides.value, padding, data_format, dilations.value, Value()});
}

Tensor gelu(const Value& features, const GeluOptions& options) {
  static const Function& f = named("tf.nn.gelu");
  return tensor_of(f, {features, options.approximate, Value()});
}

Tensor l2_loss(const Value& t) {
  static const Function& f = named("tf.nn.l2_loss");
  return tensor_of(f, {t, Value()});
}

Tensor leaky_relu(const Value& features, const LeakyReluOptions& options) {
  static const Function& f = named("tf.nn.leaky_relu");
  return tensor_of(f, {features, options.alpha, Value()});
}

Tensor local_response_normalization(const Value& input, const LocalResponseNormalizationOptions& options) {
  static const Function& f = named("tf.nn.local_response_normalization");
  return tensor_of(f, {input, options.depth_radius, options.bias, options.alpha, options.beta, Value()});
}

Tensor log_poisson_loss(const Value& targets, const Value& log_input, const LogPoissonLossOptions& options) {
  static const Function& f = named("tf.nn.log_poisson_loss");
  return tensor_of(f, {targets, log_input, options.compute_full_loss, Value()});
}

Tensor log_softmax(const Value& logits, const LogSoftmaxOptions& options) {
  static const Function& f = named("tf.nn.log_softmax");
  return tensor_of(f, {logits, options.axis, Value()});
}

Tensor max_pool(const Value& input, const Ints& ksize, const Ints& strides, const Value& padding,
    const MaxPoolOptions& options) {
  static const Function& f = named("tf.nn.max_pool");
  return tensor_of(f, {input, ksize.value, strides.value, padding, options.data_format, Value()});
}

Tensor max_pool1d(const Value& input, const Ints& ksize, const Ints& strides, const Value& padding,
    const MaxPool1dOptions& options) {
  static const Function& f = named("tf.nn.max_pool1d");
  return tensor_of(f, {input, ksize.value, strides.value, padding, options.data_format, Value()});
}

Tensor max_pool2d(const Value& input, const Ints& ksize, const Ints& strides, const Value& padding,
    const MaxPool2dOptions& options) {
  static const Function& f = named("tf.nn.max_pool2d");
  return tensor_of(f, {input, ksize.value, strides.value, padding, options.data_format, Value()});
}

Tensor max_pool3d(const Value& input, const Ints& ksize, const Ints& strides, const Value& padding,
    const MaxPool3dOptions& options) {
  static const Function& f = named("tf.nn.max_pool3d");
  return tensor_of(f, {input, ksize.value, strides.value, padding, options.data_format, Value()});
}

Tensors max_pool_with_argmax(const Value& input, const Ints& ksize, const Ints& strides,
    const std::string& padding, const MaxPoolWithArgmaxOptions& options) {
  static const Function& f = named("tf.nn.max_pool_with_argmax");
  return tensors_of(f, {input, ksize.value, strides.value, padding, options.data_format, options.output_dtype,
    options.include_batch_in_index, Value()});
}

Tensors moments(const Value& x, const Ints& axes, const MomentsOptions& options) {
  static const Function& f = named("tf.nn.moments");
  return tensors_of(f, {x, axes.value, options.shift, options.keepdims, Value()});
}

Tensors normalize_moments(const Value& counts, const Value& mean_ss, const Value& variance_ss,
    const Value& shift) {
  static const Function& f = named("tf.nn.normalize_moments");
  return tensors_of(f, {counts, mean_ss, variance_ss, shift, Value()});
}

Tensor pool(const Value& input, const Ints& window_shape, const std::string& pooling_type,
    const PoolOptions& options) {
  static const Function& f = named("tf.nn.pool");
  return tensor_of(f, {input, window_shape.value, pooling_type, options.strides.value, options.padding,
    options.data_format, options.dilations.value, Value()});
}

Tensor relu(const Value& features) {
  static const Function& f = named("tf.nn.relu");
  return tensor_of(f, {features, Value()});
}

Tensor relu6(const Value& features) {
  static const Function& f = named("tf.nn.relu6");
  return tensor_of(f, {features, Value()});
}

Tensor safe_embedding_lookup_sparse(const Value& embedding_weights, const Value& sparse_ids,
    const SafeEmbeddingLookupSparseOptions& options) {
  static const Function& f = named("tf.nn.safe_embedding_lookup_sparse");
  return tensor_of(f, {embedding_weights, sparse_ids, options.sparse_weights, options.combiner,
    options.default_id, options.max_norm, Value()});
}

Tensor scale_regularization_loss(const Value& regularization_loss) {
  static const Function& f = named("tf.nn.scale_regularization_loss");
  return tensor_of(f, {regularization_loss});
}

Tensor selu(const Value& features) {
  static const Function& f = named("tf.nn.selu");
  return tensor_of(f, {features, Value()});
}

Tensor separable_conv2d(const Value& input, const Value& depthwise_filter, const Value& pointwise_filter,
    const Ints& strides, const Value& padding, const SeparableConv2dOptions& options) {
  static const Function& f = named("tf.nn.separable_conv2d");
  return tensor_of(f, {input, depthwise_filter, pointwise_filter, strides.value, padding, options.data_format,
    options.dilations.value, Value()});
}

Tensor sigmoid_cross_entropy_with_logits(const SigmoidCrossEntropyWithLogitsOptions& options) {
  static const Function& f = named("tf.nn.sigmoid_cross_entropy_with_logits");
  return tensor_of(f, {options.labels, options.logits, Value()});
}

Tensor silu(const Value& features, const SiluOptions& options) {
  static const Function& f = named("tf.nn.silu");
  return tensor_of(f, {features, options.beta});
}

Tensor softmax(const Value& logits, const SoftmaxOptions& options) {
  static const Function& f = named("tf.nn.softmax");
  return tensor_of(f, {logits, options.axis, Value()});
}

Tensor softmax_cross_entropy_with_logits(const Value& labels, const Value& logits,
    const SoftmaxCrossEntropyWithLogitsOptions& options) {
  static const Function& f = named("tf.nn.softmax_cross_entropy_with_logits");
  return tensor_of(f, {labels, logits, options.axis, Value()});
}

Tensor softsign(const Value& features) {
  static const Function& f = named("tf.nn.softsign");
  return tensor_of(f, {features, Value()});
}

Tensor space_to_depth(const Value& input, int64_t block_size, const SpaceToDepthOptions& options) {
  static const Function& f = named("tf.nn.space_to_depth");
  return tensor_of(f, {input, block_size, options.data_format, Value()});
}

Tensor sparse_softmax_cross_entropy_with_logits(const Value& labels, const Value& logits) {
  static const Function& f = named("tf.nn.sparse_softmax_cross_entropy_with_logits");
  return tensor_of(f, {labels, logits, Value()});
}

Value sufficient_statistics(const Value& x, const Ints& axes, const SufficientStatisticsOptions& options) {
  static const Function& f = named("tf.nn.sufficient_statistics");
  return value_of(f, {x, axes.value, options.shift, options.keepdims, Value()});
}

Tensor weighted_cross_entropy_with_logits(const Value& labels, const Value& logits, const Value& pos_weight) {
  static const Function& f = named("tf.nn.weighted_cross_entropy_with_logits");
  return tensor_of(f, {labels, logits, pos_weight, Value()});
}

Tensors weighted_moments(const Value& x, const Ints& axes, const Value& frequency_weights,
    const WeightedMomentsOptions& options) {
  static const Function& f = named("tf.nn.weighted_moments");
  return tensors_of(f, {x, axes.value, frequency_weights, options.keepdims, Value()});
}

}  // namespace ninefold::nn
