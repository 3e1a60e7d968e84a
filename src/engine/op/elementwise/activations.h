// In: an op visitor. Out: one line for each activation and each activation's gradient.
// Gradients take TensorFlow's operands: some the input (features), some the output (y, outputs).
#pragma once

#include "engine/op/elementwise/spec.h"

namespace ninefold::elementwise {

// Self-normalising constants of Klambauer et al. 2017: scale and scale * alpha.
inline constexpr double selu_scale = 1.0507009873554804934193349852946;
inline constexpr double selu_scale_alpha = 1.7580993408473768599402175208123;

template <class Op>
void activations(Op&& op) {
  op("Relu", "max(x, 0)", reals, [](auto x) { return max(x, constant(x, 0)); });
  op("Relu6", "min(max(x, 0), 6)", reals, [](auto x) {
    return min(max(x, constant(x, 0)), constant(x, 6));
  });
  op("LeakyRelu", "x if x > 0 else alpha x", floats, [](auto x, auto alpha) {
    return select(x > 0, x, x * alpha);
  });
  op("Elu", "x if x >= 0 else e^x - 1", floats, [](auto x) { return select(x < 0, expm1(x), x); });
  op("Selu", "scale x if x >= 0 else scale alpha (e^x - 1)", floats, [](auto x) {
    return select(x < 0, expm1(x) * selu_scale_alpha, x * selu_scale);
  });
  op("Softplus", "log(1 + e^x)", floats, [](auto x) { return softplus(x); });
  op("Softsign", "x / (1 + |x|)", floats, [](auto x) { return x / (abs(x) + 1); });
  op("Sigmoid", "1 / (1 + e^-x)", floats, [](auto x) { return sigmoid(x); });
  op("Sigmoid", "1 / (1 + e^-x)", complexes, [](auto x) { return 1 / (exp(-x) + 1); });
  op("Tanh", "hyperbolic tangent", float_or_complex, [](auto x) { return tanh(x); });

  op("ReluGrad", "gradients where features > 0", reals, [](auto gradients, auto features) {
    return select(features > 0, gradients, constant(features, 0));
  });
  op("Relu6Grad", "gradients where 0 < features < 6", reals, [](auto gradients, auto features) {
    return select((features > 0) & (features < 6), gradients, constant(features, 0));
  });
  op("LeakyReluGrad", "gradients, times alpha where features <= 0", floats,
     [](auto gradients, auto features, auto alpha) {
       return select(features > 0, gradients, gradients * alpha);
     });
  op("EluGrad", "gradients (outputs + 1) where outputs < 0", floats, [](auto gradients, auto outputs) {
    return select(outputs < 0, gradients * (outputs + 1), gradients);
  });
  op("SeluGrad", "gradients times scale, or (outputs + scale alpha) below 0", floats,
     [](auto gradients, auto outputs) {
       return select(outputs < 0, gradients * (outputs + selu_scale_alpha), gradients * selu_scale);
     });
  op("SoftplusGrad", "gradients / (1 + e^-features)", floats, [](auto gradients, auto features) {
    return gradients / (exp(-features) + 1);
  });
  op("SoftsignGrad", "gradients / (1 + |features|)^2", floats, [](auto gradients, auto features) {
    auto d = abs(features) + 1;
    return gradients / (d * d);
  });
  op("SigmoidGrad", "dy y (1 - y)", float_or_complex, [](auto y, auto dy) { return dy * y * (1 - y); });
  op("TanhGrad", "dy (1 - y^2)", float_or_complex, [](auto y, auto dy) { return dy * (1 - y * y); });
}

}  // namespace ninefold::elementwise
