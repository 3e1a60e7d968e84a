# In: variables made while a function is traced. Out: whether they may be, and values made outside the trace.
import threading

from . import nest
from .. import _core

class _State(threading.local):
    policy = None


_state = _State()


class Policy:
    """Entered around a trace: may its body create variables, and did it? Those of layers and optimizers count too."""

    def __init__(self, allowed, values=()):
        self.allowed, self.created = allowed, False
        self.arguments, self.values = [], list(values)    # symbols of the trace, and what this call has for them

    def __enter__(self):
        self._before, _state.policy = _state.policy, self
        self._made, self._forbidden = _core.variables_made(), _core.forbid_variables(not self.allowed)
        return self

    def __exit__(self, *_):
        _state.policy = self._before
        _core.forbid_variables(self._forbidden)
        self.created = _core.variables_made() != self._made


def initial(value, dtype):
    """The initial value of a variable that is being made in a trace. What it is computed with are ops of the trace, a
    function's too, so that random numbers are those of this graph's seeds."""
    policy = _state.policy
    if callable(value) and not _core.is_tensor(value):
        value = value()
    if not _core.is_tensor(value) and any(_core.is_symbolic(leaf) for leaf in nest.flatten(value)):
        value = _core.convert(value, dtype)     # tf.Variable([x, 2 * x])
    return _core.evaluate(value, *_known(policy)) if _core.is_symbolic(value) else value


def _known(policy):
    """The arguments of the function that is traced, and of those around it, with their values."""
    arguments, values = [], []
    while policy is not None:
        if len(policy.arguments) == len(policy.values):
            arguments, values = arguments + policy.arguments, values + policy.values
        policy = policy._before
    return arguments, values
