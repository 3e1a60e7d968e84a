# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.bitwise for editors and checkers.
from typing import Any, Sequence

from . import Tensor

TensorLike = Any

def bitwise_and(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """The bits set in both."""

def bitwise_or(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """The bits set in either."""

def bitwise_xor(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """The bits set in one alone."""

def invert(x: TensorLike, name: str | None = ...) -> Tensor:
    """All bits of x flipped."""

def left_shift(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x with its bits moved up by y, which is clamped to [0, bits - 1]."""

def right_shift(x: TensorLike, y: TensorLike, name: str | None = ...) -> Tensor:
    """x with its bits moved down by y; the sign is kept."""
