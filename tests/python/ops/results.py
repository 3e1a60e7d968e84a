# In: an expression and a module that is TensorFlow or Ninefold. Out: its value as JSON: tensors as literals, nests
# with the names of named tuples, Python values as their text, an error as class and text.
import numpy as np

from calls import significant
from tensors import difference, store


def describe(tf, value):
    if isinstance(value, tf.Variable):
        value = value.read_value()
    if tf.is_tensor(value) and hasattr(value, "dtype") and hasattr(value, "numpy") and hasattr(value, "shape") \
            and type(value).__name__ == "EagerTensor":
        return {"tensor": store(tf, value)}
    if isinstance(value, np.ndarray):
        return {"array": value.dtype.name, "values": value.tolist()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {"fields": list(value._fields), "items": [describe(tf, v) for v in value]}
    if isinstance(value, (list, tuple)):
        return {"nest": type(value).__name__, "items": [describe(tf, v) for v in value]}
    if isinstance(value, (bool, int, float, str, type(None))):
        return {"value": repr(value)}
    return {"text": str(value)}


def evaluate(tf, row, names):
    try:
        tf.random.set_seed(42)
        return describe(tf, eval(row, dict(names)))   # noqa: S307  (our own rows)
    except Exception as error:  # noqa: BLE001
        return {"error": [type(error).__name__, significant(str(error))]}


def unlike(got, want, ulps=64):
    """None where both agree, else what differs."""
    if "error" in want or "error" in got:
        return None if got == want else f"{got.get('error', got)}, TensorFlow's {want.get('error', want)}"
    if "tensor" in want:
        if "tensor" not in got:
            return f"{got}, TensorFlow's {want}"
        return difference(got["tensor"], want["tensor"], ulps, True)
    if "items" in want and "items" in got and len(got["items"]) == len(want["items"]):
        for key in ("fields", "nest"):
            if got.get(key) != want.get(key):
                return f"{key} {got.get(key)}, TensorFlow's {want.get(key)}"
        found = [f"[{i}]: {text}" for i, (a, b) in enumerate(zip(got["items"], want["items"])) if (text := unlike(a, b, ulps))]
        return "; ".join(found) or None
    return None if got == want else f"{got}, TensorFlow's {want}"
