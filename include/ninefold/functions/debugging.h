// Generated from the records by tools/generate/generate.py: change those, not this.
// In: values. Out: what the functions of tf.debugging make of them.
#pragma once

#include "ninefold/functions/arguments.h"

namespace ninefold::debugging {

// The same tensor; raises InvalidArgumentError with the message if an element is infinite or NaN.
NINEFOLD_API Tensor assert_all_finite(const Value& x, const std::string& message);

// Raises InvalidArgumentError unless x >= y holds for every element.
struct AssertGreaterEqualOptions {
  Value message = {};
  Value summarize = {};
};
NINEFOLD_API Value assert_greater_equal(const Value& x, const Value& y,
    const AssertGreaterEqualOptions& options = {});

// Raises InvalidArgumentError unless x <= y holds for every element.
struct AssertLessEqualOptions {
  Value message = {};
  Value summarize = {};
};
NINEFOLD_API Value assert_less_equal(const Value& x, const Value& y,
    const AssertLessEqualOptions& options = {});

// Raises InvalidArgumentError unless x != y holds for every element.
struct AssertNoneEqualOptions {
  Value summarize = {};
  Value message = {};
};
NINEFOLD_API Value assert_none_equal(const Value& x, const Value& y,
    const AssertNoneEqualOptions& options = {});

// The same tensor; raises InvalidArgumentError with the message if an element is infinite or NaN.
NINEFOLD_API Tensor check_numerics(const Value& tensor, const std::string& message);

}  // namespace ninefold::debugging
