# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.mixed_precision for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

class Policy:
    """In which dtype a layer computes (compute_dtype) and keeps its variables (variable_dtype)."""
    def __init__(self, name: Any) -> None: ...
    compute_dtype: Any
    @classmethod
    def from_config(cls, config: Any, custom_objects: Any = ...) -> Any: ...
    def get_config(self) -> Any: ...
    name: Any
    variable_dtype: Any

def deserialize(config: Any, custom_objects: Any = ...) -> Any: ...

def global_policy() -> Any:
    """The policy of layers that are given no dtype."""

def serialize(policy: Any) -> Any: ...

def set_global_policy(policy: Any) -> Any:
    """Sets it: a Policy, its name, or None for that of tf.keras.backend.floatx()."""
