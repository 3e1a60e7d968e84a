# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.profiler.experimental.server for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

def start(port: Any) -> Any:
    """Raises NotImplementedError: profiles are not served by gRPC."""
