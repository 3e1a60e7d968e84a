// Generated from the records by tools/generate/generate.py: change those, not this.
// In: values. Out: what the functions of tf.ragged make of them.
#pragma once

#include "ninefold/functions/arguments.h"

namespace ninefold::ragged {

// A ragged tensor of nested lists whose lengths differ; a tensor if no level can. Raises ValueError where
// scalars stand at different depths.
struct ConstantOptions {
  Value dtype = {};
  Value ragged_rank = {};
  Value inner_shape = {};
  DType row_splits_dtype = dtype_named("int64");
};
NINEFOLD_API Value constant(const Value& pylist, const ConstantOptions& options = {});

// Every combination of one feature of each input, row by row, as text joined by _X_. Inputs are ragged,
// sparse or tensors of two dimensions.
NINEFOLD_API Value cross(const Value& inputs);

// The hash of every combination of one feature of each input, row by row, as ragged rows.
struct CrossHashedOptions {
  int64_t num_buckets = 0;
  Value hash_key = {};
};
NINEFOLD_API Value cross_hashed(const Value& inputs, const CrossHashedOptions& options = {});

// Row i counts from starts[i] to below limits[i] by deltas[i]; scalars serve every row. Integers only.
struct RangeOptions {
  Value limits = {};
  Value deltas = 1;
  Value dtype = {};
  DType row_splits_dtype = dtype_named("int64");
};
NINEFOLD_API Value range(const Value& starts, const RangeOptions& options = {});

// The row of each value, given where the rows end.
struct RowSplitsToSegmentIdsOptions {
  Value out_type = {};
};
NINEFOLD_API Tensor row_splits_to_segment_ids(const Value& splits,
    const RowSplitsToSegmentIdsOptions& options = {});

// Where the rows end, given the row of each value.
struct SegmentIdsToRowSplitsOptions {
  Value num_segments = {};
  Value out_type = {};
};
NINEFOLD_API Tensor segment_ids_to_row_splits(const Value& segment_ids,
    const SegmentIdsToRowSplitsOptions& options = {});

// The tensors, which may differ in the length of their rows, one after another along a new axis.
struct StackOptions {
  int64_t axis = 0;
};
NINEFOLD_API Value stack(const Value& values, const StackOptions& options = {});

}  // namespace ninefold::ragged
