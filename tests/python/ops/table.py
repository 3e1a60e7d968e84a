# In: nothing. Out: the calls of each op that are recorded on TensorFlow 2.9.0 and repeated on Ninefold.
"""One table: op name -> a function that makes its cases. A case is (kind, inputs, attributes).

Kinds: value, empty, special, broadcast, error. Inputs are literals (see tensors.py), lists of them, or
{"variable": literal}, whose value after the call counts as a result. Attributes are JSON; {"dtype": "int32"} is
a dtype. Values are drawn from a seed that is the op's name: the table says the same each time it is asked.
"""
import zlib

import numpy as np

from tensors import COMPLEX, INTS, UNSIGNED, pack

F32, F64 = "float32", "float64"
CASES = {}          # op -> function(op) -> [case]
TOLERANCE = {}      # op -> (units in the last place, of the largest value instead of each)
EXEMPT = {}         # (op, kind) -> reason


def op(names, ulps=0, of_scale=False, **exempt):
    """Registers a maker of cases for ops that share a form; exempt: kind="reason"."""
    def register(make):
        for name in names.split():
            CASES[name] = make
            TOLERANCE[name] = (ulps, of_scale)
            for kind, reason in exempt.items():
                EXEMPT[name, kind] = reason
        return make
    return register


def case(kind, attrs=None, **inputs):
    return kind, inputs, attrs or {}


def draw(seed, shape, low=-2.0, high=2.0):
    """float64 numbers of [low, high), the same for the same seed."""
    return np.random.RandomState(zlib.crc32(seed.encode())).uniform(low, high, shape)


def of(dtype, seed, shape, low=None, high=None):
    """A literal with values that suit the dtype."""
    if dtype == "bool":
        return pack(dtype, draw(seed, shape) > 0)
    if dtype == "string":
        words = np.array([b"abc", b"", b"Zebra", b"a b", "å".encode(), b"9"], dtype=object)
        return pack(dtype, words[(draw(seed, shape, 0, 6)).astype(int)])
    if dtype in INTS:
        low = (0 if dtype in UNSIGNED else -9) if low is None else int(np.ceil(low))
        high = 9 if high is None else int(high)
        return pack(dtype, np.floor(draw(seed, shape, low, high + 1)))
    low, high = -2.0 if low is None else low, 2.0 if high is None else high
    if dtype in COMPLEX:
        return pack(dtype, draw(seed, shape, low, high) + 1j * draw(seed + "i", shape, low, high))
    return pack(dtype, draw(seed, shape, low, high))


def i32(*values):
    return pack("int32", np.array(values, dtype=np.int32))


def scalar(dtype, value):
    return pack(dtype, np.array(value))


def T(dtype):
    return {"dtype": dtype}


STRING_SCALAR = pack("string", np.array(b"no number", dtype=object))
FLOAT_SCALAR = scalar(F32, 1.5)
