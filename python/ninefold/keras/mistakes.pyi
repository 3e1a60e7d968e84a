# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.mistakes for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

def check(record: Any, config: Any) -> Any:
    """Raises what Keras raises for these arguments of a layer of that record."""
