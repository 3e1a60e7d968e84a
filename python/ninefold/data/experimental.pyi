# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.data.experimental for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

AUTOTUNE: int

class AutoShardPolicy:
    AUTO: Any
    DATA: Any
    FILE: Any
    HINT: Any
    OFF: Any
    def __init__(self, value: Any, names: Any = ..., *, module: Any = ..., qualname: Any = ..., type: Any = ..., start: Any = ..., boundary: Any = ...) -> None: ...

class AutotuneAlgorithm:
    DEFAULT: Any
    GRADIENT_DESCENT: Any
    HILL_CLIMB: Any
    MAX_PARALLELISM: Any

class AutotuneOptions:
    def __init__(self) -> None: ...

class DistributeOptions:
    def __init__(self) -> None: ...

class ExternalStatePolicy:
    FAIL: Any
    IGNORE: Any
    WARN: Any

INFINITE_CARDINALITY: int

class OptimizationOptions:
    def __init__(self) -> None: ...

class ThreadingOptions:
    def __init__(self) -> None: ...

UNKNOWN_CARDINALITY: int

def bucket_by_sequence_length(element_length_func: Any, bucket_boundaries: Any, bucket_batch_sizes: Any, padded_shapes: Any = ..., padding_values: Any = ..., pad_to_bucket_boundary: Any = ..., no_padding: Any = ..., drop_remainder: Any = ...) -> Any:
    """A function for Dataset.apply: Dataset.bucket_by_sequence_length."""

def cardinality(dataset: Any) -> Any:
    """How many elements: a scalar int64; INFINITE_CARDINALITY or UNKNOWN_CARDINALITY where that is so."""

def dense_to_ragged_batch(batch_size: Any, drop_remainder: Any = ..., row_splits_dtype: Any = ...) -> Any:
    """A function for Dataset.apply: batches of tensors that differ in their open dimensions, as ragged tensors."""

def get_structure(dataset: Any) -> Any: ...

def group_by_window(key_func: Any, reduce_func: Any, window_size: Any = ..., window_size_func: Any = ...) -> Any:
    """A function for Dataset.apply: Dataset.group_by_window."""

def take_while(predicate: Any) -> Any:
    """A function for Dataset.apply: Dataset.take_while."""
