# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.autograph.calls for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

def convert(f: Any) -> Any:
    """Returns f with its control flow converted; f itself where there is nothing to convert."""

overloads: Any

unconverted: Any
