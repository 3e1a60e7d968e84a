// In: steps [batch, steps, n]. Out: each channel convolved by itself: [batch, steps', n depth_multiplier].
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/windows.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

// Configs of all convolutions hold groups; here they are 1, as there is one a channel anyway.
struct DepthwiseStepFields : DepthwiseConvOptions {
  DepthwiseStepFields() = default;
  DepthwiseStepFields(DepthwiseConvOptions o) : DepthwiseConvOptions(std::move(o)) {}
  int64_t groups = 1;
};

class DepthwiseConv1DLayer : public LayerOf<DepthwiseStepFields> {
 public:
  void build(const Value& input_shape) override {
    const DepthwiseStepFields& o = options;
    const Shape in = nest::shape(input_shape, name());
    check(in.rank() >= 3, Code::value, "Inputs to `DepthwiseConv` should have rank 3. Received input_shape={}.", in.tuple());
    const int axis = first() ? -2 : -1;
    const int64_t n = in.dim(axis);
    check(n >= 0, Code::value, "The channel dimension of the inputs to `DepthwiseConv` should be defined. The input_shape received is "
          "{}, where axis {} (0-based) is the channel dimension, which found to be `None`.", in.tuple(), axis);
    input_spec = ValueDict{{"min_ndim", 3}, {"axes", ValueDict{{std::to_string(axis), n}}}};
    depthwise_ = add_weight({.name = "depthwise_kernel", .shape = {o.kernel_size[0], n, o.depth_multiplier},
                             .initializer = o.depthwise_initializer, .regularizer = o.depthwise_regularizer,
                             .constraint = o.depthwise_constraint});
    if (o.use_bias)
      bias_ = add_weight({.name = "bias", .shape = {n * o.depth_multiplier}, .initializer = o.bias_initializer,
                          .regularizer = o.bias_regularizer, .constraint = o.bias_constraint});
    set_built(true);
  }
  // Steps are images of height 1; both strides are the same, as the kernels take no other.
  Value call(const Value& inputs, const CallArgs&) override {
    const DepthwiseStepFields& o = options;
    const int32_t height = first() ? 2 : 1;
    const int64_t stride = o.strides[0];
    Tensor y = function("tf.nn.depthwise_conv2d", {
        {"input", op("ExpandDims", {nest::tensor(inputs, name()), Tensor(height)})},
        {"filter", op("ExpandDims", {read(depthwise_), Tensor(int32_t{0})})},
        {"strides", first() ? ValueList{1, 1, stride, stride} : ValueList{1, stride, stride, 1}},
        {"padding", upper(o.padding)}, {"data_format", tensor_format(o.data_format, 2)},
        {"dilations", ValueList{1, o.dilation_rate[0]}}});
    if (o.use_bias) y = first() ? y + reshape(read(bias_), {bias_.shape()[0], 1, 1}) : op("BiasAdd", {y, read(bias_)});
    y = op("Squeeze", {y}, {{"squeeze_dims", std::vector<int64_t>{height}}});
    return o.activation ? (*o.activation)(y) : y;
  }
  Value compute_output_shape(const Value& input_shape) override {
    std::vector<int64_t> out = nest::dims(input_shape, 3, name());
    int64_t &steps = out[first() ? 2 : 1], &channels = out[first() ? 1 : 2];
    steps = windowed(steps, options.kernel_size[0], options.padding, options.strides[0], options.dilation_rate[0]);
    channels = channels < 0 ? -1 : channels * options.depth_multiplier;
    return Shape(out);
  }

 protected:
  void ready() override {
    DepthwiseStepFields& o = options;
    check(o.groups == 1, Code::value, "{}: groups must be 1, received: {}", class_name(), o.groups);
    spread(o.kernel_size, 1, "kernel_size");
    spread_strides(o.strides, 1);
    spread(o.dilation_rate, 1, "dilation_rate");
    check_padding(o.padding, false);
    check_format(o.data_format);
    input_spec = ValueDict{{"min_ndim", 3}};
  }

 private:
  bool first() const { return options.data_format == "channels_first"; }
  Variable depthwise_, bias_;
};

template <class T> T DepthwiseStepFields::*step_field(T DepthwiseConvOptions::*member) { return member; }
const LayerClass<DepthwiseConv1DLayer> depthwise_conv1d = {
    {"DepthwiseConv1D"}, "Convolves each channel by itself: [batch, steps, n] -> [batch, steps', n depth_multiplier].", [] {
      using O = DepthwiseConvOptions;
      return Schema<DepthwiseStepFields>().required("kernel_size", step_field(&O::kernel_size)).field("strides", step_field(&O::strides))
          .field("padding", step_field(&O::padding)).field("depth_multiplier", step_field(&O::depth_multiplier))
          .field("data_format", step_field(&O::data_format)).field("dilation_rate", step_field(&O::dilation_rate))
          .field("activation", step_field(&O::activation)).field("use_bias", step_field(&O::use_bias))
          .field("depthwise_initializer", step_field(&O::depthwise_initializer)).field("bias_initializer", step_field(&O::bias_initializer))
          .field("depthwise_regularizer", step_field(&O::depthwise_regularizer)).field("bias_regularizer", step_field(&O::bias_regularizer))
          .field("activity_regularizer", step_field(&O::activity_regularizer)).field("depthwise_constraint", step_field(&O::depthwise_constraint))
          .field("bias_constraint", step_field(&O::bias_constraint)).field("groups", &DepthwiseStepFields::groups);
    }};

}  // namespace
}  // namespace ninefold::keras
