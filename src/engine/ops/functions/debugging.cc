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

Value assert_integer(const Value& x, const AssertIntegerOptions& options) {
  static const Function& f = named("tf.debugging.assert_integer");
  return value_of(f, {x, options.message, Value()});
}

Value assert_less_equal(const Value& x, const Value& y, const AssertLessEqualOptions& options) {
  static const Function& f = named("tf.debugging.assert_less_equal");
  return value_of(f, {x, y, options.message, options.summarize, Value()});
}

Value assert_near(const Value& x, const Value& y, const AssertNearOptions& options) {
  static const Function& f = named("tf.debugging.assert_near");
  return value_of(f, {x, y, options.rtol, options.atol, options.message, options.summarize, Value()});
}

Value assert_negative(const Value& x, const AssertNegativeOptions& options) {
  static const Function& f = named("tf.debugging.assert_negative");
  return value_of(f, {x, options.message, options.summarize, Value()});
}

Value assert_non_negative(const Value& x, const AssertNonNegativeOptions& options) {
  static const Function& f = named("tf.debugging.assert_non_negative");
  return value_of(f, {x, options.message, options.summarize, Value()});
}

Value assert_non_positive(const Value& x, const AssertNonPositiveOptions& options) {
  static const Function& f = named("tf.debugging.assert_non_positive");
  return value_of(f, {x, options.message, options.summarize, Value()});
}

Value assert_none_equal(const Value& x, const Value& y, const AssertNoneEqualOptions& options) {
  static const Function& f = named("tf.debugging.assert_none_equal");
  return value_of(f, {x, y, options.summarize, options.message, Value()});
}

Value assert_positive(const Value& x, const AssertPositiveOptions& options) {
  static const Function& f = named("tf.debugging.assert_positive");
  return value_of(f, {x, options.message, options.summarize, Value()});
}

Value assert_rank_at_least(const Value& x, const Value& rank, const AssertRankAtLeastOptions& options) {
  static const Function& f = named("tf.debugging.assert_rank_at_least");
  return value_of(f, {x, rank, options.message, Value()});
}

Value assert_rank_in(const Value& x, const Value& ranks, const AssertRankInOptions& options) {
  static const Function& f = named("tf.debugging.assert_rank_in");
  return value_of(f, {x, ranks, options.message, Value()});
}

Tensor assert_scalar(const Value& tensor, const AssertScalarOptions& options) {
  static const Function& f = named("tf.debugging.assert_scalar");
  return tensor_of(f, {tensor, options.message, Value()});
}

Value assert_type(const Value& tensor, DType tf_type, const AssertTypeOptions& options) {
  static const Function& f = named("tf.debugging.assert_type");
  return value_of(f, {tensor, tf_type, options.message, Value()});
}

Tensor check_numerics(const Value& tensor, const std::string& message) {
  static const Function& f = named("tf.debugging.check_numerics");
  return tensor_of(f, {tensor, message, Value()});
}

Value is_numeric_tensor(const Value& tensor) {
  static const Function& f = named("tf.debugging.is_numeric_tensor");
  return value_of(f, {tensor});
}

}  // namespace ninefold::debugging
