// Generated from the records by tools/generate/generate.py: change those, not this.
// In: values. Out: what the functions of tf.bitwise make of them.
#pragma once

#include "ninefold/functions/arguments.h"

namespace ninefold::bitwise {

// The bits set in both.
NINEFOLD_API Tensor bitwise_and(const Value& x, const Value& y);

// The bits set in either.
NINEFOLD_API Tensor bitwise_or(const Value& x, const Value& y);

// The bits set in one alone.
NINEFOLD_API Tensor bitwise_xor(const Value& x, const Value& y);

// All bits of x flipped.
NINEFOLD_API Tensor invert(const Value& x);

// x with its bits moved up by y, which is clamped to [0, bits - 1].
NINEFOLD_API Tensor left_shift(const Value& x, const Value& y);

// x with its bits moved down by y; the sign is kept.
NINEFOLD_API Tensor right_shift(const Value& x, const Value& y);

}  // namespace ninefold::bitwise
