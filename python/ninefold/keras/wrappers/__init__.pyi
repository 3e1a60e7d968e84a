# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.wrappers for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

from . import scikit_learn as scikit_learn
