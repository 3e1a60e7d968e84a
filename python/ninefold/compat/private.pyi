# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.compat.private for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

COMPILER: Any

CORE: Any

PATHS: Any

ROOMS: Any

def child(path: Any, name: Any) -> Any:
    """A private module of Keras' beside a public one: `from keras.utils import tf_utils`. AttributeError if it is not known."""

def module(fullname: Any) -> Any:
    """The module for a path such as tensorflow.python.util.nest; None where it is not known."""
