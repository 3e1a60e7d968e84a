# In: texts, bytes, dates, dimensions. Out: tf.compat's helpers for programs that run under several versions.
import datetime
import numbers
import os

import numpy as np

from . import PUBLIC, export
from .shapes import Dimension, TensorShape

_HORIZON = datetime.date(2022, 3, 31)    # what TensorFlow 2.9.0 says of itself
_ahead = [0]
PUBLIC["compat.bytes_or_text_types"] = (bytes, str)
PUBLIC["compat.integral_types"] = (numbers.Integral, np.integer)
PUBLIC["compat.real_types"] = (numbers.Real, np.integer, np.floating)
PUBLIC["compat.complex_types"] = (numbers.Complex, np.number)


def _codec(encoding):
    import codecs
    return codecs.lookup(encoding).name


@export("compat.as_bytes", "compat.v1.compat.as_bytes")
def as_bytes(bytes_or_text, encoding="utf-8"):
    """A text, bytes or a bytearray as bytes. Raises TypeError for anything else."""
    encoding = _codec(encoding)
    if isinstance(bytes_or_text, (bytes, bytearray)):
        return bytes(bytes_or_text)
    if isinstance(bytes_or_text, str):
        return bytes_or_text.encode(encoding)
    raise TypeError(f"Expected binary or unicode string, got {bytes_or_text!r}")


@export("compat.as_text", "compat.as_str", "compat.v1.compat.as_text", "compat.v1.compat.as_str")
def as_text(bytes_or_text, encoding="utf-8"):
    """A text or bytes as a text. Raises TypeError for anything else."""
    encoding = _codec(encoding)
    if isinstance(bytes_or_text, str):
        return bytes_or_text
    if isinstance(bytes_or_text, bytes):
        return bytes_or_text.decode(encoding)
    raise TypeError(f"Expected binary or unicode string, got {bytes_or_text!r}")


@export("compat.as_str_any", "compat.v1.compat.as_str_any")
def as_str_any(value, encoding="utf-8"):
    """Bytes as a text, any other value as str() has it."""
    return as_text(value, encoding) if isinstance(value, bytes) else str(value)


@export("compat.path_to_str", "compat.v1.compat.path_to_str")
def path_to_str(path):
    """A path of os.PathLike as a text; anything else as it is."""
    return as_str_any(os.fspath(path)) if hasattr(path, "__fspath__") else path


@export("compat.dimension_value", "compat.v1.dimension_value")
def dimension_value(dimension):
    """The number of a Dimension, None if it is open; anything else as it is."""
    return dimension.value if isinstance(dimension, Dimension) else dimension


@export("compat.dimension_at_index", "compat.v1.dimension_at_index")
def dimension_at_index(shape, index):
    """The Dimension of a TensorShape at `index`, open if the rank is unknown."""
    shape = TensorShape(shape)
    return Dimension(None) if shape.rank is None else shape.dims[index]


@export("compat.forward_compatible", "compat.v1.compat.forward_compatible")
def forward_compatible(year, month, day):
    """True iff the date lies before the day from which on newer graphs may be written."""
    return _HORIZON + datetime.timedelta(days=_ahead[-1]) > datetime.date(year, month, day)


@export("compat.forward_compatibility_horizon", "compat.v1.compat.forward_compatibility_horizon")
class forward_compatibility_horizon:
    """Within, that day is the one that is given."""

    def __init__(self, year, month, day):
        self._day = datetime.date(year, month, day)

    def __enter__(self):
        _ahead.append((self._day - _HORIZON).days)

    def __exit__(self, *_):
        _ahead.pop()
