# Out: tf.keras.layers: one class a record of the engine, and the functions that merge.
import inspect
import types

from .._core import keras as core
from . import shell
from .layer import Layer, Wrapper  # noqa: F401
from .symbolic import Input  # noqa: F401


class InputSpec:
    """What a layer expects of an input: ranks, axes, dtype."""

    def __init__(self, dtype=None, shape=None, ndim=None, max_ndim=None, min_ndim=None, axes=None,
                 allow_last_axis_squeeze=False, name=None):
        self.dtype, self.shape, self.name = dtype, None if shape is None else tuple(shape), name
        self.ndim = len(self.shape) if self.shape is not None else ndim
        self.max_ndim, self.min_ndim, self.axes = max_ndim, min_ndim, dict(axes or {})
        self.allow_last_axis_squeeze = allow_last_axis_squeeze

    def __repr__(self):
        said = [("dtype=", self.dtype), ("shape=", self.shape), ("ndim=", self.ndim), ("max_ndim=", self.max_ndim),
                ("min_ndim=", self.min_ndim), ("axes=", self.axes)]
        return "InputSpec({})".format(", ".join(
            name + str(value) for name, value in said if value))


class Lambda(Layer):
    """A function as a layer. It must not make variables of its own."""

    def __init__(self, function, output_shape=None, mask=None, arguments=None, **kwargs):
        super().__init__(**kwargs)
        self.arguments = arguments or {}
        self.function, self._mask, self._output_shape = function, mask, output_shape
        self._takes_training = "training" in inspect.signature(function).parameters

    def call(self, inputs, mask=None, training=None):
        kwargs = dict(self.arguments)
        if self._takes_training:
            kwargs["training"] = training
        return self.function(inputs, **kwargs)

    def compute_mask(self, inputs, mask=None):
        return self._mask(inputs, mask) if callable(self._mask) else self._mask


shell.classes[("layer", "Lambda")] = Lambda


from .adapting import Preprocessing, Vocabulary  # noqa: E402
from .recurrent import Cell, Recurrent, TwoWay  # noqa: E402 (they stand on Layer and Wrapper)

_PARENTS = {"TimeDistributed": Wrapper, "RNN": Recurrent, "Bidirectional": TwoWay, "SimpleRNNCell": Cell, "GRUCell": Cell,
            "LSTMCell": Cell, "StackedRNNCells": Cell}


def _parent(record):
    """The class that a record's class stands on: RNN for LSTM, else what adds its Python manners."""
    if record["base"] == "RNN":
        return globals()["RNN"]
    adapting = {"PreprocessingLayer": Preprocessing, "VocabularyLayer": Vocabulary}
    return adapting.get(record["base"]) or _PARENTS.get(record["names"][0], Layer)


RNN = shell.make_class(shell.record("layer", "RNN"), Recurrent, "keras.layers")
shell.fill(globals(), "layer", _parent, "keras.layers")


experimental = types.SimpleNamespace(EinsumDense=globals()["EinsumDense"])     # where 2.9 has it


class SlicingOpLambda(globals()["TFOpLambda"]):
    """A subscript of a symbolic tensor, as a layer."""

    def _construct(self, config):
        if config.get("name") is None:
            config["name"] = core.unique_name("tf." + config["function"])
        super()._construct(config)


shell.classes[("layer", "SlicingOpLambda")] = SlicingOpLambda


def _merge(name):
    def merge(inputs, *args, **kwargs):
        return globals()[name](*args, **kwargs)(inputs)
    merge.__name__ = merge.__qualname__ = name.lower()
    merge.__doc__ = "{} of a list of tensors, as the layer {}.".format(name, name)
    return merge


for _name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot"):
    globals()[_name.lower()] = _merge(_name)


def serialize(layer):
    return {"class_name": type(layer).__name__, "config": layer.get_config()}


def deserialize(config, custom_objects=None):
    """A layer or model from {"class_name", "config"}. Raises ValueError for an unknown class."""
    from . import models, utils
    name = config["class_name"]
    cls = (custom_objects or {}).get(name) or utils.get_custom_objects().get(name)
    if cls is None:     # the engine's records of models are no layers that Python knows
        cls = {"Sequential": models.Sequential, "Functional": models.Functional, "Model": models.Functional}.get(
            name, globals().get(name))
    if cls is None:
        core.get("layer", name)     # raises Keras' error
    if "custom_objects" in inspect.signature(cls.from_config).parameters:
        return cls.from_config(config["config"], custom_objects=custom_objects)
    return cls.from_config(config["config"])
