# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.io for editors and checkers.
from typing import Any, Sequence

from . import Tensor

TensorLike = Any

def decode_base64(input: TensorLike, name: str | None = ...) -> Tensor:
    """What tf.io.encode_base64 encoded."""

def decode_raw(input_bytes: TensorLike, out_type: Any, little_endian: bool = ..., fixed_length: int | None = ..., name: str | None = ...) -> Tensor:
    """The bytes of strings as numbers, along a new last axis; with fixed_length strings are cut or filled with zeros."""

def encode_base64(input: TensorLike, pad: bool = ..., name: str | None = ...) -> Tensor:
    """Web-safe base 64."""
