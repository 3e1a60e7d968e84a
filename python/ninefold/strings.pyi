# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.strings for editors and checkers.
from typing import Any, Sequence

from . import Tensor

TensorLike = Any

def as_string(input: TensorLike, precision: int = ..., scientific: bool = ..., shortest: bool = ..., width: int = ..., fill: str = ..., name: str | None = ...) -> Tensor:
    """Each number as text, as printf writes it; `fill` is one of '', '0', ' ', '+', '-'."""

def format(template: str, inputs: Any, placeholder: str = ..., summarize: int = ..., name: str | None = ...) -> Tensor:
    """The template with each placeholder replaced by the text of a tensor."""

def join(inputs: Sequence[TensorLike], separator: str = ..., name: str | None = ...) -> Tensor:
    """Strings joined element by element; scalars go with every element."""

def length(input: TensorLike, unit: str = ..., name: str | None = ...) -> Tensor:
    """Bytes of each string, or its characters if unit is 'UTF8_CHAR'."""

def lower(input: TensorLike, encoding: str = ..., name: str | None = ...) -> Tensor:
    """Small letters: of ASCII, or of Latin, Greek and Cyrillic if encoding is 'utf-8'."""

def reduce_join(inputs: TensorLike, axis: Any = ..., keepdims: bool = ..., separator: str = ..., name: str | None = ...) -> Tensor:
    """Strings joined along `axis`, in the order in which axes are named (None: all)."""

def strip(input: TensorLike, name: str | None = ...) -> Tensor:
    """Without the blanks at both ends."""

def substr(input: TensorLike, pos: TensorLike, len: TensorLike, unit: str = ..., name: str | None = ...) -> Tensor:
    """`len` bytes or characters of each string from `pos` on, which counts from the end if negative."""

def to_number(input: TensorLike, out_type: Any = ..., name: str | None = ...) -> Tensor:
    """The number that each string writes."""

def upper(input: TensorLike, encoding: str = ..., name: str | None = ...) -> Tensor:
    """Capital letters: of ASCII, or of Latin, Greek and Cyrillic if encoding is 'utf-8'."""
