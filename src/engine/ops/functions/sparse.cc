// Generated from the records by tools/generate/generate.py: change those, not this.
// In: C++ calls of the functions of tf.sparse. Out: calls of their records.
#include "ninefold/functions/sparse.h"

#include "engine/ops/functions/call.h"

namespace ninefold::sparse {

Value from_dense(const Value& tensor) {
  static const Function& f = named("tf.sparse.from_dense");
  return value_of(f, {tensor, Value()});
}

Value reorder(const Value& sp_input) {
  static const Function& f = named("tf.sparse.reorder");
  return value_of(f, {sp_input, Value()});
}

Tensor to_dense(const Value& sp_input, const ToDenseOptions& options) {
  static const Function& f = named("tf.sparse.to_dense");
  return tensor_of(f, {sp_input, options.default_value, options.validate_indices, Value()});
}

}  // namespace ninefold::sparse
