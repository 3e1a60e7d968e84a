// Generated from the records by tools/generate/generate.py: change those, not this.
// In: C++ calls of the functions of tf.random.experimental. Out: calls of their records.
#include "ninefold/functions/random_experimental.h"

#include "engine/ops/functions/call.h"

namespace ninefold::random::experimental {

Tensor index_shuffle(const Value& index, const Value& seed, const Value& max_index) {
  static const Function& f = named("tf.random.experimental.index_shuffle");
  return tensor_of(f, {index, seed, max_index});
}

Tensor stateless_fold_in(const Value& seed, const Value& data, const StatelessFoldInOptions& options) {
  static const Function& f = named("tf.random.experimental.stateless_fold_in");
  return tensor_of(f, {seed, data, options.alg});
}

Tensor stateless_split(const Value& seed, const StatelessSplitOptions& options) {
  static const Function& f = named("tf.random.experimental.stateless_split");
  return tensor_of(f, {seed, options.num, options.alg});
}

}  // namespace ninefold::random::experimental
