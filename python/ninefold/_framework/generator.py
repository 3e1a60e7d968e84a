# In: seeds and states. Out: tf.random.Generator: random numbers whose state is a variable.
import enum

from . import export
from .dtypes import as_dtype
from .variable import Variable
from .. import _core

_PHILOX = 1
_NAMES = {"philox": 1, "auto_select": 1, "threefry": 2}


@export("random.Algorithm", "random.experimental.Algorithm")
class Algorithm(enum.Enum):
    PHILOX = 1
    THREEFRY = 2
    AUTO_SELECT = 3


def _algorithm(alg):
    if isinstance(alg, Algorithm):
        return alg.value if alg != Algorithm.AUTO_SELECT else _PHILOX
    if isinstance(alg, str):
        if alg not in _NAMES:
            raise ValueError(f"Argument `alg` got unsupported string value {alg}. Supported string values are 'philox' for "
                             "the Philox algorithm, 'threefry' for the ThreeFry algorithm, and 'auto_select' for "
                             "auto-selection.")
        return _NAMES[alg]
    return alg


def _shape(shape):
    return shape if _core.is_tensor(shape) else _core.convert(
        list(shape) if hasattr(shape, "__iter__") else [shape], "int64")


@export("random.Generator", "random.experimental.Generator")
class Generator:
    """A stream of random numbers; its state is tracked, saved and restored as a variable."""

    def __init__(self, copy_from=None, state=None, alg=None):
        if copy_from is not None:
            if state is not None or alg is not None:
                raise ValueError("Argument `copy_from` cannot be set when `state` or `alg` is set.")
            state, alg = copy_from.state, copy_from.algorithm
        self._alg = _algorithm(alg)
        state = _core.convert(state, "int64")
        if state.shape.rank is not None and state.shape.as_list() != [3]:
            raise ValueError(f"Shapes {state.shape} and [3] are incompatible")
        self._state_var = Variable(state, dtype="int64", trainable=False, name="StateVar")

    _only_holds_ = True       # a SavedModel keeps what it holds, under the same names

    def _trackable_children_(self):
        return [("_state_var", self._state_var)]

    @classmethod
    def from_state(cls, state, alg):
        return cls(alg=alg, state=state)

    @classmethod
    def from_seed(cls, seed, alg=None):
        alg = _PHILOX if alg is None else _algorithm(alg)
        return cls(state=_core.function_named("tf.random.create_rng_state")(seed, alg), alg=alg)

    @classmethod
    def from_non_deterministic_state(cls, alg=None):
        state = _core.run_op("NonDeterministicInts", [_core.convert([3], "int64")], {"dtype": as_dtype("int64")})[0]
        return cls(state=state, alg=_PHILOX if alg is None else alg)

    @classmethod
    def from_key_counter(cls, key, counter, alg):
        counter = _core.convert(counter, "int64")
        return cls(state=_core.function_named("tf.concat")([counter, _core.convert([key], "int64")], 0), alg=alg)

    def reset(self, state):
        self._state_var.assign(_core.convert(state, "int64"))

    def reset_from_seed(self, seed):
        self.reset(_core.function_named("tf.random.create_rng_state")(seed, self._alg))

    def reset_from_key_counter(self, key, counter):
        self.reset(Generator.from_key_counter(key, counter, self._alg).state)

    @property
    def state(self):
        return self._state_var

    @property
    def algorithm(self):
        return self._alg

    @property
    def key(self):
        return self._state_var[-1]

    def skip(self, delta):
        before = self._state_var.read_value()
        self._op("RngSkip", [_core.convert(delta, "int64")], {})
        return before

    def _op(self, name, inputs, attributes):
        return _core.run_op(name, [self._state_var.handle, _core.convert(self._alg, "int64"), *inputs], attributes)

    def _draw(self, name, shape, dtype):
        return self._op(name, [_shape(shape)], {"dtype": as_dtype(dtype)})[0]

    def normal(self, shape, mean=0.0, stddev=1.0, dtype="float32", name=None):
        return self._draw("StatefulStandardNormalV2", shape, dtype) * _core.convert(stddev, dtype) + _core.convert(mean, dtype)

    def truncated_normal(self, shape, mean=0.0, stddev=1.0, dtype="float32", name=None):
        return self._draw("StatefulTruncatedNormal", shape, dtype) * _core.convert(stddev, dtype) + _core.convert(mean, dtype)

    def uniform(self, shape, minval=0, maxval=None, dtype="float32", name=None):
        dtype = as_dtype(dtype)
        if not dtype.is_integer:
            low = _core.convert(minval, dtype)
            high = _core.convert(1 if maxval is None else maxval, dtype)
            return self._draw("StatefulUniform", shape, dtype) * (high - low) + low
        if (minval is None) != (maxval is None):
            raise ValueError(f"For integer dtype {dtype!r}, minval and maxval must be both `None` or both "
                             f"non-`None`; got minval={minval} and maxval={maxval}")
        if minval is None:
            return self.uniform_full_int(shape, dtype)
        return self._op("StatefulUniformInt", [_shape(shape), _core.convert(minval, dtype), _core.convert(maxval, dtype)],
                        {"dtype": dtype})[0]

    def uniform_full_int(self, shape, dtype="uint64", name=None):
        return self._draw("StatefulUniformFullInt", shape, dtype)

    def binomial(self, shape, counts, probs, dtype="int32", name=None):
        return self._op("StatefulRandomBinomial", [_shape(shape), _core.convert(counts, "float32"),
                                                   _core.convert(probs, "float32")], {"dtype": as_dtype(dtype)})[0]

    def make_seeds(self, count=1):
        keys = self.uniform_full_int([count], "int64")
        zeros = _core.function_named("tf.zeros")([count], "int64")
        return _core.function_named("tf.stack")([keys, zeros])

    def split(self, count=1):
        keys = self.uniform_full_int([count], "int64")
        return [Generator(state=_core.function_named("tf.stack")([0, 0, key]), alg=self._alg) for key in keys]


_global = []


@export("random.get_global_generator", "random.experimental.get_global_generator")
def get_global_generator():
    if not _global:
        _global.append(Generator.from_non_deterministic_state())
    return _global[0]


@export("random.set_global_generator", "random.experimental.set_global_generator")
def set_global_generator(generator):
    _global[:] = [generator]
