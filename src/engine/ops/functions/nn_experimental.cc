// Generated from the records by tools/generate/generate.py: change those, not this.
// In: C++ calls of the functions of tf.nn.experimental. Out: calls of their records.
#include "ninefold/functions/nn_experimental.h"

#include "engine/ops/functions/call.h"

namespace ninefold::nn::experimental {

Tensor stateless_dropout(const Value& x, const Value& rate, const Value& seed,
    const StatelessDropoutOptions& options) {
  static const Function& f = named("tf.nn.experimental.stateless_dropout");
  return tensor_of(f, {x, rate, seed, options.rng_alg, options.noise_shape, Value()});
}

}  // namespace ninefold::nn::experimental
