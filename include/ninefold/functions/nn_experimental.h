// Generated from the records by tools/generate/generate.py: change those, not this.
// In: values. Out: what the functions of tf.nn.experimental make of them.
#pragma once

#include "ninefold/functions/arguments.h"

namespace ninefold::nn::experimental {

// dropout whose choices follow from `seed`, two integers, alone.
struct StatelessDropoutOptions {
  Value rng_alg = {};
  Value noise_shape = {};
};
NINEFOLD_API Tensor stateless_dropout(const Value& x, const Value& rate, const Value& seed,
    const StatelessDropoutOptions& options = {});

}  // namespace ninefold::nn::experimental
