// In: [batch, ...]. Out: each sample with mean 0 and variance 1 over the axes, scaled and shifted.
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/normalization.h"

namespace ninefold::keras {
namespace {

class LayerNormalizationLayer : public LayerOf<LayerNormalizationOptions> {
 public:
  void build(const Value& input_shape) override {
    const Shape in = nest::shape(input_shape, name());
    axes_ = normalized_axes(options.axis, in.rank(), name());
    options.axis = ValueList(axes_.begin(), axes_.end());
    std::vector<int64_t> shape;
    for (int64_t a : axes_) {
      shape.push_back(in[static_cast<int>(a)]);
      check(shape.back() >= 0, Code::value, "{}: axis {} of the input must be known, got shape {}", name(), a, in.tuple());
    }
    if (options.scale)
      gamma_ = add_weight({.name = "gamma", .shape = Shape(shape), .initializer = options.gamma_initializer,
                           .regularizer = options.gamma_regularizer, .constraint = options.gamma_constraint, .autocast = false});
    if (options.center)
      beta_ = add_weight({.name = "beta", .shape = Shape(shape), .initializer = options.beta_initializer,
                          .regularizer = options.beta_regularizer, .constraint = options.beta_constraint, .autocast = false});
    set_built(true);
  }
  Value call(const Value& inputs, const CallArgs&) override {
    const Tensor given = cast(nest::tensor(inputs, name()), compute_dtype());
    const bool narrow = given.dtype() == DType::f16 || given.dtype() == DType::bf16;
    const Tensor x = narrow ? cast(given, DType::f32) : given;
    std::vector<int64_t> dims(static_cast<size_t>(x.rank()), 1);
    for (int64_t a : axes_) dims[static_cast<size_t>(a)] = x.shape()[static_cast<int>(a)];
    const auto broadcast = [&](const Variable& v, bool used) {
      if (!used) return Tensor();
      const Tensor t = cast(value_of(v), x.dtype());
      return axes_.size() == 1 && axes_[0] == x.rank() - 1 ? t : reshape(t, dims);
    };
    const auto [mean, variance] = moments(x, axes_, true);
    // First normalized, then scaled, as Keras' fused form has it.
    Tensor y = normalized(x, mean, variance, {}, {}, options.epsilon);
    if (options.scale) y = y * broadcast(gamma_, true);
    if (options.center) y = y + broadcast(beta_, true);
    return cast(y, given.dtype());
  }
  Value compute_output_shape(const Value& input_shape) override { return input_shape; }

 protected:
  void ready() override { supports_masking = true; }

 private:
  std::vector<int64_t> axes_;
  Variable gamma_, beta_;
};
const LayerClass<LayerNormalizationLayer> layer_normalization_layer = {
    {"LayerNormalization"}, "Each sample with mean 0 and variance 1 over the axes, scaled and shifted.", [] {
      using O = LayerNormalizationOptions;
      return Schema<O>().field("axis", &O::axis).field("epsilon", &O::epsilon).field("center", &O::center).field("scale", &O::scale)
          .field("beta_initializer", &O::beta_initializer).field("gamma_initializer", &O::gamma_initializer)
          .field("beta_regularizer", &O::beta_regularizer).field("gamma_regularizer", &O::gamma_regularizer)
          .field("beta_constraint", &O::beta_constraint).field("gamma_constraint", &O::gamma_constraint);
    }};

}  // namespace

LayerPtr LayerNormalization(LayerNormalizationOptions o) { return layer_normalization_layer(std::move(o)); }

}  // namespace ninefold::keras
