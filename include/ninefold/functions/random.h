// Generated from the records by tools/generate/generate.py: change those, not this.
// In: values. Out: what the functions of tf.random make of them.
#pragma once

#include "ninefold/functions/arguments.h"

namespace ninefold::random {

// num_samples indices for each row of logits [rows, classes], with probabilities softmax(logits).
struct CategoricalOptions {
  Value dtype = {};
  Value seed = {};
};
NINEFOLD_API Tensor categorical(const Value& logits, const Value& num_samples,
    const CategoricalOptions& options = {});

// The state of a tf.random.Generator: [counter low, counter high, key] for 'philox', [counter, key] for
// 'threefry'.
NINEFOLD_API Tensor create_rng_state(const Value& seed, const Value& alg);

// Gamma(alpha, beta) numbers of shape `shape` + the shape that alpha and beta broadcast to.
struct GammaOptions {
  Value beta = {};
  DType dtype = dtype_named("float32");
  Value seed = {};
};
NINEFOLD_API Tensor gamma(const Ints& shape, const Value& alpha, const GammaOptions& options = {});

// Normal numbers.
struct NormalOptions {
  Value mean = 0.0;
  Value stddev = 1.0;
  DType dtype = dtype_named("float32");
  Value seed = {};
};
NINEFOLD_API Tensor normal(const Ints& shape, const NormalOptions& options = {});

// Poisson(lam) numbers of shape `shape` + the shape of lam.
struct PoissonOptions {
  DType dtype = dtype_named("float32");
  Value seed = {};
};
NINEFOLD_API Tensor poisson(const Ints& shape, const Value& lam, const PoissonOptions& options = {});

// Op seeds are drawn anew from `seed`, and every stream starts again.
NINEFOLD_API Value set_seed(const Value& seed);

// The rows of `value` in random order.
struct ShuffleOptions {
  Value seed = {};
};
NINEFOLD_API Tensor shuffle(const Value& value, const ShuffleOptions& options = {});

// Binomial(counts, probs) numbers of shape `shape`, which ends with the shape of the parameters.
struct StatelessBinomialOptions {
  DType output_dtype = dtype_named("int32");
};
NINEFOLD_API Tensor stateless_binomial(const Ints& shape, const Value& seed, const Value& counts,
    const Value& probs, const StatelessBinomialOptions& options = {});

// num_samples indices for each row of logits, made of the seed alone.
struct StatelessCategoricalOptions {
  DType dtype = dtype_named("int64");
};
NINEFOLD_API Tensor stateless_categorical(const Value& logits, const Value& num_samples, const Value& seed,
    const StatelessCategoricalOptions& options = {});

// Gamma(alpha, beta) numbers of shape `shape`, which ends with the shape of the parameters.
struct StatelessGammaOptions {
  Value beta = {};
  DType dtype = dtype_named("float32");
};
NINEFOLD_API Tensor stateless_gamma(const Ints& shape, const Value& seed, const Value& alpha,
    const StatelessGammaOptions& options = {});

// Normal numbers, made of the seed alone.
struct StatelessNormalOptions {
  Value mean = 0.0;
  Value stddev = 1.0;
  DType dtype = dtype_named("float32");
  Value alg = "auto_select";
};
NINEFOLD_API Tensor stateless_normal(const Ints& shape, const Value& seed,
    const StatelessNormalOptions& options = {});

// Normal numbers between minvals and maxvals, made of the seed alone.
struct StatelessParameterizedTruncatedNormalOptions {
  Value means = 0.0;
  Value stddevs = 1.0;
  Value minvals = -2.0;
  Value maxvals = 2.0;
};
NINEFOLD_API Tensor stateless_parameterized_truncated_normal(const Ints& shape, const Value& seed,
    const StatelessParameterizedTruncatedNormalOptions& options = {});

// Poisson(lam) numbers of shape `shape`, which ends with the shape of lam.
struct StatelessPoissonOptions {
  DType dtype = dtype_named("int32");
};
NINEFOLD_API Tensor stateless_poisson(const Ints& shape, const Value& seed, const Value& lam,
    const StatelessPoissonOptions& options = {});

// Normal numbers within two deviations of the mean, made of the seed alone.
struct StatelessTruncatedNormalOptions {
  Value mean = 0.0;
  Value stddev = 1.0;
  DType dtype = dtype_named("float32");
  Value alg = "auto_select";
};
NINEFOLD_API Tensor stateless_truncated_normal(const Ints& shape, const Value& seed,
    const StatelessTruncatedNormalOptions& options = {});

// Uniform numbers in [minval, maxval), made of the seed alone; integers of the whole range if both are
// None.
struct StatelessUniformOptions {
  Value minval = 0;
  Value maxval = {};
  DType dtype = dtype_named("float32");
  Value alg = "auto_select";
};
NINEFOLD_API Tensor stateless_uniform(const Ints& shape, const Value& seed,
    const StatelessUniformOptions& options = {});

// Normal numbers within two deviations of the mean.
struct TruncatedNormalOptions {
  Value mean = 0.0;
  Value stddev = 1.0;
  DType dtype = dtype_named("float32");
  Value seed = {};
};
NINEFOLD_API Tensor truncated_normal(const Ints& shape, const TruncatedNormalOptions& options = {});

// Uniform numbers in [minval, maxval), maxval 1 for floats; integers need maxval.
struct UniformOptions {
  Value minval = 0;
  Value maxval = {};
  DType dtype = dtype_named("float32");
  Value seed = {};
};
NINEFOLD_API Tensor uniform(const Ints& shape, const UniformOptions& options = {});

}  // namespace ninefold::random
