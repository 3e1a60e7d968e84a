# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.explaining for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

class OpError:
    """What went wrong in an op: node_def, op, message, error_code."""
    def __init__(self, node_def: Any, op: Any, message: Any, error_code: Any, *args: Any) -> None: ...
    error_code: Any
    experimental_payloads: Any
    message: Any
    node_def: Any
    op: Any

def explained(fault: Any, layer: Any, method: Any, args: Any, kwargs: Any) -> Any:
    """What to raise instead of `fault`: itself if an inner layer has been named already, or if the arguments do not fit."""
