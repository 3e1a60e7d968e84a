# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.image for editors and checkers.
from typing import Any, Sequence

from . import Tensor

TensorLike = Any

def extract_patches(images: TensorLike, sizes: Any, strides: Any, rates: Any, padding: str, name: str | None = ...) -> Tensor:
    """For each position of a window over NHWC images its pixels, row by row, as channels."""
