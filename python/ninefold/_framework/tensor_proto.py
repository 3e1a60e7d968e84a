# In: arrays and Python values. Out: TensorProto and TensorShapeProto, tf.make_tensor_proto and tf.make_ndarray.
import numpy as np

from . import export, wire
from .dtypes import DTYPES, as_dtype
from .messages import Message
from .shapes import as_shape
from .. import _core

_T = wire.TYPES
_WORDS = {"float32": "FLOAT", "float64": "DOUBLE", "float16": "HALF"}
DATA_TYPES = {0: "INVALID", **{
    number + ref: _WORDS.get(dtype.name, dtype.name.upper()) + ("_REF" if ref else "")
    for ref in (0, 100) for number, dtype in enumerate(DTYPES) if dtype is not None}}
DATA_TYPE = wire.enumeration(DATA_TYPES, "DT_")


class TensorShapeProto(Message):
    """A shape: its dimensions, -1 for one that is open; or nothing but that the rank is unknown."""
    _fields = {"dim": (2, "messages", lambda: TensorShapeProto.Dim), "unknown_rank": (3, "scalar", _T["bool"])}
    __slots__ = ()

    class Dim(Message):
        """One dimension."""
        _fields = {"size": (1, "scalar", _T["int64"]), "name": (2, "scalar", _T["string"])}
        __slots__ = ()


class ResourceHandleProto(Message):
    """What stands for a resource."""
    _fields = {"device": (1, "scalar", _T["string"]), "container": (2, "scalar", _T["string"]),
               "name": (3, "scalar", _T["string"]), "hash_code": (4, "scalar", _T["uint64"]),
               "maybe_type_name": (5, "scalar", _T["string"])}
    __slots__ = ()


class VariantTensorDataProto(Message):
    """What a variant holds."""
    _fields = {"type_name": (1, "scalar", _T["string"]), "metadata": (2, "scalar", _T["bytes"]),
               "tensors": (3, "messages", lambda: TensorProto)}
    __slots__ = ()


class TensorProto(Message):
    """A tensor: its dtype and shape, and its elements in the list of its type or, in the machine's order, in
    `tensor_content`. Where a list is shorter than the shape asks, its last element stands for the rest."""
    _fields = {"dtype": (1, "scalar", DATA_TYPE), "tensor_shape": (2, "message", lambda: TensorShapeProto),
               "version_number": (3, "scalar", _T["int32"]), "tensor_content": (4, "scalar", _T["bytes"]),
               "half_val": (13, "list", _T["int32"]), "float_val": (5, "list", _T["float"]),
               "double_val": (6, "list", _T["double"]), "int_val": (7, "list", _T["int32"]),
               "string_val": (8, "list", _T["bytes"]), "scomplex_val": (9, "list", _T["float"]),
               "int64_val": (10, "list", _T["int64"]), "bool_val": (11, "list", _T["bool"]),
               "dcomplex_val": (12, "list", _T["double"]),
               "resource_handle_val": (14, "messages", lambda: ResourceHandleProto),
               "variant_val": (15, "messages", lambda: VariantTensorDataProto),
               "uint32_val": (16, "list", _T["uint32"]), "uint64_val": (17, "list", _T["uint64"])}
    __slots__ = ()


# The list that holds the elements of a dtype; integers of up to 32 bits share one.
_LISTS = {"float16": "half_val", "bfloat16": "half_val", "float32": "float_val", "float64": "double_val",
          "string": "string_val", "complex64": "scomplex_val", "complex128": "dcomplex_val", "int64": "int64_val",
          "bool": "bool_val", "uint32": "uint32_val", "uint64": "uint64_val",
          **{name: "int_val" for name in ("int32", "int16", "int8", "uint16", "uint8", "qint8", "quint8", "qint16",
                                          "quint16", "qint32")}}
# Those whose elements go into tensor_content where there are several.
_CONTENT = frozenset(("float32", "float64", "int32", "uint8", "int16", "int8", "int64", "qint8", "quint8", "qint16",
                      "quint16", "qint32", "uint32", "uint64"))


def shape_proto(shape):
    """A TensorShape as a TensorShapeProto."""
    if shape.rank is None:
        return TensorShapeProto(unknown_rank=True)
    return TensorShapeProto(dim=[TensorShapeProto.Dim(size=-1 if size is None else size) for size in shape.as_list()])


def _leaves(values):
    if isinstance(values, (list, tuple)):
        for value in values:
            yield from _leaves(value)
    else:
        yield values


def _refuse_elements(values):
    raise TypeError(f"Failed to convert elements of {values} to Tensor. Consider casting elements to a supported type. "
                    "See https://www.tensorflow.org/api_docs/python/tf/dtypes for supported TF dtypes.")


def _check_elements(values, dtype):
    """Every element of lists is what the dtype takes."""
    if dtype.is_bool:
        fits = (bool, np.bool_)
    elif dtype.is_quantized:
        fits = ()
    elif dtype.is_integer:
        fits = (int, np.integer)
    elif dtype.is_floating:
        fits = (int, float, np.integer, np.floating)
    elif dtype.is_complex:
        fits = (int, float, complex, np.number)
    else:
        fits = (str, bytes)
    for value in _leaves(values):
        if value is None:
            raise ValueError("None values not supported.")
        if not isinstance(value, fits) and not (isinstance(value, np.ndarray) and value.ndim):
            raise TypeError(f"Expected {dtype.name}, but got {value} of type '{type(value).__name__}'.")


def _array(values, dtype, shape):
    """(the values as NumPy has them, their dtype)."""
    if dtype is not None and dtype.name == "bfloat16":
        if not isinstance(values, (np.ndarray, np.generic)):
            _check_elements(values, dtype)
        return np.asarray(values, np.float32), dtype
    target = dtype.as_numpy_dtype if dtype is not None and dtype.is_numpy_compatible else None
    if isinstance(values, (np.ndarray, np.generic)):
        array = np.asarray(values) if target is None else np.asarray(values).astype(target)
        return array, dtype if dtype is not None and dtype.is_quantized else as_dtype(array.dtype)
    if values is None:
        raise ValueError("None values not supported.")
    if shape is not None and np.prod(shape, dtype=np.int64) == 0:
        array = np.empty(shape, target)
    else:
        if dtype is not None:
            _check_elements(values, dtype)
        text = any(isinstance(leaf, (str, bytes)) for leaf in _leaves(values))
        try:
            array = np.array(values, object if text else target)
        except (ValueError, OverflowError):     # rows of different lengths; a number of more than 64 bits
            _refuse_elements(values)
        if array.dtype == object and not text and array.size:
            _refuse_elements(values)
    if dtype is None and array.dtype == np.float64:
        array = array.astype(np.float32)
    elif dtype is None and array.dtype == np.int64 and np.array_equal(array.astype(np.int32), array):
        array = array.astype(np.int32)
    return array, dtype if dtype is not None and dtype.is_quantized else as_dtype(array.dtype)


def _bytes(values, array):
    """The strings of an array."""
    out = []
    for value in array.ravel().tolist():
        if isinstance(value, str):
            value = value.encode()
        if not isinstance(value, bytes):
            if isinstance(values, np.ndarray):
                raise TypeError(f"Expected binary or unicode string, got {value!r}")
            _refuse_elements(values)
        out.append(value)
    return out


@export("make_tensor_proto", "compat.v1.make_tensor_proto")
def make_tensor_proto(values, dtype=None, shape=None, verify_shape=False, allow_broadcast=False):
    """`values` (a number, a string, lists of them, an array, an eager tensor) as a TensorProto of `dtype` and `shape`.

    Without `dtype`, Python's floats become float32, its integers int32 if they fit. A `shape` may have more elements than
    `values`, whose last one then stands for the rest; with `allow_broadcast` only one that is single may, with
    `verify_shape` none. A TensorProto is given back as it is. Raises TypeError for elements or a dtype that do not fit,
    ValueError for None, for too many elements and for more than 2 GB."""
    if allow_broadcast and verify_shape:
        raise ValueError("allow_broadcast and verify_shape are not both allowed.")
    if isinstance(values, TensorProto):
        return values
    dtype = as_dtype(dtype) if dtype else None
    if not isinstance(values, (np.ndarray, np.generic)) and hasattr(values, "__array__"):
        values = np.asarray(values)
    array, found = _array(values, dtype, shape)
    if dtype is not None and dtype.base_dtype != found.base_dtype:
        raise TypeError(f"`dtype` {dtype} is not compatible with {values} of dtype {array.dtype}.")
    if shape is None:
        shape = array.shape
    shape = [int(size) for size in shape]
    count = int(np.prod(shape, dtype=np.int64))
    if allow_broadcast and array.shape not in ((), (1,)) and array.size != count or \
            verify_shape and list(array.shape) != shape:
        raise TypeError(f"Expected Tensor's shape: {tuple(shape)}, but got {array.shape}.")
    if not allow_broadcast and array.size > count:
        raise ValueError(f"Too many elements provided. Takes at most {count:d}, but got {array.size:d}.")
    proto = TensorProto(dtype=found.base_dtype.as_datatype_enum, tensor_shape=shape_proto(as_shape(shape)))
    name = found.base_dtype.name
    if name in _CONTENT and array.size == count > 1:
        if array.nbytes >= 1 << 31:
            raise ValueError("Cannot create a tensor proto whose content is larger than 2GB.")
        proto.tensor_content = array.tobytes()
        return proto
    held = _LISTS.get(name)
    if held is None:
        raise TypeError(f"Element type not supported in TensorProto: {name}.")
    if name == "string":
        elements = _bytes(values, array)
    elif name == "bfloat16":
        bits = np.ascontiguousarray(array).ravel().view(np.uint32).astype(np.int64)
        elements = (bits + 0x7fff + (bits >> 16 & 1) >> 16).tolist()
    elif name == "float16":
        elements = np.ascontiguousarray(array).ravel().view(np.uint16).tolist()
    elif found.is_complex:
        elements = [part for value in array.ravel().tolist() for part in (value.real, value.imag)]
    elif found.is_quantized:
        elements = [value[0] for value in array.ravel().tolist()]
    else:
        elements = array.ravel().tolist()
    getattr(proto, held).extend(elements)
    return proto


@export("make_ndarray", "compat.v1.make_ndarray")
def make_ndarray(tensor):
    """The array that a TensorProto holds, of its shape and dtype. Raises TypeError for resources and variants."""
    shape = [dim.size for dim in tensor.tensor_shape.dim]
    count = int(np.prod(shape, dtype=np.int64))
    dtype = as_dtype(tensor.dtype).base_dtype
    name = dtype.name
    if name not in _LISTS:
        raise TypeError(f"Unsupported tensor type: {tensor.dtype}. See https://www.tensorflow.org/api_docs/python/tf/dtypes "
                        "for supported TF dtypes.")
    if tensor.tensor_content:
        if name == "bfloat16":
            bits = np.frombuffer(tensor.tensor_content, np.uint16).astype(np.uint32) << 16
            return bits.view(np.float32).astype(dtype.as_numpy_dtype).reshape(shape)
        return np.frombuffer(tensor.tensor_content, dtype.as_numpy_dtype).copy().reshape(shape)
    values = list(getattr(tensor, _LISTS[name]))
    if name in ("float16", "bfloat16"):
        bits = np.array(values, np.uint32)
        array = bits.astype(np.uint16).view(np.float16) if name == "float16" else \
            (bits << 16).view(np.float32).astype(dtype.as_numpy_dtype)
    elif dtype.is_complex:
        array = np.array([complex(*pair) for pair in zip(values[::2], values[1::2])], dtype.as_numpy_dtype)
    elif dtype.is_quantized:
        array = np.array([(value,) for value in values], dtype.as_numpy_dtype)
    elif name == "string":
        array = np.empty(len(values), object)
        array[:] = values
    else:
        array = np.array(values, dtype.as_numpy_dtype)
    missing = count - array.size
    if missing > 0:
        last = array[-1:] if array.size else np.zeros(1, array.dtype) if name != "string" else np.array([""], object)
        array = np.concatenate([array, np.repeat(last, missing)])
    return array.reshape(shape)
