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

def get_structure(dataset: Any) -> Any: ...
