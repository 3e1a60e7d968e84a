// In: a tensor. Out: its activation.
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "ninefold/ops.h"

namespace ninefold::keras {
namespace {

// It alone of the activations looks along the last axis, which is a ragged one where flat values are scalars.
bool softmax_of(const Activation& a) { return a.class_name() == "softmax"; }

class ActivationLayer : public LayerOf<ActivationOptions> {
 public:
  Value call(const Value& inputs, const CallArgs&) override {
    if (const RaggedRef rows = nest::ragged(inputs); rows && rows->flat_values().rank() == 1 && options.activation &&
                                                     softmax_of(*options.activation))
      return ninefold::call("tf.nn.softmax", {{"logits", Ragged::value(rows)}});
    return nest::over_flat(inputs, name(), [&](const Tensor& x) { return options.activation ? (*options.activation)(x) : x; });
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
