# In: StructuredValue messages of a SavedModel. Out: nests of Python values and specs, and back.
import collections
import re

from . import nest
from .dtypes import DTYPES, DType, as_dtype
from .ragged import RaggedTensorSpec
from .shapes import TensorShape
from .slices import IndexedSlicesSpec
from .sparse import SparseTensorSpec
from .specs import TensorSpec, TypeSpec, VariableSpec

# TypeSpecProto.Class; the others have no values here.
_SPARSE, _SLICES, _RAGGED, _VARIABLE, _EXTENSION = 1, 2, 3, 9, 13

_registered = {}     # {name in files: spec's class} of extension types that name themselves


def register(name, spec):
    """The class of specs that a name in a SavedModel stands for: of an extension type with a `__name__`. Raises ValueError for a
    name without a dot, and for one that another class has."""
    if not re.match(r"(\w+\.)+\w+$", name):
        raise ValueError("Registered name must have the form '{project_name}.{type_name}' (e.g. 'my_project.MyTypeSpec'); got %r." % name)
    if name in _registered:
        raise ValueError("Name %s has already been registered for class %s.%s." % (
            name, _registered[name].__module__, _registered[name].__name__))
    _registered[name] = spec


def name_of(spec):
    """The name of a spec's class. Raises ValueError if it has none."""
    name = next((name for name, kind in _registered.items() if kind is type(spec)), None)
    if name is None:
        raise ValueError(f"TypeSpec {type(spec).__module__}.{type(spec).__name__} has not been registered.")
    return name


def registered_spec(name):
    if name not in _registered:
        raise ValueError("No TypeSpec has been registered with name %r" % (name,))
    return _registered[name]


def dtype_of(number):
    if not 0 < number < len(DTYPES) or DTYPES[number] is None:
        raise ValueError(f"SavedModel: there is no dtype {number}")
    return DTYPES[number]


def number_of(dtype):
    return DTYPES.index(as_dtype(dtype))


def shape_of(message):
    if message.get("unknown_rank"):
        return TensorShape(None)
    return TensorShape([None if d.get("size", 0) < 0 else d.get("size", 0) for d in message.get("dim", [])])


def shape_message(shape):
    shape = TensorShape(shape)
    if shape.rank is None:
        return {"unknown_rank": True}
    return {"dim": [{"size": -1 if d is None else d} for d in shape.as_list()]}


class UnknownSpec(TypeSpec):
    """A type that the file names and Ninefold does not know: nothing fits it."""

    def __init__(self, name):
        self.name = name

    def is_compatible_with(self, value):
        return False

    def __repr__(self):
        return f"<unknown TypeSpec {self.name}>"


def _type_spec(message):
    kind, state = message.get("type_spec_class", 0), decode(message.get("type_state", {"none_value": {}}))
    name = message.get("type_spec_class_name", str(kind))
    if kind == _RAGGED:
        return RaggedTensorSpec(*state[:4])
    if kind == _VARIABLE:
        return VariableSpec(*state[:3])
    if kind == _SPARSE:
        return SparseTensorSpec(*state[:2])
    if kind == _SLICES:
        return IndexedSlicesSpec(*state[:5])
    if kind == _EXTENSION and name in _registered:
        return _registered[name]._of_pairs(state)
    return UnknownSpec(name)


_named = {}


def decode(message):
    """The value that a StructuredValue message stands for."""
    if not message:
        return None
    (kind, value), = message.items() if len(message) == 1 else [_one_of(message)]
    if kind == "none_value":
        return None
    if kind in ("float64_value", "int64_value", "string_value", "bool_value"):
        return value
    if kind == "tensor_shape_value":
        return shape_of(value)
    if kind == "tensor_dtype_value":
        return dtype_of(value)
    if kind in ("tensor_spec_value", "bounded_tensor_spec_value"):
        return TensorSpec(shape_of(value.get("shape", {})), dtype_of(value.get("dtype", 0)), value.get("name") or None)
    if kind == "type_spec_value":
        return _type_spec(value)
    if kind == "list_value":
        return [decode(v) for v in value.get("values", [])]
    if kind == "tuple_value":
        return tuple(decode(v) for v in value.get("values", []))
    if kind == "dict_value":
        return {k: decode(v) for k, v in value.get("fields", {}).items()}
    if kind == "named_tuple_value":
        keys = tuple(p.get("key", "") for p in value.get("values", []))
        name = value.get("name", "Tuple")
        made = _named.setdefault((name, keys), None) or collections.namedtuple(name, keys, rename=True)
        _named[name, keys] = made
        return made(*[decode(p.get("value", {})) for p in value.get("values", [])])
    raise ValueError(f"SavedModel: a structure holds a {kind}, which Ninefold cannot read")


def _one_of(message):
    raise ValueError(f"SavedModel: a structure holds several values at once: {sorted(message)}")


class NotEncodableError(TypeError):
    """What no StructuredValue message says."""


def encode(value):
    """The StructuredValue message of a nest; raises NotEncodableError for what has none."""
    if value is None:
        return {"none_value": {}}
    if isinstance(value, bool):
        return {"bool_value": value}
    if isinstance(value, int):
        return {"int64_value": value}
    if isinstance(value, float):
        return {"float64_value": value}
    if isinstance(value, str):
        return {"string_value": value}
    if isinstance(value, TensorShape):
        return {"tensor_shape_value": shape_message(value)}
    if isinstance(value, DType):
        return {"tensor_dtype_value": number_of(value)}
    if isinstance(value, TensorSpec):
        message = {"shape": shape_message(value.shape), "dtype": number_of(value.dtype)}
        if value.name:
            message["name"] = value.name
        return {"tensor_spec_value": message}
    if isinstance(value, RaggedTensorSpec):
        state = (TensorShape(value._shape), value._dtype, value._ragged_rank, value._row_splits_dtype)
        return {"type_spec_value": {"type_spec_class": _RAGGED, "type_state": encode(state),
                                    "type_spec_class_name": "RaggedTensorSpec", "num_flat_components": 1 + value._ragged_rank}}
    if isinstance(value, VariableSpec):
        return {"type_spec_value": {"type_spec_class": _VARIABLE, "type_state": encode((value.shape, value.dtype, value.trainable)),
                                    "type_spec_class_name": "VariableSpec", "num_flat_components": 1}}
    if isinstance(value, SparseTensorSpec):
        return {"type_spec_value": {"type_spec_class": _SPARSE, "type_state": encode((value.shape, value.dtype)),
                                    "type_spec_class_name": "SparseTensorSpec", "num_flat_components": 3}}
    name = next((name for name, kind in _registered.items() if kind is type(value)), None)
    if name is not None:
        return {"type_spec_value": {"type_spec_class": _EXTENSION, "type_state": encode(tuple(value._pairs())),
                                    "type_spec_class_name": name, "num_flat_components": len(value._component_specs_())}}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        pairs = [{"key": k, "value": encode(v)} for k, v in zip(value._fields, value)]
        return {"named_tuple_value": {"name": type(value).__name__, "values": pairs}}
    if isinstance(value, tuple):
        return {"tuple_value": {"values": [encode(v) for v in value]}}
    if isinstance(value, list):
        return {"list_value": {"values": [encode(v) for v in value]}}
    if isinstance(value, dict) and all(isinstance(k, str) for k in value):
        return {"dict_value": {"fields": {k: encode(v) for k, v in value.items()}}}
    if nest.is_nested(value) and not nest._is_attrs(value):
        return encode(list(nest.flatten(value)))
    raise NotEncodableError(f"No encoder for object {value} of type {type(value)}.")


def full_arg_spec(args, varargs, varkw, defaults, kwonlyargs, kwonlydefaults):
    rows = [("args", args), ("varargs", varargs), ("varkw", varkw), ("defaults", defaults), ("kwonlyargs", kwonlyargs),
            ("kwonlydefaults", kwonlydefaults), ("annotations", {})]
    return {"named_tuple_value": {"name": "FullArgSpec",
                                  "values": [{"key": k, "value": encode(v)} for k, v in rows]}}


def no_arguments():
    """The FullArgSpec of a function without arguments."""
    return full_arg_spec([], None, None, None, [], None)


# ---- specs in the JSON of Keras ----

def spec_json(spec):
    """The spec of an extension type as JSON has it: its registered name and its fields."""
    def of(value):
        if isinstance(value, TensorSpec):
            return {"class_name": "TypeSpec", "type_spec": "tf.TensorSpec", "serialized": [of(value.shape), value.dtype.name, value.name]}
        if isinstance(value, TypeSpec):
            return spec_json(value)
        if isinstance(value, TensorShape):
            return value.as_list() if value.rank is not None else None
        if isinstance(value, DType):
            return value.name
        if isinstance(value, (list, tuple)):
            return [of(item) for item in value]
        return {key: of(item) for key, item in value.items()} if isinstance(value, dict) else value
    if not hasattr(spec, "_pairs"):
        raise TypeError(f"Unable to serialize {spec} to JSON. Unrecognized type {type(spec)}.")
    return {"class_name": "TypeSpec", "type_spec": name_of(spec), "serialized": of(spec._pairs())}


def spec_of_json(said):
    """What spec_json wrote as a spec again, for json's object_hook. Raises ValueError for a name that no class of this program has."""
    if said.get("class_name") != "TypeSpec" or "serialized" not in said:
        return said
    if said["type_spec"] == "tf.TensorSpec":
        shape, dtype, name = said["serialized"]
        return TensorSpec(shape["items"] if isinstance(shape, dict) else shape, dtype, name)
    return registered_spec(said["type_spec"])._of_pairs(tuple((name, value) for name, value in said["serialized"]))
