// In: a variable, its slots and a gradient, all of n elements, and the rule's constants. Out: the variable and
// its slots one step further, in one pass. Every operation rounds as TensorFlow's kernels round (Adagrad and
// Adadelta excepted, whose reciprocal roots are an approximation there).
#pragma once

#include <cstdint>

namespace ninefold::cpu {

// States, in order, and constants of each rule; a is the first state after the variable.
enum class Update : uint8_t {
  gradient_descent,          // v                    alpha
  momentum,                  // v, a                 lr, momentum
  nesterov, sparse_nesterov, // v, a                 lr, momentum [, lr momentum]
  keras_momentum, keras_nesterov,                 // v, a  lr, momentum
  adam, adam_nesterov,       // v, m, s              alpha, beta1, 1 - beta1, 1 - beta2, epsilon
  amsgrad,                   // v, m, s, greatest s  the same
  ada_max,                   // v, m, s              lr / (1 - beta1^t), 1 - beta1, beta2, epsilon
  rms_prop, sparse_rms_prop, // v, s, momentum       lr, rho, 1 - rho, momentum, epsilon
  centered_rms_prop, sparse_centered_rms_prop,    // v, mean, s, momentum  the same
  adagrad, adagrad_still,    // v, s                 lr
  adagrad_v2, adagrad_v2_still,                   // v, s  lr, epsilon
  adadelta,                  // v, s, updates        lr, rho, 1 - rho, epsilon
  ftrl, ftrl_power,          // v, s, linear         lr, l1, 2 l2, 2 shrinkage, -lr_power
  ftrl_by_lr, ftrl_by_lr_power,                   // the same, linear times lr: lr, l1 lr, 2 l2 lr, ...
  count
};

// dtype: 1 (float) or 2 (double).
void update(Update rule, int dtype, void* const* states, const void* gradient, const void* constants, int64_t n);

}  // namespace ninefold::cpu
