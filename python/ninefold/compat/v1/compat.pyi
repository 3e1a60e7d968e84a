# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.compat.v1.compat for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

def as_bytes(bytes_or_text: Any, encoding: Any = ...) -> Any:
    """A text, bytes or a bytearray as bytes. Raises TypeError for anything else."""

def as_str(bytes_or_text: Any, encoding: Any = ...) -> Any:
    """A text or bytes as a text. Raises TypeError for anything else."""

def as_str_any(value: Any, encoding: Any = ...) -> Any:
    """Bytes as a text, any other value as str() has it."""

def as_text(bytes_or_text: Any, encoding: Any = ...) -> Any:
    """A text or bytes as a text. Raises TypeError for anything else."""

class forward_compatibility_horizon:
    """Within, that day is the one that is given."""
    def __init__(self, year: Any, month: Any, day: Any) -> None: ...

def forward_compatible(year: Any, month: Any, day: Any) -> Any:
    """True iff the date lies before the day from which on newer graphs may be written."""

def path_to_str(path: Any) -> Any:
    """A path of os.PathLike as a text; anything else as it is."""
