# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.config.optimizer for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

def get_experimental_options() -> Any: ...

def get_jit() -> Any: ...

def set_experimental_options(options: Any) -> Any:
    """Names of TensorFlow's graph passes; the engine has its own, which are always on."""

def set_jit(enabled: Any) -> Any:
    """Functions are planned ahead anyway."""
