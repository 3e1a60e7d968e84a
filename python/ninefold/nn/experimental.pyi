# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.nn.experimental for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

def stateless_dropout(x: TensorLike, rate: Any, seed: TensorLike, rng_alg: str | None = ..., noise_shape: Any = ..., name: str | None = ...) -> Tensor:
    """dropout whose choices follow from `seed`, two integers, alone."""
