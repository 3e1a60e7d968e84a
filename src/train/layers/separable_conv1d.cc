// In: steps [batch, steps, n]. Out: each channel convolved by itself, then mixed: SeparableConv1D.
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/windows.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

// The kernel_ fields stand in configs of all convolutions; this one has no such kernel.
struct SeparableFields {
  int64_t filters = 0;
  std::vector<int64_t> kernel_size = {}, strides = {1};
  std::string padding = "valid", data_format = {};
  std::vector<int64_t> dilation_rate = {1};
  int64_t depth_multiplier = 1, groups = 1;
  Given<keras::Activation> activation = {};
  bool use_bias = true;
  Given<Initializer> depthwise_initializer = "glorot_uniform", pointwise_initializer = "glorot_uniform", bias_initializer = "zeros",
                     kernel_initializer = "glorot_uniform";
  Given<Regularizer> depthwise_regularizer = {}, pointwise_regularizer = {}, bias_regularizer = {}, activity_regularizer = {},
                     kernel_regularizer = {};
  Given<Constraint> depthwise_constraint = {}, pointwise_constraint = {}, bias_constraint = {}, kernel_constraint = {};
  NINEFOLD_LAYER_OPTIONS;
};

class SeparableConv1DLayer : public LayerOf<SeparableFields> {
 public:
  using O = SeparableFields;
  void build(const Value& input_shape) override {
    const O& o = options;
    const Shape in = nest::shape(input_shape, name());
    const int axis = first() ? -2 : -1;
    const int64_t n = in.rank() >= 3 ? in.dim(axis) : -1;
    check(n >= 0, Code::value, "The channel dimension of the inputs should be defined. The input_shape received is {}, where axis {} "
          "(0-based) is the channel dimension, which found to be `None`.", in.tuple(), axis);
    input_spec = ValueDict{{"min_ndim", 3}, {"axes", ValueDict{{std::to_string(axis), n}}}};
    depthwise_ = add_weight({.name = "depthwise_kernel", .shape = {o.kernel_size[0], n, o.depth_multiplier},
                             .initializer = o.depthwise_initializer, .regularizer = o.depthwise_regularizer,
                             .constraint = o.depthwise_constraint});
    pointwise_ = add_weight({.name = "pointwise_kernel", .shape = {1, n * o.depth_multiplier, o.filters},
                             .initializer = o.pointwise_initializer, .regularizer = o.pointwise_regularizer,
                             .constraint = o.pointwise_constraint});
    if (o.use_bias)
      bias_ = add_weight({.name = "bias", .shape = {o.filters}, .initializer = o.bias_initializer,
                          .regularizer = o.bias_regularizer, .constraint = o.bias_constraint});
    set_built(true);
  }
  // Steps are images of height 1; both strides are the same, as the kernels take no other.
  Value call(const Value& inputs, const CallArgs&) override {
    const O& o = options;
    Tensor x = nest::tensor(inputs, name());
    if (o.padding == "causal") {
      std::vector<int32_t> pads(6);
      pads[first() ? 4 : 2] = static_cast<int32_t>(o.dilation_rate[0] * (o.kernel_size[0] - 1));
      x = op("Pad", {x, Tensor::of<int32_t>({3, 2}, pads)});
    }
    const int32_t height = first() ? 2 : 1;
    const auto high = [](const Tensor& w) { return op("ExpandDims", {w, Tensor(int32_t{0})}); };
    const int64_t stride = o.strides[0];
    Tensor y = function("tf.nn.separable_conv2d", {
        {"input", op("ExpandDims", {x, Tensor(height)})}, {"depthwise_filter", high(read(depthwise_))},
        {"pointwise_filter", high(read(pointwise_))},
        {"strides", first() ? ValueList{1, 1, stride, stride} : ValueList{1, stride, stride, 1}},
        {"padding", o.padding == "same" ? "SAME" : "VALID"}, {"data_format", tensor_format(o.data_format, 2)},
        {"dilations", ValueList{1, o.dilation_rate[0]}}});
    if (o.use_bias) y = first() ? y + reshape(read(bias_), {o.filters, 1, 1}) : op("BiasAdd", {y, read(bias_)});
    y = op("Squeeze", {y}, {{"squeeze_dims", std::vector<int64_t>{height}}});
    return o.activation ? (*o.activation)(y) : y;
  }
  Value compute_output_shape(const Value& input_shape) override {
    std::vector<int64_t> out = nest::dims(input_shape, 3, name());
    int64_t& steps = out[first() ? 2 : 1];
    steps = windowed(steps, options.kernel_size[0], options.padding, options.strides[0], options.dilation_rate[0]);
    out[first() ? 1 : 2] = options.filters;
    return Shape(out);
  }

 protected:
  void ready() override {
    O& o = options;
    check(o.filters > 0, Code::value, "Invalid value for argument `filters`. Expected a strictly positive value. Received filters={}.",
          o.filters);
    check(o.groups == 1, Code::value, "{}: groups must be 1, received: {}", class_name(), o.groups);
    spread(o.kernel_size, 1, "kernel_size");
    spread_strides(o.strides, 1);
    spread(o.dilation_rate, 1, "dilation_rate");
    check_padding(o.padding, true);
    check_format(o.data_format);
    input_spec = ValueDict{{"min_ndim", 3}};
  }

 private:
  bool first() const { return options.data_format == "channels_first"; }
  Variable depthwise_, pointwise_, bias_;
};

const LayerClass<SeparableConv1DLayer> separable_conv1d_layer = {
    {"SeparableConv1D", "SeparableConvolution1D"}, "A depthwise convolution of steps, then one of width 1 over channels.", [] {
      using O = SeparableFields;
      return Schema<O>().required("filters", &O::filters).required("kernel_size", &O::kernel_size).field("strides", &O::strides)
          .field("padding", &O::padding).field("data_format", &O::data_format).field("dilation_rate", &O::dilation_rate)
          .field("depth_multiplier", &O::depth_multiplier).field("activation", &O::activation).field("use_bias", &O::use_bias)
          .field("depthwise_initializer", &O::depthwise_initializer).field("pointwise_initializer", &O::pointwise_initializer)
          .field("bias_initializer", &O::bias_initializer).field("depthwise_regularizer", &O::depthwise_regularizer)
          .field("pointwise_regularizer", &O::pointwise_regularizer).field("bias_regularizer", &O::bias_regularizer)
          .field("activity_regularizer", &O::activity_regularizer).field("depthwise_constraint", &O::depthwise_constraint)
          .field("pointwise_constraint", &O::pointwise_constraint).field("bias_constraint", &O::bias_constraint)
          .field("groups", &O::groups).field("kernel_initializer", &O::kernel_initializer)
          .field("kernel_regularizer", &O::kernel_regularizer).field("kernel_constraint", &O::kernel_constraint);
    }};

}  // namespace

LayerPtr SeparableConv1D(int64_t filters, std::vector<int64_t> kernel_size, DepthwiseConvOptions o) {
  SeparableFields f;
  f.filters = filters, f.kernel_size = std::move(kernel_size), f.strides = std::move(o.strides);
  f.padding = std::move(o.padding), f.data_format = std::move(o.data_format), f.dilation_rate = std::move(o.dilation_rate);
  f.depth_multiplier = o.depth_multiplier, f.activation = o.activation, f.use_bias = o.use_bias;
  f.depthwise_initializer = o.depthwise_initializer, f.pointwise_initializer = o.pointwise_initializer;
  f.bias_initializer = o.bias_initializer;
  f.depthwise_regularizer = o.depthwise_regularizer, f.pointwise_regularizer = o.pointwise_regularizer;
  f.bias_regularizer = o.bias_regularizer, f.activity_regularizer = o.activity_regularizer;
  f.depthwise_constraint = o.depthwise_constraint, f.pointwise_constraint = o.pointwise_constraint;
  f.bias_constraint = o.bias_constraint;
  f.name = std::move(o.name), f.input_shape = std::move(o.input_shape), f.trainable = o.trainable, f.dtype = o.dtype;
  return separable_conv1d_layer(std::move(f));
}

}  // namespace ninefold::keras
