# In: loops as programs write them, over state of every kind. Out: a tf.function gives what eager execution gives, twice.
# What an iteration may do in place, it does only where nobody can tell.
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import ninefold as tf


def swapped(x):
    return tf.while_loop(lambda i, a, b: i < 5, lambda i, a, b: (i + 1, b, a), (0, x, x * 2.0))


def fibonacci(x):
    return tf.while_loop(lambda i, a, b: i < 20, lambda i, a, b: (i + 1, b, a + b), (0, x, x + 1.0))


def rotated(x):
    return tf.while_loop(lambda i, a, b, c: i < 4, lambda i, a, b, c: (i + 1, c * 2.0, a, b), (0, x, x + 1.0, x + 2.0))


def one_tensor_twice(x):
    def body(i, a, b):
        both = a + b
        return i + 1, both, both
    return tf.while_loop(lambda i, a, b: i < 6, body, (0, x, x))


def captured_goes_in(x):
    first = x + 1.0
    out = tf.while_loop(lambda i, a, b: i < 3, lambda i, a, b: (i + 1, first, a * 2.0), (0, x, x))
    return out, first


def initial_used_afterwards(x):
    start = x * 3.0
    end = tf.while_loop(lambda i, s: i < 4, lambda i, s: (i + 1, s + 1.0), (0, start))[1]
    return start, end, start + end


def variable_kept_outside(x):
    kept = tf.TensorArray(tf.float32, size=4, element_shape=[2])
    _, s, kept = tf.while_loop(lambda i, s, kept: i < 4, lambda i, s, kept: (i + 1, s * 2.0, kept.write(i, s)), (0, x, kept))
    return s, kept.stack()


def no_iteration(x):
    start = x + 1.0
    i, s = tf.while_loop(lambda i, s: i < 0, lambda i, s: (i + 1, s * 2.0), (0, start))
    return i, s, start


def constant_result(x):
    return tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, tf.constant([7.0, 8.0])), (0, x))


def state_is_the_condition(x):
    return tf.while_loop(lambda go, s: go, lambda go, s: (tf.reduce_sum(s) < 100.0, s * 2.0), (tf.constant(True), x))


def nested(x):
    def outer(i, s):
        inner = tf.while_loop(lambda j, t: j < i + 1, lambda j, t: (j + 1, t + s), (0, s))
        return i + 1, inner[1] * 0.5
    return tf.while_loop(lambda i, s: i < 5, outer, (0, x))


def branch_in_loop(x):
    def body(i, s, held):
        held = tf.cond(i % 2 == 0, lambda: held.write(i, s), lambda: held)
        return i + 1, tf.cond(tf.reduce_sum(s) > 10.0, lambda: s * 0.25, lambda: s * s + x), held
    held = tf.TensorArray(tf.float32, size=6, element_shape=[2])
    _, s, held = tf.while_loop(lambda i, s, held: i < 6, body, (0, x, held))
    return s, held.stack()


def growing(x):
    return tf.while_loop(lambda i, s: i < 4, lambda i, s: (i + 1, tf.concat([s, s + 1.0], 0)), (0, x),
                         shape_invariants=(tf.TensorShape([]), tf.TensorShape([None])))


def shrinking_to_nothing(x):
    return tf.while_loop(lambda s: tf.size(s) > 0, lambda s: (s[1:],), (tf.concat([x, x], 0),),
                         shape_invariants=(tf.TensorShape([None]),))


def strings(x):
    return tf.while_loop(lambda i, s: i < 3, lambda i, s: (i + 1, tf.strings.join([s, tf.strings.as_string(i)])), (0, tf.constant("n")))


def old_array_read_after_a_write(x):
    def body(i, a, seen):
        b = a.write(i, x * tf.cast(i + 1, tf.float32))
        return i + 1, b, seen + a.read(i) + 10.0 * b.read(i)   # a is what it was
    _, a, seen = tf.while_loop(lambda i, *_: i < 3, body, (0, tf.TensorArray(tf.float32, size=3, element_shape=[2]), tf.zeros([2])))
    return a.stack(), seen


def array_given_twice(x):
    a = tf.TensorArray(tf.float32, size=3, element_shape=[2]).unstack(tf.stack([x, x, x]))
    _, b, c = tf.while_loop(lambda i, *_: i < 3, lambda i, b, c: (i + 1, b.write(i, x + 1.0), c), (0, a, a))
    return a.stack(), b.stack(), c.stack()


def array_stacked_within(x):
    def body(i, a, s):
        a = a.write(i, x)
        whole = a.stack()
        a = a.write(i, x * 5.0)
        return i + 1, a, s + tf.reduce_sum(whole, 0)
    _, a, s = tf.while_loop(lambda i, *_: i < 3, body, (0, tf.TensorArray(tf.float32, size=3, element_shape=[2]), tf.zeros([2])))
    return a.stack(), s


def array_that_grows(x):
    a = tf.TensorArray(tf.float32, size=0, dynamic_size=True, element_shape=[2])
    _, a = tf.while_loop(lambda i, a: i < 40, lambda i, a: (i + 1, a.write(i, x * tf.cast(i, tf.float32))), (0, a))
    return a.stack(), a.size()


def array_of_several_shapes(x):
    a = tf.TensorArray(tf.float32, size=2, infer_shape=False, element_shape=[None])
    return a.write(0, x).write(1, tf.concat([x, x], 0)).read(1)


def rows_of_an_argument(x):
    rows = tf.stack([x, x + 1.0, x + 2.0])
    a = tf.TensorArray(tf.float32, size=3, element_shape=[2]).unstack(rows)
    _, a = tf.while_loop(lambda i, a: i < 2, lambda i, a: (i + 1, a.write(i + 1, a.read(i) * 2.0)), (0, a))
    return a.stack(), rows


def array_in_array_loop(x):
    def outer(i, a):
        return i + 1, tf.while_loop(lambda j, a: j < 3, lambda j, a: (j + 1, a.write(j, a.read(j) + x)), (0, a))[1]
    a = tf.TensorArray(tf.float32, size=3, element_shape=[2]).unstack(tf.zeros([3, 2]))
    return tf.while_loop(lambda i, a: i < 3, outer, (0, a))[1].stack()


def mapped(x):
    return tf.map_fn(lambda e: (e * 2.0, e > 1.5), x, fn_output_signature=(tf.float32, tf.bool))


def mapped_strings(x):
    return tf.map_fn(lambda s: tf.strings.join([s, "!"]), tf.constant(["a", "b", "c"]))


def mapped_in_a_map(x):
    return tf.map_fn(lambda row: tf.map_fn(lambda e: e * e + row[0], row), tf.stack([x, x + 3.0]))


def scanned(x):
    return tf.scan(lambda a, e: a * 0.5 + e, tf.stack([x, x + 1.0, x + 2.0]))


def folded(x):
    return tf.foldr(lambda a, e: a - e, tf.stack([x, x + 1.0, x + 2.0]), initializer=x)


def limited(x):
    return tf.while_loop(lambda s: True, lambda s: (s + 1.0,), (x,), maximum_iterations=7, parallel_iterations=3)


def wide_rows(x):
    rows = tf.TensorArray(tf.float32, size=3)
    _, rows = tf.while_loop(lambda i, r: i < 3, lambda i, r: (i + 1, r.write(i, tf.ones([3000]) * x[0] * tf.cast(i, tf.float32))), (0, rows))
    return tf.reduce_sum(rows.stack(), 1)


ROWS = [swapped, fibonacci, rotated, one_tensor_twice, captured_goes_in, initial_used_afterwards, variable_kept_outside,
        no_iteration, constant_result, state_is_the_condition, nested, branch_in_loop, growing, shrinking_to_nothing,
        strings, array_given_twice, array_stacked_within, array_that_grows,
        array_of_several_shapes, rows_of_an_argument, array_in_array_loop, mapped, mapped_strings, mapped_in_a_map,
        scanned, folded, limited, wide_rows]
X = [1.0, 2.5]


def plain(out):
    return [np.asarray(t.numpy()).tolist() for t in tf.nest.flatten(out)]


@pytest.mark.parametrize("body", ROWS, ids=lambda f: f.__name__)
def test_a_function_gives_what_eager_execution_gives(body):
    x = tf.constant(X)
    want = plain(body(x))
    f = tf.function(body)
    kept = f(x)
    assert plain(kept) == want
    for _ in range(3):
        assert plain(f(x)) == want
    f(x + 1.0)
    assert plain(kept) == want and plain(x) == [X]   # results are nobody's working memory
    open_shape = tf.function(body, input_signature=[tf.TensorSpec([None])])
    try:
        open_shape.get_concrete_function()
    except ValueError:   # an element shape or invariant that asks for [2]
        return
    assert plain(open_shape(x)) == want


def test_an_old_array_is_what_it_was_in_a_function_only():
    x = tf.constant(X)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Could not read index 0 twice"):
        old_array_read_after_a_write(x)   # as in TensorFlow: eager arrays are changed in place
    assert plain(tf.function(old_array_read_after_a_write)(x)) == [[[1.0, 2.5], [2.0, 5.0], [3.0, 7.5]], [60.0, 150.0]]


GRADIENTS = [swapped, fibonacci, rotated, one_tensor_twice, captured_goes_in, initial_used_afterwards,
             variable_kept_outside, no_iteration, nested, branch_in_loop, growing, array_given_twice, array_stacked_within,
             array_that_grows, rows_of_an_argument, array_in_array_loop, mapped_in_a_map, scanned, folded, limited, wide_rows]


@pytest.mark.parametrize("body", GRADIENTS, ids=lambda f: f.__name__)
def test_gradients_agree(body):
    def loss(x):
        return tf.add_n([tf.reduce_sum(t * t) * 0.01 for t in tf.nest.flatten(body(x)) if t.dtype == tf.float32])

    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = loss(x)
        return tape.gradient(y, x)
    x = tf.constant(X)
    want = gradient(x).numpy()
    inside = tf.function(gradient)
    for _ in range(2):
        np.testing.assert_allclose(inside(x), want, rtol=1e-5)
    outside = tf.function(loss)
    for _ in range(2):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = outside(x)
        np.testing.assert_allclose(tape.gradient(y, x), want, rtol=1e-5)


def test_effects_keep_their_order():
    v, log = tf.Variable(1.0), []

    @tf.function
    def f():
        def body(i):
            before = v.read_value()
            v.assign(v * 2.0)
            tf.py_function(lambda i, a, b: log.append((int(i), float(a), float(b))), [i, before, v], [])
            return i + 1
        return tf.while_loop(lambda i: v < 16.0, body, (0,))
    assert int(f()[0]) == 4
    assert log == [(0, 1.0, 2.0), (1, 2.0, 4.0), (2, 4.0, 8.0), (3, 8.0, 16.0)]
    assert int(f()[0]) == 0 and len(log) == 4


def test_a_value_read_before_a_write_stays_what_it_was():
    v = tf.Variable([1.0, 2.0])

    @tf.function
    def f():
        def body(i, old):
            old = v.read_value()
            v.assign_add([1.0, 1.0])
            return i + 1, old
        return tf.while_loop(lambda i, old: i < 3, body, (0, tf.zeros([2])))[1]
    kept = f()
    assert plain(kept) == [[3.0, 4.0]]
    assert plain(f()) == [[6.0, 7.0]] and plain(kept) == [[3.0, 4.0]]


def test_what_a_python_function_keeps_is_not_written_again():
    seen = []

    @tf.function
    def f(x):
        def body(i, s):
            tf.py_function(lambda t: seen.append(t), [s], [])
            return i + 1, s + 1.0
        return tf.while_loop(lambda i, s: i < 4, body, (0, x))[1]
    f(tf.constant(X))
    assert [t.numpy().tolist() for t in seen] == [[1.0 + i, 2.5 + i] for i in range(4)]


def test_random_numbers_go_on_from_iteration_to_iteration():
    def draw():
        tf.random.set_seed(5)

        @tf.function
        def f():
            return tf.while_loop(lambda i, a: tf.logical_and(i < 3, tf.random.uniform([], seed=3) >= 0.0),
                                 lambda i, a: (i + 1, tf.concat([a, tf.random.uniform([1], seed=2)], 0)),
                                 (0, tf.zeros([0])), shape_invariants=(tf.TensorShape([]), tf.TensorShape([None])))[1]
        return f().numpy().tolist() + f().numpy().tolist()
    first = draw()
    assert len(set(first)) == 6 and draw() == first


def test_one_function_in_many_threads():
    @tf.function
    def f(x):
        def body(i, s, a):
            return i + 1, s * 1.5 + x, a.write(i, s)
        _, s, a = tf.while_loop(lambda i, *_: i < 50, body, (0, x, tf.TensorArray(tf.float32, size=50, element_shape=[])))
        return s, tf.reduce_sum(a.stack())
    want = [plain(f(tf.constant(float(k)))) for k in range(8)]
    wrong = []

    def work(k):
        for _ in range(40):
            if plain(f(tf.constant(float(k)))) != want[k]:
                wrong.append(k)
    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


def test_a_function_that_calls_itself_within_its_loop():
    def again(n):
        return f(n) if int(n) > 0 else tf.constant(1)

    @tf.function
    def f(n):
        def body(i, s):
            return i + 1, s + tf.reshape(tf.py_function(lambda n: again(n), [n - 1], tf.int32), [])
        return tf.while_loop(lambda i, s: i < n, body, (0, 1))[1]
    assert int(f(tf.constant(3))) == 16   # f(n) = 1 + n f(n - 1)


def test_an_error_in_an_iteration_leaves_the_function_usable():
    @tf.function
    def f(x, divisor):
        return tf.while_loop(lambda i, s: i < 3, lambda i, s: (i + 1, s // (divisor - i)), (0, x))[1]
    for _ in range(2):
        with pytest.raises(tf.errors.InvalidArgumentError, match="ivision by zero"):
            f(tf.constant(100), tf.constant(1))
        assert int(f(tf.constant(100), tf.constant(5))) == 1


def test_memory_of_a_list_is_found_once():
    # Copying the list at each of these writes would take minutes.
    @tf.function
    def f(n):
        a = tf.TensorArray(tf.float32, size=0, dynamic_size=True, element_shape=[])
        _, a = tf.while_loop(lambda i, a: i < n, lambda i, a: (i + 1, a.write(i, tf.cast(i, tf.float32))), (0, a))
        return tf.reduce_max(a.stack())
    assert float(f(tf.constant(200_000))) == 199_999.0


def test_an_interrupt_ends_an_endless_loop():
    program = ("import ninefold as tf\n"
               "f = tf.function(lambda: tf.while_loop(lambda s: s >= 0.0, lambda s: (s + 1.0,), (0.0,)))\n"
               "print('go', flush=True)\n"
               "try:\n    f()\nexcept KeyboardInterrupt:\n    print('interrupted', float(tf.function(lambda: tf.constant(2.0))()))\n")
    ran = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=os.environ)
    assert ran.stdout.readline() == "go\n"
    time.sleep(0.3)
    ran.send_signal(signal.SIGINT)
    try:
        assert ran.communicate(timeout=20)[0] == "interrupted 2.0\n"
    finally:
        ran.kill()
