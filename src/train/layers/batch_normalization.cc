// In: [..., channels]. Out: each channel with mean 0 and variance 1, scaled and shifted. Images go through the
// fused op, as in Keras; the rest is composed.
#include "train/layers/call_context.h"
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/normalization.h"

namespace ninefold::keras {

std::vector<int64_t> normalized_axes(const Value& axis, int rank, const std::string& who) {
  check(!axis.none(), Code::type, "Expected an int or a list/tuple of ints for the argument 'axis', but received: None");
  std::vector<int64_t> axes = As<std::vector<int64_t>>::from(axis, "axis");
  check(!axes.empty(), Code::value, "{}: expected at least one axis to normalise over, got axis=[]", who);
  std::string shown;
  for (int64_t a : axes) shown += std::to_string(a) + ",";
  for (int64_t& a : axes) {
    check(a >= -rank && a < rank, Code::value,
          "Invalid value for `axis` argument. Expected 0 <= axis < inputs.rank (with inputs.rank={}). Received: axis=({})", rank, shown);
    if (a < 0) a += rank;
  }
  std::vector<int64_t> sorted = axes;
  std::sort(sorted.begin(), sorted.end());
  check(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end(), Code::value, "Duplicate axis: ({}) in layer {}", shown, who);
  return axes;
}
std::pair<Tensor, Tensor> moments(const Tensor& x, const std::vector<int64_t>& axes, bool keep) {
  const Tensor mean = reduce("Mean", x, axes, true);
  const Tensor variance = reduce("Mean", op("SquaredDifference", {x, op("StopGradient", {mean})}), axes, keep);
  return {keep ? mean : op("Squeeze", {mean}, {{"squeeze_dims", axes}}), variance};
}
Tensor normalized(const Tensor& x, const Tensor& mean, const Tensor& variance, const Tensor& offset, const Tensor& scale, double epsilon) {
  Tensor by = op("Rsqrt", {plus(variance, epsilon)});
  if (scale) by = by * scale;
  const Tensor shift = offset ? offset - mean * by : -(mean * by);
  return x * cast(by, x.dtype()) + cast(shift, x.dtype());
}

namespace {

class BatchNormalizationLayer : public LayerOf<BatchNormalizationOptions> {
 public:
  void build(const Value& input_shape) override {
    const Shape in = nest::shape(input_shape, name());
    axes_ = normalized_axes(options.axis, in.rank(), name());
    options.axis = ValueList(axes_.begin(), axes_.end());
    std::vector<int64_t> shape;
    ValueDict known;
    for (int64_t a : axes_) {
      const int64_t n = in[static_cast<int>(a)];
      check(n >= 0, Code::value, "Input has undefined `axis` dimension. Received input with shape {} and axis={}", in.tuple(), a);
      known.push_back({std::to_string(a), n});
      shape.push_back(n);
    }
    if (axes_.size() > 1) {
      shape.assign(static_cast<size_t>(in.rank()), 1);
      for (int64_t a : axes_) shape[static_cast<size_t>(a)] = in[static_cast<int>(a)];
    }
    input_spec = ValueDict{{"ndim", in.rank()}, {"axes", known}};
    const DType narrow = compute_dtype();
    fused_ = in.rank() == 4 && axes_.size() == 1 && (axes_[0] == 1 || axes_[0] == 3) && narrow != DType::f64;
    const DType dtype = this->dtype() == DType::f16 || this->dtype() == DType::bf16 ? DType::f32 : this->dtype();
    const auto weight = [&](const char* name, const auto& initializer, const auto& regularizer, const auto& constraint, bool trains) {
      return add_weight({.name = name, .shape = Shape(shape), .dtype = dtype, .initializer = initializer, .regularizer = regularizer,
                         .constraint = constraint, .trainable = trains, .autocast = false});
    };
    if (options.scale) gamma_ = weight("gamma", options.gamma_initializer, options.gamma_regularizer, options.gamma_constraint, true);
    if (options.center) beta_ = weight("beta", options.beta_initializer, options.beta_regularizer, options.beta_constraint, true);
    mean_ = weight("moving_mean", options.moving_mean_initializer, nullptr, nullptr, false);
    variance_ = weight("moving_variance", options.moving_variance_initializer, nullptr, nullptr, false);
    set_built(true);
  }
  Value call(const Value& inputs, const CallArgs& args) override {
    const Tensor x = cast(nest::tensor(inputs, name()), compute_dtype());
    // A frozen layer normalizes by its averages whatever the model around it does.
    if (!trainable()) return fused_ ? fused(x, false) : composed(x, false);
    return if_training(args, [&] { return fused_ ? fused(x, true) : composed(x, true); },
                       [&] { return fused_ ? fused(x, false) : composed(x, false); });
  }
  Value compute_output_shape(const Value& input_shape) override { return input_shape; }

 protected:
  void ready() override { supports_masking = true; }
  std::vector<std::string> call_parameters() const override { return {"inputs", "training"}; }

 private:
  Tensor fused(const Tensor& x, bool training) {
    const Tensor shape = ints(mean_.shape().vector());
    const auto filled = [&](float v) { return op("Fill", {shape, Tensor(v)}); };
    const Tensor scale = options.scale ? value_of(gamma_) : filled(1), offset = options.center ? value_of(beta_) : filled(0);
    const Tensor in[] = {x, scale, offset, value_of(mean_), value_of(variance_)};
    const double epsilon = std::max(options.epsilon, 1.001e-5);   // the least that fused kernels take
    const NamedAttr attrs[] = {{"epsilon", epsilon}, {"data_format", axes_[0] == 1 ? "NCHW" : "NHWC"}, {"is_training", training},
                               {"exponential_avg_factor", training ? 1.0 - options.momentum : 1.0}};
    const Tensors out = op_all("FusedBatchNormV3", in, attrs);
    if (training) {   // the op has moved the averages already
      add_update(out[1], mean_);
      add_update(out[2], variance_);
    }
    return out[0];
  }
  Tensor composed(const Tensor& given, bool training) {
    const bool narrow = given.dtype() == DType::f16 || given.dtype() == DType::bf16;
    const Tensor x = narrow ? cast(given, DType::f32) : given;
    const int rank = x.rank();
    const auto broadcast = [&](const Tensor& v) {
      if (!v || v.rank() == rank || axes_[0] == rank - 1) return v;
      std::vector<int64_t> dims(static_cast<size_t>(rank), 1);
      dims[static_cast<size_t>(axes_[0])] = v.shape()[0];
      return reshape(v, dims);
    };
    Tensor mean, variance;
    if (training) {
      std::vector<int64_t> over;
      for (int64_t i = 0; i < rank; ++i)
        if (std::find(axes_.begin(), axes_.end(), i) == axes_.end()) over.push_back(i);
      std::tie(mean, variance) = moments(cast(x, mean_.dtype()), over, axes_.size() > 1);
      move(mean_, mean);
      move(variance_, variance);
    } else {
      mean = value_of(mean_);
      variance = value_of(variance_);
    }
    const Tensor scale = options.scale ? cast(value_of(gamma_), x.dtype()) : Tensor();
    const Tensor offset = options.center ? cast(value_of(beta_), x.dtype()) : Tensor();
    const Tensor y = normalized(x, broadcast(cast(mean, x.dtype())), broadcast(cast(variance, x.dtype())), broadcast(offset),
                                broadcast(scale), options.epsilon);
    return cast(y, given.dtype());
  }
  void move(const Variable& average, const Tensor& value) {
    const Tensor by = number(static_cast<float>(1.0 - options.momentum), average.dtype()), before = average.read();
    add_update(before - (before - cast(value, average.dtype())) * by, average);
  }
  std::vector<int64_t> axes_;
  bool fused_ = false;
  Variable gamma_, beta_, mean_, variance_;
};

const LayerClass<BatchNormalizationLayer> batch_normalization_layer = {
    {"BatchNormalization"}, "Each channel with mean 0 and variance 1: of the batch while training, else by moving averages.", [] {
      using O = BatchNormalizationOptions;
      return Schema<O>().field("axis", &O::axis).field("momentum", &O::momentum).field("epsilon", &O::epsilon)
          .field("center", &O::center).field("scale", &O::scale).field("beta_initializer", &O::beta_initializer)
          .field("gamma_initializer", &O::gamma_initializer).field("moving_mean_initializer", &O::moving_mean_initializer)
          .field("moving_variance_initializer", &O::moving_variance_initializer).field("beta_regularizer", &O::beta_regularizer)
          .field("gamma_regularizer", &O::gamma_regularizer).field("beta_constraint", &O::beta_constraint)
          .field("gamma_constraint", &O::gamma_constraint);
    }};

}  // namespace

LayerPtr BatchNormalization(BatchNormalizationOptions o) { return batch_normalization_layer(std::move(o)); }

}  // namespace ninefold::keras
