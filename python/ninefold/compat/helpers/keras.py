# In: arguments of layers. Out: conv_utils, tf_utils, generic_utils, backend_config and layer_utils of Keras.
import numpy as np

import ninefold as tf
from ninefold.keras.convolutions import Convolution as Conv  # noqa: F401
from ninefold.keras.backend import (  # noqa: F401
    epsilon, floatx, image_data_format, set_epsilon, set_floatx, set_image_data_format)
from ninefold.keras.utils import (  # noqa: F401
    CustomObjectScope, Progbar, custom_object_scope, deserialize_keras_object, get_custom_objects, get_registered_name,
    get_registered_object, get_source_inputs, serialize_keras_object)
from ninefold._framework.module import _snake
from .values import constant_value, smart_cond  # noqa: F401


# ---- conv_utils ----

def normalize_tuple(value, n, name, allow_zero=False):
    """A whole number or `n` of them as a tuple of `n`, each above 0."""
    said = f"The `{name}` argument must be a tuple of {n} integers. Received: {value}"
    if isinstance(value, int):
        found = (value,) * n
    else:
        try:
            found = tuple(value)
        except TypeError:
            raise ValueError(said) from None
        if len(found) != n:
            raise ValueError(said)
        for one in found:
            try:
                int(one)
            except (ValueError, TypeError):
                raise ValueError(f"{said} including element {one} of type {type(one)}") from None
    low = [one for one in found if one < 0 or one == 0 and not allow_zero]
    if low:
        raise ValueError(f"{said} including {set(low)} that does not satisfy the requirement `{'>=' if allow_zero else '>'} 0`.")
    return found


def normalize_padding(value):
    if isinstance(value, (list, tuple)):
        return value
    if value.lower() not in ("valid", "same", "causal"):
        raise ValueError("The `padding` argument must be a list/tuple or one of \"valid\", \"same\" (or \"causal\", only for "
                         f"`Conv1D). Received: {value.lower()}")
    return value.lower()


def normalize_data_format(value):
    found = (image_data_format() if value is None else value).lower()
    if found not in ("channels_first", "channels_last"):
        raise ValueError("The `data_format` argument must be one of \"channels_first\", \"channels_last\". "
                         f"Received: {value}")
    return found


def convert_data_format(data_format, ndim):
    """Keras' word as the ops': NHWC and its like."""
    words = {3: "W", 4: "HW", 5: "DHW"}
    if ndim not in words:
        raise ValueError(f"Input rank not supported: {ndim}. Expected values are [3, 4, 5]")
    if data_format not in ("channels_last", "channels_first"):
        raise ValueError(f"Invalid data_format: {data_format}. Expected values are ['channels_first', 'channels_last']")
    return "N" + words[ndim] + "C" if data_format == "channels_last" else "NC" + words[ndim]


def conv_output_length(input_length, filter_size, padding, stride, dilation=1):
    """The size of what a convolution gives."""
    if input_length is None:
        return None
    wide = filter_size + (filter_size - 1) * (dilation - 1)
    length = {"same": input_length, "causal": input_length, "valid": input_length - wide + 1,
              "full": input_length + wide - 1}[padding]
    return (length + stride - 1) // stride


def conv_input_length(output_length, filter_size, padding, stride):
    """The size that a convolution of that output had."""
    if output_length is None:
        return None
    pad = {"same": filter_size // 2, "valid": 0, "full": filter_size - 1}[padding]
    return (output_length - 1) * stride - 2 * pad + filter_size


def deconv_output_length(input_length, filter_size, padding, output_padding=None, stride=0, dilation=1):
    """The size of what a transposed convolution gives."""
    if input_length is None:
        return None
    wide = filter_size + (filter_size - 1) * (dilation - 1)
    if output_padding is None:
        return {"valid": input_length * stride + max(wide - stride, 0), "full": input_length * stride - (stride + wide - 2),
                "same": input_length * stride}[padding]
    pad = {"same": wide // 2, "valid": 0, "full": wide - 1}[padding]
    return (input_length - 1) * stride + wide - 2 * pad + output_padding


# ---- tf_utils ----

def is_tensor_or_tensor_list(v):
    v = tf.nest.flatten(v)
    return bool(v) and tf.is_tensor(v[0])


def is_symbolic_tensor(tensor):
    """Whether a tensor has no value yet."""
    return tf.keras.backend.is_keras_tensor(tensor) or tf.is_tensor(tensor) and not hasattr(tensor, "numpy")


def shape_type_conversion(fn):
    """Decorator: shapes come as tuples, and go as a TensorShape."""
    def wrapper(instance, input_shape):
        if input_shape is not None:
            input_shape = convert_shapes(input_shape, to_tuples=True)
        return convert_shapes(fn(instance, input_shape), to_tuples=False)
    return wrapper


def convert_shapes(input_shape, to_tuples=True):
    """Shapes within lists and dicts, as tuples or as TensorShapes."""
    def one(shape):
        shape = tf.TensorShape(shape)
        return tuple(shape.as_list()) if to_tuples and shape.rank is not None else shape

    def is_shape(value):
        return value is None or isinstance(value, tf.TensorShape) or isinstance(value, (list, tuple)) and all(
            part is None or isinstance(part, (int, np.integer)) for part in value)

    def go(value):
        if is_shape(value):
            return one(value)
        if isinstance(value, dict):
            return {key: go(part) for key, part in value.items()}
        return type(value)(go(part) for part in value)
    return go(input_shape)


def get_shapes(tensors):
    return tf.nest.map_structure(lambda x: x.shape, tensors)


def constant_value_of(pred):
    return constant_value(pred)


# ---- generic_utils ----

def to_snake_case(name):
    """FooBar: foo_bar."""
    found = _snake(name)
    return "private" + found if found.startswith("_") else found


def to_list(x):
    return x if isinstance(x, list) else [x]


def object_list_uid(object_list):
    return ", ".join(str(abs(id(x))) for x in tf.nest.flatten(object_list))


def is_all_none(structure):
    return all(x is None for x in tf.nest.flatten(structure))


def has_arg(fn, name, accept_all=False):
    """Whether a function takes that argument."""
    from .decorators import getfullargspec
    spec = getfullargspec(fn)
    return name in spec.args or name in spec.kwonlyargs or accept_all and spec.varkw is not None


def default(method):
    """Decorator: marks a method that subclasses may override."""
    method._is_default = True
    return method


def slice_arrays(arrays, start=None, stop=None):
    """Rows of an array, or of each in a list; `start` may be a list of rows."""
    def rows(x):
        return None if x is None else x[start] if hasattr(start, "__len__") else x[start:stop]
    if arrays is None:
        return [None]
    return [rows(x) for x in arrays] if isinstance(arrays, list) else rows(arrays)


# ---- layer_utils ----

def count_params(weights):
    """How many numbers the weights hold, each variable once."""
    seen = {w.ref() if hasattr(w, "ref") else id(w): w for w in weights}
    return int(sum(np.prod(w.shape.as_list()) for w in seen.values()))
