# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.sparse for editors and checkers.
from typing import Any, Sequence

from . import Tensor

TensorLike = Any

class SparseTensor:
    """values[i] stands at indices[i] of a tensor of shape dense_shape; all else is 0."""
    def __init__(self, indices: Any, values: Any, dense_shape: Any) -> None: ...
    def consumers(self) -> Any: ...
    dense_shape: Any
    dtype: Any
    @classmethod
    def from_value(cls, sparse_tensor_value: Any) -> Any: ...
    def get_shape(self) -> Any: ...
    graph: Any
    indices: Any
    op: Any
    shape: Any
    values: Any
    def with_values(self, new_values: Any) -> Any: ...

def add(a: Any, b: Any, threshold: Any = ...) -> Any:
    """The sum of two sparse tensors, without what is below `threshold`; of a sparse and a dense one a dense tensor."""

def bincount(values: Any, weights: Any = ..., axis: int = ..., minlength: int | None = ..., maxlength: int | None = ..., binary_output: bool = ..., name: str | None = ...) -> Any:
    """How often each id occurs, or the sums of their weights, as a sparse tensor; with axis -1 in each row of a matrix, ragged or sparse tensor; with binary_output, whether it occurs."""

def concat(axis: int, sp_inputs: Any, expand_nonconcat_dims: bool = ..., name: str | None = ...) -> Any:
    """Sparse tensors one after another along an axis. Other sizes must agree, unless expand_nonconcat_dims lets the greatest count."""

def cross(inputs: Any, name: str | None = ..., separator: Any = ...) -> Any:
    """Every combination of one feature of each input, row by row, as text joined by the separator (_X_): first the sparse inputs, then the tensors."""

def cross_hashed(inputs: Any, num_buckets: int = ..., hash_key: int | None = ..., name: str | None = ...) -> Any:
    """The hash of every combination of one feature of each input, row by row; modulo num_buckets, if that is not 0."""

def expand_dims(sp_input: Any, axis: int | None = ..., name: str | None = ...) -> Any:
    """With one more dimension, of size 1, at `axis` (-1)."""

def eye(num_rows: Any, num_columns: Any = ..., dtype: Any = ..., name: str | None = ...) -> Any:
    """Ones on the diagonal of a matrix."""

def fill_empty_rows(sp_input: Any, default_value: Any, name: str | None = ...) -> Any:
    """With `default_value` in the first column of each row that has nothing; and which rows those are."""

def from_dense(tensor: TensorLike, name: str | None = ...) -> Any:
    """The elements of a tensor that are not 0, "" or False, and their places."""

def map_values(op: Any, *args: Any, **kwargs: Any) -> Any:
    """op(*args, **kwargs) with the values of the sparse tensors among its arguments, which write down the same places, as the values of a sparse tensor."""

def mask(a: Any, mask_indices: Any, name: Any = ...) -> Any:
    """IndexedSlices without the rows of these indices."""

def maximum(sp_a: Any, sp_b: Any, name: str | None = ...) -> Any:
    """The greater one at each place that either writes down; what is not written down is 0."""

def minimum(sp_a: Any, sp_b: Any, name: str | None = ...) -> Any:
    """The lesser one at each place that either writes down; what is not written down is 0."""

def reduce_max(sp_input: Any, axis: Any = ..., keepdims: Any = ..., output_is_sparse: bool = ..., name: str | None = ...) -> Any:
    """The greatest of the elements that are written down, over the axes (all of them); 0 where there is none."""

def reduce_sum(sp_input: Any, axis: Any = ..., keepdims: Any = ..., output_is_sparse: bool = ..., name: str | None = ...) -> Any:
    """The sum over the axes (all of them), as a dense tensor unless output_is_sparse."""

def reorder(sp_input: Any, name: str | None = ...) -> Any:
    """The same sparse tensor with its elements in the order of their places."""

def reset_shape(sp_input: Any, new_shape: Any = ...) -> Any:
    """The same elements in a greater shape, or in the smallest that holds them."""

def reshape(sp_input: Any, shape: Any, name: str | None = ...) -> Any:
    """The same elements in row-major order under another shape; one size may be -1."""

def retain(sp_input: Any, to_retain: TensorLike) -> Any:
    """Only the elements of which the bool vector `to_retain` says so."""

def segment_mean(data: TensorLike, indices: Any, segment_ids: Any, num_segments: Any = ..., name: str | None = ...) -> Tensor:
    """The means of those rows of data that `indices` names, one a segment; segment_ids rise."""

def segment_sqrt_n(data: TensorLike, indices: Any, segment_ids: Any, num_segments: Any = ..., name: str | None = ...) -> Tensor:
    """The sums of those rows of data that `indices` names, each divided by the root of its count; segment_ids rise."""

def segment_sum(data: TensorLike, indices: Any, segment_ids: Any, num_segments: Any = ..., name: str | None = ...) -> Tensor:
    """The sums of those rows of data that `indices` names, one a segment; segment_ids rise."""

def slice(sp_input: Any, start: Any, size: Any, name: str | None = ...) -> Any:
    """The block that begins at `start`, of `size` or up to the end."""

def softmax(sp_input: Any, name: str | None = ...) -> Any:
    """The softmax over the elements of each row of the last dimension that are written down."""

def sparse_dense_matmul(sp_a: Any, b: Any, adjoint_a: bool = ..., adjoint_b: bool = ..., name: str | None = ...) -> Tensor:
    """The product of a sparse and a dense matrix, in either order; each may be conjugated and transposed."""

def split(sp_input: Any = ..., num_split: int | None = ..., axis: Any = ..., name: str | None = ...) -> Any:
    """Cut into num_split parts along an axis; the first ones are longer by one where the size is no multiple."""

def to_dense(sp_input: Any, default_value: Any = ..., validate_indices: bool = ..., name: str | None = ...) -> Tensor:
    """A tensor with the elements of a sparse one; `default_value` (0, "") where it has none. Raises InvalidArgumentError where places are out of order or stand twice, unless validate_indices is False."""

def to_indicator(sp_input: Any, vocab_size: Any, name: str | None = ...) -> Tensor:
    """True at each id that stands in a row, [..., vocab_size], of a sparse tensor whose last dimension holds ids."""

def transpose(sp_input: Any, perm: Any = ..., name: str | None = ...) -> Any:
    """With its dimensions in the order `perm`; reversed if none is given."""
