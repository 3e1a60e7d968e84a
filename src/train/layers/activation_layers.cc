// In: a tensor. Out: an activation with numbers of its own: ReLU, LeakyReLU, ELU, PReLU, ThresholdedReLU, Softmax.
#include <cmath>

#include "train/layers/activations.h"
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

// Same shape, masks go through.
template <class O>
class Elementwise : public LayerOf<O> {
 public:
  Value call(const Value& inputs, const CallArgs&) override {
    return nest::over_flat(inputs, this->name(), [&](const Tensor& x) { return apply(x); });
  }
  Value compute_output_shape(const Value& input_shape) override { return input_shape; }
  virtual Tensor apply(const Tensor& x) = 0;

 protected:
  void ready() override { this->supports_masking = true; }
};
double floats(double v) { return static_cast<float>(v); }   // Keras keeps these numbers in floatx

class ReluLayer : public Elementwise<ReluOptions> {
 public:
  Tensor apply(const Tensor& x) override {
    const std::optional<double> most = options.max_value.none() ? std::nullopt : std::optional(As<double>::from(options.max_value, "max_value"));
    return relu(x, options.negative_slope, most, options.threshold);
  }

 protected:
  void ready() override {
    const double most = options.max_value.none() ? 0 : As<double>::from(options.max_value, "max_value");
    check(most >= 0, Code::value, "max_value of a ReLU layer cannot be a negative value. Received: {}", most);
    check(options.negative_slope >= 0, Code::value, "negative_slope of a ReLU layer cannot be a negative value. Received: {}",
          options.negative_slope);
    check(options.threshold >= 0, Code::value, "threshold of a ReLU layer cannot be a negative value. Received: {}", options.threshold);
    if (!options.max_value.none()) options.max_value = floats(most);
    options.negative_slope = floats(options.negative_slope);
    options.threshold = floats(options.threshold);
    supports_masking = true;
  }
};
const LayerClass<ReluLayer> relu_layer = {{"ReLU"}, "max_value above it, x from threshold on, negative_slope (x - threshold) below.", [] {
  using O = ReluOptions;
  return Schema<O>().field("max_value", &O::max_value).field("negative_slope", &O::negative_slope).field("threshold", &O::threshold);
}};

class LeakyLayer : public Elementwise<SlopeOptions> {
 public:
  Tensor apply(const Tensor& x) override { return relu(x, options.alpha, std::nullopt, 0); }

 protected:
  void ready() override {
    options.alpha = floats(options.alpha);
    supports_masking = true;
  }
};
const LayerClass<LeakyLayer> leaky = {{"LeakyReLU"}, "x above 0, alpha x below.", [] {
  return Schema<SlopeOptions>().field("alpha", &SlopeOptions::alpha);
}};

class EluLayer : public Elementwise<EluOptions> {
 public:
  Tensor apply(const Tensor& x) override { return elu(x, options.alpha); }

 protected:
  void ready() override {
    options.alpha = floats(options.alpha);
    supports_masking = true;
  }
};
const LayerClass<EluLayer> elu_layer = {{"ELU"}, "x above 0, alpha (exp(x) - 1) below.", [] {
  return Schema<EluOptions>().field("alpha", &EluOptions::alpha);
}};

class ThresholdLayer : public Elementwise<ThresholdOptions> {
 public:
  Tensor apply(const Tensor& x) override { return x * cast(op("Greater", {x, number(options.theta, x.dtype())}), x.dtype()); }

 protected:
  void ready() override {
    check(options.theta >= 0, Code::value, "Theta value of a Thresholded ReLU layer should be >=0. Received: {}", options.theta);
    options.theta = floats(options.theta);
    supports_masking = true;
  }
};
const LayerClass<ThresholdLayer> threshold = {{"ThresholdedReLU"}, "x above theta, 0 below.", [] {
  return Schema<ThresholdOptions>().field("theta", &ThresholdOptions::theta);
}};

class SoftmaxLayer : public LayerOf<SoftmaxOptions> {
 public:
  Value call(const Value& inputs, const CallArgs& args) override {
    if (nest::ragged(inputs)) {
      const std::vector<int64_t> axes = As<std::vector<int64_t>>::from(options.axis, "axis");
      check(axes.size() == 1, Code::value, "Softmax: expected one axis for a ragged tensor, got {}", axes.size());
      return ninefold::call("tf.nn.softmax", {{"logits", inputs}, {"axis", axes[0]}});
    }
    Tensor x = nest::tensor(inputs, name());
    // What the mask leaves out gets a score so low that its share is 0.
    if (const Tensor* mask = args.mask.get<Tensor>())
      x = x + (number(1, x.dtype()) - cast(*mask, x.dtype())) * number(x.dtype() == DType::f16 ? -65504.0 : -1e9, x.dtype());
    if (const double* f = options.axis.get<double>(); f && *f != std::floor(*f))
      return ninefold::call("tf.nn.softmax", {{"logits", x}, {"axis", *f}});   // which refuses it
    return softmax(x, As<std::vector<int64_t>>::from(options.axis, "axis"));
  }
  Value compute_output_shape(const Value& input_shape) override { return input_shape; }

 protected:
  void ready() override { supports_masking = true; }
  std::vector<std::string> call_parameters() const override { return {"inputs", "mask"}; }
};
const LayerClass<SoftmaxLayer> softmax_layer = {{"Softmax"}, "exp(x) over its sum along an axis.", [] {
  return Schema<SoftmaxOptions>().field("axis", &SoftmaxOptions::axis);
}};

class PreluLayer : public Elementwise<PreluOptions> {
 public:
  void build(const Value& input_shape) override {
    const Shape in = nest::shape(input_shape, name());
    std::vector<int64_t> shape = in.slice(1, in.rank()).vector();
    for (int64_t a : options.shared_axes) {
      check(a >= 1 && a < in.rank(), Code::value, "PReLU: shared axis {} is out of range for input shape {}", a, in.tuple());
      shape[static_cast<size_t>(a - 1)] = 1;
    }
    ValueDict axes;
    for (int i = 1; i < in.rank(); ++i)
      if (shape[static_cast<size_t>(i - 1)] != 1 || in[i] == 1) axes.push_back({std::to_string(i), in[i] < 0 ? Value() : Value(in[i])});
    alpha_ = add_weight({.name = "alpha", .shape = Shape(shape), .initializer = options.alpha_initializer,
                         .regularizer = options.alpha_regularizer, .constraint = options.alpha_constraint});
    input_spec = ValueDict{{"ndim", in.rank()}, {"axes", axes}};
    set_built(true);
  }
  Tensor apply(const Tensor& x) override { return op("Relu", {x}) + (-read(alpha_)) * op("Relu", {-x}); }

 private:
  Variable alpha_;
};
const LayerClass<PreluLayer> prelu = {{"PReLU"}, "x above 0, alpha x below, with an alpha that is learned.", [] {
  using O = PreluOptions;
  return Schema<O>().field("alpha_initializer", &O::alpha_initializer).field("alpha_regularizer", &O::alpha_regularizer)
      .field("alpha_constraint", &O::alpha_constraint).field("shared_axes", &O::shared_axes);
}};

}  // namespace

LayerPtr ReLU(ReluOptions o) { return relu_layer(std::move(o)); }
LayerPtr LeakyReLU(SlopeOptions o) { return leaky(std::move(o)); }
LayerPtr ELU(EluOptions o) { return elu_layer(std::move(o)); }
LayerPtr ThresholdedReLU(ThresholdOptions o) { return threshold(std::move(o)); }
LayerPtr Softmax(SoftmaxOptions o) { return softmax_layer(std::move(o)); }
LayerPtr PReLU(PreluOptions o) { return prelu(std::move(o)); }

}  // namespace ninefold::keras
