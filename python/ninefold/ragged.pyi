# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.ragged for editors and checkers.
from typing import Any, Sequence

from . import Tensor

TensorLike = Any

def boolean_mask(data: Any, mask: Any, name: Any = ...) -> Any:
    """The places of `data` where `mask` is true; rows keep what is left of them."""

def constant(pylist: Any, dtype: Any = ..., ragged_rank: Any = ..., inner_shape: Any = ..., name: str | None = ..., row_splits_dtype: Any = ...) -> Any:
    """A ragged tensor of nested lists whose lengths differ; a tensor if no level can. Raises ValueError where scalars stand at different depths."""

def cross(inputs: Any, name: str | None = ...) -> Any:
    """Every combination of one feature of each input, row by row, as text joined by _X_. Inputs are ragged, sparse or tensors of two dimensions."""

def cross_hashed(inputs: Any, num_buckets: int = ..., hash_key: int | None = ..., name: str | None = ...) -> Any:
    """The hash of every combination of one feature of each input, row by row, as ragged rows."""

def map_flat_values(op: Any, *args: Any, **kwargs: Any) -> Any:
    """op over the flat values of ragged arguments, which have the same rows; in the form of those."""

def range(starts: Any, limits: Any = ..., deltas: Any = ..., dtype: Any = ..., name: str | None = ..., row_splits_dtype: Any = ...) -> Any:
    """Row i counts from starts[i] to below limits[i] by deltas[i]; scalars serve every row. Integers only."""

def row_splits_to_segment_ids(splits: TensorLike, name: str | None = ..., out_type: Any = ...) -> Tensor:
    """The row of each value, given where the rows end."""

def segment_ids_to_row_splits(segment_ids: TensorLike, num_segments: Any = ..., out_type: Any = ..., name: str | None = ...) -> Tensor:
    """Where the rows end, given the row of each value."""

def stack(values: Any, axis: int = ..., name: str | None = ...) -> Any:
    """The tensors, which may differ in the length of their rows, one after another along a new axis."""
