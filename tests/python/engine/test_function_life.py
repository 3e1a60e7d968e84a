# In: functions used as long programs use them, and as hostile ones do. Out: right values, TensorFlow's classes with
# the user's line, memory that stays flat. NINEFOLD_SOAK=1 takes the long counts.
import gc
import os
import subprocess
import sys

import numpy as np
import pytest

import ninefold as tf

LONG = os.environ.get("NINEFOLD_SOAK") == "1"


def _resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def _flat(step, count, allowed=2.0):
    """Resident size and Python's objects after the first tenth and at the end."""
    for i in range(max(count // 10, 3)):
        step(i)
    gc.collect()
    before, objects = _resident(), len(gc.get_objects())
    for i in range(count - max(count // 10, 3)):
        step(count + i)
    gc.collect()
    grown, more = _resident() - before, len(gc.get_objects()) - objects
    assert grown < allowed, "{:.1f} MB more after {} calls".format(grown, count)
    assert more < 50, "{} Python objects more after {} calls".format(more, count)


# ---- derivatives ----

@tf.custom_gradient
def squared(a):
    return a * a, lambda dy: dy * 2. * a


def looped(a):
    return tf.while_loop(lambda i, s: i < 3, lambda i, s: (i + 1, squared(s) * 0.5 + tf.sin(a)), (0, a))[1]


def derivative(f, order):
    if order == 0:
        return f

    def first(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = derivative(f, order - 1)(x)
        return tape.gradient(y, x)
    return first


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("inside", [True, False], ids=["tapes in the function", "tapes outside"])
def test_derivatives_of_a_loop_with_a_custom_gradient(order, inside):
    at, step = tf.constant(0.7, tf.float64), 1e-5
    traced = tf.function(derivative(looped, order)) if inside else derivative(tf.function(looped), order)
    below = derivative(looped, order - 1)
    by_differences = (below(at + step) - below(at - step)) / (2 * step)
    assert abs(float(traced(at)) - float(by_differences)) < 1e-6


# ---- hostile code ----

def recursion():
    @tf.function
    def forever(x):
        return forever(x + 1)
    return forever(tf.constant(1))


def mismatched_branches():
    @tf.function
    def f(x):
        if x > 0:
            y = 1
        else:
            y = 'a'
        return y
    return f(tf.constant(1))


def growing_loop():
    @tf.function
    def f(n):
        v = tf.ones([1])
        while tf.shape(v)[0] < n:
            v = tf.concat([v, v], 0)
        return v
    return f(tf.constant(9))


def changing_dtype():
    @tf.function
    def f(n):
        s = tf.constant(0)
        for i in tf.range(n):
            s = tf.cast(i, tf.float32)
        return s
    return f(tf.constant(3))


def broken_call():
    @tf.function
    def f(x):
        for _ in tf.range(3):
            x = undefined_name(x)  # noqa: F821
        return x
    return f(tf.constant(3))


@pytest.mark.parametrize("program, kind, line", [
    (recursion, RecursionError, "return forever(x + 1)"),
    (mismatched_branches, TypeError, "if x > 0:"),
    (growing_loop, ValueError, "while tf.shape(v)[0] < n:"),
    (changing_dtype, TypeError, "for i in tf.range(n):"),
    (broken_call, NameError, "x = undefined_name(x)"),
], ids=lambda p: getattr(p, "__name__", None))
def test_hostile_code_names_the_users_line(program, kind, line):
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(400)
    try:
        with pytest.raises(kind) as info:
            program()
    finally:
        sys.setrecursionlimit(limit)
    assert str(info.value).startswith("in user code:\n\n    File \"" + __file__ + '", line ')
    assert line in str(info.value)


def test_a_function_that_retraces_forever_warns_twice_and_works(caplog):
    f = tf.function(lambda n: tf.constant(n) + 1)
    with caplog.at_level("WARNING", "tensorflow"):
        tf.get_logger().addHandler(caplog.handler)
        try:
            assert [int(f(i)) for i in range(30)] == list(range(1, 31))
        finally:
            tf.get_logger().removeHandler(caplog.handler)
    assert f.experimental_get_tracing_count() == 30
    assert "5 out of the last 5 calls to" in caplog.text and "reduce_retracing=True" in caplog.text


def test_a_captured_variable_lives_as_long_as_its_function():
    holder = {"v": tf.Variable(2.0)}
    concrete = tf.function(lambda: holder["v"] + 1.0).get_concrete_function()
    del holder["v"]
    gc.collect()
    assert float(concrete()) == 3.0


# ---- memory ----

def retraces():
    def step(i):
        f = tf.function(lambda x: tf.reduce_sum(x * float(i)))
        f(tf.ones([4]))
    _flat(step, 1000 if LONG else 100)


def models_built_and_dropped():
    def step(_):
        model = tf.keras.Sequential([tf.keras.layers.Dense(4, input_shape=(3,)), tf.keras.layers.Dense(1)])
        model(np.ones([2, 3], np.float32))
        tf.keras.backend.clear_session()
        del model
        gc.collect()
    _flat(step, 1000 if LONG else 40)


def tapes():
    v = tf.Variable([1.0, 2.0])

    def step(_):
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(tf.tanh(v * v))
        tape.gradient(y, v)
    _flat(step, 10000 if LONG else 1000)


@pytest.mark.parametrize("what", [retraces, models_built_and_dropped, tapes], ids=lambda f: f.__name__)
def test_memory_stays_flat(what, tmp_path):
    """In a process of its own: one that has run thousands of tests has holes among its memory, which it fills anew."""
    program = f"import sys; sys.path.insert(0, {os.path.dirname(os.path.abspath(__file__))!r}); import test_function_life; test_function_life.{what.__name__}()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]


# ---- a parallel map ----

def test_a_parallel_map_with_a_loop_a_table_a_random_op_and_a_py_function():
    count = 10000 if LONG else 1000
    table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(
        tf.range(10, dtype=tf.int64), tf.range(10, dtype=tf.int64) * 100), -1)

    def body(i):
        s = tf.constant(0, tf.int64)
        for k in tf.range(i % 5):
            s += k
        noise = tf.random.uniform([], 0, 1, tf.float32, seed=3)
        doubled = tf.py_function(lambda t: t * 2, [i], tf.int64)
        return i, s, table.lookup(i % 12), noise, doubled
    rows = list(tf.data.Dataset.range(count).map(body, num_parallel_calls=8))
    assert len(rows) == count
    for i, (n, s, found, noise, doubled) in enumerate(rows):
        assert (int(n), int(s), int(doubled)) == (i, sum(range(i % 5)), 2 * i)
        assert int(found) == (100 * (i % 12) if i % 12 < 10 else -1) and 0 <= float(noise) < 1
    assert len({float(r[3]) for r in rows}) > count * 0.99
