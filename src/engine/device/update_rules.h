// In: an optimizer's scalars, a variable and its slots, a gradient, as numbers of any kind: vectors of a CPU's loops, a
// card's floats. Out: the rules' constants, and the step of one element, an expression each. The order of operations is
// TensorFlow's (Adagrad and Adadelta excepted, whose reciprocal roots are an approximation there).
#pragma once

#include "engine/device/both.h"

namespace ninefold {

// States, in order, and constants of each rule; a is the first state after the variable.
enum class Update : unsigned char {
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

constexpr int kUpdateStates = 4, kUpdateScalars = 8, kUpdateConstants = 8;

// What an op's scalar inputs, in their order, mean.
enum class Scalars : unsigned char { rate, momentum, adam, ada_max, rms_prop, adagrad_v2, adadelta, ftrl, ftrl_v2 };

constexpr int states_of(Update u) {
  switch (u) {
    case Update::gradient_descent: return 1;
    case Update::momentum: case Update::nesterov: case Update::sparse_nesterov: case Update::keras_momentum:
    case Update::keras_nesterov: case Update::adagrad: case Update::adagrad_still: case Update::adagrad_v2:
    case Update::adagrad_v2_still: return 2;
    case Update::amsgrad: case Update::centered_rms_prop: case Update::sparse_centered_rms_prop: return 4;
    default: return 3;
  }
}
template <Update rule>
constexpr int kStatesOf = states_of(rule);       // as a card's code can ask
// The others compare numbers, which complex ones are not.
template <Update rule>
constexpr bool kTakesComplex = rule != Update::amsgrad && rule != Update::ada_max && rule < Update::ftrl;

namespace updates {

// What the steps say of vectors, of plain numbers. A NaN stays one.
#if !defined(__CUDACC__)
using std::pow, std::sqrt;
#endif
NF_STEP float abs(float x) { return x < 0 ? -x : x; }
NF_STEP double abs(double x) { return x < 0 ? -x : x; }
NF_STEP float max(float a, float b) { return a > b || a != a ? a : b; }
NF_STEP double max(double a, double b) { return a > b || a != a ? a : b; }
NF_STEP float select(bool c, float a, float b) { return c ? a : b; }
NF_STEP double select(bool c, double a, double b) { return c ? a : b; }

// s: the scalars; c: the constants. T is the variable's dtype, float for narrow ones, as in TensorFlow.
template <class T>
NF_STEP void constants(Scalars kind, bool by_lr, const T* s, T* c) {
  const T one = 1;
  switch (kind) {
    case Scalars::rate: c[0] = s[0]; return;
    case Scalars::momentum: c[0] = s[0], c[1] = s[1], c[2] = s[1] * s[0]; return;
    case Scalars::adam:
      c[0] = s[2] * sqrt(one - s[1]) / (one - s[0]);
      c[1] = s[3], c[2] = one - s[3], c[3] = one - s[4], c[4] = s[5];
      return;
    case Scalars::ada_max: c[0] = s[1] / (one - s[0]), c[1] = one - s[2], c[2] = s[3], c[3] = s[4]; return;
    case Scalars::rms_prop: c[0] = s[0], c[1] = s[1], c[2] = one - s[1], c[3] = s[2], c[4] = s[3]; return;
    case Scalars::adagrad_v2: c[0] = s[0], c[1] = s[1]; return;
    case Scalars::adadelta: c[0] = s[0], c[1] = s[1], c[2] = one - s[1], c[3] = s[2]; return;
    case Scalars::ftrl: case Scalars::ftrl_v2: {
      const bool shrinks = kind == Scalars::ftrl_v2;
      c[0] = s[0], c[1] = by_lr ? s[1] * s[0] : s[1], c[2] = by_lr ? T(2) * s[2] * s[0] : T(2) * s[2];
      c[3] = shrinks ? T(2) * s[3] : T(0), c[4] = -s[shrinks ? 4 : 3];
    }
  }
}

// lr_power -0.5 is a root. `by_lr`: linear is kept times lr; the constants are scaled already.
template <bool root, bool by_lr, class N>
NF_STEP void follow_the_leader(N& v, N& u, N& linear, N d, const N* k) {
  const N lr = k[0], l1 = k[1], l2 = k[2], shrunk = d + k[3] * v, next = u + d * d;
  const N high = root ? sqrt(next) : pow(next, k[4]), low = root ? sqrt(u) : pow(u, k[4]), change = high - low;
  linear = linear + (by_lr ? shrunk * lr - change * v : shrunk - change / lr * v);
  const N quadratic = (by_lr ? high : high / lr) + l2;
  const N pulled = select(linear > N(0), l1, -l1) - linear;
  v = select(abs(linear) > l1, pulled / quadratic, N(0));
  u = next;
}

// One step of the element whose states are s and whose gradient is d; k: the rule's constants.
template <Update rule, class N>
NF_STEP void step(N* s, N d, const N* k) {
  using enum Update;
  N &v = s[0], &a = s[1], &b = s[2], &w = s[3];
  if constexpr (rule == gradient_descent) {
    v = v - d * k[0];
  } else if constexpr (rule == momentum) {
    a = a * k[1] + d, v = v - a * k[0];
  } else if constexpr (rule == nesterov) {
    a = a * k[1] + d, v = v - (d * k[0] + a * k[1] * k[0]);
  } else if constexpr (rule == sparse_nesterov) {
    a = a * k[1] + d, v = v - (d * k[0] + a * k[2]);
  } else if constexpr (rule == keras_momentum) {
    a = a * k[1] - d * k[0], v = v + a;
  } else if constexpr (rule == keras_nesterov) {
    a = a * k[1] - d * k[0], v = v + (a * k[1] - d * k[0]);
  } else if constexpr (rule == adam) {
    a = a + (d - a) * k[2], b = b + (d * d - b) * k[3], v = v - (a * k[0]) / (sqrt(b) + k[4]);
  } else if constexpr (rule == adam_nesterov) {
    a = a + (d - a) * k[2], b = b + (d * d - b) * k[3], v = v - ((d * k[2] + k[1] * a) * k[0]) / (sqrt(b) + k[4]);
  } else if constexpr (rule == amsgrad) {
    a = a + (d - a) * k[2], b = b + (d * d - b) * k[3], w = max(w, b), v = v - (a * k[0]) / (sqrt(w) + k[4]);
  } else if constexpr (rule == ada_max) {
    a = a + (d - a) * k[1], b = max(k[2] * b, abs(d)), v = v - k[0] * (a / (b + k[3]));
  } else if constexpr (rule == rms_prop) {
    a = a + (d * d - a) * k[2], b = b * k[3] + (d * k[0]) / sqrt(a + k[4]), v = v - b;
  } else if constexpr (rule == sparse_rms_prop) {
    a = a * k[1] + d * d * k[2], b = b * k[3] + (1 / sqrt(a + k[4])) * k[0] * d, v = v - b;
  } else if constexpr (rule == centered_rms_prop) {
    b = b + (d * d - b) * k[2], a = a + (d - a) * k[2], w = w * k[3] + (d * k[0]) / sqrt((b - a * a) + k[4]), v = v - w;
  } else if constexpr (rule == sparse_centered_rms_prop) {
    b = b * k[1] + d * d * k[2], a = a * k[1] + d * k[2], w = w * k[3] + (1 / sqrt(b + k[4] - a * a)) * k[0] * d, v = v - w;
  } else if constexpr (rule == adagrad || rule == adagrad_still) {
    if constexpr (rule == adagrad) a = a + d * d;
    v = v - d * k[0] * (1 / sqrt(a));
  } else if constexpr (rule == adagrad_v2 || rule == adagrad_v2_still) {
    if constexpr (rule == adagrad_v2) a = a + d * d;
    v = v - d * k[0] / (sqrt(a) + k[1]);
  } else if constexpr (rule == adadelta) {
    a = a * k[1] + d * d * k[2];
    const N step = sqrt(b + k[3]) * (1 / sqrt(a + k[3])) * d;
    v = v - step * k[0], b = b * k[1] + step * step * k[2];
  } else {
    follow_the_leader<rule == ftrl || rule == ftrl_by_lr, rule == ftrl_by_lr || rule == ftrl_by_lr_power>(v, a, b, d, k);
  }
}

}  // namespace updates
}  // namespace ninefold
