# In: Python values. Out: tensors: tf.constant, tf.convert_to_tensor and what they ask of other objects.
from . import export
from .. import _core
from .dtypes import as_dtype
from .shapes import as_shape

_CONVERSIONS = []   # (types, function, priority), as tf.register_tensor_conversion_function gave them


@export("convert_to_tensor")
def convert_to_tensor(value, dtype=None, dtype_hint=None, name=None):
    """`value` as a tensor; `dtype` must hold, `dtype_hint` is tried."""
    return _core.convert(value, dtype, dtype_hint)


def _refuse_number(value, dtype):
    """Graphs of TensorFlow hold no quantised constants made of Python's numbers."""
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    if isinstance(value, (bool, int, float)):
        raise TypeError(f"Expected {dtype.name}, but got {value!r} of type '{type(value).__name__}'.")


@export("constant")
def constant(value, dtype=None, shape=None, name="Const"):
    """A constant tensor from a Python value or a NumPy array."""
    if dtype is not None:
        dtype = as_dtype(dtype)
    if _core.is_tensor(value) and dtype is not None and value.dtype != dtype:
        tensor = _core.function_named("tf.cast")(value, dtype)
    else:
        if dtype is not None and dtype.is_quantized and not _core.executing_eagerly():
            _refuse_number(value, dtype)
        tensor = _core.convert(value, dtype)
    if shape is None:
        return tensor
    shape = as_shape(shape)
    if tensor.shape == shape:
        return tensor
    count = shape.num_elements()
    if count == tensor.shape.num_elements():
        return _core.function_named("tf.reshape")(tensor, shape.as_list())
    if tensor.shape.num_elements() == 1:
        flat = _core.function_named("tf.reshape")(tensor, [])
        return _core.function_named("tf.fill")(shape.as_list(), flat)
    raise TypeError("Eager execution of tf.constant with unsupported shape. Tensor "
                    f"{tensor} (converted from {value}) has {tensor.shape.num_elements()} elements, "
                    f"but got `shape` {shape} with {count} elements).")


@export("register_tensor_conversion_function")
def register_tensor_conversion_function(base_type, conversion_func, priority=100):
    types = base_type if isinstance(base_type, tuple) else (base_type,)
    if not all(isinstance(t, type) for t in types):
        raise TypeError(f"Argument `base_type` must be a type or a tuple of types. Obtained: {base_type}")
    if not callable(conversion_func):
        raise TypeError(f"Argument `conversion_func` must be callable. Received {conversion_func}.")
    _CONVERSIONS.append((types, conversion_func, priority))
    _CONVERSIONS.sort(key=lambda row: row[2])


def convert_other(value, dtype):
    """The engine's question about an object it does not know; NotImplemented where nobody does."""
    method = getattr(type(value), "_as_tensor_", None)
    if method is not None:
        return method(value, dtype)
    for types, function, _ in _CONVERSIONS:
        if isinstance(value, types):
            result = function(value, dtype=dtype, name=None, as_ref=False)
            if result is not NotImplemented:
                return result
    return NotImplemented


@export("is_tensor")
def is_tensor(x):
    """True for tensors, variables and composite tensors."""
    return _core.is_tensor(x) or isinstance(x, _core.VariableBase) or hasattr(type(x), "_is_composite_tensor_")


@export("get_static_value")
def get_static_value(tensor, partial=False):
    """The value of a tensor that is known now, as a NumPy array; else None."""
    if not _core.is_tensor(tensor):
        return tensor
    return None if tensor._symbolic else tensor.numpy()
