# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.progbar for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

class Progbar:
    """A bar of progress on the standard output."""
    def __init__(self, target: Any, width: Any = ..., verbose: Any = ..., interval: Any = ..., stateful_metrics: Any = ..., unit_name: Any = ...) -> None: ...
    def add(self, n: Any, values: Any = ...) -> Any: ...
    def update(self, current: Any, values: Any = ..., finalize: Any = ...) -> Any: ...
