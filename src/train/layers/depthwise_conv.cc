// In: images [batch, h, w, n]. Out: each channel convolved by itself (DepthwiseConv2D), then mixed (SeparableConv2D).
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/windows.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

// Configs of all convolutions hold groups; of these they are 1, as there is one a channel anyway.
// Separable ones carry the fields of a kernel too, which they do not have.
struct DepthwiseFields : DepthwiseConvOptions {
  DepthwiseFields() = default;
  DepthwiseFields(DepthwiseConvOptions o) : DepthwiseConvOptions(std::move(o)) {}
  int64_t groups = 1;
  Given<Initializer> kernel_initializer = "glorot_uniform";
  Given<Regularizer> kernel_regularizer = {};
  Given<Constraint> kernel_constraint = {};
};
template <class T> T DepthwiseFields::*own(T DepthwiseConvOptions::*member) { return member; }

template <bool separable>
class DepthwiseLayer : public LayerOf<DepthwiseFields> {
 public:
  using O = DepthwiseFields;
  void build(const Value& input_shape) override {
    const O& o = options;
    const Shape in = nest::shape(input_shape, name());
    check(in.rank() >= 4, Code::value, "Inputs to `{}` should have rank 4. Received input_shape={}.", class_name(), in.tuple());
    const int axis = first() ? -3 : -1;
    const int64_t n = in.dim(axis);
    check(n >= 0, Code::value, "The channel dimension of the inputs to `{}` should be defined. The input_shape received is {}, where "
          "axis {} (0-based) is the channel dimension, which found to be `None`.", class_name(), in.tuple(), axis);
    input_spec = ValueDict{{"min_ndim", 4}, {"axes", ValueDict{{std::to_string(axis), n}}}};
    depthwise_ = add_weight({.name = "depthwise_kernel", .shape = {o.kernel_size[0], o.kernel_size[1], n, o.depth_multiplier},
                             .initializer = o.depthwise_initializer, .regularizer = o.depthwise_regularizer,
                             .constraint = o.depthwise_constraint});
    if (separable)
      pointwise_ = add_weight({.name = "pointwise_kernel", .shape = {1, 1, n * o.depth_multiplier, o.filters},
                               .initializer = o.pointwise_initializer, .regularizer = o.pointwise_regularizer,
                               .constraint = o.pointwise_constraint});
    if (o.use_bias)
      bias_ = add_weight({.name = "bias", .shape = {separable ? o.filters : n * o.depth_multiplier}, .initializer = o.bias_initializer,
                          .regularizer = o.bias_regularizer, .constraint = o.bias_constraint});
    set_built(true);
  }
  Value call(const Value& inputs, const CallArgs&) override {
    const O& o = options;
    const Tensor x = nest::tensor(inputs, name());
    const ValueList strides = first() ? ValueList{1, 1, o.strides[0], o.strides[1]} : ValueList{1, o.strides[0], o.strides[1], 1};
    std::vector<std::pair<std::string, Value>> named = {
        {"input", x}, {"strides", strides}, {"padding", upper(o.padding)}, {"data_format", tensor_format(o.data_format, 2)},
        {"dilations", list_of(o.dilation_rate)}};
    Tensor y;
    if (separable) {
      named.insert(named.end(), {{"depthwise_filter", read(depthwise_)}, {"pointwise_filter", read(pointwise_)}});
      y = function("tf.nn.separable_conv2d", named);
    } else {
      named.push_back({"filter", read(depthwise_)});
      y = function("tf.nn.depthwise_conv2d", named);
    }
    if (o.use_bias) y = first() ? y + reshape(read(bias_), {bias_.shape()[0], 1, 1}) : op("BiasAdd", {y, read(bias_)});
    return o.activation ? (*o.activation)(y) : y;
  }
  Value compute_output_shape(const Value& input_shape) override {
    std::vector<int64_t> out = nest::dims(input_shape, 4, name());
    const size_t at = first() ? 2 : 1, channel = first() ? 1 : 3;
    for (size_t i = 0; i < 2; ++i)
      out[at + i] = windowed(out[at + i], options.kernel_size[i], options.padding, options.strides[i], options.dilation_rate[i]);
    out[channel] = separable ? options.filters : out[channel] < 0 ? -1 : out[channel] * options.depth_multiplier;
    return Shape(out);
  }

 protected:
  void ready() override {
    O& o = options;
    check(!separable || o.filters > 0, Code::value, "Invalid value for argument `filters`. Expected a strictly positive value. Received "
          "filters={}.", o.filters);
    spread(o.kernel_size, 2, "kernel_size");
    spread_strides(o.strides, 2);
    spread(o.dilation_rate, 2, "dilation_rate");
    check_padding(o.padding, false);
    check_format(o.data_format);
    check(o.groups == 1, Code::value, "{}: groups must be 1, received: {}", class_name(), o.groups);
    input_spec = ValueDict{{"min_ndim", 4}};
  }

 private:
  bool first() const { return options.data_format == "channels_first"; }
  Variable depthwise_, pointwise_, bias_;
};

Schema<DepthwiseFields> fields(bool separable) {
  using O = DepthwiseConvOptions;
  Schema<DepthwiseFields> s;
  if (separable) s.required("filters", own(&O::filters));
  s.required("kernel_size", own(&O::kernel_size)).field("strides", own(&O::strides)).field("padding", own(&O::padding));
  if (!separable) s.field("depth_multiplier", own(&O::depth_multiplier));
  s.field("data_format", own(&O::data_format)).field("dilation_rate", own(&O::dilation_rate));
  if (separable) s.field("depth_multiplier", own(&O::depth_multiplier));
  s.field("activation", own(&O::activation)).field("use_bias", own(&O::use_bias)).field("depthwise_initializer", own(&O::depthwise_initializer));
  if (separable) s.field("pointwise_initializer", own(&O::pointwise_initializer));
  s.field("bias_initializer", own(&O::bias_initializer)).field("depthwise_regularizer", own(&O::depthwise_regularizer));
  if (separable) s.field("pointwise_regularizer", own(&O::pointwise_regularizer));
  s.field("bias_regularizer", own(&O::bias_regularizer)).field("activity_regularizer", own(&O::activity_regularizer))
      .field("depthwise_constraint", own(&O::depthwise_constraint));
  if (separable) s.field("pointwise_constraint", own(&O::pointwise_constraint));
  s.field("bias_constraint", own(&O::bias_constraint)).field("groups", &DepthwiseFields::groups);
  if (separable)
    s.field("kernel_initializer", &DepthwiseFields::kernel_initializer).field("kernel_regularizer", &DepthwiseFields::kernel_regularizer)
        .field("kernel_constraint", &DepthwiseFields::kernel_constraint);
  return s;
}
const LayerClass<DepthwiseLayer<false>> depthwise = {
    {"DepthwiseConv2D"}, "Convolves each channel by itself: [batch, h, w, n] -> [batch, h', w', n depth_multiplier].", [] { return fields(false); }};
const LayerClass<DepthwiseLayer<true>> separated = {
    {"SeparableConv2D", "SeparableConvolution2D"}, "A depthwise convolution, then one of 1 x 1 over channels.", [] { return fields(true); }};

}  // namespace

LayerPtr DepthwiseConv2D(std::vector<int64_t> kernel, DepthwiseConvOptions o) {
  o.kernel_size = std::move(kernel);
  return depthwise(std::move(o));
}
LayerPtr SeparableConv2D(int64_t filters, std::vector<int64_t> kernel, DepthwiseConvOptions o) {
  o.filters = filters;
  o.kernel_size = std::move(kernel);
  return separated(std::move(o));
}

}  // namespace ninefold::keras
