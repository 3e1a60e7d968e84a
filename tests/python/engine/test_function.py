# In: Python functions under tf.function. Out: traced once a kind of arguments, and TensorFlow's errors.
import gc
import weakref

import numpy as np
import pytest

import ninefold as tf


def test_traces_once_a_signature():
    seen = []

    @tf.function
    def f(x, flag=True):
        seen.append(x.shape)
        return x * 2 if flag else x
    assert f(tf.constant([1., 2.])).numpy().tolist() == [2, 4]
    f(tf.constant([3., 4.]))
    f(x=tf.constant([3., 4.]), flag=True)
    assert len(seen) == 1
    f(tf.constant([1., 2., 3.]))
    f(tf.constant([1., 2.]), False)
    f(np.float32([1, 2]))
    assert len(seen) == 3 and f.experimental_get_tracing_count() == 3


@pytest.mark.parametrize("make, expected", [
    (lambda x: x, 1.0), (lambda x: (x, [x]), (1.0, [1.0])), (lambda x: {"b": x, "a": None}, {"b": 1.0, "a": None}),
    (lambda x: [x, x], [1.0, 1.0]), (lambda x: None, None), (lambda x: 3, 3),
])
def test_results_keep_their_structure(make, expected):
    for _ in range(2):
        result = tf.function(make)(tf.constant(1.0))
        assert tf.nest.map_structure(lambda t: None if t is None else t.numpy(), result) == expected


def test_variables_are_made_in_the_first_call_only():
    class Net:
        v = None

        @tf.function
        def __call__(self, x):
            if self.v is None:
                self.v = tf.Variable(tf.zeros([2]))
            return self.v.assign_add(x)
    net = Net()
    assert net(tf.constant([1., 2.])).numpy().tolist() == [1, 2]
    assert net(tf.constant([1., 2.])).numpy().tolist() == [2, 4]
    with pytest.raises(ValueError, match="only supports singleton tf.Variables created on the first call"):
        tf.function(lambda: tf.Variable(1.))()


def test_a_function_that_makes_variables_is_traced_twice():
    made = []

    @tf.function
    def f():
        if not made:
            made.append(tf.Variable(2.0))
        return made[0] * 3
    assert f().numpy() == 6 and f.experimental_get_tracing_count() == 2


def test_input_signature():
    f = tf.function(lambda x: x + 1, input_signature=[tf.TensorSpec([None], tf.float32)])
    assert f([1, 2]).numpy().tolist() == [2, 3] and f(tf.zeros([3])).shape == (3,)
    assert f.experimental_get_tracing_count() == 1
    with pytest.raises(ValueError, match="Python inputs incompatible with input_signature"):
        f(tf.zeros([2, 2]))
    with pytest.raises(TypeError, match="specifies 1 positional arguments, but got 2"):
        f(tf.zeros([2]), 1)


def test_python_control_flow_becomes_the_graphs():
    @tf.function
    def collatz(n):
        steps = 0
        while n > 1:
            if n % 2 == 0:
                n = n // 2
            else:
                n = 3 * n + 1
            steps += 1
        return steps
    assert [int(collatz(tf.constant(n))) for n in (1, 6, 27)] == [0, 8, 111]
    assert collatz.experimental_get_tracing_count() == 1


def test_symbolic_tensors_say_what_they_cannot():
    def truth(x):
        return 1 if x > 0 else 2
    with pytest.raises(TypeError, match="Python `bool` is not allowed"):
        tf.function(truth, autograph=False)(tf.constant(1.0))
    texts = []
    tf.function(lambda x: texts.append((str(x), repr(x))) or x, autograph=False)(tf.constant([1., 2.]))
    assert texts == [('Tensor("x:0", shape=(2,), dtype=float32)', "<tf.Tensor 'x:0' shape=(2,) dtype=float32>")]


def test_gradients_in_and_through():
    v = tf.Variable([1., 2.])
    f = tf.function(lambda x: tf.reduce_sum(x * v * v))
    with tf.GradientTape() as tape:
        y = f(tf.constant([3., 4.]))
    assert tape.gradient(y, v).numpy().tolist() == [6, 16]

    @tf.function
    def inside(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
        return tape.gradient(y, x)
    assert inside(tf.constant(3.0)).numpy() == 6


def test_custom_gradient():
    @tf.custom_gradient
    def clipped(x):
        return tf.identity(x), lambda dy: tf.minimum(dy, 0.5)
    x = tf.Variable([1., 0.1])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(clipped(x) ** 2)
    assert np.allclose(tape.gradient(y, x), [0.5, 0.2])


def test_py_function_runs_each_time():
    seen = []

    def double(x):
        seen.append(float(x))
        return x * 2

    @tf.function
    def f(x):
        return tf.py_function(double, [x], tf.float32)
    assert f(tf.constant(2.0)).numpy() == 4 and f(tf.constant(3.0)).numpy() == 6 and seen == [2, 3]


def test_exceptions_pass_as_they_are():
    class Mine(Exception):
        pass

    def body(x):
        raise Mine("word")
    with pytest.raises(Mine, match="word"):
        tf.function(body)(tf.constant(1))


def test_a_dropped_object_is_freed():
    class Net(tf.Module):
        def __init__(self):
            super().__init__()
            self.v = tf.Variable(1.0)

        @tf.function
        def __call__(self, x):
            return self.v * x
    net = Net()
    net(tf.constant(2.0))
    assert [v.name for v in net.trainable_variables] == ["Variable:0"]
    gone = weakref.ref(net)
    del net
    gc.collect()
    assert gone() is None


def test_concrete_functions():
    f = tf.function(lambda x, n: x * n)
    c = f.get_concrete_function(tf.TensorSpec([None], tf.float32), 3)
    assert c(tf.constant([1., 2.])).numpy().tolist() == [3, 6]
    assert repr(c.structured_outputs) == "<tf.Tensor 'Identity:0' shape=(None,) dtype=float32>"
    assert (c.output_shapes, c.output_dtypes) == (tf.TensorShape([None]), tf.float32)
    assert f(tf.constant([1.]), 3).numpy().tolist() == [3] and f.experimental_get_tracing_count() == 1


def test_conditions_and_loops_of_tensors():
    @tf.function
    def run(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            _, y = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a * x + 1.0), [tf.constant(0), x])
            y = tf.cond(y > 0, lambda: y * 2.0, lambda: y * 3.0)
        return y, tape.gradient(y, x)
    assert [t.numpy() for t in run(tf.constant(2.0))] == [46, 2 * (4 * 8 + 4 + 1)]
    assert [t.numpy() for t in run.python_function(tf.constant(2.0))] == [46, 74]
    assert tf.switch_case(tf.constant(1), [lambda: 4, lambda: 5]) == 5
