# In: tensors of TensorFlow or Ninefold, as `tf` gives them. Out: JSON that keeps every bit, and back; special
# values of each dtype; how far two tensors lie apart.
import base64

import numpy as np

FLOATS = ("float32", "float64", "float16", "bfloat16")
COMPLEX = ("complex64", "complex128")
SIGNED = ("int32", "int64", "int8", "int16")
UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
INTS = SIGNED + UNSIGNED
REAL = FLOATS + INTS
NUMERIC = REAL + COMPLEX
EPSILON = {"float32": 2.0 ** -23, "float64": 2.0 ** -52, "float16": 2.0 ** -10, "bfloat16": 2.0 ** -7,
           "complex64": 2.0 ** -23, "complex128": 2.0 ** -52}
TINY = {"float32": 2.0 ** -126, "float64": 2.0 ** -1022, "float16": 2.0 ** -14, "bfloat16": 2.0 ** -126,
        "complex64": 2.0 ** -126, "complex128": 2.0 ** -1022}
LARGEST = {"float32": 3.4028234663852886e38, "float64": 1.7976931348623157e308, "float16": 65504.0,
           "bfloat16": 3.3895313892515355e38}


def pack(dtype, array):
    """A literal: [dtype, shape, base64 of the bytes]; strings: a list of latin-1 texts."""
    array = np.asarray(array)
    shape = list(array.shape)
    if dtype == "string":
        texts = [x if isinstance(x, bytes) else str(x).encode() for x in array.reshape(-1).tolist()]
        return [dtype, shape, [x.decode("latin-1") for x in texts]]
    if dtype == "bfloat16":     # rounded to the nearest, ties to even, as a cast does
        bits = array.astype(np.float32).reshape(-1).view(np.uint32).astype(np.uint64)
        rounded = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)
        nan = np.isnan(array.astype(np.float32).reshape(-1))
        rounded[nan] = 0x7FC0
        return [dtype, shape, base64.b64encode(rounded.tobytes()).decode()]
    return [dtype, shape, base64.b64encode(np.ascontiguousarray(array.astype(dtype)).tobytes()).decode()]


def numbers(literal):
    """The NumPy array of a literal; bfloat16 as float32."""
    dtype, shape, data = literal
    if dtype == "string":
        return np.array([x.encode("latin-1") for x in data], dtype=object).reshape(shape)
    raw = base64.b64decode(data)
    if dtype == "bfloat16":
        return (np.frombuffer(raw, np.uint16).astype(np.uint32) << 16).view(np.float32).reshape(shape)
    return np.frombuffer(raw, dtype).reshape(shape)


def load(tf, literal):
    dtype, shape, data = literal
    if dtype == "bfloat16":
        bits = np.frombuffer(base64.b64decode(data), np.uint16).reshape(shape)
        return tf.bitcast(tf.constant(bits, tf.uint16), tf.bfloat16)
    if dtype == "string":
        flat = tf.constant([x.encode("latin-1") for x in data], tf.string, shape=[len(data)])
        return tf.reshape(flat, shape)
    return tf.constant(numbers(literal), getattr(tf, dtype))


def store(tf, tensor):
    dtype = tensor.dtype.name
    if dtype == "bfloat16":
        bits = tf.bitcast(tensor, tf.uint16).numpy()
        return [dtype, list(bits.shape), base64.b64encode(bits.tobytes()).decode()]
    array = tensor.numpy()
    if dtype == "string":
        return pack("string", np.array(array, dtype=object))
    return [dtype, list(array.shape), base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()]


def special(dtype):
    """What breaks careless loops. No subnormal numbers: TensorFlow flushes them (docs/differences.md)."""
    if dtype in LARGEST:
        top, tiny = LARGEST[dtype], TINY[dtype]
        return np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, top, -top, tiny, 1.0, -1.0, 0.5, -2.5, 7.0])
    if dtype in COMPLEX:
        return np.array([0, 1, -1, 1j, -1j, 2 - 3j, 1e10 + 1e-3j, np.inf])
    if dtype in INTS:
        info = np.iinfo(dtype)
        return np.array([info.min, info.max, 0, 1, info.max // 2, info.min // 2 if info.min else 3, 2], dtype)
    raise KeyError(dtype)


def difference(got, want, ulps, of_scale, floor=1e-30):
    """None where `got` lies within `ulps` units in the last place of `want`; else what differs.

    of_scale: units of the tensor's largest value (sums), else of each value. Subnormal numbers count as 0.
    """
    if got[0] != want[0]:
        return f"dtype {got[0]}, TensorFlow's is {want[0]}"
    if got[1] != want[1]:
        return f"shape {got[1]}, TensorFlow's is {want[1]}"
    if got[2] == want[2]:
        return None
    dtype, a, b = want[0], numbers(got), numbers(want)
    if ulps and dtype in ("float16", "bfloat16"):
        ulps = max(ulps, 2)      # TensorFlow rounds after each step, Ninefold once
    if dtype not in EPSILON:
        return f"{a.reshape(-1).tolist()}, TensorFlow's {b.reshape(-1).tolist()}"
    if dtype in COMPLEX:
        half = np.float32 if dtype == "complex64" else np.float64
        ulps, of_scale = ulps and max(ulps, 16), True
        a, b = (np.ascontiguousarray(x).reshape(-1).view(half) for x in (a, b))
    a, b = a.astype(np.float64).reshape(-1), b.astype(np.float64).reshape(-1)
    tiny = TINY[dtype]
    a, b = (np.where(np.abs(x) < tiny, np.copysign(0.0, x), x) for x in (a, b))
    finite = np.isfinite(a) & np.isfinite(b)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    scale = np.abs(b)
    if of_scale and finite.any():
        scale = np.full_like(b, max(np.abs(b[finite]).max(), floor))
    with np.errstate(all="ignore"):
        near = finite & (np.abs(a - b) <= np.maximum(ulps * EPSILON[dtype] * scale, tiny))
    good = same | near
    if ulps == 0:
        good &= (np.signbit(a) == np.signbit(b)) | np.isnan(a) | (a != 0)
    if good.all():
        return None
    at = int(np.argmin(good))
    return f"[{at}] is {a[at]!r}, TensorFlow's is {b[at]!r} ({int((~good).sum())} of {good.size} differ)"
