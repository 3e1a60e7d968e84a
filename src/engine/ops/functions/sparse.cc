// Generated from the records by tools/generate/generate.py: change those, not this.
// In: C++ calls of the functions of tf.sparse. Out: calls of their records.
#include "ninefold/functions/sparse.h"

#include "engine/ops/functions/call.h"

namespace ninefold::sparse {

Value add(const Value& a, const Value& b, const AddOptions& options) {
  static const Function& f = named("tf.sparse.add");
  return value_of(f, {a, b, options.threshold});
}

Value bincount(const Value& values, const BincountOptions& options) {
  static const Function& f = named("tf.sparse.bincount");
  return value_of(f, {values, options.weights, options.axis, options.minlength, options.maxlength,
    options.binary_output, Value()});
}

Value concat(int64_t axis, const Value& sp_inputs, const ConcatOptions& options) {
  static const Function& f = named("tf.sparse.concat");
  return value_of(f, {axis, sp_inputs, options.expand_nonconcat_dims, Value()});
}

Value cross(const Value& inputs, const CrossOptions& options) {
  static const Function& f = named("tf.sparse.cross");
  return value_of(f, {inputs, Value(), options.separator});
}

Value cross_hashed(const Value& inputs, const CrossHashedOptions& options) {
  static const Function& f = named("tf.sparse.cross_hashed");
  return value_of(f, {inputs, options.num_buckets, options.hash_key, Value()});
}

Value expand_dims(const Value& sp_input, const ExpandDimsOptions& options) {
  static const Function& f = named("tf.sparse.expand_dims");
  return value_of(f, {sp_input, options.axis, Value()});
}

Value eye(const Ints& num_rows, const EyeOptions& options) {
  static const Function& f = named("tf.sparse.eye");
  return value_of(f, {num_rows.value, options.num_columns.value, options.dtype, Value()});
}

Value fill_empty_rows(const Value& sp_input, const Value& default_value) {
  static const Function& f = named("tf.sparse.fill_empty_rows");
  return value_of(f, {sp_input, default_value, Value()});
}

Value from_dense(const Value& tensor) {
  static const Function& f = named("tf.sparse.from_dense");
  return value_of(f, {tensor, Value()});
}

Value maximum(const Value& sp_a, const Value& sp_b) {
  static const Function& f = named("tf.sparse.maximum");
  return value_of(f, {sp_a, sp_b, Value()});
}

Value minimum(const Value& sp_a, const Value& sp_b) {
  static const Function& f = named("tf.sparse.minimum");
  return value_of(f, {sp_a, sp_b, Value()});
}

Value reduce_max(const Value& sp_input, const ReduceMaxOptions& options) {
  static const Function& f = named("tf.sparse.reduce_max");
  return value_of(f, {sp_input, options.axis.value, options.keepdims, options.output_is_sparse, Value()});
}

Value reduce_sum(const Value& sp_input, const ReduceSumOptions& options) {
  static const Function& f = named("tf.sparse.reduce_sum");
  return value_of(f, {sp_input, options.axis.value, options.keepdims, options.output_is_sparse, Value()});
}

Value reorder(const Value& sp_input) {
  static const Function& f = named("tf.sparse.reorder");
  return value_of(f, {sp_input, Value()});
}

Value reset_shape(const Value& sp_input, const ResetShapeOptions& options) {
  static const Function& f = named("tf.sparse.reset_shape");
  return value_of(f, {sp_input, options.new_shape.value});
}

Value reshape(const Value& sp_input, const Ints& shape) {
  static const Function& f = named("tf.sparse.reshape");
  return value_of(f, {sp_input, shape.value, Value()});
}

Value retain(const Value& sp_input, const Value& to_retain) {
  static const Function& f = named("tf.sparse.retain");
  return value_of(f, {sp_input, to_retain});
}

Tensor segment_mean(const Value& data, const Ints& indices, const Ints& segment_ids,
    const SegmentMeanOptions& options) {
  static const Function& f = named("tf.sparse.segment_mean");
  return tensor_of(f, {data, indices.value, segment_ids.value, options.num_segments.value, Value()});
}

Tensor segment_sqrt_n(const Value& data, const Ints& indices, const Ints& segment_ids,
    const SegmentSqrtNOptions& options) {
  static const Function& f = named("tf.sparse.segment_sqrt_n");
  return tensor_of(f, {data, indices.value, segment_ids.value, options.num_segments.value, Value()});
}

Tensor segment_sum(const Value& data, const Ints& indices, const Ints& segment_ids,
    const SegmentSumOptions& options) {
  static const Function& f = named("tf.sparse.segment_sum");
  return tensor_of(f, {data, indices.value, segment_ids.value, options.num_segments.value, Value()});
}

Value slice(const Value& sp_input, const Ints& start, const Ints& size) {
  static const Function& f = named("tf.sparse.slice");
  return value_of(f, {sp_input, start.value, size.value, Value()});
}

Value softmax(const Value& sp_input) {
  static const Function& f = named("tf.sparse.softmax");
  return value_of(f, {sp_input, Value()});
}

Tensor sparse_dense_matmul(const Value& sp_a, const Value& b, const SparseDenseMatmulOptions& options) {
  static const Function& f = named("tf.sparse.sparse_dense_matmul");
  return tensor_of(f, {sp_a, b, options.adjoint_a, options.adjoint_b, Value()});
}

Value split(const SplitOptions& options) {
  static const Function& f = named("tf.sparse.split");
  return value_of(f, {options.sp_input, options.num_split, options.axis.value, Value()});
}

Tensor to_dense(const Value& sp_input, const ToDenseOptions& options) {
  static const Function& f = named("tf.sparse.to_dense");
  return tensor_of(f, {sp_input, options.default_value, options.validate_indices, Value()});
}

Tensor to_indicator(const Value& sp_input, const Ints& vocab_size) {
  static const Function& f = named("tf.sparse.to_indicator");
  return tensor_of(f, {sp_input, vocab_size.value, Value()});
}

Value transpose(const Value& sp_input, const TransposeOptions& options) {
  static const Function& f = named("tf.sparse.transpose");
  return value_of(f, {sp_input, options.perm.value, Value()});
}

}  // namespace ninefold::sparse
