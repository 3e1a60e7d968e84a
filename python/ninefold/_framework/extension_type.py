# In: classes whose fields are annotated. Out: tf.experimental.ExtensionType: immutable values that cross functions, nests
# and datasets as the tensors among their fields.
import collections.abc
import functools
import inspect
import sys
import types
import typing

from . import dispatching, export, nest, structured
from .dtypes import DType, as_dtype
from .ragged import RaggedTensorSpec
from .shapes import TensorShape
from .sparse import SparseTensorSpec
from .specs import NoneTensorSpec, TensorSpec, TypeSpec
from .. import _core

_PLAIN = (int, float, bool, str, bytes, type(None), TensorShape, DType)
_RESERVED = ("self", "Spec")


def _is_tensor(x):
    return _core.is_tensor(x) or isinstance(x, _core.VariableBase)


def _is_composite_class(kind):
    return isinstance(kind, type) and hasattr(kind, "_is_composite_tensor_")


def _check_type(kind):
    """Raises TypeError if a field cannot be of this type."""
    if kind is None or kind in _PLAIN or kind is _core.Tensor or _is_composite_class(kind):
        return
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Union or getattr(types, "UnionType", None) and isinstance(kind, types.UnionType):
        for argument in arguments:
            _check_type(argument)
        return
    if origin is tuple:
        for argument in arguments:
            if argument is not Ellipsis:
                _check_type(argument)
        return
    if origin is collections.abc.Mapping:
        if arguments[0] is not str:
            raise TypeError(f"Mapping had a key {getattr(arguments[0], '__name__', arguments[0])!r} with type 'type'")
        return _check_type(arguments[1])
    raise TypeError("Unsupported type annotation " + (f"`{kind.__name__}`" if isinstance(kind, type) else repr(kind)))


def _wrong(path, expected, value):
    return TypeError(f"{path}: expected {expected}, got {value!r}")


def _fits(value, kind, path):
    """`value` as a field of this type has it; raises TypeError."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind is None or kind is type(None):
        if value is not None:
            raise _wrong(path, "None", value)
        return None
    if kind is _core.Tensor:
        if isinstance(value, (TensorSpec, _core.Tensor)):
            return value
        try:
            return _core.convert(value)
        except (TypeError, ValueError):
            raise _wrong(path, "a Tensor", value) from None
    if _is_composite_class(kind):
        if isinstance(value, kind) or isinstance(value, TypeSpec) and issubclass(value.value_type, kind):
            return value
        raise _wrong(path, kind.__name__, value)
    if kind in (TensorShape, DType):
        try:
            return TensorShape(value) if kind is TensorShape else as_dtype(value)
        except (TypeError, ValueError):
            raise _wrong(path, "tf." + kind.__name__, value) from None
    if kind in _PLAIN:
        if not isinstance(value, kind):
            raise _wrong(path, kind.__name__, value)
        return value
    if origin is tuple:
        if not isinstance(value, (list, tuple)):
            raise _wrong(path, "tuple", value)
        kinds = [arguments[0]] * len(value) if len(arguments) == 2 and arguments[1] is Ellipsis else arguments
        if len(kinds) != len(value):
            raise TypeError(f"{path}: expected tuple with length {len(kinds)}, got {value!r}")
        return tuple(_fits(item, k, f"{path}[{i}]") for i, (item, k) in enumerate(zip(value, kinds)))
    if origin is collections.abc.Mapping:
        if not isinstance(value, collections.abc.Mapping):
            raise _wrong(path, "mapping", value)
        return _Frozen((_fits(key, arguments[0], f"{path}.keys()"), _fits(item, arguments[1], f"{path}[{key!r}]"))
                       for key, item in value.items())
    for argument in arguments:      # of a union the first that takes it as it is; what only converts comes last
        if argument is not _core.Tensor or _is_tensor(value) or isinstance(value, TensorSpec):
            try:
                return _fits(value, argument, path)
            except (TypeError, ValueError):
                continue
    if _core.Tensor in arguments:
        try:
            return _core.convert(value)
        except (TypeError, ValueError):
            pass
    raise _wrong(path, kind, value)


class _Frozen(dict):
    """A mapping that does not change."""

    def _refuse(self, *args, **kwargs):
        raise TypeError("this mapping does not change")
    __setitem__ = __delitem__ = update = pop = clear = setdefault = popitem = _refuse

    def __repr__(self):
        return f"ImmutableDict({dict(self)})"

    def __hash__(self):
        return hash(tuple(sorted((key, repr(value)) for key, value in self.items())))


_MISSING = object()


class _Field(typing.NamedTuple):
    name: str
    kind: object
    default: object = _MISSING

    def convert(self, value):
        return _fits(value, self.kind, self.name)


def _resolved(kind, module, cls):
    """An annotation with the names in it, which may be that of the class itself, looked up."""
    if isinstance(kind, str):
        return eval(kind, module, {cls.__name__: cls})
    return typing.get_type_hints(types.SimpleNamespace(__annotations__={"_": kind}), module, {cls.__name__: cls})["_"]


def _fields_of(cls):
    """The fields of a class, those of its bases first."""
    found = {}
    for base in reversed(cls.__mro__):
        if base.__dict__.get("_ninefold_base") or not issubclass(base, ExtensionType):
            continue
        if base is not cls:
            found.update((field.name, field) for field in base.__dict__["_fields"])
            continue
        module = dict(vars(sys.modules[base.__module__])) if base.__module__ in sys.modules else {}
        for name, kind in base.__dict__.get("__annotations__", {}).items():
            kind = _resolved(kind, module, base)
            if name in _RESERVED or name.startswith("_tf_extension_type"):
                raise ValueError(f"The field annotations for {base.__name__} are invalid. Field {name!r} is reserved.")
            try:
                _check_type(kind)
            except TypeError as fault:
                raise TypeError(f"In field {name!r}: {fault}") from fault
            found[name] = _Field(name, kind, base.__dict__.get(name, _MISSING))
    fields = list(found.values())
    return tuple(f._replace(default=f.convert(f.default)) if f.default is not _MISSING else f for f in fields)


def _constructor(fields):
    """__init__ with a parameter a field."""
    parameters = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    later = False
    for field in fields:
        later = later or field.default is not _MISSING
        kind = inspect.Parameter.KEYWORD_ONLY if later and field.default is _MISSING else inspect.Parameter.POSITIONAL_OR_KEYWORD
        parameters.append(inspect.Parameter(
            field.name, kind, default=inspect.Parameter.empty if field.default is _MISSING else field.default))
    parameters.sort(key=lambda p: p.kind)
    signature = inspect.Signature(parameters)

    def __init__(self, *args, **kwargs):
        bound = signature.bind(self, *args, **kwargs)
        bound.apply_defaults()
        bound.arguments.pop("self")
        for field in fields:
            self.__dict__[field.name] = field.convert(bound.arguments[field.name])
        if "_open" not in self.__dict__:
            self._finish()
    __init__.__signature__ = signature
    return __init__


class _Meta(type):
    def __init__(cls, name, bases, namespace):
        type.__init__(cls, name, bases, namespace)
        if namespace.get("_ninefold_base"):
            return
        cls._fields = _fields_of(cls)
        for field in cls._fields:      # their defaults are those of the constructor
            if field.name in cls.__dict__:
                delattr(cls, field.name)
        own = namespace.get("__init__")
        cls.__init__ = _constructor(cls._fields) if own is None else _opened(own)
        cls.Spec = _spec_class(cls, namespace.get("Spec"))
        if "__name__" in namespace:     # by which SavedModels know it
            structured.register(namespace["__name__"] + ".Spec", cls.Spec)


def _opened(own):
    """A constructor of the user's own, within which fields can be set."""
    @functools.wraps(own)
    def __init__(self, *args, **kwargs):
        outermost = "_open" not in self.__dict__
        self.__dict__["_open"] = True
        own(self, *args, **kwargs)
        if outermost:
            del self.__dict__["_open"]
            self._settle()
    return __init__


def _settled(value, of, fields):
    """After a constructor of one's own: the fields are there, and as their types have them."""
    missing = {field.name for field in fields} - set(value.__dict__)
    if missing:
        raise ValueError(f"Missing required fields: {missing}")
    for field in fields:
        value.__dict__[field.name] = field.convert(value.__dict__[field.name])
    for name in value.__dict__:
        if name not in {f.name for f in fields} | {"_finished", "_spec"}:
            raise TypeError(f"{of}: {name!r} is not a field")


def _spec_class(cls, given):
    body = {"_of": cls, "__module__": cls.__module__, "__qualname__": cls.__qualname__ + ".Spec"}
    if given is not None:
        body.update((key, value) for key, value in vars(given).items() if key not in ("__dict__", "__weakref__", "__module__"))
    if "__init__" in body:
        body["__init__"] = _opened(body["__init__"])
    return type(cls.__name__ + ".Spec", (_ExtensionSpec,), body)


def _map_parts(value, of):
    """A field's value with of(x) for each tensor, composite or spec in it."""
    if _is_tensor(value) or isinstance(value, TypeSpec) or hasattr(type(value), "_is_composite_tensor_"):
        return of(value)
    if isinstance(value, tuple):
        return tuple(_map_parts(item, of) for item in value)
    if isinstance(value, dict):
        return _Frozen((key, _map_parts(value[key], of)) for key in sorted(value))
    return value


def _flat(value, out):
    _map_parts(value, lambda x: out.append(x) or x)
    return out


def _spec_of(x):
    if isinstance(x, TypeSpec):
        return x
    return x._type_spec if hasattr(x, "_type_spec") else TensorSpec(x.shape, x.dtype)


@export("experimental.ExtensionType")
class ExtensionType(metaclass=_Meta):
    """A class whose annotated fields are its constructor's arguments. Values do not change; tf.function, tf.nest and tf.data
    take them as the tensors that they hold."""
    _ninefold_base = True
    _is_composite_tensor_ = True
    _fields = ()

    def __init__(self, *args, **kwargs):
        if type(self) is ExtensionType:
            raise AssertionError("Cannot create an instance of ExtensionType because ExtensionType is an abstract base class.")

    def _finish(self):
        self.__dict__["_finished"] = True
        self.__validate__()

    def _settle(self):
        _settled(self, type(self).__name__, self._fields)
        self._finish()

    def __validate__(self):
        """Called by the constructor; a class may raise here."""

    def __setattr__(self, name, value):
        if "_open" in self.__dict__ and any(f.name == name for f in self._fields):
            self.__dict__[name] = value
            return
        raise AttributeError(f"Cannot mutate attribute `{name}` outside the custom constructor of ExtensionType.")

    def __delattr__(self, name):
        raise AttributeError(f"Cannot mutate attribute `{name}` outside the custom constructor of ExtensionType.")

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{f.name}={self.__dict__[f.name]!r}' for f in self._fields)})"

    def __eq__(self, other):
        if type(self) is not type(other) or self._type_spec != other._type_spec:
            return False
        call = _core.function_named
        pairs = zip(nest.flatten(self, expand_composites=True), nest.flatten(other, expand_composites=True))
        same = [call("tf.reduce_all")(call("tf.equal")(a, b)) for a, b in pairs]
        return call("tf.reduce_all")(call("tf.stack")(same)) if same else True

    def __ne__(self, other):
        same = self.__eq__(other)
        return not same if isinstance(same, bool) else _core.function_named("tf.math.logical_not")(same)

    __hash__ = None

    def __tf_dispatch__(self, function, args, kwargs):
        return dispatching.dispatched(function, args, kwargs)

    def _composite_parts_(self):
        out = []
        for field in self._fields:
            _flat(self.__dict__[field.name], out)
        return out

    def _composite_from_(self, parts):
        return self._type_spec._from_components_(parts)

    def _flat_parts_(self):
        """The tensors that the engine's pipelines and layers carry for it."""
        return nest.flatten(self, expand_composites=True)

    @property
    def _type_spec(self):
        spec = self.__dict__.get("_spec")
        if spec is None:
            spec = self.Spec._of_values({f.name: _map_parts(self.__dict__[f.name], _spec_of) for f in self._fields})
            self.__dict__["_spec"] = spec
        return spec

    def __reduce__(self):
        return _restored, (type(self), {f.name: self.__dict__[f.name] for f in self._fields})


def _made(cls, values):
    value = cls.__new__(cls)
    value.__dict__.update(values)
    value.__dict__["_finished"] = True
    return value


def _restored(cls, values):
    return _made(cls, values)


class _ExtensionSpec(TypeSpec):
    """What a value of an ExtensionType will be: its fields, specs for tensors."""
    _of = None

    def __init__(self, *args, **kwargs):
        bound = _constructor_signature(self._of).bind(*args, **kwargs)
        bound.apply_defaults()
        for field in self._of._fields:
            self.__dict__[field.name] = _map_parts(field.convert(bound.arguments[field.name]), _spec_of)

    def _settle(self):
        _settled(self, type(self).__name__, self._of._fields)

    @classmethod
    def _of_values(cls, values):
        spec = cls.__new__(cls)
        spec.__dict__.update(values)
        return spec

    @property
    def value_type(self):
        return self._of

    @classmethod
    def from_value(cls, value):
        return value._type_spec

    @classmethod
    def _of_pairs(cls, pairs):
        """Of (name, value) as a SavedModel has them. Raises ValueError if they are not the class's fields."""
        given = dict(pair for pair in pairs if isinstance(pair, tuple) and len(pair) == 2) if isinstance(pairs, tuple) else {}
        if list(given) != [f.name for f in cls._of._fields]:
            raise ValueError(f"SavedModel: a {cls.__name__} has the fields {list(given)} where the class has "
                             f"{[f.name for f in cls._of._fields]}; the class has changed since it was saved, or the file is damaged")
        try:
            return cls._of_values({f.name: f.convert(given[f.name]) for f in cls._of._fields})
        except TypeError as fault:
            raise ValueError(f"SavedModel: a {cls.__name__} has a field of another type: {fault}") from fault

    def _pairs(self):
        return [(f.name, self.__dict__[f.name]) for f in self._of._fields]

    def _values(self):
        return tuple(self.__dict__[f.name] for f in self._of._fields)

    def _component_specs_(self):
        out = []
        for value in self._values():
            _flat(value, out)
        return out

    def _from_components_(self, parts):
        left = iter(parts)
        values = {f.name: _map_parts(self.__dict__[f.name], lambda _: next(left)) for f in self._of._fields}
        if any(isinstance(p, TypeSpec) for p in parts):
            return self._of_values(values)
        return _made(self._of, values)

    def is_compatible_with(self, spec_or_value):
        other = spec_or_value if isinstance(spec_or_value, TypeSpec) else getattr(spec_or_value, "_type_spec", None)
        if type(self) is not type(other):
            return False
        mine, its = self._component_specs_(), other._component_specs_()
        plain = [[_map_parts(v, lambda _: None) for v in spec._values()] for spec in (self, other)]
        return plain[0] == plain[1] and len(mine) == len(its) and all(a.is_compatible_with(b) for a, b in zip(mine, its))

    def is_subtype_of(self, other):
        if type(self) is not type(other):
            return False
        plain = [[_map_parts(v, lambda _: None) for v in spec._values()] for spec in (self, other)]
        return plain[0] == plain[1] and all(a.is_subtype_of(b) for a, b in zip(self._component_specs_(), other._component_specs_()))

    def _with_dims(self, change):
        """The same with another shape of each tensor, and of each field that is a shape: what batching makes of it."""
        def of(value):
            return change(TensorSpec(value)).shape if isinstance(value, TensorShape) else _map_parts(value, change)
        return self._of_values({f.name: of(self.__dict__[f.name]) for f in self._of._fields})

    def _flat_specs_(self):
        return nest.flatten(self, expand_composites=True)

    def _of_flat_(self, tensors):
        return nest.pack_sequence_as(self, tensors, expand_composites=True)

    def _row_forms_(self):
        """What each field is, as batches are made of rows. Raises AttributeError for values that cannot be stacked."""
        from ..data.dataset import forms_of
        return forms_of(self, "_to_batched_tensor_list")

    def _any_batch_(self):
        """The same for batches of any size."""
        def change(leaf):
            if hasattr(leaf, "_with_dims"):
                return leaf._with_dims(change)
            return reshaped(reshaped(leaf, None, -1), None, 1) if leaf.shape.rank else leaf
        return self._with_dims(change)

    def _same_form_(self, other):
        """True iff the classes and the fields that are no tensors are the same, and the tensors' dtypes."""
        def plain(spec):
            return [_map_parts(value, lambda part: (type(part), getattr(part, "dtype", None))) for value in spec._values()]
        return type(self) is type(other) and plain(self) == plain(other)

    def __setattr__(self, name, value):
        if "_open" not in self.__dict__ or all(f.name != name for f in self._of._fields):
            raise AttributeError(f"Cannot mutate attribute `{name}` outside the custom constructor of ExtensionTypeSpec.")
        self.__dict__[name] = value

    def __eq__(self, other):
        return type(self) is type(other) and self._values() == other._values()

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash((type(self), repr(self)))

    def __repr__(self):
        return f"{type(self).__qualname__.split('<locals>.')[-1]}({', '.join(f'{f.name}={self.__dict__[f.name]!r}' for f in self._of._fields)})"

    def __reduce__(self):
        return _restored_spec, (self._of, {f.name: self.__dict__[f.name] for f in self._of._fields})


def _restored_spec(cls, values):
    return cls.Spec._of_values(values)


def _constructor_signature(cls):
    """A parameter a field, without defaults."""
    return inspect.Signature([inspect.Parameter(f.name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for f in cls._fields])


def reshaped(spec, first, by):
    """A spec with one dimension more, of size `first` (by = 1), or without its first one (by = -1). Raises ValueError for a scalar
    that is to lose one."""
    if hasattr(spec, "_with_dims"):
        return spec._with_dims(lambda leaf: reshaped(leaf, first, by))
    if isinstance(spec, NoneTensorSpec):
        return spec
    shape = spec.shape
    if by < 0 and shape.rank == 0:
        raise ValueError(f"A {type(spec).__name__} of rank 0 has no rows. Received: {spec}")
    shape = TensorShape([first]).concatenate(shape) if by > 0 else shape[1:]
    if isinstance(spec, RaggedTensorSpec):
        return RaggedTensorSpec(shape, spec.dtype, spec.ragged_rank + by, spec.row_splits_dtype)
    return (SparseTensorSpec if isinstance(spec, SparseTensorSpec) else TensorSpec)(shape, spec.dtype)


@export("experimental.ExtensionTypeBatchEncoder")
class ExtensionTypeBatchEncoder:
    """How values of a BatchableExtensionType become rows of a batch: field by field."""

    def batch(self, spec, batch_size):
        return reshaped(spec, batch_size, 1)

    def unbatch(self, spec):
        return reshaped(spec, None, -1)

    def encode(self, spec, value, minimum_rank=0):
        return value._composite_parts_()

    def encoding_specs(self, spec):
        return spec._component_specs_()

    def decode(self, spec, encoded_value):
        return spec._from_components_(list(encoded_value))


@export("experimental.BatchableExtensionType")
class BatchableExtensionType(ExtensionType):
    """An ExtensionType whose values can be stacked, and whose rows are values again: in datasets and tf.map_fn."""
    _ninefold_base = True
    __batch_encoder__ = ExtensionTypeBatchEncoder()

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if type(cls.__batch_encoder__) is not ExtensionTypeBatchEncoder:
            raise NotImplementedError(f"{cls.__name__}: a __batch_encoder__ of one's own is not built yet; without it, the "
                                      "values are batched field by field")


_core.install_extension_types(ExtensionType, _ExtensionSpec)
