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

// Raises TypeError unless x is of an integer dtype.
struct AssertIntegerOptions {
  Value message = {};
};
NINEFOLD_API Value assert_integer(const Value& x, const AssertIntegerOptions& options = {});

// Raises InvalidArgumentError unless x <= y holds for every element.
struct AssertLessEqualOptions {
  Value message = {};
  Value summarize = {};
};
NINEFOLD_API Value assert_less_equal(const Value& x, const Value& y,
    const AssertLessEqualOptions& options = {});

// Raises InvalidArgumentError unless |x - y| < atol + rtol |y|; both default to ten times the dtype's
// epsilon.
struct AssertNearOptions {
  Value rtol = {};
  Value atol = {};
  Value message = {};
  Value summarize = {};
};
NINEFOLD_API Value assert_near(const Value& x, const Value& y, const AssertNearOptions& options = {});

// Raises InvalidArgumentError unless every element is below 0.
struct AssertNegativeOptions {
  Value message = {};
  Value summarize = {};
};
NINEFOLD_API Value assert_negative(const Value& x, const AssertNegativeOptions& options = {});

// Raises InvalidArgumentError unless no element is below 0.
struct AssertNonNegativeOptions {
  Value message = {};
  Value summarize = {};
};
NINEFOLD_API Value assert_non_negative(const Value& x, const AssertNonNegativeOptions& options = {});

// Raises InvalidArgumentError unless no element is above 0.
struct AssertNonPositiveOptions {
  Value message = {};
  Value summarize = {};
};
NINEFOLD_API Value assert_non_positive(const Value& x, const AssertNonPositiveOptions& options = {});

// Raises InvalidArgumentError unless x != y holds for every element.
struct AssertNoneEqualOptions {
  Value summarize = {};
  Value message = {};
};
NINEFOLD_API Value assert_none_equal(const Value& x, const Value& y,
    const AssertNoneEqualOptions& options = {});

// Raises InvalidArgumentError unless every element is above 0.
struct AssertPositiveOptions {
  Value message = {};
  Value summarize = {};
};
NINEFOLD_API Value assert_positive(const Value& x, const AssertPositiveOptions& options = {});

// Raises ValueError unless x has at least this rank.
struct AssertRankAtLeastOptions {
  Value message = {};
};
NINEFOLD_API Value assert_rank_at_least(const Value& x, const Value& rank,
    const AssertRankAtLeastOptions& options = {});

// Raises ValueError unless x has one of these ranks.
struct AssertRankInOptions {
  Value message = {};
};
NINEFOLD_API Value assert_rank_in(const Value& x, const Value& ranks,
    const AssertRankInOptions& options = {});

// Raises ValueError unless it is a scalar; gives it back.
struct AssertScalarOptions {
  Value message = {};
};
NINEFOLD_API Tensor assert_scalar(const Value& tensor, const AssertScalarOptions& options = {});

// Raises TypeError unless the tensor is of this dtype.
struct AssertTypeOptions {
  Value message = {};
};
NINEFOLD_API Value assert_type(const Value& tensor, DType tf_type, const AssertTypeOptions& options = {});

// The same tensor; raises InvalidArgumentError with the message if an element is infinite or NaN.
NINEFOLD_API Tensor check_numerics(const Value& tensor, const std::string& message);

// True iff it is a tensor of numbers.
NINEFOLD_API Value is_numeric_tensor(const Value& tensor);

}  // namespace ninefold::debugging
