# In: a file that our test saved. Out: whether TensorFlow 2.9.0 loads it and h5py sees what Keras itself writes.
# By hand: NINEFOLD_KEEP_WEIGHTS=/tmp/ours.h5 build/release/tests/ninefold_tests --gtest_filter='KerasWeights.*'
#          python tests/referee/load_weights.py /tmp/ours.h5 tests/data/io/keras_weights.h5
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import h5py
import numpy as np
import tensorflow as tf


class Gain(tf.keras.layers.Layer):
    def build(self, shape):
        self.gain = self.add_weight("gain", shape=(), initializer="zeros")
        self.steps = self.add_weight("steps", shape=(2,), dtype="int64", trainable=False, initializer="ones")

    def call(self, x):
        return x * self.gain


def contents(path):
    found = {}

    def visit(name, item):
        for key in item.attrs:
            kind = item.attrs.get_id(key)
            found[name + "@" + key] = (kind.shape, str(kind.dtype), kind.get_type().get_class(),
                                       np.asarray(item.attrs[key]).tolist())
        if isinstance(item, h5py.Dataset):
            found[name] = (item.shape, str(item.dtype), item[()].tolist())
        else:
            found[name] = "group"

    with h5py.File(path) as file:
        visit("/", file)
        file.visititems(visit)
    return found


ours, keras = sys.argv[1:3]
assert contents(ours) == contents(keras), "h5py sees a difference"
model = tf.keras.Sequential([tf.keras.Input((3,), name="features"), tf.keras.layers.Dense(4, name="dense"),
                             tf.keras.layers.Dropout(0.5, name="dropout"),
                             tf.keras.layers.BatchNormalization(name="batch_normalization"), Gain(name="gain"),
                             tf.keras.layers.Dense(1, dtype="float16", name="head")])
model.load_weights(ours)
mine = [w.numpy() for w in model.weights]
model.load_weights(ours, by_name=True)
model.load_weights(keras)
assert all(np.array_equal(a, b.numpy()) for a, b in zip(mine, model.weights))
print("same contents, and Keras loads it:", len(mine), "weights")
