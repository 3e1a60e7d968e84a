# In: a case and a module that is TensorFlow or Ninefold. Out: what the op gave there: literals, or the error.
import re

import numpy as np

from tensors import EPSILON, load, pack, store


def attribute(tf, value):
    if isinstance(value, dict):
        return getattr(tf, value["dtype"])
    if isinstance(value, list):
        return [attribute(tf, item) for item in value]
    return value


def _is_variable(literal):
    return isinstance(literal, dict)


def _is_list(literal):
    return isinstance(literal, list) and (not literal or not isinstance(literal[0], str))


def flat(result):
    if result is None:
        return []
    if isinstance(result, (list, tuple)):
        return [t for part in result for t in flat(part)]
    return [result]


def significant(text):
    """An error's text without what differs from build to build: node names, the list of kernels."""
    text = re.sub(r"\{\{function_node [^}]*\}\}\s*", "", text)
    text = re.sub(r"\s*\[Op:\w+\]( name: .*)?$", "", text)
    text = text.split("\n\t; NodeDef")[0].split("; NodeDef")[0]
    return re.sub(r"(is not in the list of allowed values).*", r"\1", text, flags=re.S).strip()


class Call:
    """One op with its inputs made: run() gives its tensors, eagerly or within a function."""

    def __init__(self, tf, name, inputs, attributes):
        self.tf, self.op = tf, getattr(tf.raw_ops, name)
        self.attributes = {k: attribute(tf, v) for k, v in attributes.items()}
        self.variables, self.fixed, self.tensors = [], {}, {}
        for key, literal in inputs.items():
            if _is_variable(literal):
                self.variables.append(tf.Variable(load(tf, literal["variable"])))
                self.fixed[key] = self.variables[-1].handle
            elif _is_list(literal):
                self.tensors[key] = [load(tf, item) for item in literal]
            else:
                self.tensors[key] = load(tf, literal)

    def _run(self, tensors):
        return flat(self.op(**tensors, **self.fixed, **self.attributes))

    def eager(self):
        out = self._run(self.tensors)
        return [store(self.tf, t) for t in out + [v.read_value() for v in self.variables]]

    def traced(self):
        flat, keys = [], []
        for key, t in self.tensors.items():
            keys += [(key, i) for i in range(len(t))] if isinstance(t, list) else [(key, None)]
            flat += t if isinstance(t, list) else [t]

        def body(*arguments):
            tensors = {k: [] for k, t in self.tensors.items() if isinstance(t, list)}
            for (key, at), argument in zip(keys, arguments):
                if at is None:
                    tensors[key] = argument
                else:
                    tensors[key].append(argument)
            return self._run(tensors)
        out = self.tf.function(body, autograph=False)(*flat)
        return [store(self.tf, t) for t in list(out) + [v.read_value() for v in self.variables]]

    def gradients(self):
        """[[key or key.index, gradient]] of all floating inputs for fixed upstream gradients; None: no gradient."""
        tf, watched, names = self.tf, [], []
        for key, value in self.tensors.items():
            for i, t in enumerate(value if isinstance(value, list) else [value]):
                if t.dtype.name in EPSILON:
                    watched.append(t)
                    names.append(f"{key}.{i}" if isinstance(value, list) else key)
        with tf.GradientTape() as tape:
            tape.watch(watched)
            out = [t for t in self._run(self.tensors) if t.dtype.name in EPSILON]
        upstream = [load(tf, weights(t.dtype.name, t.shape.as_list())) for t in out]
        if not out or not watched:
            return []
        found = tape.gradient(out, watched, output_gradients=upstream)
        rows = []
        for name, g in zip(names, found):
            if g is not None and not hasattr(g, "numpy"):
                g = tf.convert_to_tensor(g)
            rows.append([name, None if g is None else store(tf, g)])
        return rows


def weights(dtype, shape):
    """What flows into an output: small numbers of both signs, the same everywhere."""
    n = int(np.prod(shape))
    numbers = np.cos(np.arange(n) * 1.7 + 0.3).reshape(shape)
    return pack(dtype, numbers * (1 - 0.5j) if dtype.startswith("complex") else numbers)


def failure(error):
    return [type(error).__name__, significant(str(error))]
