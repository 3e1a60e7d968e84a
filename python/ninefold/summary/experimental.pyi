# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.summary.experimental for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

def get_step() -> Any:
    """The step of this thread, or None."""

def set_step(step: Any) -> Any:
    """Sets the step of this thread; a variable is read whenever something is written."""

def summary_scope(name: Any, default_name: Any = ..., values: Any = ...) -> Any:
    """(the tag: the name after the scopes around it, the scope)."""

def write_raw_pb(tensor: Any, step: Any = ..., name: Any = ...) -> Any:
    """Summary messages as strings, each an event of its own."""
