# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.dtypes for editors and checkers.
from typing import Any, Sequence

from . import Tensor

TensorLike = Any

class DType:
    """The type of a tensor's elements."""
    def __init__(self, type_enum: Any) -> None: ...
    as_datatype_enum: Any
    as_numpy_dtype: Any
    base_dtype: Any
    is_bool: Any
    def is_compatible_with(self, other: Any) -> Any: ...
    is_complex: Any
    is_floating: Any
    is_integer: Any
    is_numpy_compatible: Any
    is_quantized: Any
    is_unsigned: Any
    limits: Any
    max: Any
    min: Any
    name: Any
    real_dtype: Any
    size: Any

QUANTIZED_DTYPES: Any

def as_dtype(type_value: Any) -> Any:
    """The DType for a DType, its name or number, a NumPy dtype or a Python type."""

bfloat16: Any

bool: Any

def cast(x: TensorLike, dtype: Any, name: str | None = ...) -> Tensor:
    """The values in another dtype: floats truncate towards zero, bool is x != 0, complex loses its imaginary part."""

def complex(real: TensorLike, imag: TensorLike, name: str | None = ...) -> Tensor:
    """real + i imag, of float32 or float64 parts."""

complex128: Any

complex64: Any

double: Any

float: Any

float16: Any

float32: Any

float64: Any

half: Any

int16: Any

int32: Any

int64: Any

int8: Any

qint16: Any

qint32: Any

qint8: Any

quint16: Any

quint8: Any

resource: Any

def saturate_cast(value: TensorLike, dtype: Any, name: str | None = ...) -> Tensor:
    """tf.cast, with values beyond the range of dtype at its end instead of wrapped."""

string: Any

uint16: Any

uint32: Any

uint64: Any

uint8: Any

variant: Any
