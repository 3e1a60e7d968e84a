# In: with-blocks. Out: tf.name_scope, tf.device, tf.init_scope, tf.control_dependencies, executing_eagerly.
import contextlib
import re
import threading

from . import export
from .. import _core


class _State(threading.local):
    devices = ()


_state = _State()


def scope_name():
    """The prefix that variables get: "a/b/" or "". """
    return _core.scope_name()


@export("get_current_name_scope")
def get_current_name_scope():
    """The names of the scopes that are open, "outer/inner"."""
    return scope_name().rstrip("/")


@export("name_scope")
class name_scope:
    """A prefix for the names of what is made inside."""

    def __init__(self, name):
        if not isinstance(name, str):
            raise ValueError("name for name_scope must be a string.")
        self._name, self._entered = name, []

    @property
    def name(self):
        return self._name

    def __enter__(self):
        self._entered.append(_core.NameScope(self._name))     # the engine's, so that layers' weights are named by it
        return _core.scope_name()

    def __exit__(self, *_):
        self._entered.pop().close()


@export("executing_eagerly")
def executing_eagerly():
    """False inside a function that is being traced."""
    return _core.executing_eagerly()


@export("init_scope")
@contextlib.contextmanager
def init_scope():
    """Ops inside run now, although a function is being traced."""
    scope = _core.InitScope()
    try:
        yield
    finally:
        scope.close()


@export("control_dependencies")
@contextlib.contextmanager
def control_dependencies(control_inputs):
    """The order of effects is kept by itself: this only checks its argument."""
    if callable(control_inputs):
        control_inputs()
    yield


_PART = re.compile(r"(job|replica|task|device|cpu|gpu|tpu)(:[^:]*)*$", re.IGNORECASE)


@export("device")
class device:
    """Ops inside run on this device."""

    def __init__(self, device_name):
        if callable(device_name):
            raise RuntimeError("tf.device does not support functions when eager execution is enabled.")
        self._name = device_name if device_name is None or isinstance(device_name, str) else device_name.to_string()

    def __enter__(self):
        for part in filter(None, (self._name or "").split("/")):
            if not _PART.match(part):
                raise ValueError(f"Unknown attribute '{part.split(':')[0]}' is encountered while parsing "
                                 f"the device spec: '{self._name}'.")
        _state.devices += (_core.device.enter(self._name or ""),)

    def __exit__(self, *_):
        _state.devices[-1].leave()
        _state.devices = _state.devices[:-1]


@export("no_gradient")
def no_gradient(op_type):
    """Notes that nothing flows back through ops of this type: those of a package's own. NotImplementedError for an op of the
    engine that has a gradient, which its record says."""
    if not isinstance(op_type, str):
        raise TypeError("op_type must be a string")
    if op_type in _core.op_names() and _core.describe_op(op_type)["differentiable"]:
        raise NotImplementedError(f"tf.no_gradient: {op_type} has a gradient, by its record; use tf.stop_gradient")
