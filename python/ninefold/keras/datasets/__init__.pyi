# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.datasets for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

from . import fashion_mnist as fashion_mnist

from . import mnist as mnist
