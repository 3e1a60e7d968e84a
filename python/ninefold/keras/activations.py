# In: tensors. Out: tf.keras.activations: the engine's functions, by name.
from .._core import keras as core
from . import shell


class Activation(shell.Object):
    """A function of a tensor that layers are given; looks and compares like the function it is."""

    _kind = "activation"

    def __call__(self, x, *args, **kwargs):
        if "_function" in self.__dict__:
            return self._function(x, *args, **kwargs)
        return core.apply(self._engine_handle, x)

    @property
    def __name__(self):
        return self._engine_handle.class_name

    @property
    def _keras_name(self):
        return self._engine_handle.class_name

    def __repr__(self):
        return "<function {} at 0x{:x}>".format(self.__name__, id(self))


shell.defaults["activation"] = Activation
_functions = {}


def _options(name, record):
    fields = record["fields"]

    def activation(x, *args, **kwargs):
        config = shell.bind({"fields": fields}, args, kwargs, name)
        return core.apply(core.make("activation", name, config), x)

    activation.__name__ = activation.__qualname__ = name
    activation.__module__ = "keras.activations"
    activation.__doc__ = record["doc"]
    activation._keras_name = name
    return activation


for _record in shell.by_kind().get("activation", ()):
    for _name in _record["names"]:
        _functions[_name] = _functions.get(_record["names"][0]) or _options(_record["names"][0], _record)
globals().update(_functions)


def get(identifier):
    """A function from its name, None (linear), or a callable, which is returned as it is."""
    if identifier is None:
        return _functions["linear"]
    if isinstance(identifier, Activation):
        return identifier.__dict__.get("_function") or _functions.get(identifier.__name__, identifier)
    if isinstance(identifier, str):
        if identifier not in _functions:
            core.get("activation", identifier)      # raises Keras' error
        return _functions[identifier]
    if callable(identifier):
        return identifier
    raise TypeError("Could not interpret activation function identifier: {}".format(identifier))


def serialize(activation):
    return getattr(activation, "_keras_name", None) or shell.registered_name(activation)


def deserialize(name, custom_objects=None):
    name = shell.told(name, "activation function")[0] if isinstance(name, dict) else name
    return (custom_objects or {}).get(name) or get(name)
