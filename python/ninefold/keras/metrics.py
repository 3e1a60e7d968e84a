# In: names, callables, classes. Out: tf.keras.metrics.
import inspect

from .._core import keras as core
from . import shell
from .layer import Layer
from .shell import base


class Metric(Layer):
    """A number gathered over many batches: update_state() adds one, result() tells, reset_state() forgets."""

    _kind = "metric"
    _overridable = ("update_state", "result", "reset_state", "get_config")

    def __init__(self, name=None, dtype=None, **kwargs):
        config = dict(kwargs)
        if name is not None:
            config["name"] = name
        if dtype is not None:
            config["dtype"] = dtype
        self._adopt(core.foreign("metric", type(self).__name__, config))

    def _called(self, name, args, kwargs):
        method = getattr(self, name)
        if name == "update_state" and "sample_weight" in kwargs:
            if "sample_weight" not in inspect.signature(method).parameters:
                kwargs.pop("sample_weight")
        return method(*args, **kwargs)

    def __call__(self, *args, **kwargs):
        self.update_state(*args, **kwargs)
        return self.result()

    @base
    def update_state(self, *args, sample_weight=None, **kwargs):
        """Adds a batch: (values) or (y_true, y_pred), with optional weights of its samples."""
        args = list(args) + list(kwargs.values())
        if self._arity == 2 and len(args) == 3 or self._arity == 1 and len(args) == 2:
            sample_weight = args.pop()
        if self._record is None:
            raise NotImplementedError("Must be implemented in subclasses.")
        core.metric_update(self._engine_handle, args, sample_weight)

    @property
    def _arity(self):
        return 1 if self._record is not None and self._record["names"][0] in ("Mean", "Sum", "MeanTensor") else 2

    @base
    def result(self):
        return core.metric_result(self._engine_handle)

    @base
    def reset_state(self):
        core.metric_reset(self._engine_handle)

    def reset_states(self):
        return self.reset_state()

    def merge_state(self, metrics):
        """Adds the states of other metrics of this kind to this one's. Raises ValueError for metrics of other weights."""
        for metric in metrics:
            if len(self.weights) != len(metric.weights):
                raise ValueError("Metric {} is not compatible with {}".format(metric, self))
            for own, other in zip(self.weights, metric.weights):
                own.assign_add(other)

    def add_weight(self, name, shape=(), aggregation=None, synchronization=None, initializer=None, dtype=None):
        return super().add_weight(name=name, shape=shape, dtype=dtype, trainable=False,
                                  initializer="zeros" if initializer is None else initializer)

    def __getattr__(self, name):
        if name != "thresholds" or "_engine_handle" not in self.__dict__ or self._record is None:
            return super().__getattr__(name)
        config = self._engine_handle.config()
        if "num_thresholds" in config:
            return self._spread(config.get("thresholds"))
        found = super().__getattr__(name)
        if found is None:       # as Keras' attribute is, where its config says None
            return [0.5 if config.get("top_k") is None else -1e10]
        return [found] if isinstance(found, float) else found

    def _spread(self, given):
        """The thresholds of a curve, with both ends."""
        count = self._engine_handle.config()["num_thresholds"]
        if self._record["names"][0] == "AUC":
            inner = sorted(given) if given is not None else [(i + 1) * 1.0 / (count - 1) for i in range(count - 2)]
            return [-core.epsilon()] + inner + [1.0 + core.epsilon()]
        return [0.5] if count == 1 else [0.0] + [(i + 1) * 1.0 / (count - 1) for i in range(count - 2)] + [1.0]

    def __str__(self):
        return "{}({})".format(type(self).__name__, ",".join("{}={}".format(k, v) for k, v in self.get_config().items()))


shell.defaults["metric"] = Metric
shell.fill(globals(), "metric", lambda record: Metric, "keras.metrics")


class MeanMetricWrapper(Mean):  # noqa: F821 (a class of the engine)
    """The mean of a function of (y_true, y_pred) over all samples."""

    def __init__(self, fn, name=None, dtype=None, **kwargs):
        super().__init__(name=name or getattr(fn, "__name__", None), dtype=dtype)
        self._fn, self._fn_kwargs = fn, kwargs

    @property
    def _arity(self):
        return 2

    def update_state(self, y_true, y_pred, sample_weight=None):
        from .. import cast, convert_to_tensor
        y_pred = convert_to_tensor(y_pred)
        y_true = cast(y_true, self.dtype)
        values = self._fn(y_true, cast(y_pred, self.dtype), **self._fn_kwargs)
        core.metric_update(self._engine_handle, [values], sample_weight)

    def get_config(self):
        return dict({"fn": self._fn, "name": self.name, "dtype": self.dtype}, **self._fn_kwargs)


def as_metric(identifier):
    """What compile is given: a name, a metric, a class, or a function of (y_true, y_pred)."""
    if isinstance(identifier, str):
        identifier = shell.custom(identifier)
    if identifier is None or isinstance(identifier, (str, Metric)):
        return identifier
    if inspect.isclass(identifier) and issubclass(identifier, Metric):
        return identifier()
    if callable(identifier):
        name = getattr(identifier, "_keras_name", None)
        return name if name is not None else MeanMetricWrapper(identifier)
    return identifier


def get(identifier):
    """A metric function or object by name, config or itself. Raises ValueError for what is none."""
    if isinstance(identifier, str):
        found = shell.custom(identifier)
        if found is identifier:
            found = globals().get(identifier)
        if found is None:
            raise ValueError("Unknown metric function: {}. Please ensure this object is passed to the "
                             "`custom_objects` argument. See https://www.tensorflow.org/guide/keras/save_and_serialize"
                             "#registering_the_custom_object for details.".format(identifier))
        return found() if inspect.isclass(found) else found
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if callable(identifier) or isinstance(identifier, Metric):
        return identifier
    raise ValueError("Could not interpret metric identifier: {}".format(identifier))


def serialize(metric):
    if isinstance(metric, Metric):
        return shell.serialized(metric)
    return shell.registered_name(metric)


def deserialize(config, custom_objects=None):
    if isinstance(config, str):
        return (custom_objects or {}).get(config) or get(config)
    return shell.revived(config, "metric function", globals(), custom_objects)
