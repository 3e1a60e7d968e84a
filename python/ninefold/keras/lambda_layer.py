# In: a function. Out: tf.keras.layers.Lambda: it as a layer, and as a config from which it is made again; the layers that
# add_loss and add_metric of a functional model put into its graph.
import inspect
import sys
import textwrap
import types
import warnings

from . import known_code
from .layer import Layer


class Lambda(Layer):
    """A function as a layer. It must not make variables of its own.

    output_shape: what compute_output_shape() tells: a shape without the batch, or a function of the input's shape.
    mask: the mask of the output, or a function of (inputs, mask). arguments: further arguments of the function.
    """

    def __init__(self, function, output_shape=None, mask=None, arguments=None, **kwargs):
        super().__init__(**kwargs)
        self.arguments = arguments or {}
        self.function, self.mask, self._output_shape = function, mask, output_shape
        if mask is not None:
            self.supports_masking = True
        self._already_warned = False
        parameters = inspect.getfullargspec(function).args
        self._words = {name for name in ("training", "mask") if name in parameters}

    def compute_output_shape(self, input_shape):
        from .. import TensorShape
        if self._output_shape is None:
            return super().compute_output_shape(input_shape)
        told = self._output_shape(_tuples(input_shape)) if callable(self._output_shape) else self._output_shape
        if callable(self._output_shape):
            return _map_shapes(TensorShape, told)
        first = input_shape
        while not _is_shape(first):
            first = first[next(iter(first))] if isinstance(first, dict) else first[0]
        batch = TensorShape(first)[0]
        return _map_shapes(lambda shape: TensorShape([batch] + TensorShape(shape).as_list()), told)

    def call(self, inputs, mask=None, training=None):
        from .. import GradientTape, variable_creator_scope
        kwargs = dict(self.arguments)
        kwargs.update({name: value for name, value in (("mask", mask), ("training", training)) if name in self._words})
        created = []

        def note(next_creator, **options):
            created.append(next_creator(**options))
            return created[-1]
        with GradientTape() as tape, variable_creator_scope(note):
            result = self.function(inputs, **kwargs)
        self._check_variables(created, tape.watched_variables())
        return result

    def _check_variables(self, created, used):
        if not created and not used:
            return
        own = {v.ref() for v in self.weights}
        new = [v for v in created if v.ref() not in own]
        if new:
            raise ValueError(textwrap.dedent("""
                The following Variables were created within a Lambda layer ({name})
                but are not tracked by said layer:
                {variables}
                The layer cannot safely ensure proper Variable reuse across multiple
                calls, and consequently this behavior is disallowed for safety. Lambda
                layers are not well suited to stateful computation; instead, writing a
                subclassed Layer is the recommend way to define layers with
                Variables.""").format(name=self.name, variables="\n".join("  {}".format(v) for v in new)))
        foreign = [v for v in used if v.ref() not in own]
        if foreign and not self._already_warned:
            self._warn(textwrap.dedent("""
                The following Variables were used a Lambda layer's call ({name}), but
                are not present in its tracked objects:
                {variables}
                It is possible that this is intended behavior, but it is more likely
                an omission. This is a strong indication that this layer should be
                formulated as a subclassed Layer rather than a Lambda layer.""").format(
                    name=self.name, variables="\n".join("  {}".format(v) for v in foreign)))
            self._already_warned = True

    def _warn(self, text):
        from .._framework.logs import get_logger
        get_logger().warning(text)

    def compute_mask(self, inputs, mask=None):
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def get_config(self):
        """The functions as their code, or as their names where they are no plain functions."""
        config = dict(super().get_config())
        for field, value in (("function", self.function), ("output_shape", self._output_shape), ("mask", self.mask)):
            if field == "mask" and value is None:
                continue
            prefix = "" if field == "function" else field + "_"
            config[field], config[field + "_type"], config[prefix + "module"] = _written(value, field == "output_shape")
        config["arguments"] = self.arguments
        return config

    @classmethod
    def from_config(cls, config, custom_objects=None):
        import numpy as np
        config = dict(config)
        for field in ("function", "output_shape", "mask"):
            if field in config:
                prefix = "" if field == "function" else field + "_"
                config[field] = _read(config[field], config.pop(field + "_type"), config.pop(prefix + "module", None),
                                      custom_objects)
        config["arguments"] = {
            key: np.array(value["value"]) if isinstance(value, dict) and value.get("type") == "ndarray" else value
            for key, value in (config.get("arguments") or {}).items()}
        return cls(**config)


class AddLoss(Layer):
    """Adds its input to the model's loss, and hands it on."""

    def __init__(self, unconditional=False, **kwargs):
        super().__init__(**kwargs)
        self.unconditional = unconditional

    def call(self, inputs):
        self.add_loss(inputs, inputs=not self.unconditional)
        return inputs

    def get_config(self):
        return dict(super().get_config(), unconditional=self.unconditional)


class AddMetric(Layer):
    """Shows the mean of its input as a metric of the model, and hands it on."""

    def __init__(self, aggregation=None, metric_name=None, **kwargs):
        super().__init__(**kwargs)
        self.aggregation, self.metric_name = aggregation, metric_name

    def call(self, inputs):
        self.add_metric(inputs, aggregation=self.aggregation, name=self.metric_name)
        return inputs

    def get_config(self):
        return dict(super().get_config(), aggregation=self.aggregation, metric_name=self.metric_name)


def _is_shape(value):
    return hasattr(value, "as_list") or isinstance(value, (list, tuple)) and all(
        d is None or isinstance(d, int) for d in value)


def _map_shapes(make, told):
    if isinstance(told, dict):
        return {key: _map_shapes(make, value) for key, value in told.items()}
    return make(told) if _is_shape(told) else type(told)(_map_shapes(make, value) for value in told)


def _tuples(told):
    return _map_shapes(lambda shape: tuple(shape.as_list()) if hasattr(shape, "as_list") else tuple(shape), told)


def _written(value, raw_allowed):
    """(what stands for it, which kind that is, its module), as Keras' configs have them."""
    if isinstance(value, types.FunctionType):
        closure = tuple(cell.cell_contents for cell in value.__closure__) if value.__closure__ else None
        return (known_code.write(value.__code__), value.__defaults__, closure), "lambda", value.__module__
    if callable(value):
        return value.__name__, "function", value.__module__
    if raw_allowed:
        return value, "raw", None
    raise ValueError("Invalid input for serialization, type: {} ".format(type(value)))


def _read(value, kind, module, custom_objects):
    if kind == "raw":
        return value
    names = dict(globals())
    if module in sys.modules:
        names.update(vars(sys.modules[module]))
    elif module is not None:
        warnings.warn("{} is not loaded, but a Lambda layer uses it. It may cause errors.".format(module), UserWarning,
                      stacklevel=3)
    names.update(custom_objects or {})
    if kind == "lambda":
        code, defaults, closure = value if isinstance(value, (list, tuple)) else (value, None, None)
        if closure is not None:
            closure = tuple(c if isinstance(c, types.CellType) else types.CellType(c) for c in closure)
        code = known_code.read(code)
        return types.FunctionType(code, names, code.co_name, None if defaults is None else tuple(defaults), closure)
    if kind == "function":
        from .utils import deserialize_keras_object
        return deserialize_keras_object(value, custom_objects=custom_objects, printable_module_name="function in Lambda layer")
    raise TypeError("Unsupported value for `function_type` argument. Received: function_type={}. Expected one of {}".format(
        kind, ["function", "lambda", "raw"]))
