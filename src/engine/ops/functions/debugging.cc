// Generated from the records by tools/generate/generate.py: change those, not this.
// In: C++ calls of the functions of tf.debugging. Out: calls of their records.
#include "ninefold/functions/debugging.h"

#include "engine/ops/functions/call.h"

namespace ninefold::debugging {

Tensor assert_all_finite(const Value& x, const std::string& message) {
  static const Function& f = named("tf.debugging.assert_all_finite");
  return tensor_of(f, {x, message, Value()});
}

Value assert_greater_equal(const Value& x, const Value& y, const AssertGreaterEqualOptions& options) {
  static const Function& f = named("tf.debugging.assert_greater_equal");
  return value_of(f, {x, y, options.message, options.summarize, Value()});
}

Value assert_less_equal(const Value& x, const Value& y, const AssertLessEqualOptions& options) {
  static const Function& f = named("tf.debugging.assert_less_equal");
  return value_of(f, {x, y, options.message, options.summarize, Value()});
}

Value assert_none_equal(const Value& x, const Value& y, const AssertNoneEqualOptions& options) {
  static const Function& f = named("tf.debugging.assert_none_equal");
  return value_of(f, {x, y, options.summarize, options.message, Value()});
}

Tensor check_numerics(const Value& tensor, const std::string& message) {
  static const Function& f = named("tf.debugging.check_numerics");
  return tensor_of(f, {tensor, message, Value()});
}

}  // namespace ninefold::debugging
