# In: iterators over stages with threads of their own, dropped while one of these is about to call Python. Out: they end.
import time

import pytest

import ninefold as tf


def slow():
    for i in range(1000):
        time.sleep(0.002)
        yield i


def generated():
    return tf.data.Dataset.from_generator(slow, output_signature=tf.TensorSpec([], tf.int32))


@pytest.mark.parametrize("make", [
    lambda: generated().prefetch(2),
    lambda: generated().batch(2).prefetch(1),
    lambda: tf.data.Dataset.range(1000).map(lambda x: tf.py_function(lambda v: time.sleep(0.002) or v, [x], tf.int64),
                                            num_parallel_calls=2).prefetch(2),
    lambda: tf.data.Dataset.range(4).interleave(lambda _: generated(), cycle_length=2, num_parallel_calls=2).prefetch(1),
], ids=["generator", "batched", "parallel map", "interleave"])
def test_dropped_iterators_end(make):
    dataset = make()
    for _ in range(20):
        iterator = iter(dataset)
        next(iterator)
        del iterator
