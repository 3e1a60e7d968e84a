# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.data.options for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

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

class AutotuneOptions(_Options):
    ...

class DistributeOptions(_Options):
    ...

class ExternalStatePolicy:
    FAIL: Any
    IGNORE: Any
    WARN: Any

class OptimizationOptions(_Options):
    ...

class Options(_Options):
    """What is asked of a dataset: dataset.with_options(options)."""
    def merge(self, options: Any) -> Any: ...

class ThreadingOptions(_Options):
    ...
