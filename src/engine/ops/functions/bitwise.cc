// Generated from the records by tools/generate/generate.py: change those, not this.
// In: C++ calls of the functions of tf.bitwise. Out: calls of their records.
#include "ninefold/functions/bitwise.h"

#include "engine/ops/functions/call.h"

namespace ninefold::bitwise {

Tensor bitwise_and(const Value& x, const Value& y) {
  static const Function& f = named("tf.bitwise.bitwise_and");
  return tensor_of(f, {x, y, Value()});
}

Tensor bitwise_or(const Value& x, const Value& y) {
  static const Function& f = named("tf.bitwise.bitwise_or");
  return tensor_of(f, {x, y, Value()});
}

Tensor bitwise_xor(const Value& x, const Value& y) {
  static const Function& f = named("tf.bitwise.bitwise_xor");
  return tensor_of(f, {x, y, Value()});
}

Tensor invert(const Value& x) {
  static const Function& f = named("tf.bitwise.invert");
  return tensor_of(f, {x, Value()});
}

Tensor left_shift(const Value& x, const Value& y) {
  static const Function& f = named("tf.bitwise.left_shift");
  return tensor_of(f, {x, y, Value()});
}

Tensor right_shift(const Value& x, const Value& y) {
  static const Function& f = named("tf.bitwise.right_shift");
  return tensor_of(f, {x, y, Value()});
}

}  // namespace ninefold::bitwise
