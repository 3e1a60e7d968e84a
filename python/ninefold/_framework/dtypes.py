# In: names, NumPy dtypes and Python types. Out: tf.DType, one object a dtype.
import numpy as np

from . import export
from .. import _core

_NUMPY = {"float32": np.float32, "float64": np.float64, "int32": np.int32, "uint8": np.uint8,
          "int16": np.int16, "int8": np.int8, "string": np.object_, "complex64": np.complex64,
          "int64": np.int64, "bool": np.bool_, "uint16": np.uint16, "complex128": np.complex128,
          "float16": np.float16, "uint32": np.uint32, "uint64": np.uint64, "qint8": np.dtype([("qint8", np.int8)]),
          "quint8": np.dtype([("quint8", np.uint8)]), "qint16": np.dtype([("qint16", np.int16)]),
          "quint16": np.dtype([("quint16", np.uint16)]), "qint32": np.dtype([("qint32", np.int32)]),
          "resource": np.object_, "variant": np.object_}
_COMPLEX = {"complex64": "float32", "complex128": "float64"}


class DType:
    """The type of a tensor's elements."""
    __slots__ = ("_number", "_name", "__weakref__")

    def __init__(self, type_enum):
        number = int(type_enum)
        if not 0 < number % 100 < len(_NAMES):
            raise TypeError(f"Could not convert {type_enum} to a DType")
        self._number, self._name = number, _NAMES[number % 100] + ("_ref" if number > 100 else "")

    @property
    def name(self):
        return self._name

    @property
    def as_datatype_enum(self):
        return self._number

    _type_enum = as_datatype_enum

    @property
    def base_dtype(self):
        return DTYPES[self._number % 100]

    @property
    def real_dtype(self):
        return as_dtype(_COMPLEX[self._name]) if self._name in _COMPLEX else self.base_dtype

    @property
    def as_numpy_dtype(self):
        found = _NUMPY.get(self.base_dtype._name)
        if found is None:
            found = _bfloat16_numpy()
        return found

    @property
    def is_numpy_compatible(self):
        return self._name not in ("resource", "variant")

    @property
    def is_bool(self):
        return self.base_dtype is DTYPES[10]

    @property
    def is_integer(self):
        name = self.base_dtype._name
        return "int" in name and not name.startswith("q")

    @property
    def is_floating(self):
        return "float" in self._name

    @property
    def is_complex(self):
        return self.base_dtype._name in _COMPLEX

    @property
    def is_quantized(self):
        return self._name.startswith("q")

    @property
    def is_unsigned(self):
        return self._name.startswith("uint")

    @property
    def size(self):
        name = self.base_dtype._name
        if name in ("string", "resource", "variant"):
            return 1
        return 2 if name == "bfloat16" else np.dtype(self.as_numpy_dtype).itemsize

    @property
    def min(self):
        return self._limit("min")

    @property
    def max(self):
        return self._limit("max")

    def _limit(self, which):
        name = self.base_dtype._name
        if self.is_quantized or name in ("string", "resource", "variant") or self.is_complex:
            word = "minimum" if which == "min" else "maximum"
            raise TypeError(f"Cannot find {word} value of {self}.")
        if name == "bool":
            return which == "max"
        if name == "bfloat16":
            return (-1 if which == "min" else 1) * 3.38953139e+38
        info = np.iinfo if self.is_integer else np.finfo
        return getattr(info(self.as_numpy_dtype), which)

    @property
    def limits(self):
        return self.min, self.max

    def is_compatible_with(self, other):
        other = as_dtype(other)
        return self._number in (other._number, other.base_dtype._number)

    def __eq__(self, other):
        if other is self:
            return True
        if other is None:
            return False
        if type(other) is not DType:
            try:
                other = as_dtype(other)
            except TypeError:
                return False
        return self._number == other._number

    def __ne__(self, other):
        return not self.__eq__(other)

    def __hash__(self):
        return self._number

    def __int__(self):
        return self._number

    def __str__(self):
        return f"<dtype: '{self._name}'>"

    def __repr__(self):
        return "tf." + self._name

    def __reduce__(self):
        return as_dtype, (self._name,)

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


_NAMES = _core.dtype_names()
DTYPES = [None] * len(_NAMES)
for _n in range(1, len(_NAMES)):
    DTYPES[_n] = DType(_n)
_BY_NAME = {d.name: d for d in DTYPES if d}
_BY_NAME.update({"half": _BY_NAME["float16"], "float": _BY_NAME["float32"],
                 "double": _BY_NAME["float64"]})
_BY_TYPE = {float: _BY_NAME["float32"], bool: _BY_NAME["bool"], object: _BY_NAME["string"], np.str_: _BY_NAME["string"],
            np.bytes_: _BY_NAME["string"]}     # int and str mean none
for _name, _type in _NUMPY.items():
    if _name not in ("string", "resource", "variant"):
        _BY_TYPE[_type] = _BY_NAME[_name]
_BY_TYPE[np.object_] = _BY_NAME["string"]


def _bfloat16_numpy():
    try:
        import ml_dtypes
        return ml_dtypes.bfloat16
    except ImportError:
        return np.float32  # NumPy has no bfloat16 of its own; its values fit float32


def as_dtype(type_value):
    """The DType for a DType, its name or number, a NumPy dtype or a Python type."""
    if isinstance(type_value, DType):
        return type_value
    try:
        found = _BY_TYPE.get(type_value) or _BY_NAME.get(type_value)
        if found is not None:
            return found
    except TypeError:
        pass
    if isinstance(type_value, np.dtype):
        if type_value.kind in "SUO":
            return _BY_NAME["string"]
        found = _BY_NAME.get(type_value.name)
        if found is not None:
            return found
    if isinstance(type_value, int) and not isinstance(type_value, bool):
        if 0 < type_value < len(DTYPES):
            return DTYPES[type_value]
    elif isinstance(type_value, str) and type_value.endswith("_ref") and type_value[:-4] in _BY_NAME:
        return DType(_BY_NAME[type_value[:-4]]._number + 100)
    elif hasattr(type_value, "dtype") and not isinstance(type_value, str):
        try:
            return _BY_NAME[np.dtype(type_value.dtype).name]
        except (TypeError, KeyError, NotImplementedError):
            pass
    elif isinstance(type_value, type) and issubclass(type_value, np.generic):
        try:
            return _BY_NAME[np.dtype(type_value).name]
        except (TypeError, KeyError):
            pass
    raise TypeError("Cannot convert the argument `type_value`: "
                    f"{type_value!r} to a TensorFlow DType.")


export("DType", "dtypes.DType")(DType)
export("as_dtype", "dtypes.as_dtype")(as_dtype)
for _key, _dtype in _BY_NAME.items():
    export(_key, "dtypes." + _key)(_dtype)
