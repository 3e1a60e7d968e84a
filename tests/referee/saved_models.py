# In: nothing, or a folder of SavedModels that the other framework wrote. Out: the SavedModels, or what they give. The same
# programs run on TensorFlow 2.9.0 and on Ninefold:
#   python tests/referee/saved_models.py write FOLDER          (TensorFlow 2.9.0: models with results.json)
#   python tests/referee/saved_models.py check FOLDER          (the same results from every model, or exit status 1)
#   ninefold python tests/referee/saved_models.py ...          (Ninefold)
import json
import os
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if "ninefold" not in sys.modules:
    import tensorflow as tf
else:
    import ninefold as tf
import numpy as np


class Inner(tf.Module):
    def __init__(self, scale=1.0):
        super().__init__()
        self.w = tf.Variable(scale * np.array([[1.0, 2.0], [3.0, 4.0]], np.float32), name="w")
        self.frozen = tf.Variable(2.0, trainable=False, name="frozen")

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="x")])
    def product(self, x):
        return tf.matmul(x, self.w) * self.frozen


class Nested(tf.Module):
    """Modules in attributes, lists and dicts; two whose functions are alike but for their variables."""

    def __init__(self):
        super().__init__()
        self.inner = Inner()
        self.layers = [Inner(0.5), tf.Variable(1.0)]
        self.named = {"a": tf.Variable([1, 2]), "b": Inner(2.0)}
        self.big = tf.constant(np.arange(300, dtype=np.float32))

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="x")])
    def __call__(self, x):
        return self.layers[0].product(self.inner.product(x)) + self.big[7]

    @tf.function
    def several(self, x, training=False, *, scale=1.0):
        return {"y": x * scale, "t": (x + 1.0 if training else x - 1.0, self.layers[1] + 0.0)}

    @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
    def bump(self, by):
        self.layers[1].assign_add(by)
        return self.layers[1].read_value()

    def trace(self):
        self.several(tf.constant([1.0, 2.0]))
        self.several(tf.constant(1.0), training=True)
        self.several(tf.constant([1.0, 2.0]), scale=tf.constant(3.0))


class Flow(tf.Module):
    """Loops, branches, a function called by another, and gradients within a saved step."""

    def __init__(self):
        super().__init__()
        self.v = tf.Variable([0.5, -1.5])

    @tf.function(input_signature=[tf.TensorSpec([], tf.int32)])
    def loop(self, n):
        total = tf.constant(0.0)
        for i in tf.range(n):
            if tf.cast(i, tf.float32) > 2.0:
                total += tf.cast(i, tf.float32) * self.v[0]
            else:
                total -= self.v[1]
        return total

    @tf.function(input_signature=[tf.TensorSpec([2], tf.float32), tf.TensorSpec([], tf.float32)])
    def step(self, x, rate):
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(tf.square(self.v * x) + tf.sin(self.v))
        self.v.assign_sub(rate * tape.gradient(y, self.v))
        return y

    @tf.function(input_signature=[tf.TensorSpec([], tf.int32), tf.TensorSpec([None], tf.float32)])
    def choose(self, which, x):
        return tf.switch_case(which, [lambda: x * 2.0, lambda: tf.nn.relu(x), lambda: x + self.v[0]])


class Tables(tf.Module):
    """Static tables filled from tensors and from a file, which is an asset."""

    def __init__(self, path):
        super().__init__()
        self.asset = tf.saved_model.Asset(path)
        self.words = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(
            tf.constant(["a", "b"]), tf.constant([1, 2], tf.int64)), -1)
        self.lines = tf.lookup.StaticHashTable(tf.lookup.TextFileInitializer(
            self.asset.asset_path, tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64,
            tf.lookup.TextFileIndex.LINE_NUMBER), -7)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def look(self, text):
        return {"words": self.words.lookup(text), "lines": self.lines.lookup(text)}


class Scaled(tf.Module):
    """A rule that reads a variable and values of the function that holds it; twice in one function."""

    def __init__(self, scale):
        super().__init__()
        self.w = tf.Variable([scale, 2.0 * scale], name="w")
        self.c = tf.constant([3.0, 4.0])

    @tf.function(input_signature=[tf.TensorSpec([2], tf.float32, name="x")])
    def __call__(self, x):
        z = x * self.c

        @tf.custom_gradient
        def op(u):
            t = u * self.w

            def grad(dy, variables=None):
                return dy * t * z * self.w, [dy * u * 10.0 for _ in variables]
            return t * z, grad
        return op(x) + op(x * 2.0)


class Rules(tf.Module):
    """Custom gradients: two modules alike but for their variables, several results, rows, a rule of TensorFlow's own."""

    def __init__(self):
        super().__init__()
        self.parts = [Scaled(1.0), Scaled(-0.5)]
        self.table = tf.Variable(np.arange(8, dtype=np.float32).reshape(4, 2), name="table")

    @tf.function(input_signature=[tf.TensorSpec([2], tf.float32, name="x")])
    def product(self, x):
        return self.parts[0](x) * self.parts[1](x)

    @tf.function(input_signature=[tf.TensorSpec([2], tf.float32), tf.TensorSpec([2], tf.float32)])
    def pair(self, x, y):
        @tf.custom_gradient
        def op(a, b):
            return (a + b, a * b), lambda da, db: (da * b * 5.0, db * a * 7.0)
        p, q = op(x, y)
        return p + 2.0 * q

    @tf.function(input_signature=[tf.TensorSpec([2], tf.float32)])
    def rows(self, x):
        @tf.custom_gradient
        def op(u):
            def grad(dy, variables=None):
                return dy * 2.0, [tf.IndexedSlices(tf.stack([dy, 2.0 * dy]), tf.constant([1, 1]), tf.constant([4, 2]))]
            return u * tf.gather(self.table, 1), grad
        return op(x)

    @tf.function(input_signature=[tf.TensorSpec([2], tf.float32)])
    def swish(self, x):
        return tf.nn.silu(x, 1.5) + tf.grad_pass_through(tf.round)(x) * x


def write(folder):
    nested = Nested()
    nested.trace()
    tf.saved_model.save(nested, os.path.join(folder, "nested"), signatures={
        "serving_default": nested.__call__, "bump": nested.bump})
    tf.saved_model.save(Flow(), os.path.join(folder, "flow"))
    tf.saved_model.save(Rules(), os.path.join(folder, "rules"))
    tf.saved_model.save(Scaled(1.0), os.path.join(folder, "without_rules"), options=tf.saved_model.SaveOptions(
        experimental_custom_gradients=False))
    with tempfile.TemporaryDirectory() as aside:
        path = os.path.join(aside, "lines.txt")
        with open(path, "w") as file:
            file.write("x\ny\nb\n")
        tables = Tables(path)
        tf.saved_model.save(tables, os.path.join(folder, "tables"), signatures=tables.look)


def _nested(m):
    x = tf.constant([[1.0, 2.0], [-1.0, 0.5]])
    yield m(x)
    yield m.signatures["serving_default"](x=x)
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(m(x) ** 2)
    yield tape.gradient(y, [m.inner.w, m.layers[0].w])
    yield m.several(tf.constant([1.0, 2.0])), m.several(4.0, True), m.several([1.0, 2.0], scale=tf.constant(3.0))
    yield m.bump(2.0), m.layers[1], m.signatures["bump"](by=tf.constant(0.5)), m.layers[1]
    yield m.named["a"], m.named["b"].product(x), m.layers[0].product(x)
    yield [len(tf.nest.flatten([m.inner.w, m.layers[1]])), m.inner.w.trainable, m.inner.frozen.trainable]


def _flow(m):
    yield m.loop(5), m.loop(tf.constant(2))
    yield m.step([1.0, 2.0], 0.1), m.v, m.step([1.0, 2.0], 0.1), m.v
    yield [m.choose(i, [-1.0, 3.0]) for i in range(3)]
    with tf.GradientTape() as tape:
        y = m.loop(6)
    yield tape.gradient(y, m.v)


def _tables(m):
    yield m.look(["a", "b", "x", "y", "q"])
    yield m.signatures["serving_default"](text=tf.constant(["b"]))


def _rules(m):
    x, y = tf.constant([0.5, 2.25]), tf.constant([-1.0, 3.0])
    for function, arguments, variables in ((m.product, [x], [p.w for p in m.parts]), (m.parts[1], [x], [m.parts[1].w]),
                                           (m.pair, [x, y], []), (m.rows, [x], [m.table]), (m.swish, [x], [])):
        with tf.GradientTape() as outer:
            outer.watch(arguments)
            with tf.GradientTape() as tape:
                tape.watch(arguments)
                result = function(*arguments)
            slopes = tape.gradient(result, arguments + variables)
        yield result, slopes, outer.gradient(slopes[0], arguments[0], unconnected_gradients="zero")


USES = {"nested": _nested, "flow": _flow, "tables": _tables, "rules": _rules}


def used(name, folder):
    """What the loaded model gives, as JSON has it."""
    def plain(x):
        if isinstance(x, dict):
            return {k: plain(x[k]) for k in sorted(x)}
        if isinstance(x, (list, tuple)):
            return [plain(v) for v in x]
        if hasattr(x, "values") and hasattr(x, "indices"):
            x = tf.convert_to_tensor(x)
        return x.numpy().tolist() if hasattr(x, "numpy") else x
    return [plain(x) for x in USES[name](tf.saved_model.load(os.path.join(folder, name)))]


def differs(a, b):
    if isinstance(a, dict) and isinstance(b, dict):
        return sorted(a) != sorted(b) or any(differs(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) != len(b) or any(differs(x, y) for x, y in zip(a, b))
    return a != b and not (isinstance(a, (int, float)) and abs(a - b) <= 1e-5 * max(1.0, abs(a)))


if __name__ == "__main__":
    verb, folder = sys.argv[1:3]
    results = os.path.join(folder, "results.json")
    if verb == "write":
        write(folder)
        with open(results, "w") as file:
            json.dump({name: used(name, folder) for name in USES}, file, indent=1)
            file.write("\n")
    else:
        with open(results) as file:
            expected = json.load(file)
        wrong = [name for name in expected if differs(used(name, folder), expected[name])]
        print("SavedModels that give other results:", ", ".join(wrong) or "none")
        sys.exit(bool(wrong))
