// In: a tensor. Out: while training, a share of it zeroed and the rest scaled up; else the tensor.
#include "train/layers/call_context.h"
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/random.h"

namespace ninefold::keras {
namespace {

class DropoutLayer : public LayerOf<DropoutOptions> {
 public:
  Value call(const Value& inputs, const CallArgs& args) override {
    return nest::over_flat(inputs, name(), [&](const Tensor& x) {
      const auto dropped = [&] { return dropout(x, options.rate, noise_shape(x), seed_.take()); };
      return if_training(args, dropped, [&] { return op("Identity", {x}); });
    });
  }
  Value compute_output_shape(const Value& input_shape) override { return input_shape; }

 protected:
  void ready() override {
    check(options.rate >= 0 && options.rate <= 1, Code::value,
          "Invalid value {} received for `rate`, expected a value between 0 and 1.", options.rate);
    seed_.set(options.seed);
    supports_masking = true;
  }
  std::vector<std::string> call_parameters() const override { return {"inputs", "training"}; }

 private:
  Tensor noise_shape(const Tensor& x) const {
    if (options.noise_shape.empty()) return {};
    Tensors sizes;
    for (size_t i = 0; i < options.noise_shape.size(); ++i) {
      const int64_t n = options.noise_shape[i];
      sizes.push_back(n < 0 ? dim_of(x, static_cast<int>(i)) : Tensor(static_cast<int32_t>(n)));
    }
    return pack_ints(sizes);
  }
  LegacySeed seed_;
};

const LayerClass<DropoutLayer> dropout_layer = {
    {"Dropout"}, "Zeroes a share `rate` of the input while training and scales the rest by 1 / (1 - rate).", [] {
      using O = DropoutOptions;
      return Schema<O>().required("rate", &O::rate).field("noise_shape", &O::noise_shape).field("seed", &O::seed);
    }};

}  // namespace

LayerPtr Dropout(double rate, DropoutOptions options) {
  options.rate = rate;
  return dropout_layer(std::move(options));
}

}  // namespace ninefold::keras
