# In: Python functions that work on values. Out: tf.py_function and tf.numpy_function: ops that call them.
import contextlib
import hashlib
import threading
import traceback

import numpy as np

from . import export, nest
from .dtypes import as_dtype
from .faults import ERRORS
from .tape import GradientTape
from .. import _core


def _dtypes(Tout):
    one = not isinstance(Tout, (list, tuple))
    return one, [as_dtype(t) if not hasattr(t, "dtype") else t.dtype for t in ([Tout] if one else Tout)]


def _results(value, dtypes, one):
    if not dtypes:
        return []
    values = [value] if one or not isinstance(value, (list, tuple)) else list(value)
    return [_core.convert(v, None if _core.is_tensor(v) else d) for v, d in zip(values, dtypes)] + values[len(dtypes):]


# What an exception of the function becomes, as TensorFlow's kernel has it; others are UnknownError.
_BECOMES = ((TypeError, 3), (ValueError, 3), (StopIteration, 11), (MemoryError, 8), (NotImplementedError, 12))


@contextlib.contextmanager
def told(where=""):
    """An exception of Python's is raised as TensorFlow's, with its traceback as text; interrupts stay what they are."""
    try:
        yield
    except Exception as fault:
        if type(fault) in ERRORS.values():
            raise
        code = next((code for cls, code in _BECOMES if isinstance(fault, cls)), 2)
        raise ERRORS[code](None, None, f"{type(fault).__name__}: {fault}\n{traceback.format_exc()}{where}") from fault


def _flows(dtype):
    return dtype.is_floating or dtype.is_complex


class _Heard:
    """The last calls of a function with the tapes that heard them: a gradient of the same inputs need not call again.
    The last one is kept however large it is, those before it as far as they are small, for loops."""
    _ELEMENTS = 1 << 20

    def __init__(self):
        self._calls, self._lock = [], threading.Lock()

    @staticmethod
    def _key(tensors):
        parts = hashlib.blake2b(digest_size=16)
        for t in tensors:
            value = t.numpy()
            plain = isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.dtype != object)
            parts.update(repr((t.dtype.name, t.shape.as_list(), None if plain else np.asarray(value).tolist())).encode())
            parts.update(value.tobytes() if plain else b"")
        return parts.digest()

    def keep(self, tensors, call):
        size = sum(t.shape.num_elements() for t in tensors)
        key = self._key(tensors)
        with self._lock:
            self._calls.append((key, size, call))
            while len(self._calls) > 1 and (len(self._calls) > 256 or sum(c[1] for c in self._calls) > self._ELEMENTS):
                del self._calls[0]

    def taken(self, tensors):
        key = self._key(tensors)
        with self._lock:
            for i in range(len(self._calls) - 1, -1, -1):
                if self._calls[i][0] == key:
                    return self._calls.pop(i)[2]
        return None


@export("py_function")
def py_function(func, inp, Tout, name=None):
    """func on eager tensors, whenever the op runs; differentiable."""
    one, dtypes = _dtypes(Tout)
    inputs = [_core.convert(x) for x in nest.flatten(inp, expand_composites=True)]

    heard = _Heard()

    def call(tensors):
        # One tensor given twice is two inputs: each has a gradient of its own.
        given = [_core.function_named("tf.identity")(t) for t in tensors]
        with GradientTape() as tape, told():
            tape.watch([t for t in given if _flows(t.dtype)])
            return tape, given, _results(func(*given), dtypes, one)

    def forward(tensors):
        if not any(_flows(t.dtype) for t in tensors) or not any(_flows(d) for d in dtypes):
            with told():
                return _results(func(*tensors), dtypes, one)
        made = call(tensors)
        heard.keep(tensors, made)
        return made[2]

    def gradient(tensors):
        given, flows = tensors[:len(inputs)], tensors[len(inputs):]
        tape, given, out = heard.taken(given) or call(given)
        return tape.gradient(out, given, flows, "zero")
    out = _core.host_function(inputs, dtypes, forward, gradient)
    return out[0] if one else out


@export("numpy_function")
def numpy_function(func=None, inp=None, Tout=None, stateful=True, name=None):
    """func on NumPy arrays, whenever the op runs; nothing flows back through it."""
    if func is None:
        return lambda f: numpy_function(f, inp, Tout, stateful, name)
    if _core.executing_eagerly():   # plain Python: its exceptions and dtypes are the function's own
        value = func(*[_core.convert(x).numpy() for x in inp])
        if value is None:
            return None
        return [_core.convert(v) for v in value] if isinstance(value, (list, tuple)) else _core.convert(value)
    one, dtypes = _dtypes(Tout)
    inputs = [_core.function_named("tf.stop_gradient")(_core.convert(x)) for x in inp]

    def forward(tensors):
        with told():
            value = func(*[t.numpy() for t in tensors])
        values = [value] if one or not isinstance(value, (list, tuple)) else list(value)
        return [_core.convert(v) for v in values] if dtypes else []
    out = _core.host_function(inputs, dtypes, forward, lambda tensors: [None] * len(inputs))
    return out[0] if one else out
