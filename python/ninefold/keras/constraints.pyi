# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.constraints for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

class Constraint:
    """What a weight must be after each update: called with it, gives the projected one."""
    def __call__(self, w: Any) -> Any: ...
    def __init__(self) -> None: ...
    @classmethod
    def from_config(cls, config: Any) -> Any: ...
    def get_config(self) -> Any: ...

class MaxNorm(Constraint):
    """Vectors no longer than max_value."""
    def __init__(self, max_value: Any = ..., axis: Any = ...) -> None: ...

class MinMaxNorm(Constraint):
    """Vectors with lengths between two bounds, approached at a rate."""
    def __init__(self, min_value: Any = ..., max_value: Any = ..., rate: Any = ..., axis: Any = ...) -> None: ...

class NonNeg(Constraint):
    """No negative weights."""
    def __init__(self) -> None: ...

class RadialConstraint(Constraint):
    """Kernels that depend on the distance from their centre only."""
    def __init__(self) -> None: ...

class UnitNorm(Constraint):
    """Vectors of length 1."""
    def __init__(self, axis: Any = ...) -> None: ...

class constraint:
    """What a weight must be after each update: called with it, gives the projected one."""
    def __call__(self, w: Any) -> Any: ...
    def __init__(self) -> None: ...
    @classmethod
    def from_config(cls, config: Any) -> Any: ...
    def get_config(self) -> Any: ...

def deserialize(config: Any, custom_objects: Any = ...) -> Any: ...

def get(identifier: Any) -> Any: ...

class max_norm(Constraint):
    """Vectors no longer than max_value."""
    def __init__(self, max_value: Any = ..., axis: Any = ...) -> None: ...

class maxnorm(Constraint):
    """Vectors no longer than max_value."""
    def __init__(self, max_value: Any = ..., axis: Any = ...) -> None: ...

class min_max_norm(Constraint):
    """Vectors with lengths between two bounds, approached at a rate."""
    def __init__(self, min_value: Any = ..., max_value: Any = ..., rate: Any = ..., axis: Any = ...) -> None: ...

class non_neg(Constraint):
    """No negative weights."""
    def __init__(self) -> None: ...

class nonneg(Constraint):
    """No negative weights."""
    def __init__(self) -> None: ...

class radial_constraint(Constraint):
    """Kernels that depend on the distance from their centre only."""
    def __init__(self) -> None: ...

def serialize(part: Any) -> Any: ...

class unit_norm(Constraint):
    """Vectors of length 1."""
    def __init__(self, axis: Any = ...) -> None: ...

class unitnorm(Constraint):
    """Vectors of length 1."""
    def __init__(self, axis: Any = ...) -> None: ...
