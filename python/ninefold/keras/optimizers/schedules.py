# In: a step. Out: tf.keras.optimizers.schedules: learning rates that are functions of the step.
from ..._core import keras as core
from .. import shell
from ..shell import base


class LearningRateSchedule(shell.Object):
    """A learning rate as a function of the step: override __call__ and get_config."""

    _kind = "schedule"
    _overridable = ("__call__", "get_config")

    def __getattr__(self, name):
        if name == "_engine_handle":       # a subclass need not call super().__init__()
            self._adopt(core.foreign("schedule", type(self).__name__, None))
            return self.__dict__["_engine_handle"]
        config = self.__dict__["_engine_handle"].config() if self._record and "_engine_handle" in self.__dict__ else {}
        if name in config:
            return config[name]
        raise AttributeError("'{}' object has no attribute '{}'".format(type(self).__name__, name))

    def _construct(self, config):
        self._adopt(core.make("schedule", self._record["names"][0], config))

    @base
    def __call__(self, step):
        if self._record is None:
            raise NotImplementedError("Learning rate schedule must override __call__")
        return core.apply(self._engine_handle, step)


shell.defaults["schedule"] = LearningRateSchedule
shell.fill(globals(), "schedule", lambda record: LearningRateSchedule, "keras.optimizers.schedules")


def serialize(schedule):
    return shell.serialized(schedule)


def deserialize(config, custom_objects=None):
    """A schedule from {"class_name", "config"} or a name. Raises ValueError for an unknown class, and for what is neither."""
    return shell.revived({"class_name": config, "config": {}} if isinstance(config, str) else config, "decay", globals(), custom_objects)
