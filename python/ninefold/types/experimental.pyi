# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.types.experimental for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

class Callable:
    """What a tf.function and its concrete functions are: callable, without Python running."""
    def __init__(self) -> None: ...

class ConcreteFunction(Callable):
    """A function traced for one signature."""

class GenericFunction(Callable):
    """A function that is traced for whatever it is called with."""

class SupportsTracingProtocol:
    """Classes that say by what a tf.function counts their objects."""
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

class TraceType:
    """What a tf.function knows of an argument: a trace made for one type serves all of its subtypes."""
    def __init__(self) -> None: ...
    def is_subtype_of(self, other: Any) -> Any: ...
    def most_specific_common_supertype(self, others: Any) -> Any: ...

class TracingContext:
    """What all `__tf_tracing_type__` of one call share."""
    def __init__(self) -> None: ...
