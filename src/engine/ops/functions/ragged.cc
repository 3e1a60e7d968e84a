// Generated from the records by tools/generate/generate.py: change those, not this.
// In: C++ calls of the functions of tf.ragged. Out: calls of their records.
#include "ninefold/functions/ragged.h"

#include "engine/ops/functions/call.h"

namespace ninefold::ragged {

Value constant(const Value& pylist, const ConstantOptions& options) {
  static const Function& f = named("tf.ragged.constant");
  return value_of(f, {pylist, options.dtype, options.ragged_rank, options.inner_shape, Value(),
    options.row_splits_dtype});
}

Value cross(const Value& inputs) {
  static const Function& f = named("tf.ragged.cross");
  return value_of(f, {inputs, Value()});
}

Value cross_hashed(const Value& inputs, const CrossHashedOptions& options) {
  static const Function& f = named("tf.ragged.cross_hashed");
  return value_of(f, {inputs, options.num_buckets, options.hash_key, Value()});
}

Value range(const Value& starts, const RangeOptions& options) {
  static const Function& f = named("tf.ragged.range");
  return value_of(f, {starts, options.limits, options.deltas, options.dtype, Value(),
    options.row_splits_dtype});
}

Tensor row_splits_to_segment_ids(const Value& splits, const RowSplitsToSegmentIdsOptions& options) {
  static const Function& f = named("tf.ragged.row_splits_to_segment_ids");
  return tensor_of(f, {splits, Value(), options.out_type});
}

Tensor segment_ids_to_row_splits(const Value& segment_ids, const SegmentIdsToRowSplitsOptions& options) {
  static const Function& f = named("tf.ragged.segment_ids_to_row_splits");
  return tensor_of(f, {segment_ids, options.num_segments, options.out_type, Value()});
}

Value stack(const Value& values, const StackOptions& options) {
  static const Function& f = named("tf.ragged.stack");
  return value_of(f, {values, options.axis, Value()});
}

}  // namespace ninefold::ragged
