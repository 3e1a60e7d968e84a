# In: a layer, a model or another part. Out: what copy.deepcopy and pickle make another one of: the engine's classes from their
# config, classes written in Python from their attributes, models that are built from the bytes of a SavedModel, as Keras does.
import io
import os
import tarfile
import tempfile

import numpy as np

from .._core import checkpoint, keras as core
from . import shell

# Made anew by the copy.
_HANDLES = ("_engine_handle", "_kept", "_model", "_built_with", "_form", "_said_form", "_stream_form", "_stream_specs",
            "_kept_call", "_kept_losses")


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
        for inputs, _ in core.inbound(layer._engine_handle):
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
    """A class of ours by its kind and name: pickle cannot import the module that TensorFlow's class claims to be of."""
    from . import layers
    found = next((key for key, known in shell.classes.items() if known is cls), None)
    return found or (("layer", cls.__name__) if getattr(layers, cls.__name__, None) is cls else cls)


def _class(told):
    from . import layers
    return told if isinstance(told, type) else shell.classes.get(told) or getattr(layers, told[1])


def _of_config(cls, config, shape, weights, trainable):
    made = _class(cls).from_config(config)
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


# ---- parts: initializers, losses, optimizers, callbacks ----

def reduced_part(part):
    own = {name: value for name, value in part.__dict__.items() if name not in _HANDLES}
    if part._kind == "optimizer" and part._own_slots():
        raise TypeError(f"{type(part).__name__}: an optimizer written in Python cannot be copied once it has slots; make a new one of "
                        "get_config()")
    if part._kind == "optimizer":
        return _optimizer, (_public(type(part)), part.get_config(), _Stepped(part) if part.weights else None), own or None
    if part._kind == "metric":
        return _metric, (_public(type(part)), part._engine_handle.config(), [v.numpy() for v in part.weights]), own or None
    if part._record is not None:
        return _part, (_public(type(part)), part._engine_handle.config()), own or None
    about = core.loss_get(part._engine_handle) if part._kind == "loss" else None
    return _own_part, (type(part), about), own or None


class _Stepped:
    """An optimizer on its way into a copy that takes its weights over."""

    def __init__(self, optimizer):
        self.optimizer = optimizer

    def __deepcopy__(self, memo):
        return self

    def __reduce__(self):
        raise TypeError(f"{type(self.optimizer).__name__}: an optimizer that has made steps cannot be pickled, because its slots belong "
                        "to variables of this process; save the model, or a tf.train.Checkpoint of both")


def _optimizer(cls, config, stepped):
    from .optimizers import schedules
    rate = config.get("learning_rate")
    if isinstance(rate, dict):
        kept = next((part for part in stepped.optimizer.__dict__.get("_kept", ()) if part._kind == "schedule"), None) if stepped else None
        config = {**config, "learning_rate": schedules.deserialize(rate, {shell.registered_name(type(kept)): type(kept)})}
    made = _class(cls).from_config(config)
    if stepped is not None:
        checkpoint.copy_optimizer_state(stepped.optimizer._engine_handle, made._engine_handle)
    return made


def _metric(cls, config, weights):
    made = _part(cls, config)
    if len(made.weights) != len(weights):
        raise TypeError(f"{type(made).__name__}: it made its weights at its first batch, so it cannot be copied; copy "
                        "from_config(get_config())")
    made.set_weights(weights)
    return made


def _part(cls, config):
    cls = _class(cls)
    made = cls.__new__(cls)
    made._adopt(core.make(cls._record["kind"], cls._record["names"][0], config))
    return made


def _own_part(cls, about):
    made = cls.__new__(cls)
    if about is not None:
        made._adopt(core.foreign("loss", cls.__name__, None))
        core.loss_set(made._engine_handle, about[0], about[1] or "")
    return made


# ---- models ----

def reduced_model(model):
    """Of a built model the bytes of a SavedModel; of another the layers, or the attributes, that it has so far."""
    if model.built:
        return _of_bytes, (_bytes(model),)
    if model._record is None and not model._is_graph_network:
        return reduced(model)
    cls = type(model)
    return _of_layers, (None if cls.__module__ == "keras.engine.sequential" else cls, model.name, list(model.layers))


def _bytes(model):
    with tempfile.TemporaryDirectory() as folder:
        model.save(os.path.join(folder, "model"), save_format="tf")
        held = io.BytesIO()
        with tarfile.open(fileobj=held, mode="w") as archive:
            archive.add(os.path.join(folder, "model"), "model")
    return held.getvalue()


def _of_bytes(held):
    from .models import load_model
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(held)) as archive:
            for member in archive.getmembers():
                place = os.path.realpath(os.path.join(folder, member.name))
                if not (member.isfile() or member.isdir()) or not place.startswith(os.path.realpath(folder) + os.sep):
                    raise ValueError(f"a pickled model: expected files of a SavedModel, got {member.name}; the bytes are damaged")
            archive.extractall(folder)
        return load_model(os.path.join(folder, "model"))


def _of_layers(cls, name, layers):
    from .model import Sequential
    made = (cls or Sequential)(name=name)
    for layer in layers:
        made.add(layer)
    return made
