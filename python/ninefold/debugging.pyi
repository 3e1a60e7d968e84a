# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.debugging for editors and checkers.
from typing import Any, Sequence

from . import Tensor

TensorLike = Any

def Assert(condition: TensorLike, data: Any, summarize: int | None = ..., name: str | None = ...) -> Any:
    """Raises InvalidArgumentError with the first elements of the data if the condition does not hold."""

def assert_all_finite(x: TensorLike, message: str, name: str | None = ...) -> Tensor:
    """The same tensor; raises InvalidArgumentError with the message if an element is infinite or NaN."""

def assert_equal(x: TensorLike, y: TensorLike, message: str | None = ..., summarize: int | None = ..., name: str | None = ...) -> Any:
    """Raises InvalidArgumentError unless x == y holds for every element."""

def assert_greater(x: TensorLike, y: TensorLike, message: str | None = ..., summarize: int | None = ..., name: str | None = ...) -> Any:
    """Raises InvalidArgumentError unless x > y holds for every element."""

def assert_greater_equal(x: TensorLike, y: TensorLike, message: str | None = ..., summarize: int | None = ..., name: str | None = ...) -> Any:
    """Raises InvalidArgumentError unless x >= y holds for every element."""

def assert_less(x: TensorLike, y: TensorLike, message: str | None = ..., summarize: int | None = ..., name: str | None = ...) -> Any:
    """Raises InvalidArgumentError unless x < y holds for every element."""

def assert_less_equal(x: TensorLike, y: TensorLike, message: str | None = ..., summarize: int | None = ..., name: str | None = ...) -> Any:
    """Raises InvalidArgumentError unless x <= y holds for every element."""

def assert_none_equal(x: TensorLike, y: TensorLike, summarize: int | None = ..., message: str | None = ..., name: str | None = ...) -> Any:
    """Raises InvalidArgumentError unless x != y holds for every element."""

def check_numerics(tensor: TensorLike, message: str, name: str | None = ...) -> Tensor:
    """The same tensor; raises InvalidArgumentError with the message if an element is infinite or NaN."""
