# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.nest for editors and checkers.
from typing import Any, Sequence

from . import Tensor

TensorLike = Any

def assert_same_structure(nest1: Any, nest2: Any, check_types: Any = ..., expand_composites: Any = ...) -> Any:
    """ValueError or TypeError where the two differ in form."""

def flatten(structure: Any, expand_composites: Any = ...) -> Any:
    """The leaves in order; dicts by sorted key."""

def is_nested(structure: Any) -> Any:
    """True for what tf.nest goes into."""

def map_structure(func: Any, *structure: Any, **kwargs: Any) -> Any:
    """func over the leaves of one or more structures of the same form."""

def pack_sequence_as(structure: Any, flat_sequence: Any, expand_composites: Any = ...) -> Any:
    """The leaves put into the form of `structure`."""
