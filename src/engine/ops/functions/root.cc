// Generated from the records by tools/generate/generate.py: change those, not this.
// In: C++ calls of the functions of tf. Out: calls of their records.
#include "ninefold/functions/root.h"

#include "engine/ops/functions/call.h"

namespace ninefold {

Value Assert(const Value& condition, const Value& data, const AssertOptions& options) {
  static const Function& f = named("tf.debugging.Assert");
  return value_of(f, {condition, data, options.summarize, Value()});
}

Tensor abs(const Value& x) {
  static const Function& f = named("tf.math.abs");
  return tensor_of(f, {x, Value()});
}

Tensor acos(const Value& x) {
  static const Function& f = named("tf.math.acos");
  return tensor_of(f, {x, Value()});
}

Tensor acosh(const Value& x) {
  static const Function& f = named("tf.math.acosh");
  return tensor_of(f, {x, Value()});
}

Tensor add(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.add");
  return tensor_of(f, {x, y, Value()});
}

Tensor add_n(const Value& inputs) {
  static const Function& f = named("tf.math.add_n");
  return tensor_of(f, {inputs, Value()});
}

Tensor argmax(const Value& input, const ArgmaxOptions& options) {
  static const Function& f = named("tf.math.argmax");
  return tensor_of(f, {input, options.axis.value, options.output_type, Value()});
}

Tensor argmin(const Value& input, const ArgminOptions& options) {
  static const Function& f = named("tf.math.argmin");
  return tensor_of(f, {input, options.axis.value, options.output_type, Value()});
}

Tensor argsort(const Value& values, const ArgsortOptions& options) {
  static const Function& f = named("tf.argsort");
  return tensor_of(f, {values, options.axis, options.direction, options.stable, Value()});
}

Tensor as_string(const Value& input, const AsStringOptions& options) {
  static const Function& f = named("tf.strings.as_string");
  return tensor_of(f, {input, options.precision, options.scientific, options.shortest, options.width,
    options.fill, Value()});
}

Tensor asin(const Value& x) {
  static const Function& f = named("tf.math.asin");
  return tensor_of(f, {x, Value()});
}

Tensor asinh(const Value& x) {
  static const Function& f = named("tf.math.asinh");
  return tensor_of(f, {x, Value()});
}

Value assert_equal(const Value& x, const Value& y, const AssertEqualOptions& options) {
  static const Function& f = named("tf.debugging.assert_equal");
  return value_of(f, {x, y, options.message, options.summarize, Value()});
}

Value assert_greater(const Value& x, const Value& y, const AssertGreaterOptions& options) {
  static const Function& f = named("tf.debugging.assert_greater");
  return value_of(f, {x, y, options.message, options.summarize, Value()});
}

Value assert_less(const Value& x, const Value& y, const AssertLessOptions& options) {
  static const Function& f = named("tf.debugging.assert_less");
  return value_of(f, {x, y, options.message, options.summarize, Value()});
}

Value assert_rank(const Value& x, const Value& rank, const AssertRankOptions& options) {
  static const Function& f = named("tf.debugging.assert_rank");
  return value_of(f, {x, rank, options.message, Value()});
}

Tensor atan(const Value& x) {
  static const Function& f = named("tf.math.atan");
  return tensor_of(f, {x, Value()});
}

Tensor atan2(const Value& y, const Value& x) {
  static const Function& f = named("tf.math.atan2");
  return tensor_of(f, {y, x, Value()});
}

Tensor atanh(const Value& x) {
  static const Function& f = named("tf.math.atanh");
  return tensor_of(f, {x, Value()});
}

Tensor batch_to_space(const Value& input, const Ints& block_shape, const Ints& crops) {
  static const Function& f = named("tf.batch_to_space");
  return tensor_of(f, {input, block_shape.value, crops.value, Value()});
}

Tensor bitcast(const Value& input, DType type) {
  static const Function& f = named("tf.bitcast");
  return tensor_of(f, {input, type, Value()});
}

Tensor boolean_mask(const Value& tensor, const Value& mask, const BooleanMaskOptions& options) {
  static const Function& f = named("tf.boolean_mask");
  return tensor_of(f, {tensor, mask, options.axis, "boolean_mask"});
}

Tensor broadcast_dynamic_shape(const Ints& shape_x, const Ints& shape_y) {
  static const Function& f = named("tf.broadcast_dynamic_shape");
  return tensor_of(f, {shape_x.value, shape_y.value});
}

Tensor broadcast_to(const Value& input, const Ints& shape) {
  static const Function& f = named("tf.broadcast_to");
  return tensor_of(f, {input, shape.value, Value()});
}

Tensor cast(const Value& x, DType dtype) {
  static const Function& f = named("tf.cast");
  return tensor_of(f, {x, dtype, Value()});
}

Value clip_by_global_norm(const Value& t_list, const Value& clip_norm,
    const ClipByGlobalNormOptions& options) {
  static const Function& f = named("tf.clip_by_global_norm");
  return value_of(f, {t_list, clip_norm, options.use_norm, Value()});
}

Tensor clip_by_norm(const Value& t, const Value& clip_norm, const ClipByNormOptions& options) {
  static const Function& f = named("tf.clip_by_norm");
  return tensor_of(f, {t, clip_norm, options.axes.value, Value()});
}

Tensor clip_by_value(const Value& t, const Value& clip_value_min, const Value& clip_value_max) {
  static const Function& f = named("tf.clip_by_value");
  return tensor_of(f, {t, clip_value_min, clip_value_max, Value()});
}

Tensor complex(const Value& real, const Value& imag) {
  static const Function& f = named("tf.complex");
  return tensor_of(f, {real, imag, Value()});
}

Tensor concat(const Value& values, const Ints& axis) {
  static const Function& f = named("tf.concat");
  return tensor_of(f, {values, axis.value, "concat"});
}

Tensor cos(const Value& x) {
  static const Function& f = named("tf.math.cos");
  return tensor_of(f, {x, Value()});
}

Tensor cosh(const Value& x) {
  static const Function& f = named("tf.math.cosh");
  return tensor_of(f, {x, Value()});
}

Tensor cumsum(const Value& x, const CumsumOptions& options) {
  static const Function& f = named("tf.math.cumsum");
  return tensor_of(f, {x, options.axis.value, options.exclusive, options.reverse, Value()});
}

Tensor divide(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.divide");
  return tensor_of(f, {x, y, Value()});
}

Tensors dynamic_partition(const Value& data, const Ints& partitions, int64_t num_partitions) {
  static const Function& f = named("tf.dynamic_partition");
  return tensors_of(f, {data, partitions.value, num_partitions, Value()});
}

Tensor dynamic_stitch(const Value& indices, const Value& data) {
  static const Function& f = named("tf.dynamic_stitch");
  return tensor_of(f, {indices, data, Value()});
}

Tensors eig(const Value& tensor) {
  static const Function& f = named("tf.linalg.eig");
  return tensors_of(f, {tensor, Value()});
}

Tensor eigvals(const Value& tensor) {
  static const Function& f = named("tf.linalg.eigvals");
  return tensor_of(f, {tensor, Value()});
}

Tensor einsum(const std::string& equation, const ValueList& inputs) {
  static const Function& f = named("tf.einsum");
  return tensor_of(f, {equation, inputs, Value()});
}

Tensor ensure_shape(const Value& x, const Value& shape) {
  static const Function& f = named("tf.ensure_shape");
  return tensor_of(f, {x, shape, Value()});
}

Tensor equal(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.equal");
  return tensor_of(f, {x, y, Value()});
}

Tensor exp(const Value& x) {
  static const Function& f = named("tf.math.exp");
  return tensor_of(f, {x, Value()});
}

Tensor expand_dims(const Value& input, const Ints& axis) {
  static const Function& f = named("tf.expand_dims");
  return tensor_of(f, {input, axis.value, Value()});
}

Tensor eye(const Ints& num_rows, const EyeOptions& options) {
  static const Function& f = named("tf.eye");
  return tensor_of(f, {num_rows.value, options.num_columns.value, options.batch_shape.value, options.dtype,
    Value()});
}

Tensor fill(const Ints& dims, const Value& value) {
  static const Function& f = named("tf.fill");
  return tensor_of(f, {dims.value, value, Value()});
}

Tensor fingerprint(const Value& data, const FingerprintOptions& options) {
  static const Function& f = named("tf.fingerprint");
  return tensor_of(f, {data, options.method, Value()});
}

Tensor floor(const Value& x) {
  static const Function& f = named("tf.math.floor");
  return tensor_of(f, {x, Value()});
}

Tensor gather(const Value& params, const Value& indices, const GatherOptions& options) {
  static const Function& f = named("tf.gather");
  return tensor_of(f, {params, indices, options.validate_indices, options.axis.value, options.batch_dims,
    Value()});
}

Tensor gather_nd(const Value& params, const Ints& indices, const GatherNdOptions& options) {
  static const Function& f = named("tf.gather_nd");
  return tensor_of(f, {params, indices.value, options.batch_dims, Value()});
}

Tensor greater(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.greater");
  return tensor_of(f, {x, y, Value()});
}

Tensor greater_equal(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.greater_equal");
  return tensor_of(f, {x, y, Value()});
}

Tensor histogram_fixed_width(const Value& values, const Value& value_range,
    const HistogramFixedWidthOptions& options) {
  static const Function& f = named("tf.histogram_fixed_width");
  return tensor_of(f, {values, value_range, options.nbins.value, options.dtype, Value()});
}

Tensor histogram_fixed_width_bins(const Value& values, const Value& value_range,
    const HistogramFixedWidthBinsOptions& options) {
  static const Function& f = named("tf.histogram_fixed_width_bins");
  return tensor_of(f, {values, value_range, options.nbins.value, options.dtype, Value()});
}

Tensor identity(const Value& input) {
  static const Function& f = named("tf.identity");
  return tensor_of(f, {input, Value()});
}

Tensor less(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.less");
  return tensor_of(f, {x, y, Value()});
}

Tensor less_equal(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.less_equal");
  return tensor_of(f, {x, y, Value()});
}

Tensor linspace(const Value& start, const Value& stop, const Ints& num, const LinspaceOptions& options) {
  static const Function& f = named("tf.linspace");
  return tensor_of(f, {start, stop, num.value, Value(), options.axis});
}

Tensor logical_and(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.logical_and");
  return tensor_of(f, {x, y, Value()});
}

Tensor logical_not(const Value& x) {
  static const Function& f = named("tf.math.logical_not");
  return tensor_of(f, {x, Value()});
}

Tensor logical_or(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.logical_or");
  return tensor_of(f, {x, y, Value()});
}

Tensor matmul(const Value& a, const Value& b, const MatmulOptions& options) {
  static const Function& f = named("tf.linalg.matmul");
  return tensor_of(f, {a, b, options.transpose_a, options.transpose_b, options.adjoint_a, options.adjoint_b,
    options.a_is_sparse, options.b_is_sparse, options.output_type, Value()});
}

Tensor matrix_square_root(const Value& input) {
  static const Function& f = named("tf.linalg.sqrtm");
  return tensor_of(f, {input, Value()});
}

Tensor maximum(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.maximum");
  return tensor_of(f, {x, y, Value()});
}

Tensors meshgrid(const ValueList& args, const MeshgridOptions& options) {
  static const Function& f = named("tf.meshgrid");
  return tensors_of(f, {args, options.indexing, Value()});
}

Tensor minimum(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.minimum");
  return tensor_of(f, {x, y, Value()});
}

Tensor multiply(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.multiply");
  return tensor_of(f, {x, y, Value()});
}

Tensor negative(const Value& x) {
  static const Function& f = named("tf.math.negative");
  return tensor_of(f, {x, Value()});
}

Tensor norm(const Value& tensor, const NormOptions& options) {
  static const Function& f = named("tf.norm");
  return tensor_of(f, {tensor, options.ord, options.axis, options.keepdims, Value()});
}

Tensor not_equal(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.not_equal");
  return tensor_of(f, {x, y, Value()});
}

Tensor one_hot(const Value& indices, const Ints& depth, const OneHotOptions& options) {
  static const Function& f = named("tf.one_hot");
  return tensor_of(f, {indices, depth.value, options.on_value, options.off_value, options.axis, options.dtype,
    Value()});
}

Tensor ones(const Ints& shape, const OnesOptions& options) {
  static const Function& f = named("tf.ones");
  return tensor_of(f, {shape.value, options.dtype, Value()});
}

Tensor ones_like(const Value& input, const OnesLikeOptions& options) {
  static const Function& f = named("tf.ones_like");
  return tensor_of(f, {input, options.dtype, Value()});
}

Tensor pad(const Value& tensor, const Ints& paddings, const PadOptions& options) {
  static const Function& f = named("tf.pad");
  return tensor_of(f, {tensor, paddings.value, options.mode, options.constant_values, Value()});
}

Tensor pow(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.pow");
  return tensor_of(f, {x, y, Value()});
}

Value print(const ValueList& inputs, const PrintOptions& options) {
  static const Function& f = named("tf.print");
  return value_of(f, {inputs, options.output_stream, options.summarize, options.sep, options.end, Value()});
}

Tensor range(const Value& start, const RangeOptions& options) {
  static const Function& f = named("tf.range");
  return tensor_of(f, {start, options.limit, options.delta, options.dtype, "range"});
}

Tensor rank(const Value& input) {
  static const Function& f = named("tf.rank");
  return tensor_of(f, {input, Value()});
}

Tensor realdiv(const Value& x, const Value& y) {
  static const Function& f = named("tf.realdiv");
  return tensor_of(f, {x, y, Value()});
}

Tensor reduce_all(const Value& input_tensor, const ReduceAllOptions& options) {
  static const Function& f = named("tf.math.reduce_all");
  return tensor_of(f, {input_tensor, options.axis.value, options.keepdims, Value()});
}

Tensor reduce_any(const Value& input_tensor, const ReduceAnyOptions& options) {
  static const Function& f = named("tf.math.reduce_any");
  return tensor_of(f, {input_tensor, options.axis.value, options.keepdims, Value()});
}

Tensor reduce_logsumexp(const Value& input_tensor, const ReduceLogsumexpOptions& options) {
  static const Function& f = named("tf.math.reduce_logsumexp");
  return tensor_of(f, {input_tensor, options.axis.value, options.keepdims, Value()});
}

Tensor reduce_max(const Value& input_tensor, const ReduceMaxOptions& options) {
  static const Function& f = named("tf.math.reduce_max");
  return tensor_of(f, {input_tensor, options.axis.value, options.keepdims, Value()});
}

Tensor reduce_mean(const Value& input_tensor, const ReduceMeanOptions& options) {
  static const Function& f = named("tf.math.reduce_mean");
  return tensor_of(f, {input_tensor, options.axis.value, options.keepdims, Value()});
}

Tensor reduce_min(const Value& input_tensor, const ReduceMinOptions& options) {
  static const Function& f = named("tf.math.reduce_min");
  return tensor_of(f, {input_tensor, options.axis.value, options.keepdims, Value()});
}

Tensor reduce_prod(const Value& input_tensor, const ReduceProdOptions& options) {
  static const Function& f = named("tf.math.reduce_prod");
  return tensor_of(f, {input_tensor, options.axis.value, options.keepdims, Value()});
}

Tensor reduce_sum(const Value& input_tensor, const ReduceSumOptions& options) {
  static const Function& f = named("tf.math.reduce_sum");
  return tensor_of(f, {input_tensor, options.axis.value, options.keepdims, Value()});
}

Tensor repeat(const Value& input, const Ints& repeats, const RepeatOptions& options) {
  static const Function& f = named("tf.repeat");
  return tensor_of(f, {input, repeats.value, options.axis, Value()});
}

Tensor reshape(const Value& tensor, const Ints& shape) {
  static const Function& f = named("tf.reshape");
  return tensor_of(f, {tensor, shape.value, Value()});
}

Tensor reverse(const Value& tensor, const Ints& axis) {
  static const Function& f = named("tf.reverse");
  return tensor_of(f, {tensor, axis.value, Value()});
}

Tensor reverse_sequence(const Value& input, const Ints& seq_lengths, const ReverseSequenceOptions& options) {
  static const Function& f = named("tf.reverse_sequence");
  return tensor_of(f, {input, seq_lengths.value, options.seq_axis, options.batch_axis, Value()});
}

Tensor roll(const Value& input, const Ints& shift, const Ints& axis) {
  static const Function& f = named("tf.roll");
  return tensor_of(f, {input, shift.value, axis.value, Value()});
}

Tensor round(const Value& x) {
  static const Function& f = named("tf.math.round");
  return tensor_of(f, {x, Value()});
}

Tensor saturate_cast(const Value& value, DType dtype) {
  static const Function& f = named("tf.saturate_cast");
  return tensor_of(f, {value, dtype, Value()});
}

Tensor scalar_mul(const Value& scalar, const Value& x) {
  static const Function& f = named("tf.math.scalar_mul");
  return tensor_of(f, {scalar, x, Value()});
}

Tensor scatter_nd(const Ints& indices, const Value& updates, const Ints& shape) {
  static const Function& f = named("tf.scatter_nd");
  return tensor_of(f, {indices.value, updates, shape.value, Value()});
}

Tensor searchsorted(const Value& sorted_sequence, const Value& values, const SearchsortedOptions& options) {
  static const Function& f = named("tf.searchsorted");
  return tensor_of(f, {sorted_sequence, values, options.side, options.out_type, Value()});
}

Tensor sequence_mask(const Ints& lengths, const SequenceMaskOptions& options) {
  static const Function& f = named("tf.sequence_mask");
  return tensor_of(f, {lengths.value, options.maxlen.value, options.dtype, Value()});
}

Tensor shape(const Value& input, const ShapeOptions& options) {
  static const Function& f = named("tf.shape");
  return tensor_of(f, {input, options.out_type, Value()});
}

Tensors shape_n(const Value& input, const ShapeNOptions& options) {
  static const Function& f = named("tf.shape_n");
  return tensors_of(f, {input, options.out_type, Value()});
}

Tensor sigmoid(const Value& x) {
  static const Function& f = named("tf.math.sigmoid");
  return tensor_of(f, {x, Value()});
}

Tensor sign(const Value& x) {
  static const Function& f = named("tf.math.sign");
  return tensor_of(f, {x, Value()});
}

Tensor sin(const Value& x) {
  static const Function& f = named("tf.math.sin");
  return tensor_of(f, {x, Value()});
}

Tensor sinh(const Value& x) {
  static const Function& f = named("tf.math.sinh");
  return tensor_of(f, {x, Value()});
}

Tensor size(const Value& input, const SizeOptions& options) {
  static const Function& f = named("tf.size");
  return tensor_of(f, {input, options.out_type, Value()});
}

Tensor slice(const Value& input_, const Ints& begin, const Ints& size) {
  static const Function& f = named("tf.slice");
  return tensor_of(f, {input_, begin.value, size.value, Value()});
}

Tensor sort(const Value& values, const SortOptions& options) {
  static const Function& f = named("tf.sort");
  return tensor_of(f, {values, options.axis, options.direction, Value()});
}

Tensor space_to_batch(const Value& input, const Ints& block_shape, const Ints& paddings) {
  static const Function& f = named("tf.space_to_batch");
  return tensor_of(f, {input, block_shape.value, paddings.value, Value()});
}

Tensor space_to_batch_nd(const Value& input, const Ints& block_shape, const Ints& paddings) {
  static const Function& f = named("tf.space_to_batch_nd");
  return tensor_of(f, {input, block_shape.value, paddings.value, Value()});
}

Tensors split(const Value& value, const Ints& num_or_size_splits, const SplitOptions& options) {
  static const Function& f = named("tf.split");
  return tensors_of(f, {value, num_or_size_splits.value, options.axis.value, options.num, "split"});
}

Tensor sqrt(const Value& x) {
  static const Function& f = named("tf.math.sqrt");
  return tensor_of(f, {x, Value()});
}

Tensor square(const Value& x) {
  static const Function& f = named("tf.math.square");
  return tensor_of(f, {x, Value()});
}

Tensor squeeze(const Value& input, const SqueezeOptions& options) {
  static const Function& f = named("tf.squeeze");
  return tensor_of(f, {input, options.axis.value, Value()});
}

Tensor stack(const Value& values, const StackOptions& options) {
  static const Function& f = named("tf.stack");
  return tensor_of(f, {values, options.axis, "stack"});
}

Tensor stop_gradient(const Value& input) {
  static const Function& f = named("tf.stop_gradient");
  return tensor_of(f, {input, Value()});
}

Tensor strided_slice(const Value& input_, const Ints& begin, const Ints& end,
    const StridedSliceOptions& options) {
  static const Function& f = named("tf.strided_slice");
  return tensor_of(f, {input_, begin.value, end.value, options.strides.value, options.begin_mask,
    options.end_mask, options.ellipsis_mask, options.new_axis_mask, options.shrink_axis_mask, options.var,
    Value()});
}

Tensor subtract(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.subtract");
  return tensor_of(f, {x, y, Value()});
}

Tensor tan(const Value& x) {
  static const Function& f = named("tf.math.tan");
  return tensor_of(f, {x, Value()});
}

Tensor tanh(const Value& x) {
  static const Function& f = named("tf.math.tanh");
  return tensor_of(f, {x, Value()});
}

Tensor tensor_scatter_nd_add(const Value& tensor, const Ints& indices, const Value& updates) {
  static const Function& f = named("tf.tensor_scatter_nd_add");
  return tensor_of(f, {tensor, indices.value, updates, Value()});
}

Tensor tensor_scatter_nd_max(const Value& tensor, const Ints& indices, const Value& updates) {
  static const Function& f = named("tf.tensor_scatter_nd_max");
  return tensor_of(f, {tensor, indices.value, updates, Value()});
}

Tensor tensor_scatter_nd_min(const Value& tensor, const Ints& indices, const Value& updates) {
  static const Function& f = named("tf.tensor_scatter_nd_min");
  return tensor_of(f, {tensor, indices.value, updates, Value()});
}

Tensor tensor_scatter_nd_sub(const Value& tensor, const Ints& indices, const Value& updates) {
  static const Function& f = named("tf.tensor_scatter_nd_sub");
  return tensor_of(f, {tensor, indices.value, updates, Value()});
}

Tensor tensor_scatter_nd_update(const Value& tensor, const Ints& indices, const Value& updates) {
  static const Function& f = named("tf.tensor_scatter_nd_update");
  return tensor_of(f, {tensor, indices.value, updates, Value()});
}

Tensor tensordot(const Value& a, const Value& b, const Value& axes) {
  static const Function& f = named("tf.tensordot");
  return tensor_of(f, {a, b, axes, Value()});
}

Tensor tile(const Value& input, const Ints& multiples) {
  static const Function& f = named("tf.tile");
  return tensor_of(f, {input, multiples.value, Value()});
}

Tensor timestamp() {
  static const Function& f = named("tf.timestamp");
  return tensor_of(f, {Value()});
}

Tensor transpose(const Value& a, const TransposeOptions& options) {
  static const Function& f = named("tf.transpose");
  return tensor_of(f, {a, options.perm.value, options.conjugate, "transpose"});
}

Tensor truediv(const Value& x, const Value& y) {
  static const Function& f = named("tf.math.truediv");
  return tensor_of(f, {x, y, Value()});
}

Tensor truncatediv(const Value& x, const Value& y) {
  static const Function& f = named("tf.truncatediv");
  return tensor_of(f, {x, y, Value()});
}

Tensor truncatemod(const Value& x, const Value& y) {
  static const Function& f = named("tf.truncatemod");
  return tensor_of(f, {x, y, Value()});
}

Tensors unique(const Value& x, const UniqueOptions& options) {
  static const Function& f = named("tf.unique");
  return tensors_of(f, {x, options.out_idx, Value()});
}

Tensors unique_with_counts(const Value& x, const UniqueWithCountsOptions& options) {
  static const Function& f = named("tf.unique_with_counts");
  return tensors_of(f, {x, options.out_idx, Value()});
}

Tensor unravel_index(const Ints& indices, const Ints& dims) {
  static const Function& f = named("tf.unravel_index");
  return tensor_of(f, {indices.value, dims.value, Value()});
}

Tensors unstack(const Value& value, const UnstackOptions& options) {
  static const Function& f = named("tf.unstack");
  return tensors_of(f, {value, options.num, options.axis, "unstack"});
}

Tensor where(const Value& condition, const WhereOptions& options) {
  static const Function& f = named("tf.where");
  return tensor_of(f, {condition, options.x, options.y, Value()});
}

Tensor zeros(const Ints& shape, const ZerosOptions& options) {
  static const Function& f = named("tf.zeros");
  return tensor_of(f, {shape.value, options.dtype, Value()});
}

Tensor zeros_like(const Value& input, const ZerosLikeOptions& options) {
  static const Function& f = named("tf.zeros_like");
  return tensor_of(f, {input, options.dtype, Value()});
}

}  // namespace ninefold
