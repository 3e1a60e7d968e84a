# In: the table of programs and real TensorFlow 2.9.0.
# Out: a line for every program that our conversion, staged into TensorFlow, and TensorFlow's own
#      treat differently. A command of its own, with a Python that has
#      tensorflow==2.9.0:  python tests/python/autograph/referee.py
import contextlib
import importlib.util
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import programs  # noqa: E402
import tensorflow as tf  # noqa: E402

_path = os.path.join(os.path.dirname(__file__), "../../../python/ninefold/autograph/__init__.py")
_spec = importlib.util.spec_from_file_location("ag", _path)
ag = importlib.util.module_from_spec(_spec)  # alone: the rest of the package needs the engine
sys.modules["ag"] = ag
_spec.loader.exec_module(ag)


# Where we differ, and why it stays so.
KNOWN = {
    "t_elif": "returns in every branch of an elif chain: TensorFlow asks for another else",
    "e_unbound": "an UnboundLocalError too, in the interpreter's own words",
}


class Backend:
    """TensorFlow's own graph control flow behind our operators."""

    cond = staticmethod(tf.cond)
    logical_not = staticmethod(tf.logical_not)
    map_structure = staticmethod(tf.nest.map_structure)
    builtins = {
        abs: (tf.is_tensor, tf.abs),
        len: (tf.is_tensor, lambda x: x.shape[0] if x.shape[0] is not None else tf.shape(x)[0]),
        int: (tf.is_tensor, lambda x: tf.cast(x, tf.int32)),
        float: (tf.is_tensor, lambda x: tf.cast(x, tf.float32)),
        range: (lambda *a: any(map(tf.is_tensor, a)), tf.range),
    }

    def is_symbolic(self, x):
        return tf.is_tensor(x) and not tf.executing_eagerly()

    def while_loop(self, cond, body, loop_vars, shape_invariants=None, **options):
        return tf.while_loop(cond, body, loop_vars, shape_invariants=shape_invariants, **options)

    @contextlib.contextmanager
    def scratch(self):
        with _scratch():
            yield

    def condition(self, x, what):
        x = tf.convert_to_tensor(x)
        if x.dtype != tf.bool:
            raise ValueError(
                "condition of {} expected to be `tf.bool` scalar, got {}; to use as boolean "
                "Tensor, use `tf.cast`; to check for None, use `is not None`".format(what, x))
        return tf.reshape(x, ())

    def to_tensor(self, x):
        return tf.convert_to_tensor(x) if isinstance(x, (bool, int, float, str)) else x

    def placeholder(self, x):
        if isinstance(x, (bool, int, float, str)):
            x = tf.convert_to_tensor(x)
            return tf.compat.v1.placeholder(x.dtype, x.shape)
        return x

    def zeros_like(self, x, invariant):
        return tf.nest.map_structure(
            lambda v: tf.zeros(v.shape, v.dtype) if tf.is_tensor(v) else type(v)(0), x), invariant

    def require(self, ok, message, values):
        with tf.control_dependencies([tf.debugging.Assert(ok, [message])]):
            return tf.nest.map_structure(tf.identity, values)

    def assert_same_structure(self, a, b):
        tf.nest.assert_same_structure(a, b, expand_composites=True)

    def iteration(self, x):
        return "tensor" if self.is_symbolic(x) else (
            "dataset" if isinstance(x, tf.data.Dataset) else None)

    def reduce(self, dataset, state, step, more):
        if more is None:
            return dataset.reduce(state, step)

        def scan(before, item):
            go_on = more(before)
            after = tf.cond(go_on, lambda: step(before, item), lambda: before)
            return after, (after, go_on)

        taken = dataset.scan(state, scan).take_while(lambda values, go_on: go_on)
        return taken.reduce(state, lambda _, out: out[0])

    def length(self, x):
        return tf.shape(x)[0]

    def read(self, x):
        return lambda i: tf.gather(x, i)


def _scratch():
    from tensorflow.python.framework import func_graph

    return func_graph.FuncGraph("scratch").as_default()


def outcome(f, x):
    try:
        return tf.nest.map_structure(lambda t: t.numpy().tolist(), f(x))
    except Exception as error:  # the class and the text are what is compared
        text = str(error)
        if "is not allowed: AutoGraph" in text:  # goes on about how AutoGraph was switched on
            text = text.split("AutoGraph")[0]
        last = text.strip().rsplit("\n    " + type(error).__name__ + ": ", 1)[-1]
        return type(error).__name__, " ".join(last.split())[:110]


def main():
    programs.tf = tf
    ag.use(Backend())
    import logging

    tf.get_logger().setLevel(logging.ERROR)
    rows = programs.TENSOR + programs.FRAMEWORK + [(programs.e_for_return, programs.VECTORS)]
    rows += [(f, (3,)) for f in programs.ERRORS]
    bad = checked = 0
    known = set()
    for f, inputs in rows:
        ours = tf.function(ag.convert(f), autograph=False)
        theirs = tf.function(f)
        for x in inputs:
            checked += 1
            value = tf.constant(x, tf.int32)
            a, b = outcome(ours, value), outcome(theirs, value)
            if a != b:
                if f.__name__ in KNOWN:
                    known.add(f.__name__)
                    continue
                bad += 1
                print("{}({})\n  ours:   {}\n  theirs: {}".format(f.__name__, x, a, b))
    for name in sorted(known):
        print("known: {}: {}".format(name, KNOWN[name]))
    print("{} programs, {} runs, {} differ".format(len(rows), checked, bad))
    return bad


if __name__ == "__main__":
    sys.exit(bool(main()))
