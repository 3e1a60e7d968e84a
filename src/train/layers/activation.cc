// In: a tensor. Out: its activation.
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"

namespace ninefold::keras {
namespace {

class ActivationLayer : public LayerOf<ActivationOptions> {
 public:
  Value call(const Value& inputs, const CallArgs&) override {
    const Tensor x = nest::tensor(inputs, name());
    return options.activation ? (*options.activation)(x) : x;
  }
  Value compute_output_shape(const Value& input_shape) override { return input_shape; }

 protected:
  void ready() override { supports_masking = true; }
};
const LayerClass<ActivationLayer> activation_layer = {{"Activation"}, "Applies an activation.", [] {
  return Schema<ActivationOptions>().required("activation", &ActivationOptions::activation);
}};

}  // namespace

LayerPtr Activate(Given<Activation> activation, ActivationOptions options) {
  options.activation = std::move(activation);
  return activation_layer(std::move(options));
}

}  // namespace ninefold::keras
