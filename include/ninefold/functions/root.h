// Generated from the records by tools/generate/generate.py: change those, not this.
// In: values. Out: what the functions of tf make of them.
#pragma once

#include "ninefold/functions/arguments.h"

namespace ninefold {

// Raises InvalidArgumentError with the first elements of the data if the condition does not hold.
struct AssertOptions {
  Value summarize = {};
};
NINEFOLD_API Value Assert(const Value& condition, const Value& data, const AssertOptions& options = {});

// |x|; of complex numbers as real numbers.
NINEFOLD_API Tensor abs(const Value& x);

// The angle in [0, pi] whose cosine is x.
NINEFOLD_API Tensor acos(const Value& x);

// The inverse hyperbolic cosine; NaN below 1.
NINEFOLD_API Tensor acosh(const Value& x);

// x + y; strings are joined.
NINEFOLD_API Tensor add(const Value& x, const Value& y);

// The sum of a list of tensors of one dtype and shape.
NINEFOLD_API Tensor add_n(const Value& inputs);

// The index of the largest element along an axis (0 if none is given), the first of equal ones.
struct ArgmaxOptions {
  Ints axis = {};
  DType output_type = dtype_named("int64");
};
NINEFOLD_API Tensor argmax(const Value& input, const ArgmaxOptions& options = {});

// The index of the smallest element along an axis (0 if none is given), the first of equal ones.
struct ArgminOptions {
  Ints axis = {};
  DType output_type = dtype_named("int64");
};
NINEFOLD_API Tensor argmin(const Value& input, const ArgminOptions& options = {});

// The indices that put the elements in order along an axis; equal ones keep theirs, whatever `stable`
// says.
struct ArgsortOptions {
  int64_t axis = -1;
  std::string direction = "ASCENDING";
  bool stable = false;
};
NINEFOLD_API Tensor argsort(const Value& values, const ArgsortOptions& options = {});

// Each number as text, as printf writes it; `fill` is one of '', '0', ' ', '+', '-'.
struct AsStringOptions {
  int64_t precision = -1;
  bool scientific = false;
  bool shortest = false;
  int64_t width = -1;
  std::string fill = "";
};
NINEFOLD_API Tensor as_string(const Value& input, const AsStringOptions& options = {});

// The angle in [-pi/2, pi/2] whose sine is x.
NINEFOLD_API Tensor asin(const Value& x);

// The inverse hyperbolic sine.
NINEFOLD_API Tensor asinh(const Value& x);

// Raises InvalidArgumentError unless x == y holds for every element.
struct AssertEqualOptions {
  Value message = {};
  Value summarize = {};
};
NINEFOLD_API Value assert_equal(const Value& x, const Value& y, const AssertEqualOptions& options = {});

// Raises InvalidArgumentError unless x > y holds for every element.
struct AssertGreaterOptions {
  Value message = {};
  Value summarize = {};
};
NINEFOLD_API Value assert_greater(const Value& x, const Value& y, const AssertGreaterOptions& options = {});

// Raises InvalidArgumentError unless x < y holds for every element.
struct AssertLessOptions {
  Value message = {};
  Value summarize = {};
};
NINEFOLD_API Value assert_less(const Value& x, const Value& y, const AssertLessOptions& options = {});

// Raises ValueError unless x has this rank.
struct AssertRankOptions {
  Value message = {};
};
NINEFOLD_API Value assert_rank(const Value& x, const Value& rank, const AssertRankOptions& options = {});

// The angle in (-pi/2, pi/2) whose tangent is x.
NINEFOLD_API Tensor atan(const Value& x);

// The angle of the point (x, y), in [-pi, pi].
NINEFOLD_API Tensor atan2(const Value& y, const Value& x);

// The inverse hyperbolic tangent; NaN outside [-1, 1].
NINEFOLD_API Tensor atanh(const Value& x);

// Puts batch entries back into blocks of space, then crops: the inverse of tf.space_to_batch.
NINEFOLD_API Tensor batch_to_space(const Value& input, const Ints& block_shape, const Ints& crops);

// The same bytes as another dtype: a narrower one adds a dimension, a wider one takes the last away.
NINEFOLD_API Tensor bitcast(const Value& input, DType type);

// The slices along axis (and the following, if mask has several) at which mask is true.
struct BooleanMaskOptions {
  Value axis = {};
};
NINEFOLD_API Tensor boolean_mask(const Value& tensor, const Value& mask,
    const BooleanMaskOptions& options = {});

// The shape that two shapes broadcast to, as a tensor.
NINEFOLD_API Tensor broadcast_dynamic_shape(const Ints& shape_x, const Ints& shape_y);

// The tensor repeated to `shape` by NumPy's rules of broadcasting.
NINEFOLD_API Tensor broadcast_to(const Value& input, const Ints& shape);

// The values in another dtype: floats truncate towards zero, bool is x != 0, complex loses its imaginary
// part.
NINEFOLD_API Tensor cast(const Value& x, DType dtype);

// The list, scaled down together where its global norm is above clip_norm; and that norm. All are NaN if
// the norm is not finite. None stays None.
struct ClipByGlobalNormOptions {
  Value use_norm = {};
};
NINEFOLD_API Value clip_by_global_norm(const Value& t_list, const Value& clip_norm,
    const ClipByGlobalNormOptions& options = {});

// t, scaled down where its L2 norm over `axes` (None: all) is above clip_norm.
struct ClipByNormOptions {
  Ints axes = {};
};
NINEFOLD_API Tensor clip_by_norm(const Value& t, const Value& clip_norm,
    const ClipByNormOptions& options = {});

// max(min(t, clip_value_max), clip_value_min); the bounds broadcast to t, whose shape the result has.
NINEFOLD_API Tensor clip_by_value(const Value& t, const Value& clip_value_min, const Value& clip_value_max);

// real + i imag, of float32 or float64 parts.
NINEFOLD_API Tensor complex(const Value& real, const Value& imag);

// Tensors of one rank joined along `axis`; the other dimensions must agree.
NINEFOLD_API Tensor concat(const Value& values, const Ints& axis);

// The cosine of an angle in radians.
NINEFOLD_API Tensor cos(const Value& x);

// The hyperbolic cosine.
NINEFOLD_API Tensor cosh(const Value& x);

// Running sum along an axis; `exclusive` leaves each element's own value out, `reverse` starts at the end.
struct CumsumOptions {
  Ints axis = 0;
  bool exclusive = false;
  bool reverse = false;
};
NINEFOLD_API Tensor cumsum(const Value& x, const CumsumOptions& options = {});

// x / y as Python 3 divides; see tf.math.truediv.
NINEFOLD_API Tensor divide(const Value& x, const Value& y);

// Output i has the rows of data whose partition is i, in order.
NINEFOLD_API Tensors dynamic_partition(const Value& data, const Ints& partitions, int64_t num_partitions);

// Row indices[m][i] of the result is row i of data[m]; of several the last.
NINEFOLD_API Tensor dynamic_stitch(const Value& indices, const Value& data);

// Complex eigenvalues, by rising absolute value, and eigenvectors, in columns, of any square matrices.
NINEFOLD_API Tensors eig(const Value& tensor);

// Complex eigenvalues, by rising absolute value, of any square matrices.
NINEFOLD_API Tensor eigvals(const Value& tensor);

// Sums of products over labelled axes: "ij,jk->ik" is a matrix product, "ii->i" a diagonal, "..." any axes
// in front. Without "->" the labels that occur once are kept, in alphabetical order.
NINEFOLD_API Tensor einsum(const std::string& equation, const ValueList& inputs);

// The same tensor, known to be of this shape; raises InvalidArgumentError if it is not.
NINEFOLD_API Tensor ensure_shape(const Value& x, const Value& shape);

// Where x == y.
NINEFOLD_API Tensor equal(const Value& x, const Value& y);

// e^x.
NINEFOLD_API Tensor exp(const Value& x);

// A dimension of one, inserted at index `axis` of the shape.
NINEFOLD_API Tensor expand_dims(const Value& input, const Ints& axis);

// Matrices with ones on the diagonal and zeros elsewhere; batch_shape of them.
struct EyeOptions {
  Ints num_columns = {};
  Ints batch_shape = {};
  DType dtype = dtype_named("float32");
};
NINEFOLD_API Tensor eye(const Ints& num_rows, const EyeOptions& options = {});

// A tensor of shape `dims`, all elements `value`.
NINEFOLD_API Tensor fill(const Ints& dims, const Value& value);

// FarmHash' Fingerprint64 of each row's bytes, as eight bytes.
struct FingerprintOptions {
  Value method = "farmhash64";
};
NINEFOLD_API Tensor fingerprint(const Value& data, const FingerprintOptions& options = {});

// The largest integer that is not above x, as a float.
NINEFOLD_API Tensor floor(const Value& x);

// Slices of params along `axis`, in the order of indices; the first batch_dims axes of both belong
// together. validate_indices has no effect, as in TensorFlow: indices are always checked.
struct GatherOptions {
  Value validate_indices = {};
  Ints axis = {};
  int64_t batch_dims = 0;
};
NINEFOLD_API Tensor gather(const Value& params, const Value& indices, const GatherOptions& options = {});

// The slices of params whose leading coordinates are the innermost vectors of indices; the first
// batch_dims axes of both belong together.
struct GatherNdOptions {
  int64_t batch_dims = 0;
};
NINEFOLD_API Tensor gather_nd(const Value& params, const Ints& indices, const GatherNdOptions& options = {});

// Where x > y.
NINEFOLD_API Tensor greater(const Value& x, const Value& y);

// Where x >= y.
NINEFOLD_API Tensor greater_equal(const Value& x, const Value& y);

// How many values fall into each of nbins equal parts of the range; those outside count in the first and
// the last.
struct HistogramFixedWidthOptions {
  Ints nbins = 100;
  DType dtype = dtype_named("int32");
};
NINEFOLD_API Tensor histogram_fixed_width(const Value& values, const Value& value_range,
    const HistogramFixedWidthOptions& options = {});

// Into which of nbins equal parts of the range each value falls; those outside into the first or the last.
struct HistogramFixedWidthBinsOptions {
  Ints nbins = 100;
  DType dtype = dtype_named("int32");
};
NINEFOLD_API Tensor histogram_fixed_width_bins(const Value& values, const Value& value_range,
    const HistogramFixedWidthBinsOptions& options = {});

// The same tensor, as a value of its own.
NINEFOLD_API Tensor identity(const Value& input);

// Where x < y.
NINEFOLD_API Tensor less(const Value& x, const Value& y);

// Where x <= y.
NINEFOLD_API Tensor less_equal(const Value& x, const Value& y);

// num evenly spaced values from start to stop, both included, along a new axis.
struct LinspaceOptions {
  int64_t axis = 0;
};
NINEFOLD_API Tensor linspace(const Value& start, const Value& stop, const Ints& num,
    const LinspaceOptions& options = {});

// x and y, for bools.
NINEFOLD_API Tensor logical_and(const Value& x, const Value& y);

// not x.
NINEFOLD_API Tensor logical_not(const Value& x);

// x or y, for bools.
NINEFOLD_API Tensor logical_or(const Value& x, const Value& y);

// Product of matrices in the last two dimensions; leading ones broadcast. adjoint_*: conjugate and
// transpose. *_is_sparse are hints that change no value. output_type: the dtype to compute in, for
// integers.
struct MatmulOptions {
  bool transpose_a = false;
  bool transpose_b = false;
  bool adjoint_a = false;
  bool adjoint_b = false;
  bool a_is_sparse = false;
  bool b_is_sparse = false;
  Value output_type = {};
};
NINEFOLD_API Tensor matmul(const Value& a, const Value& b, const MatmulOptions& options = {});

// The principal square root; of real matrices with negative eigenvalues NaN.
NINEFOLD_API Tensor matrix_square_root(const Value& input);

// The larger of two; NaN if either is.
NINEFOLD_API Tensor maximum(const Value& x, const Value& y);

// For N vectors, N tensors of rank N that hold their values along one axis each; with indexing 'xy' the
// first two axes change places.
struct MeshgridOptions {
  std::string indexing = "xy";
};
NINEFOLD_API Tensors meshgrid(const ValueList& args, const MeshgridOptions& options = {});

// The smaller of two; NaN if either is.
NINEFOLD_API Tensor minimum(const Value& x, const Value& y);

// x * y.
NINEFOLD_API Tensor multiply(const Value& x, const Value& y);

// -x, for signed numbers.
NINEFOLD_API Tensor negative(const Value& x);

// The norm of vectors or matrices along axes, of the whole tensor without them.
struct NormOptions {
  Value ord = "euclidean";
  Value axis = {};
  bool keepdims = false;
};
NINEFOLD_API Tensor norm(const Value& tensor, const NormOptions& options = {});

// Where x != y.
NINEFOLD_API Tensor not_equal(const Value& x, const Value& y);

// A new axis of length depth, off_value (0) everywhere but on_value (1) where the index says. float32 if
// neither a value nor a dtype is given.
struct OneHotOptions {
  Value on_value = {};
  Value off_value = {};
  Value axis = {};
  Value dtype = {};
};
NINEFOLD_API Tensor one_hot(const Value& indices, const Ints& depth, const OneHotOptions& options = {});

// A tensor of ones.
struct OnesOptions {
  DType dtype = dtype_named("float32");
};
NINEFOLD_API Tensor ones(const Ints& shape, const OnesOptions& options = {});

// Ones in the shape of a tensor, of its dtype or another.
struct OnesLikeOptions {
  Value dtype = {};
};
NINEFOLD_API Tensor ones_like(const Value& input, const OnesLikeOptions& options = {});

// The tensor in a frame: paddings[i] = [before, after] along axis i. mode: CONSTANT, REFLECT (mirrored
// without the edge) or SYMMETRIC (mirrored with it).
struct PadOptions {
  std::string mode = "CONSTANT";
  Value constant_values = 0;
};
NINEFOLD_API Tensor pad(const Value& tensor, const Ints& paddings, const PadOptions& options = {});

// x^y; a negative power of an integer raises InvalidArgumentError.
NINEFOLD_API Tensor pow(const Value& x, const Value& y);

// Prints tensors and Python values, tensors with the first and the last `summarize` elements of every
// axis.
struct PrintOptions {
  Value output_stream = {};
  int64_t summarize = 3;
  std::string sep = " ";
  std::string end = "\n";
};
NINEFOLD_API Value print(const ValueList& inputs, const PrintOptions& options = {});

// start, start + delta, ... as far as limit, which is left out; range(limit) starts at 0.
struct RangeOptions {
  Value limit = {};
  Value delta = 1;
  Value dtype = {};
};
NINEFOLD_API Tensor range(const Value& start, const RangeOptions& options = {});

// The number of dimensions.
NINEFOLD_API Tensor rank(const Value& input);

// x / y of floats.
NINEFOLD_API Tensor realdiv(const Value& x, const Value& y);

// True iff all elements over the axes are.
struct ReduceAllOptions {
  Ints axis = {};
  bool keepdims = false;
};
NINEFOLD_API Tensor reduce_all(const Value& input_tensor, const ReduceAllOptions& options = {});

// True iff some element over the axes is.
struct ReduceAnyOptions {
  Ints axis = {};
  bool keepdims = false;
};
NINEFOLD_API Tensor reduce_any(const Value& input_tensor, const ReduceAnyOptions& options = {});

// log(sum(exp(x))) over axes, without overflow.
struct ReduceLogsumexpOptions {
  Ints axis = {};
  bool keepdims = false;
};
NINEFOLD_API Tensor reduce_logsumexp(const Value& input_tensor, const ReduceLogsumexpOptions& options = {});

// The largest element over axes; NaN wins.
struct ReduceMaxOptions {
  Ints axis = {};
  bool keepdims = false;
};
NINEFOLD_API Tensor reduce_max(const Value& input_tensor, const ReduceMaxOptions& options = {});

// Mean over axes; of integers, truncated.
struct ReduceMeanOptions {
  Ints axis = {};
  bool keepdims = false;
};
NINEFOLD_API Tensor reduce_mean(const Value& input_tensor, const ReduceMeanOptions& options = {});

// The smallest element over axes; NaN wins.
struct ReduceMinOptions {
  Ints axis = {};
  bool keepdims = false;
};
NINEFOLD_API Tensor reduce_min(const Value& input_tensor, const ReduceMinOptions& options = {});

// Product over axes.
struct ReduceProdOptions {
  Ints axis = {};
  bool keepdims = false;
};
NINEFOLD_API Tensor reduce_prod(const Value& input_tensor, const ReduceProdOptions& options = {});

// Sum over axes; over all of them if none is given.
struct ReduceSumOptions {
  Ints axis = {};
  bool keepdims = false;
};
NINEFOLD_API Tensor reduce_sum(const Value& input_tensor, const ReduceSumOptions& options = {});

// Each slice along axis as often as repeats says (one number, or one for each); without axis, of the flat
// tensor.
struct RepeatOptions {
  Value axis = {};
};
NINEFOLD_API Tensor repeat(const Value& input, const Ints& repeats, const RepeatOptions& options = {});

// The elements in row-major order in another shape; one dimension may be -1.
NINEFOLD_API Tensor reshape(const Value& tensor, const Ints& shape);

// The elements in reverse order along the given axes.
NINEFOLD_API Tensor reverse(const Value& tensor, const Ints& axis);

// For batch entry i, the first seq_lengths[i] elements along seq_axis in reverse order.
struct ReverseSequenceOptions {
  Value seq_axis = {};
  Value batch_axis = {};
};
NINEFOLD_API Tensor reverse_sequence(const Value& input, const Ints& seq_lengths,
    const ReverseSequenceOptions& options = {});

// Elements moved by shift[i] along axis[i]; those pushed over the end come in at the beginning.
NINEFOLD_API Tensor roll(const Value& input, const Ints& shift, const Ints& axis);

// The nearest integer, ties to even, of x's dtype; integers stay as they are.
NINEFOLD_API Tensor round(const Value& x);

// tf.cast, with values beyond the range of dtype at its end instead of wrapped.
NINEFOLD_API Tensor saturate_cast(const Value& value, DType dtype);

// scalar * x, for a scalar of rank 0.
NINEFOLD_API Tensor scalar_mul(const Value& scalar, const Value& x);

// Zeros of the given shape with the sums of updates where indices point.
NINEFOLD_API Tensor scatter_nd(const Ints& indices, const Value& updates, const Ints& shape);

// Where in the sorted last axis each value belongs: before its equals (left) or after them (right).
struct SearchsortedOptions {
  std::string side = "left";
  DType out_type = dtype_named("int32");
};
NINEFOLD_API Tensor searchsorted(const Value& sorted_sequence, const Value& values,
    const SearchsortedOptions& options = {});

// For each length a row of that many ones, then zeros, as long as maxlen or the longest.
struct SequenceMaskOptions {
  Ints maxlen = {};
  DType dtype = dtype_named("bool");
};
NINEFOLD_API Tensor sequence_mask(const Ints& lengths, const SequenceMaskOptions& options = {});

// The dimensions of a tensor, as a vector.
struct ShapeOptions {
  DType out_type = dtype_named("int32");
};
NINEFOLD_API Tensor shape(const Value& input, const ShapeOptions& options = {});

// The dimensions of each tensor, as vectors.
struct ShapeNOptions {
  DType out_type = dtype_named("int32");
};
NINEFOLD_API Tensors shape_n(const Value& input, const ShapeNOptions& options = {});

// 1 / (1 + e^-x).
NINEFOLD_API Tensor sigmoid(const Value& x);

// -1, 0 or 1; x / |x| for complex numbers; NaN stays NaN.
NINEFOLD_API Tensor sign(const Value& x);

// The sine of an angle in radians.
NINEFOLD_API Tensor sin(const Value& x);

// The hyperbolic sine.
NINEFOLD_API Tensor sinh(const Value& x);

// The number of elements.
struct SizeOptions {
  DType out_type = dtype_named("int32");
};
NINEFOLD_API Tensor size(const Value& input, const SizeOptions& options = {});

// The part of a tensor that begins at `begin` and has shape `size`; -1 in size: the rest.
NINEFOLD_API Tensor slice(const Value& input_, const Ints& begin, const Ints& size);

// The elements in order along an axis.
struct SortOptions {
  int64_t axis = -1;
  std::string direction = "ASCENDING";
};
NINEFOLD_API Tensor sort(const Value& values, const SortOptions& options = {});

// Pads the dimensions after the first, then makes each position within a block a batch entry of its own.
NINEFOLD_API Tensor space_to_batch(const Value& input, const Ints& block_shape, const Ints& paddings);

// Pads the dimensions after the first, then makes each position within a block a batch entry of its own.
NINEFOLD_API Tensor space_to_batch_nd(const Value& input, const Ints& block_shape, const Ints& paddings);

// Pieces of a tensor along `axis`: as many equal ones as the int says, or with the lengths of a list, of
// which one may be -1.
struct SplitOptions {
  Ints axis = 0;
  Value num = {};
};
NINEFOLD_API Tensors split(const Value& value, const Ints& num_or_size_splits,
    const SplitOptions& options = {});

// The square root; NaN below 0.
NINEFOLD_API Tensor sqrt(const Value& x);

// x * x.
NINEFOLD_API Tensor square(const Value& x);

// The tensor without its dimensions of one, or without those of `axis` alone.
struct SqueezeOptions {
  Ints axis = {};
};
NINEFOLD_API Tensor squeeze(const Value& input, const SqueezeOptions& options = {});

// Tensors of one shape along a new axis.
struct StackOptions {
  int64_t axis = 0;
};
NINEFOLD_API Tensor stack(const Value& values, const StackOptions& options = {});

// The same tensor; no gradient flows through it.
NINEFOLD_API Tensor stop_gradient(const Value& input);

// What input_[begin:end:strides, ...] means; bit i of a mask speaks of entry i.
struct StridedSliceOptions {
  Ints strides = {};
  int64_t begin_mask = 0;
  int64_t end_mask = 0;
  int64_t ellipsis_mask = 0;
  int64_t new_axis_mask = 0;
  int64_t shrink_axis_mask = 0;
  Value var = {};
};
NINEFOLD_API Tensor strided_slice(const Value& input_, const Ints& begin, const Ints& end,
    const StridedSliceOptions& options = {});

// x - y.
NINEFOLD_API Tensor subtract(const Value& x, const Value& y);

// The tangent of an angle in radians.
NINEFOLD_API Tensor tan(const Value& x);

// The hyperbolic tangent.
NINEFOLD_API Tensor tanh(const Value& x);

// The tensor with updates added where indices point.
NINEFOLD_API Tensor tensor_scatter_nd_add(const Value& tensor, const Ints& indices, const Value& updates);

// The tensor with the greater of its value and the update where indices point.
NINEFOLD_API Tensor tensor_scatter_nd_max(const Value& tensor, const Ints& indices, const Value& updates);

// The tensor with the lesser of its value and the update where indices point.
NINEFOLD_API Tensor tensor_scatter_nd_min(const Value& tensor, const Ints& indices, const Value& updates);

// The tensor with updates taken off where indices point.
NINEFOLD_API Tensor tensor_scatter_nd_sub(const Value& tensor, const Ints& indices, const Value& updates);

// The tensor with updates where indices point.
NINEFOLD_API Tensor tensor_scatter_nd_update(const Value& tensor, const Ints& indices, const Value& updates);

// Sum of products over axes of a and as many of b. axes: n (the last n of a, the first n of b), or [axes
// of a, axes of b].
NINEFOLD_API Tensor tensordot(const Value& a, const Value& b, const Value& axes);

// The tensor repeated multiples[i] times along axis i.
NINEFOLD_API Tensor tile(const Value& input, const Ints& multiples);

// Seconds since 1970, as a float64.
NINEFOLD_API Tensor timestamp();

// Axis i of the result is axis perm[i] of a; without perm, the axes in reverse order.
struct TransposeOptions {
  Ints perm = {};
  bool conjugate = false;
};
NINEFOLD_API Tensor transpose(const Value& a, const TransposeOptions& options = {});

// x / y as Python 3 divides: integers of 32 and 64 bits become float64, narrower ones float32.
NINEFOLD_API Tensor truediv(const Value& x, const Value& y);

// x / y rounded towards zero, for integers.
NINEFOLD_API Tensor truncatediv(const Value& x, const Value& y);

// The remainder with the sign of x.
NINEFOLD_API Tensor truncatemod(const Value& x, const Value& y);

// (y, idx): the distinct elements of a vector in the order in which they appear, and for each element
// which it is.
struct UniqueOptions {
  DType out_idx = dtype_named("int32");
};
NINEFOLD_API Tensors unique(const Value& x, const UniqueOptions& options = {});

// (y, idx, count): the distinct elements of a vector, for each element which it is, and how often each
// occurs.
struct UniqueWithCountsOptions {
  DType out_idx = dtype_named("int32");
};
NINEFOLD_API Tensors unique_with_counts(const Value& x, const UniqueWithCountsOptions& options = {});

// The coordinates of flat indices into a shape: a row for each dimension.
NINEFOLD_API Tensor unravel_index(const Ints& indices, const Ints& dims);

// The slices of a tensor along one axis, which goes away.
struct UnstackOptions {
  Value num = {};
  int64_t axis = 0;
};
NINEFOLD_API Tensors unstack(const Value& value, const UnstackOptions& options = {});

// x where condition is true, y elsewhere, broadcast to one shape; without them the coordinates of what is
// not zero.
struct WhereOptions {
  Value x = {};
  Value y = {};
};
NINEFOLD_API Tensor where(const Value& condition, const WhereOptions& options = {});

// A tensor of zeros; of dtype string, of empty strings.
struct ZerosOptions {
  DType dtype = dtype_named("float32");
};
NINEFOLD_API Tensor zeros(const Ints& shape, const ZerosOptions& options = {});

// Zeros in the shape of a tensor, of its dtype or another.
struct ZerosLikeOptions {
  Value dtype = {};
};
NINEFOLD_API Tensor zeros_like(const Value& input, const ZerosLikeOptions& options = {});

}  // namespace ninefold
