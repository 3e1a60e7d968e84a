# In: TensorFlow 2.9.0. Out: python/ninefold/compat/v1_names.txt: for each namespace of tf.compat.v1 the names that stand for
# public objects of today's, `name` for the one at the same place, `name=path` for one elsewhere. Those that are objects
# of their own are not in it. Run by hand: python tests/referee/record_v1_names.py
import os
import pathlib
import types

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf

COMPAT = pathlib.Path(__file__).resolve().parents[2] / "python/ninefold/compat"
LEFT_OUT = ("compat", "estimator", "flags", "lite", "raw_ops", "tpu")


def found(path):
    value = tf
    for part in path.split("."):
        value = getattr(value, part, None)
    return value


assert tf.__version__ == "2.9.0", tf.__version__
public = [line.split()[1][3:] for line in (COMPAT / "tf29_names.txt").read_text().splitlines() if line.startswith("S ")]
by_identity = {}
for path in sorted(public, key=lambda p: (p.count("."), p)):
    value = found(path)
    if value is not None and not isinstance(value, (int, float, str)):
        by_identity.setdefault(id(value), path)


def lines(module, within):
    names, inner = [], []
    for name in sorted(n for n in dir(module) if not n.startswith("_")):
        value, path = getattr(module, name, None), f"{within}.{name}" if within else name
        if isinstance(value, types.ModuleType):
            if any(word in value.__name__ for word in ("_api", "compat", "keras.api")) and path.split(".")[0] not in LEFT_OUT and name not in ("v1", "v2"):
                inner += lines(value, path)
        elif found(path) is value and value is not None:
            names.append(name)
        elif id(value) in by_identity:
            names.append(f"{name}={by_identity[id(value)]}")
    return ([f"{within or '-'}: {' '.join(names)}"] if names else []) + inner


with open(COMPAT / "v1_names.txt", "w", encoding="utf-8") as file:
    file.write("# Recorded by tests/referee/record_v1_names.py: names of tf.compat.v1 that are today's.\n")
    file.write("\n".join(lines(tf.compat.v1, "")) + "\n")
