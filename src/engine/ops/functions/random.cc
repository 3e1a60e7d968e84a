// Generated from the records by tools/generate/generate.py: change those, not this.
// In: C++ calls of the functions of tf.random. Out: calls of their records.
#include "ninefold/functions/random.h"

#include "engine/ops/functions/call.h"

namespace ninefold::random {

Tensor categorical(const Value& logits, const Value& num_samples, const CategoricalOptions& options) {
  static const Function& f = named("tf.random.categorical");
  return tensor_of(f, {logits, num_samples, options.dtype, options.seed, Value()});
}

Tensor create_rng_state(const Value& seed, const Value& alg) {
  static const Function& f = named("tf.random.create_rng_state");
  return tensor_of(f, {seed, alg});
}

Tensor gamma(const Ints& shape, const Value& alpha, const GammaOptions& options) {
  static const Function& f = named("tf.random.gamma");
  return tensor_of(f, {shape.value, alpha, options.beta, options.dtype, options.seed, Value()});
}

Tensor normal(const Ints& shape, const NormalOptions& options) {
  static const Function& f = named("tf.random.normal");
  return tensor_of(f, {shape.value, options.mean, options.stddev, options.dtype, options.seed, Value()});
}

Tensor poisson(const Ints& shape, const Value& lam, const PoissonOptions& options) {
  static const Function& f = named("tf.random.poisson");
  return tensor_of(f, {shape.value, lam, options.dtype, options.seed, Value()});
}

Value set_seed(const Value& seed) {
  static const Function& f = named("tf.random.set_seed");
  return value_of(f, {seed});
}

Tensor shuffle(const Value& value, const ShuffleOptions& options) {
  static const Function& f = named("tf.random.shuffle");
  return tensor_of(f, {value, options.seed, Value()});
}

Tensor stateless_binomial(const Ints& shape, const Value& seed, const Value& counts, const Value& probs,
    const StatelessBinomialOptions& options) {
  static const Function& f = named("tf.random.stateless_binomial");
  return tensor_of(f, {shape.value, seed, counts, probs, options.output_dtype, Value()});
}

Tensor stateless_categorical(const Value& logits, const Value& num_samples, const Value& seed,
    const StatelessCategoricalOptions& options) {
  static const Function& f = named("tf.random.stateless_categorical");
  return tensor_of(f, {logits, num_samples, seed, options.dtype, Value()});
}

Tensor stateless_gamma(const Ints& shape, const Value& seed, const Value& alpha,
    const StatelessGammaOptions& options) {
  static const Function& f = named("tf.random.stateless_gamma");
  return tensor_of(f, {shape.value, seed, alpha, options.beta, options.dtype, Value()});
}

Tensor stateless_normal(const Ints& shape, const Value& seed, const StatelessNormalOptions& options) {
  static const Function& f = named("tf.random.stateless_normal");
  return tensor_of(f, {shape.value, seed, options.mean, options.stddev, options.dtype, Value(), options.alg});
}

Tensor stateless_parameterized_truncated_normal(const Ints& shape, const Value& seed,
    const StatelessParameterizedTruncatedNormalOptions& options) {
  static const Function& f = named("tf.random.stateless_parameterized_truncated_normal");
  return tensor_of(f, {shape.value, seed, options.means, options.stddevs, options.minvals, options.maxvals,
    Value()});
}

Tensor stateless_poisson(const Ints& shape, const Value& seed, const Value& lam,
    const StatelessPoissonOptions& options) {
  static const Function& f = named("tf.random.stateless_poisson");
  return tensor_of(f, {shape.value, seed, lam, options.dtype, Value()});
}

Tensor stateless_truncated_normal(const Ints& shape, const Value& seed,
    const StatelessTruncatedNormalOptions& options) {
  static const Function& f = named("tf.random.stateless_truncated_normal");
  return tensor_of(f, {shape.value, seed, options.mean, options.stddev, options.dtype, Value(), options.alg});
}

Tensor stateless_uniform(const Ints& shape, const Value& seed, const StatelessUniformOptions& options) {
  static const Function& f = named("tf.random.stateless_uniform");
  return tensor_of(f, {shape.value, seed, options.minval, options.maxval, options.dtype, Value(),
    options.alg});
}

Tensor truncated_normal(const Ints& shape, const TruncatedNormalOptions& options) {
  static const Function& f = named("tf.random.truncated_normal");
  return tensor_of(f, {shape.value, options.mean, options.stddev, options.dtype, options.seed, Value()});
}

Tensor uniform(const Ints& shape, const UniformOptions& options) {
  static const Function& f = named("tf.random.uniform");
  return tensor_of(f, {shape.value, options.minval, options.maxval, options.dtype, options.seed, Value()});
}

}  // namespace ninefold::random
