# Out: tf.keras.layers: one class a record of the engine, and the functions that merge.
import inspect
import sys
import types

from .._core import keras as core
from . import shell
from .lambda_layer import AddLoss, AddMetric, Lambda  # noqa: F401
from .layer import Layer, Wrapper  # noqa: F401
from .local_layers import LocallyConnected1D, LocallyConnected2D
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

    def get_config(self):
        return {"dtype": self.dtype, "shape": self.shape, "ndim": self.ndim, "max_ndim": self.max_ndim,
                "min_ndim": self.min_ndim, "axes": self.axes}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


for _made in (Lambda, LocallyConnected1D, LocallyConnected2D):
    shell.classes[("layer", _made.__name__)] = _made


from .adapting import Preprocessing, Vocabulary  # noqa: E402
from .convolutions import Convolution  # noqa: E402
from .recurrent import AbstractRNNCell, Cell, Recurrent, TwoWay  # noqa: E402,F401 (they stand on Layer and Wrapper)

_PARENTS = {"TimeDistributed": Wrapper, "RNN": Recurrent, "Bidirectional": TwoWay, "SimpleRNNCell": Cell, "GRUCell": Cell,
            "LSTMCell": Cell, "StackedRNNCells": Cell, "Conv1D": Convolution, "Conv2D": Convolution, "Conv3D": Convolution}


def _parent(record):
    """The class that a record's class stands on: RNN for LSTM, else what adds its Python manners."""
    if record["base"] == "RNN":
        return globals()["RNN"]
    adapting = {"PreprocessingLayer": Preprocessing, "VocabularyLayer": Vocabulary}
    return adapting.get(record["base"]) or _PARENTS.get(record["names"][0], Layer)


RNN = shell.make_class(shell.record("layer", "RNN"), Recurrent, "keras.layers")
shell.fill(globals(), "layer", _parent, "keras.layers")


_PREPROCESSING = ("CategoryEncoding", "CenterCrop", "Discretization", "Hashing", "IntegerLookup", "Normalization", "RandomContrast",
                  "RandomCrop", "RandomFlip", "RandomHeight", "RandomRotation", "RandomTranslation", "RandomWidth", "RandomZoom",
                  "Rescaling", "Resizing", "StringLookup", "TextVectorization")
# Where 2.9 has them, or had them before.
experimental = types.ModuleType("keras.layers.experimental")
experimental.EinsumDense = globals()["EinsumDense"]
experimental.preprocessing = types.ModuleType("keras.layers.experimental.preprocessing")
experimental.preprocessing.__dict__.update({name: globals()[name] for name in _PREPROCESSING if name in globals()},
                                           PreprocessingLayer=Preprocessing)
from .experimental_layers import HashedCrossing as _HashedCrossing  # noqa: E402
from .experimental_layers import RandomFourierFeatures as _RandomFourierFeatures  # noqa: E402
from .experimental_layers import SyncBatchNormalization as _SyncBatchNormalization  # noqa: E402

experimental.RandomFourierFeatures, experimental.SyncBatchNormalization = _RandomFourierFeatures, _SyncBatchNormalization
experimental.preprocessing.HashedCrossing = _HashedCrossing
for _module in (experimental, experimental.preprocessing):
    _module.__path__ = []
    sys.modules[_module.__name__.replace("keras", __package__, 1)] = _module


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
    return shell.serialized(layer)


def deserialize(config, custom_objects=None):
    """A layer or model from {"class_name", "config"}. Raises ValueError for an unknown class, and for what is no such dict."""
    from . import models, utils
    name, fields = shell.told(config, "layer")
    cls = (custom_objects or {}).get(name) or utils.get_custom_objects().get(name)
    if cls is None:     # the engine's records of models are no layers that Python knows
        cls = {"Sequential": models.Sequential, "Functional": models.Functional, "Model": models.Functional}.get(
            name, globals().get(name) or getattr(experimental, name, None) or getattr(experimental.preprocessing, name, None))
    if cls is None:
        core.get("layer", name)     # raises Keras' error
    if "custom_objects" in inspect.signature(cls.from_config).parameters:
        return cls.from_config(fields, custom_objects=custom_objects)
    with utils.CustomObjectScope(custom_objects or {}):
        return cls.from_config(fields)
