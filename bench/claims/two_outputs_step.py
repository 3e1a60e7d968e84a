# A variant that stands in no document: two outputs with a loss each.
import os
import sys
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import numpy as np  # noqa: E402
from timing import per_step  # noqa: E402

WANTED = 15


def measure(tf):
    x = np.random.rand(1000, 20)
    y = [np.random.randint(2, size=(1000, 1)), np.random.rand(1000, 3)]
    layers = tf.keras.layers
    inputs = tf.keras.Input((20,))
    hidden = layers.Dense(64, activation="relu")(inputs)
    model = tf.keras.Model(inputs, [layers.Dense(1, activation="sigmoid")(hidden), layers.Dense(3)(hidden)])
    model.compile("adam", ["binary_crossentropy", "mse"], metrics=[["accuracy"], ["mae"]])
    return per_step(model, x, y, 32)
