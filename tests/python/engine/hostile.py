# In: a seed and a count. Out: that many calls of public functions with arguments nobody should give; the
# process must live. The last call is in the file named by the third argument, so that a crash can be read.
import faulthandler
import inspect
import random
import sys

import numpy as np

import ninefold as tf
from ninefold import _core

faulthandler.enable()


def values(r):
    """Extreme numbers, wrong kinds, empty and ragged lists, tensors of every dtype and rank."""
    dtypes = [tf.float32, tf.float64, tf.int32, tf.int64, tf.uint8, tf.bool, tf.float16, tf.complex64]
    shapes = [(), (0,), (1,), (3,), (2, 3), (0, 3), (3, 0, 2), (1, 1, 1, 1), (2, 2, 2, 2), (2, 1, 3, 1, 2)]
    numbers = [0, 1, -1, 2, 7, -2**31, 2**31 - 1, 2**31, 2**63 - 1, -2**63, 2**64, 10**30, 0.0, -0.5, 1e308,
               float("nan"), float("inf"), True, False]
    texts = ["", "SAME", "VALID", "x", "float32", "nope", "\0", "\ud7ff", "a" * 100]
    kind = r.randrange(11)
    if kind < 3:
        shape = r.choice(shapes)
        array = np.array(r.choices([0, 1, 2, -1, 3, 100], k=int(np.prod(shape)))).reshape(shape)
        return tf.cast(tf.constant(array), r.choice(dtypes))
    if kind == 3:
        return r.choice(numbers)
    if kind == 4:
        return [r.choice(numbers) for _ in range(r.randrange(4))]
    if kind == 5:
        return r.choice([[], [[]], [1, [2]], [[1, 2], [3]], (), {}, {"a": 1}, [None], [[None, 1]], None])
    if kind == 6:
        return r.choice(texts)
    if kind == 7:
        return r.choice([tf.float32, tf.int32, tf.string, tf.resource, tf.variant, tf.bfloat16, np.float64, int, object])
    if kind == 8:
        array = np.array(r.choices([0, 1, 5, -3], k=6)).reshape(r.choice([(6,), (2, 3), (1, 6), (3, 2, 1)]))
        return array.astype(r.choice(["f4", "f8", "i4", "i8", "u1", "?", "O", "U3"]))
    if kind == 9:
        return r.choice([tf.constant("s"), tf.constant(["a", "b"]), tf.TensorShape([None, 2]), tf.TensorShape(None),
                         tf.Variable([1.0, 2.0]), tf.Variable(3)])
    return r.choice([lambda x: x, object(), Ellipsis, b"bytes", range(3), slice(1, 2), type, 1j])


def main():
    seed, count, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    r = random.Random(seed)
    functions = sorted({name: f for name, f in _core.functions() if not name.startswith("tf.keras")}.items())
    raised = 0
    with open(path, "w") as last:
        for i in range(count):
            name, f = r.choice(functions)
            try:
                parameters = [p for p in inspect.signature(f).parameters.values() if p.name != "name"]
            except (TypeError, ValueError):
                parameters = []
            needed = sum(p.default is p.empty for p in parameters)
            args = [values(r) for _ in range(r.randint(needed, max(needed, len(parameters))))]
            last.seek(0)
            last.truncate()
            last.write("{} {}{!r}".format(i, name, tuple(args))[:2000])
            last.flush()
            try:
                f(*args)
            except Exception:
                raised += 1
    print("{} calls of {} functions lived; {} raised".format(count, len(functions), raised))


if __name__ == "__main__":
    main()
