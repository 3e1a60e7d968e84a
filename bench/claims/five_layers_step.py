# A variant that stands in no document: five layers.
import os
import sys
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import numpy as np  # noqa: E402
from timing import per_step  # noqa: E402

WANTED = 15


def measure(tf):
    x, y = np.random.rand(1000, 24), np.random.randint(2, size=(1000, 1))
    dense = tf.keras.layers.Dense
    model = tf.keras.Sequential([dense(48, activation="relu", input_shape=(24,)), dense(40, activation="relu"),
                                 dense(32, activation="relu"), dense(16, activation="relu"), dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return per_step(model, x, y, 32)
