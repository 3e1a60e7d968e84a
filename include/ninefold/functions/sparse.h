// Generated from the records by tools/generate/generate.py: change those, not this.
// In: values. Out: what the functions of tf.sparse make of them.
#pragma once

#include "ninefold/functions/arguments.h"

namespace ninefold::sparse {

// The elements of a tensor that are not 0, "" or False, and their places.
NINEFOLD_API Value from_dense(const Value& tensor);

// The same sparse tensor with its elements in the order of their places.
NINEFOLD_API Value reorder(const Value& sp_input);

// A tensor with the elements of a sparse one; `default_value` (0, "") where it has none. Raises
// InvalidArgumentError where places are out of order or stand twice, unless validate_indices is False.
struct ToDenseOptions {
  Value default_value = {};
  bool validate_indices = true;
};
NINEFOLD_API Tensor to_dense(const Value& sp_input, const ToDenseOptions& options = {});

}  // namespace ninefold::sparse
