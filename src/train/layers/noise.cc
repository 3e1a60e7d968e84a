// In: a tensor. Out: while training, with noise added, multiplied or whole channels dropped. And Masking, Lambda,
// ActivityRegularization: layers without numbers to learn.
#include <cmath>

#include "train/layers/call_context.h"
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/notes.h"
#include "train/layers/random.h"
#include "train/layers/windows.h"

namespace ninefold::keras {
namespace {

// Same shape, masks go through, a seed of its own.
template <class O>
class Noise : public LayerOf<O> {
 public:
  Value call(const Value& inputs, const CallArgs& args) override {
    const Tensor x = nest::tensor(inputs, this->name());
    if (!acts()) return x;
    return if_training(args, [&] { return noised(x); }, [&] { return x; });
  }
  Value compute_output_shape(const Value& input_shape) override { return input_shape; }

 protected:
  virtual Tensor noised(const Tensor& x) = 0;
  virtual bool acts() const { return true; }
  void ready() override {
    if constexpr (requires { this->options.seed; }) seed_.set(this->options.seed);
    this->supports_masking = true;
  }
  std::vector<std::string> call_parameters() const override { return {"inputs", "training"}; }
  LegacySeed seed_;
};

class GaussianNoiseLayer : public Noise<NoiseOptions> {
  Tensor noised(const Tensor& x) override { return x + random_normal(shape_of(x), 0, options.stddev, x.dtype(), seed_.take()); }
};
const LayerClass<GaussianNoiseLayer> gaussian_noise = {{"GaussianNoise"}, "x + normal(0, stddev) while training.", [] {
  return Schema<NoiseOptions>().required("stddev", &NoiseOptions::stddev).field("seed", &NoiseOptions::seed);
}};

Schema<RateOptions> rate_fields() { return Schema<RateOptions>().required("rate", &RateOptions::rate).field("seed", &RateOptions::seed); }
class GaussianDropoutLayer : public Noise<RateOptions> {
  bool acts() const override { return options.rate > 0 && options.rate < 1; }
  Tensor noised(const Tensor& x) override {
    return x * random_normal(shape_of(x), 1, std::sqrt(options.rate / (1 - options.rate)), x.dtype(), seed_.take());
  }
};
const LayerClass<GaussianDropoutLayer> gaussian_dropout = {
    {"GaussianDropout"}, "x normal(1, sqrt(rate / (1 - rate))) while training.", rate_fields};

// In configs it is a Dropout, which the format follows from nothing.
struct SpatialFields {
  double rate = 0;
  std::string data_format = {};
  Value noise_shape = {}, seed = {};
  NINEFOLD_LAYER_OPTIONS;
};
template <int rank>
class SpatialDropoutLayer : public Noise<SpatialFields> {
 public:
  ValueDict config() const override {
    ValueDict out = Noise::config();
    std::erase_if(out, [](const Entry& e) { return e.key == "data_format"; });
    return out;
  }

 protected:
  void ready() override {
    check(options.noise_shape.none(), Code::value, "{}: noise_shape follows from the input", class_name());
    check(options.rate >= 0 && options.rate <= 1, Code::value, "Invalid value {} received for `rate`, expected a value between 0 and 1.",
          options.rate);
    check_format(options.data_format);
    input_spec = ValueDict{{"ndim", rank + 2}};
    Noise::ready();
  }
  // One draw a channel.
  Tensor noised(const Tensor& x) override {
    Tensors sizes = {dim_of(x, 0)};
    for (int i = 0; i < rank; ++i) sizes.push_back(Tensor(int32_t{1}));
    const bool first = options.data_format == "channels_first";
    sizes.insert(first ? sizes.begin() + 1 : sizes.end(), dim_of(x, first ? 1 : -1));
    return dropout(x, options.rate, pack_ints(sizes), seed_.take());
  }
};
Schema<SpatialFields> spatial(bool formatted) {
  using O = SpatialFields;
  Schema<O> s;
  s.required("rate", &O::rate);
  if (formatted) s.field("data_format", &O::data_format);
  return s.field("noise_shape", &O::noise_shape).field("seed", &O::seed);
}
Schema<SpatialFields> spatial1() { return spatial(false); }
Schema<SpatialFields> spatial2() { return spatial(true); }
template <class C>
LayerPtr made(const C& of, double rate, SpatialDropoutOptions o) {
  return of({.rate = rate, .data_format = std::move(o.data_format), .name = std::move(o.name),
             .input_shape = std::move(o.input_shape), .trainable = o.trainable, .dtype = o.dtype});
}
const LayerClass<SpatialDropoutLayer<1>> spatial_1d = {{"SpatialDropout1D"}, "Drops whole channels of steps while training.", spatial1};
const LayerClass<SpatialDropoutLayer<2>> spatial_2d = {{"SpatialDropout2D"}, "Drops whole channels of images while training.", spatial2};
const LayerClass<SpatialDropoutLayer<3>> spatial_3d = {{"SpatialDropout3D"}, "Drops whole channels of volumes while training.", spatial2};

struct AlphaOptions {
  double rate = 0;
  std::vector<int64_t> noise_shape = {};
  Value seed = {};
  NINEFOLD_LAYER_OPTIONS;
};
// Keeps mean and variance of selu's outputs: what is dropped becomes -scale alpha, then an affine map.
class AlphaDropoutLayer : public Noise<AlphaOptions> {
 public:
  ValueDict config() const override {   // Keras leaves the shape of the noise out
    ValueDict out = Noise::config();
    std::erase_if(out, [](const Entry& e) { return e.key == "noise_shape"; });
    return out;
  }

 private:
  bool acts() const override { return options.rate > 0 && options.rate < 1; }
  Tensor noised(const Tensor& x) override {
    constexpr double alpha = 1.6732632423543772848170429916717, scale = 1.0507009873554804934193349852946;
    const double dropped = -alpha * scale, rate = options.rate;
    Tensor shape = shape_of(x);
    if (!options.noise_shape.empty()) {
      Tensors sizes;
      for (size_t i = 0; i < options.noise_shape.size(); ++i)
        sizes.push_back(options.noise_shape[i] < 0 ? dim_of(x, static_cast<int>(i)) : Tensor(static_cast<int32_t>(options.noise_shape[i])));
      shape = pack_ints(sizes);
    }
    const Tensor keep = cast(op("GreaterEqual", {random_uniform(shape, 0, 1, DType::f32, seed_.take()), number(rate, DType::f32)}), x.dtype());
    const double a = 1 / std::sqrt((1 - rate) * (1 + rate * dropped * dropped)), b = -a * dropped * rate;
    return plus(times(x * keep + times(number(1, x.dtype()) - keep, dropped), a), b);
  }
};
const LayerClass<AlphaDropoutLayer> alpha_dropout = {{"AlphaDropout"}, "A dropout that keeps mean and variance of selu's outputs.", [] {
  using O = AlphaOptions;
  return Schema<O>().required("rate", &O::rate).field("noise_shape", &O::noise_shape).field("seed", &O::seed);
}};

class MaskingLayer : public LayerOf<MaskingOptions> {
 public:
  MaskingLayer() { supports_masking = true; }
  Value call(const Value& inputs, const CallArgs&) override {
    if (const RaggedRef rows = nest::ragged(inputs)) {
      require_features(*rows);
      const Value y = nest::over_flat(inputs, name(), [&](const Tensor& x) { return x * cast(counted(x, true), x.dtype()); });
      set_mask(y, compute_mask(inputs, {}));
      return y;
    }
    const Tensor x = nest::tensor(inputs, name());
    const Tensor keep = counted(x, true);
    const Tensor y = x * cast(keep, x.dtype());
    set_mask(y, op("Squeeze", {keep}, {{"squeeze_dims", std::vector<int64_t>{-1}}}));
    return y;
  }
  Value compute_mask(const Value& inputs, const Value&) override {
    if (const RaggedRef rows = nest::ragged(inputs)) require_features(*rows);
    return nest::over_flat(inputs, name(), [&](const Tensor& x) { return counted(x, false); });
  }
  Value compute_output_shape(const Value& input_shape) override { return input_shape; }

 private:
  void require_features(const Ragged& rows) const {
    check(rows.flat_values().rank() > 1, Code::value, "Masking: expected ragged steps of features, [batch, (steps), features], got "
          "shape {}", rows.shape().tuple());
  }
  Tensor counted(const Tensor& x, bool keep) const {
    const double v = As<double>::from(options.mask_value, "mask_value");
    return reduce("Any", op("NotEqual", {x, number(v, x.dtype())}), {-1}, keep);
  }
};
const LayerClass<MaskingLayer> masking = {{"Masking"}, "Masks steps whose features all equal mask_value.", [] {
  return Schema<MaskingOptions>().field("mask_value", &MaskingOptions::mask_value);
}};

struct PenaltyOptions {
  double l1 = 0, l2 = 0;
  NINEFOLD_LAYER_OPTIONS;
};
class PenaltyLayer : public LayerOf<PenaltyOptions> {
 public:
  Value call(const Value& inputs, const CallArgs&) override { return inputs; }
  Value compute_output_shape(const Value& input_shape) override { return input_shape; }

 protected:
  void ready() override { supports_masking = true; }
  void configured() override {
    activity_regularizer_ = Given<Regularizer>(ValueDict{{"class_name", "L1L2"}, {"config", ValueDict{{"l1", options.l1}, {"l2", options.l2}}}});
  }
};
const LayerClass<PenaltyLayer> penalty = {{"ActivityRegularization"}, "Adds a penalty of its input to the loss.", [] {
  return Schema<PenaltyOptions>().field("l1", &PenaltyOptions::l1).field("l2", &PenaltyOptions::l2);
}};

struct LambdaOptions {
  Value function = {}, output_shape = {}, mask = {}, arguments = {};
  NINEFOLD_LAYER_OPTIONS;
};
// A function written elsewhere: whoever makes the layer overrides "call".
class LambdaLayer : public LayerOf<LambdaOptions> {
 public:
  Value call(const Value& inputs, const CallArgs&) override {
    const std::string* known = options.function.get<std::string>();
    const Function* f = known ? find_function(*known) : nullptr;
    check(f, Code::type, "Lambda layer {}: its function is not known here; override call", name());
    return ninefold::call(*f, {inputs});
  }
};
const LayerClass<LambdaLayer> lambda = {{"Lambda"}, "Wraps a function of tensors as a layer.", [] {
  using O = LambdaOptions;
  return Schema<O>().required("function", &O::function).field("output_shape", &O::output_shape).field("mask", &O::mask)
      .field("arguments", &O::arguments);
}};

}  // namespace

LayerPtr GaussianNoise(double stddev, NoiseOptions o) {
  o.stddev = stddev;
  return gaussian_noise(std::move(o));
}
LayerPtr GaussianDropout(double rate, RateOptions o) {
  o.rate = rate;
  return gaussian_dropout(std::move(o));
}
LayerPtr SpatialDropout1D(double rate, SpatialDropoutOptions o) {
  return made(spatial_1d, rate, std::move(o));
}
LayerPtr SpatialDropout2D(double rate, SpatialDropoutOptions o) {
  return made(spatial_2d, rate, std::move(o));
}
LayerPtr Masking(MaskingOptions o) { return masking(std::move(o)); }

}  // namespace ninefold::keras
