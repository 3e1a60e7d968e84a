# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.sysconfig for editors and checkers.
from typing import Any, Sequence

from . import Tensor

TensorLike = Any

def get_build_info() -> Any:
    """What the GPU library was built with; without it only that there can be one."""

def get_lib() -> Any: ...
