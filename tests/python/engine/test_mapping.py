# In: loops over slices within functions. Out: whether they give what they give eagerly, with gradients.
import numpy as np
import pytest

import ninefold as tf

V = [3., -1., 2., .5]


@pytest.mark.parametrize("loop, want", [
    (lambda x: tf.map_fn(lambda e: e * e, x), [9, 1, 4, .25]),
    (lambda x: tf.scan(lambda a, e: a * e, x), [3, -3, -6, -3]),
    (lambda x: tf.scan(lambda a, e: a + e, x, reverse=True), [4.5, 1.5, 2.5, .5]),
    (lambda x: tf.foldl(lambda a, e: a + e, x), 4.5),
    (lambda x: tf.foldr(lambda a, e: a - e, x, initializer=1.), -3.5),
    (lambda x: tf.vectorized_map(lambda e: e + 1, x), [4, 0, 3, 1.5]),
])
@pytest.mark.parametrize("signature", [None, [tf.TensorSpec([None], tf.float32)]])
def test_within_a_function(loop, want, signature):
    assert loop(tf.constant(V)).numpy().tolist() == want
    assert tf.function(loop, input_signature=signature)(tf.constant(V)).numpy().tolist() == want


@pytest.mark.parametrize("wrap", [lambda f: f, tf.function])
def test_gradients_flow_through_each_element(wrap):
    v = tf.constant(V)
    squares = wrap(lambda x: tf.map_fn(lambda e: e * e, x))
    with tf.GradientTape() as tape:
        tape.watch(v)
        y = tf.reduce_sum(squares(v))
    np.testing.assert_array_equal(tape.gradient(y, v), [6, -2, 4, 1])


def test_several_results():
    a, b = tf.map_fn(lambda e: (e, tf.cast(e, tf.int32)), tf.constant(V), fn_output_signature=(tf.float32, tf.int32))
    assert a.numpy().tolist() == V and b.dtype == tf.int32


def test_scalars_have_no_elements():
    with pytest.raises(ValueError, match="must be 1\\+ dimensional Tensors, not scalars"):
        tf.map_fn(lambda e: e, 3.)
