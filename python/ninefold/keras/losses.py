# In: names, callables, classes. Out: tf.keras.losses.
import inspect

from .._core import keras as core
from . import shell
from .shell import base


class Reduction:
    """How the losses of samples become one number."""

    AUTO = "auto"
    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"

    @classmethod
    def all(cls):
        return (cls.AUTO, cls.NONE, cls.SUM, cls.SUM_OVER_BATCH_SIZE)

    @classmethod
    def validate(cls, key):
        if key not in cls.all():
            raise ValueError('Invalid Reduction Key: {}. Expected keys are "{}"'.format(key, cls.all()))


class Loss(shell.Object):
    """How far predictions are from the truth: call(y_true, y_pred) gives one value a sample."""

    _kind = "loss"
    _overridable = ("call", "get_config")

    def __init__(self, reduction="auto", name=None):
        Reduction.validate(reduction)
        self._adopt(core.foreign("loss", type(self).__name__, None))
        core.loss_set(self._engine_handle, reduction, name or "")

    def _construct(self, config):
        if "reduction" in config:
            Reduction.validate(config["reduction"])
        self._adopt(core.make("loss", self._record["names"][0], config))

    def __call__(self, y_true, y_pred, sample_weight=None):
        if y_true is None or y_pred is None:
            raise ValueError("Attempt to convert a value (None) with an unsupported type (<class 'NoneType'>) to a Tensor.")
        return core.loss(self._engine_handle, y_true, y_pred, sample_weight)

    @base
    def call(self, y_true, y_pred):
        if self._record is None:
            raise NotImplementedError("Must be implemented in subclasses.")
        return core.loss_call(self._engine_handle, y_true, y_pred)

    @property
    def reduction(self):
        return core.loss_get(self._engine_handle)[0]

    @reduction.setter
    def reduction(self, value):
        core.loss_set(self._engine_handle, value, self.name or "")

    @property
    def name(self):
        return core.loss_get(self._engine_handle)[1] or None

    @name.setter
    def name(self, value):
        core.loss_set(self._engine_handle, self.reduction, value)

    def __getattr__(self, name):
        if name == "_engine_handle" and self._record is None:      # a subclass need not call super().__init__()
            self._adopt(core.foreign("loss", type(self).__name__, None))
            return self.__dict__["_engine_handle"]
        if self._record is not None and "_engine_handle" in self.__dict__:
            config = self._engine_handle.config()
            if name in config:
                return config[name]
        raise AttributeError("'{}' object has no attribute '{}'".format(type(self).__name__, name))

    @base
    def get_config(self):
        return self._engine_handle.config() if self._record else {"reduction": self.reduction, "name": self.name}


shell.defaults["loss"] = Loss
shell.fill(globals(), "loss", lambda record: Loss, "keras.losses")


def as_loss(identifier):
    """What compile is given: a name, a loss, a class, or a function of (y_true, y_pred)."""
    if isinstance(identifier, str):
        identifier = shell.custom(identifier)
    if identifier is None or isinstance(identifier, (str, Loss)):
        return identifier
    if inspect.isclass(identifier) and issubclass(identifier, Loss):
        return identifier()
    if callable(identifier):
        name = getattr(identifier, "_keras_name", None)
        if name is not None:
            return name
        made = shell.foreign_function("loss", identifier, "call")
        core.loss_set(made._engine_handle, "auto", getattr(identifier, "__name__", type(identifier).__name__))
        return made
    return identifier


# Shorter names of losses.
_OLDER = {short: name for name, shorts in {
    "binary_crossentropy": "bce BCE", "mean_squared_error": "mse MSE", "mean_absolute_error": "mae MAE",
    "mean_absolute_percentage_error": "mape MAPE", "mean_squared_logarithmic_error": "msle MSLE",
    "kl_divergence": "kld KLD kullback_leibler_divergence", "log_cosh": "logcosh", "huber": "huber_loss",
    "cosine_similarity": "cosine_proximity"}.items() for short in shorts.split()}


def get(identifier):
    """A loss function or object by name, config or itself. Raises ValueError for what is none."""
    if identifier is None:
        return None
    if isinstance(identifier, str):
        found = shell.custom(identifier)
        if found is identifier:
            found = globals().get(_OLDER.get(identifier, identifier))
        if found is None:
            raise ValueError(
                "Unknown loss function: {}. Please ensure this object is passed to the `custom_objects` argument. See "
                "https://www.tensorflow.org/guide/keras/save_and_serialize#registering_the_custom_object for "
                "details.".format(identifier))
        return found() if inspect.isclass(found) else found
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if callable(identifier):
        return identifier
    raise ValueError("Could not interpret loss function identifier: {}".format(identifier))


def serialize(loss):
    if isinstance(loss, Loss):
        return shell.serialized(loss)
    return shell.registered_name(loss)


def deserialize(name, custom_objects=None):
    if isinstance(name, str):
        return (custom_objects or {}).get(name) or get(name)
    return shell.revived(name, "loss function", globals(), custom_objects)
