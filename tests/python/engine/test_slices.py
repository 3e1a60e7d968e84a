# In: tf.IndexedSlices where Python shows. Out: whether warnings, memory and own optimizers' code see them as in TensorFlow.
import subprocess
import sys
import warnings

import numpy as np
import pytest

import ninefold as tf


def test_a_tensor_of_unknown_size_made_of_rows_is_warned_of():
    @tf.function(input_signature=[tf.TensorSpec([None, 2]), tf.TensorSpec([None], tf.int32)])
    def gradient(table, ids):
        with tf.GradientTape() as tape:
            tape.watch(table)
            y = tf.reduce_sum(tf.gather(table, ids))
        return tf.convert_to_tensor(tape.gradient(y, table))
    with pytest.warns(UserWarning, match=r"Converting sparse IndexedSlices\(.*\) to a dense Tensor of unknown shape\. "
                                         "This may consume a large amount of memory."):
        got = gradient(tf.zeros([3, 2]), tf.constant([2, 2]))
    assert got.numpy().tolist() == [[0, 0], [0, 0], [2, 2]]


def test_no_warning_eagerly():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        s = tf.IndexedSlices(tf.ones([1, 2]), tf.constant([1]), tf.constant([3, 2]))
        assert tf.convert_to_tensor(s).shape == [3, 2]


def test_a_step_of_ones_own_on_rows():
    table = tf.Variable(np.arange(6.0, dtype=np.float32).reshape(3, 2))
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.nn.embedding_lookup(table, [2, 2, 0]))
    gradient = tape.gradient(y, table)
    assert isinstance(gradient, tf.IndexedSlices)
    table.scatter_sub(tf.IndexedSlices(0.5 * gradient.values, gradient.indices))
    assert table.numpy().tolist() == [[-0.5, 0.5], [2, 3], [3, 4]]


CHAIN = """
import ninefold as tf

def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024
op = lambda x: {op}
x = tf.ones([1 << 20])
with tf.GradientTape() as tape:
    tape.watch(x)
    y = op(op(x))
    before = resident()
    for _ in range(60):
        y = op(y)
    grown = resident() - before
assert tape.gradient(y, x).shape == x.shape
print(grown)
"""


@pytest.mark.parametrize("op, keeps", [("x + 1.0", False), ("tf.nn.relu(x)", True), ("x * 2.0", True)])
def test_a_tape_over_a_deep_chain_keeps_what_gradients_read(op, keeps):
    """Megabytes for 60 ops of 4 MB each, in a process of its own: a sum's gradient reads nothing."""
    done = subprocess.run([sys.executable, "-c", CHAIN.format(op=op)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert (float(done.stdout) > 150) == keeps, done.stdout
