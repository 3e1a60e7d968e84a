// Generated from the records by tools/generate/generate.py: change those, not this.
// In: values. Out: what the functions of tf.random.experimental make of them.
#pragma once

#include "ninefold/functions/arguments.h"

namespace ninefold::random::experimental {

// Where an index of [0, max_index] goes in the shuffle that the seed [2] names.
NINEFOLD_API Tensor index_shuffle(const Value& index, const Value& seed, const Value& max_index);

// A new seed from a seed and an integer.
struct StatelessFoldInOptions {
  Value alg = "auto_select";
};
NINEFOLD_API Tensor stateless_fold_in(const Value& seed, const Value& data,
    const StatelessFoldInOptions& options = {});

// num new seeds, [num, 2], of the seed's dtype.
struct StatelessSplitOptions {
  Value num = 2;
  Value alg = "auto_select";
};
NINEFOLD_API Tensor stateless_split(const Value& seed, const StatelessSplitOptions& options = {});

}  // namespace ninefold::random::experimental
