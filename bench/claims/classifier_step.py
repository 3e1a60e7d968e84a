# The documents' classifier: one training step in fit.
import os
import sys
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import numpy as np  # noqa: E402
from timing import per_step  # noqa: E402

WANTED = 30


def measure(tf):
    x, y = np.random.rand(1000, 20), np.random.randint(2, size=(1000, 1))
    layers = tf.keras.layers
    model = tf.keras.Sequential([layers.Dense(64, activation="relu", input_shape=(20,)), layers.Dropout(0.5),
                                 layers.Dense(64, activation="relu"), layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return per_step(model, x, y, 32)
