// Generated from the records by tools/generate/generate.py: change those, not this.
// In: values. Out: what the functions of tf.sparse make of them.
#pragma once

#include "ninefold/functions/arguments.h"

namespace ninefold::sparse {

// The sum of two sparse tensors, without what is below `threshold`; of a sparse and a dense one a dense
// tensor.
struct AddOptions {
  Value threshold = 0;
};
NINEFOLD_API Value add(const Value& a, const Value& b, const AddOptions& options = {});

// How often each id occurs, or the sums of their weights, as a sparse tensor; with axis -1 in each row of
// a matrix, ragged or sparse tensor; with binary_output, whether it occurs.
struct BincountOptions {
  Value weights = {};
  int64_t axis = 0;
  Value minlength = {};
  Value maxlength = {};
  bool binary_output = false;
};
NINEFOLD_API Value bincount(const Value& values, const BincountOptions& options = {});

// Sparse tensors one after another along an axis. Other sizes must agree, unless expand_nonconcat_dims
// lets the greatest count.
struct ConcatOptions {
  bool expand_nonconcat_dims = false;
};
NINEFOLD_API Value concat(int64_t axis, const Value& sp_inputs, const ConcatOptions& options = {});

// Every combination of one feature of each input, row by row, as text joined by the separator (_X_): first
// the sparse inputs, then the tensors.
struct CrossOptions {
  Value separator = {};
};
NINEFOLD_API Value cross(const Value& inputs, const CrossOptions& options = {});

// The hash of every combination of one feature of each input, row by row; modulo num_buckets, if that is
// not 0.
struct CrossHashedOptions {
  int64_t num_buckets = 0;
  Value hash_key = {};
};
NINEFOLD_API Value cross_hashed(const Value& inputs, const CrossHashedOptions& options = {});

// With one more dimension, of size 1, at `axis` (-1).
struct ExpandDimsOptions {
  Value axis = {};
};
NINEFOLD_API Value expand_dims(const Value& sp_input, const ExpandDimsOptions& options = {});

// Ones on the diagonal of a matrix.
struct EyeOptions {
  Ints num_columns = {};
  DType dtype = dtype_named("float32");
};
NINEFOLD_API Value eye(const Ints& num_rows, const EyeOptions& options = {});

// With `default_value` in the first column of each row that has nothing; and which rows those are.
NINEFOLD_API Value fill_empty_rows(const Value& sp_input, const Value& default_value);

// The elements of a tensor that are not 0, "" or False, and their places.
NINEFOLD_API Value from_dense(const Value& tensor);

// The greater one at each place that either writes down; what is not written down is 0.
NINEFOLD_API Value maximum(const Value& sp_a, const Value& sp_b);

// The lesser one at each place that either writes down; what is not written down is 0.
NINEFOLD_API Value minimum(const Value& sp_a, const Value& sp_b);

// The greatest of the elements that are written down, over the axes (all of them); 0 where there is none.
struct ReduceMaxOptions {
  Ints axis = {};
  Value keepdims = {};
  bool output_is_sparse = false;
};
NINEFOLD_API Value reduce_max(const Value& sp_input, const ReduceMaxOptions& options = {});

// The sum over the axes (all of them), as a dense tensor unless output_is_sparse.
struct ReduceSumOptions {
  Ints axis = {};
  Value keepdims = {};
  bool output_is_sparse = false;
};
NINEFOLD_API Value reduce_sum(const Value& sp_input, const ReduceSumOptions& options = {});

// The same sparse tensor with its elements in the order of their places.
NINEFOLD_API Value reorder(const Value& sp_input);

// The same elements in a greater shape, or in the smallest that holds them.
struct ResetShapeOptions {
  Ints new_shape = {};
};
NINEFOLD_API Value reset_shape(const Value& sp_input, const ResetShapeOptions& options = {});

// The same elements in row-major order under another shape; one size may be -1.
NINEFOLD_API Value reshape(const Value& sp_input, const Ints& shape);

// Only the elements of which the bool vector `to_retain` says so.
NINEFOLD_API Value retain(const Value& sp_input, const Value& to_retain);

// The means of those rows of data that `indices` names, one a segment; segment_ids rise.
struct SegmentMeanOptions {
  Ints num_segments = {};
};
NINEFOLD_API Tensor segment_mean(const Value& data, const Ints& indices, const Ints& segment_ids,
    const SegmentMeanOptions& options = {});

// The sums of those rows of data that `indices` names, each divided by the root of its count; segment_ids
// rise.
struct SegmentSqrtNOptions {
  Ints num_segments = {};
};
NINEFOLD_API Tensor segment_sqrt_n(const Value& data, const Ints& indices, const Ints& segment_ids,
    const SegmentSqrtNOptions& options = {});

// The sums of those rows of data that `indices` names, one a segment; segment_ids rise.
struct SegmentSumOptions {
  Ints num_segments = {};
};
NINEFOLD_API Tensor segment_sum(const Value& data, const Ints& indices, const Ints& segment_ids,
    const SegmentSumOptions& options = {});

// The block that begins at `start`, of `size` or up to the end.
NINEFOLD_API Value slice(const Value& sp_input, const Ints& start, const Ints& size);

// The softmax over the elements of each row of the last dimension that are written down.
NINEFOLD_API Value softmax(const Value& sp_input);

// The product of a sparse and a dense matrix, in either order; each may be conjugated and transposed.
struct SparseDenseMatmulOptions {
  bool adjoint_a = false;
  bool adjoint_b = false;
};
NINEFOLD_API Tensor sparse_dense_matmul(const Value& sp_a, const Value& b,
    const SparseDenseMatmulOptions& options = {});

// Cut into num_split parts along an axis; the first ones are longer by one where the size is no multiple.
struct SplitOptions {
  Value sp_input = {};
  Value num_split = {};
  Ints axis = {};
};
NINEFOLD_API Value split(const SplitOptions& options = {});

// A tensor with the elements of a sparse one; `default_value` (0, "") where it has none. Raises
// InvalidArgumentError where places are out of order or stand twice, unless validate_indices is False.
struct ToDenseOptions {
  Value default_value = {};
  bool validate_indices = true;
};
NINEFOLD_API Tensor to_dense(const Value& sp_input, const ToDenseOptions& options = {});

// True at each id that stands in a row, [..., vocab_size], of a sparse tensor whose last dimension holds
// ids.
NINEFOLD_API Tensor to_indicator(const Value& sp_input, const Ints& vocab_size);

// With its dimensions in the order `perm`; reversed if none is given.
struct TransposeOptions {
  Ints perm = {};
};
NINEFOLD_API Value transpose(const Value& sp_input, const TransposeOptions& options = {});

}  // namespace ninefold::sparse
