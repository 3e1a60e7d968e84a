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

def from_dense(tensor: TensorLike, name: str | None = ...) -> Any:
    """The elements of a tensor that are not 0, "" or False, and their places."""

def reorder(sp_input: Any, name: str | None = ...) -> Any:
    """The same sparse tensor with its elements in the order of their places."""

def to_dense(sp_input: Any, default_value: Any = ..., validate_indices: bool = ..., name: str | None = ...) -> Tensor:
    """A tensor with the elements of a sparse one; `default_value` (0, "") where it has none. Raises InvalidArgumentError where places are out of order or stand twice, unless validate_indices is False."""
