# In: hooks of the training loop. Out: tf.keras.callbacks: a base class to override, and the engine's own.
import os
import shutil
import types
import weakref

import numpy as np

from .._core import keras as core
from .._framework import nest
from . import shell
from .shell import base

_BATCH_HOOKS = tuple("on_{}_batch_{}".format(phase, end) for phase in ("train", "test", "predict")
                     for end in ("begin", "end"))
_HOOKS = ("on_epoch_begin", "on_epoch_end", "on_train_begin", "on_train_end", "on_test_begin", "on_test_end",
          "on_predict_begin", "on_predict_end") + _BATCH_HOOKS
_COUNTED = ("on_epoch_begin", "on_epoch_end") + _BATCH_HOOKS


class Callback(shell.Object):
    """Watches training: override the hooks you need. `self.model` is the model, `self.params` its settings."""

    _kind = "callback"
    _overridable = _HOOKS + ("on_batch_begin", "on_batch_end")

    def __init__(self):
        self.validation_data = None
        self.params = None
        self._chief_worker_only = None

    def __getattr__(self, name):
        if name == "_engine_handle":       # a subclass need not call super().__init__()
            self._adopt(core.foreign("callback", type(self).__name__, None))
            return self.__dict__["_engine_handle"]
        if name == "model":
            found = self.__dict__.get("_model")
            return found() if found is not None else None
        if name in ("params", "validation_data"):
            return None
        if self._record is not None and not name.startswith("_") and "_engine_handle" in self.__dict__:
            found = core.callback_attribute(self._engine_handle, name)
            if found is not None:
                return found
            config = self._engine_handle.config()
            if name in config:
                return config[name]
        raise AttributeError("'{}' object has no attribute '{}'".format(type(self).__name__, name))

    def __setattr__(self, name, value):
        if name == "model":
            self.__dict__["_model"] = weakref.ref(value) if value is not None else (lambda: None)
        else:
            super().__setattr__(name, value)

    def _adopt(self, handle, overrides=True):
        super()._adopt(handle, overrides)
        if self._record is not None and self._record["names"][0] == "LearningRateScheduler":
            me = weakref.ref(self)
            handle.override("schedule", lambda epoch, rate: _scheduled(me().schedule, epoch, rate))
        # Keras' older names for the hooks of training batches.
        for name in ("on_batch_begin", "on_batch_end"):
            if not shell._is_base(getattr(type(self), name)):
                self._override(name.replace("on_", "on_train_"))

    def _called(self, name, args, kwargs):
        logs = args[-1] if args and isinstance(args[-1], dict) else {}
        given = _with_rate(dict(logs))
        result = getattr(self, name)(int(args[0]), given) if name in _COUNTED else getattr(self, name)(given)
        return given if result is None else result

    def set_params(self, params):
        self.params = params

    def set_model(self, model):
        self.model = model

    @base
    def on_batch_begin(self, batch, logs=None):
        pass

    @base
    def on_batch_end(self, batch, logs=None):
        pass

    @base
    def on_epoch_begin(self, epoch, logs=None):
        self._own("on_epoch_begin", epoch, logs)

    @base
    def on_epoch_end(self, epoch, logs=None):
        self._own("on_epoch_end", epoch, logs)

    @base
    def on_train_batch_begin(self, batch, logs=None):
        self._own("on_train_batch_begin", batch, logs)
        self.on_batch_begin(batch, logs=logs)

    @base
    def on_train_batch_end(self, batch, logs=None):
        self._own("on_train_batch_end", batch, logs)
        self.on_batch_end(batch, logs=logs)

    @base
    def on_test_batch_begin(self, batch, logs=None):
        self._own("on_test_batch_begin", batch, logs)

    @base
    def on_test_batch_end(self, batch, logs=None):
        self._own("on_test_batch_end", batch, logs)

    @base
    def on_predict_batch_begin(self, batch, logs=None):
        self._own("on_predict_batch_begin", batch, logs)

    @base
    def on_predict_batch_end(self, batch, logs=None):
        self._own("on_predict_batch_end", batch, logs)

    @base
    def on_train_begin(self, logs=None):
        self._own("on_train_begin", 0, logs)

    @base
    def on_train_end(self, logs=None):
        self._own("on_train_end", 0, logs)

    @base
    def on_test_begin(self, logs=None):
        self._own("on_test_begin", 0, logs)

    @base
    def on_test_end(self, logs=None):
        self._own("on_test_end", 0, logs)

    @base
    def on_predict_begin(self, logs=None):
        self._own("on_predict_begin", 0, logs)

    @base
    def on_predict_end(self, logs=None):
        self._own("on_predict_end", 0, logs)

    def _own(self, hook, index, logs):
        """The engine's method, for super() of a subclass of one of its callbacks, and for loops of the user's own."""
        if self._record is not None:
            model = self.model
            core.callback_set_model(self._engine_handle, model)
            given = core.callback_on(self._engine_handle, hook, index, dict(logs or {}))
            if logs is not None:        # what follows sees what it added, such as "lr"
                logs.update(_with_rate(given))

    def _construct(self, config):
        config = {key: os.fspath(value) if isinstance(value, os.PathLike) else value for key, value in config.items()}
        self._adopt(core.make("callback", self._record["names"][0], config))


def _with_rate(logs):
    """Logs in which the learning rate is what Keras reads of its variable: a float32."""
    rate = logs.get("lr")
    if type(rate) is float and float(np.float32(rate)) == rate:
        logs["lr"] = np.float32(rate)
    return logs


def _scheduled(schedule, epoch, rate):
    """What a schedule says: a function of the epoch and the present rate, or of the epoch alone, as Keras tries them."""
    try:
        return schedule(epoch, rate)
    except TypeError:
        return schedule(epoch)


class History(Callback):
    """Keeps the logs of every epoch: `history` maps a name to its list, `epoch` lists the epochs."""

    def __init__(self):
        super().__init__()
        self.history = {}

    def on_train_begin(self, logs=None):
        self.epoch = []

    def on_epoch_end(self, epoch, logs=None):
        self.epoch.append(epoch)
        for key, value in (logs or {}).items():
            self.history.setdefault(key, []).append(value)
        self.model.history = self


class LambdaCallback(Callback):
    """Hooks from plain functions."""

    def __init__(self, on_epoch_begin=None, on_epoch_end=None, on_batch_begin=None, on_batch_end=None,
                 on_train_begin=None, on_train_end=None, **kwargs):
        super().__init__()
        self.__dict__.update(kwargs)
        given = dict(on_epoch_begin=on_epoch_begin, on_epoch_end=on_epoch_end, on_train_batch_begin=on_batch_begin,
                     on_train_batch_end=on_batch_end, on_train_begin=on_train_begin, on_train_end=on_train_end)
        self._engine_handle
        for name, function in given.items():
            if function is not None:
                setattr(self, name, function)


class BackupAndRestore(Callback):
    """Goes on after an interruption: keeps the model and its optimizer in `backup_dir` after every epoch; the next fit()
    with the same folder begins after the last epoch that was kept. The folder's contents go when training ends."""

    def __init__(self, backup_dir):
        super().__init__()
        self.backup_dir = os.fspath(backup_dir)
        self._epoch = self._manager = None

    def _resume(self, initial_epoch):
        """Restores what is kept; returns the epoch to begin with."""
        from .._framework.checkpoint import Checkpoint
        from .._framework.checkpoint_state import CheckpointManager
        from .._framework.variable import Variable
        self._epoch = Variable(-1, dtype="int64", trainable=False, name="ckpt_saved_epoch")
        checkpoint = Checkpoint(model=self.model, ckpt_saved_epoch=self._epoch)
        self._manager = CheckpointManager(checkpoint, os.path.join(self.backup_dir, "chief"), max_to_keep=1)
        self._manager.restore_or_initialize()
        return max(initial_epoch, int(self._epoch.numpy()) + 1)

    def on_epoch_end(self, epoch, logs=None):
        self._epoch.assign(epoch)
        self._manager.save()

    def on_train_end(self, logs=None):
        shutil.rmtree(os.path.join(self.backup_dir, "chief"), ignore_errors=True)
        self._epoch = self._manager = None


class CallbackList:
    """Callbacks as one, for loops of the user's own: each hook of a Callback calls theirs, in their order.

    add_history: also a History, which `model.history` becomes. add_progbar: also a ProgbarLogger. Further keywords are the callbacks' params.
    """

    def __init__(self, callbacks=None, add_history=False, add_progbar=False, model=None, **params):
        self.callbacks = list(nest.flatten(callbacks)) if callbacks else []
        if add_progbar and not any(isinstance(c, ProgbarLogger) for c in self.callbacks):
            self.callbacks.append(ProgbarLogger(count_mode="steps"))
        self._history = next((c for c in self.callbacks if isinstance(c, History)), None)
        if self._history is None and add_history:
            self._history = History()
            self.callbacks.append(self._history)
        if model:
            self.set_model(model)
        if params:
            self.set_params(params)

    def append(self, callback):
        self.callbacks.append(callback)

    def set_params(self, params):
        self.params = params
        for callback in self.callbacks:
            callback.set_params(params)

    def set_model(self, model):
        self.model = model
        if self._history:
            model.__dict__["history"] = self._history
        for callback in self.callbacks:
            callback.set_model(model)

    def _tell(self, hook, *args, logs=None):
        logs = nest.map_structure(lambda v: v.numpy() if hasattr(v, "numpy") else v, logs or {})
        for callback in self.callbacks:
            getattr(callback, hook)(*args, logs)

    def __iter__(self):
        return iter(self.callbacks)


def _told_by_index(hook):
    def tell(self, index, logs=None):
        self._tell(hook, index, logs=logs)
    tell.__name__ = hook
    return tell


def _told(hook):
    def tell(self, logs=None):
        self._tell(hook, logs=logs)
    tell.__name__ = hook
    return tell


for _hook in _HOOKS + ("on_batch_begin", "on_batch_end"):
    _called = {"on_batch_begin": "on_train_batch_begin", "on_batch_end": "on_train_batch_end"}.get(_hook, _hook)
    setattr(CallbackList, _hook, (_told_by_index if "batch" in _hook or "epoch" in _hook else _told)(_called))


from .reporting import BaseLogger, ProgbarLogger, RemoteMonitor  # noqa: E402,F401 (they stand on Callback)

experimental = types.SimpleNamespace(BackupAndRestore=BackupAndRestore)
shell.defaults["callback"] = Callback
shell.fill(globals(), "callback", lambda record: Callback, "keras.callbacks")
