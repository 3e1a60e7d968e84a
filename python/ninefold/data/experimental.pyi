# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.data.experimental for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

AUTOTUNE: int

INFINITE_CARDINALITY: int

UNKNOWN_CARDINALITY: int

def cardinality(dataset: Any) -> Any:
    """How many elements: a scalar int64; INFINITE_CARDINALITY or UNKNOWN_CARDINALITY where that is so."""

def dense_to_ragged_batch(batch_size: Any, drop_remainder: Any = ..., row_splits_dtype: Any = ...) -> Any:
    """A function for Dataset.apply: batches of tensors that differ in their open dimensions, as ragged tensors."""

def get_structure(dataset: Any) -> Any: ...
