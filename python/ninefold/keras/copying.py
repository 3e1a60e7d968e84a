# In: a layer. Out: what copy.deepcopy and pickle make another one of: the engine's layers from their config, layers
# written in Python from their attributes.
import numpy as np

from .._core import keras as core

_HANDLES = ("_handle", "_kept", "_built_with", "_form", "_said_form", "_stream_form", "_stream_specs", "_kept_call", "_kept_losses")   # made anew by the copy


def reduced(layer):
    """(function, arguments, state) as __reduce__ gives them."""
    if layer._record is not None:
        weights = [v.numpy() for v in layer.weights]
        shape = _input_shape(layer) if weights else None
        own = {k: v for k, v in layer.__dict__.items() if k not in _HANDLES}
        return _of_config, (_public(type(layer)), layer.get_config(), shape, weights, layer.trainable), own or None
    about = {"name": layer.name, "dtype": layer.dtype, "trainable": layer.trainable}
    own = {k: v for k, v in layer.__dict__.items() if k not in _HANDLES}
    return _of_attributes, (type(layer), about, layer.built), own


def _input_shape(layer):
    shape = layer.__dict__.get("_built_with")
    if shape is None:
        for inputs, _ in core.inbound(layer._handle):
            return _shapes(inputs)
        raise TypeError(f"layer {layer.name} ({type(layer).__name__}): it was built within a model and does not know its "
                        "input shape, so it cannot be copied; copy from_config(get_config()) and set_weights()")
    return shape


def _shapes(inputs):
    """The shapes of a call's inputs as tuples, in their nest."""
    if isinstance(inputs, (list, tuple)) and any(hasattr(x, "shape") for x in inputs):
        return [_shapes(x) for x in inputs]
    if isinstance(inputs, dict):
        return {k: _shapes(v) for k, v in inputs.items()}
    shape = getattr(inputs, "shape", None)
    return np.shape(inputs) if shape is None else tuple(shape)


def remember(layer, inputs):
    """Notes the shapes that a layer is built with, before its first call."""
    if "_built_with" not in layer.__dict__ and not layer.built:
        object.__setattr__(layer, "_built_with", _shapes(inputs))


def _public(cls):
    """A class of ours by its name: pickle cannot import the module that TensorFlow's class claims to be of."""
    from . import layers
    return cls.__name__ if getattr(layers, cls.__name__, None) is cls else cls


def _of_config(cls, config, shape, weights, trainable):
    if isinstance(cls, str):
        from . import layers
        cls = getattr(layers, cls)
    made = cls.from_config(config)
    if weights:
        made.build(shape)
        object.__setattr__(made, "_built_with", shape)
        made.set_weights(weights)
    if made.trainable != trainable:
        made.trainable = trainable
    return made


def _of_attributes(cls, about, built):
    made = cls.__new__(cls)
    made._adopt(core.foreign(cls._kind, cls.__name__, {k: v for k, v in about.items() if v is not None}))
    made.built = built
    return made
