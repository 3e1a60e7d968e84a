# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.autograph.undefined for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

MISSING: Any

NO_RETURN: Any

class Undefined:
    """A variable that is unbound at this point of the program."""
    def __init__(self, name: Any) -> None: ...
    name: Any

def gone(value: Any) -> Any: ...

def peek(read: Any, name: Any) -> Any:
    """read(), or Undefined(name) where there is nothing to read."""

def ret(value: Any) -> Any:
    """What a converted function returns: a path without `return` gives None."""
