# predict on one row.
import os
import sys
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import numpy as np  # noqa: E402
from timing import per_call  # noqa: E402

WANTED = 200


def measure(tf):
    layers = tf.keras.layers
    model = tf.keras.Sequential([layers.Dense(64, activation="relu", input_shape=(20,)),
                                 layers.Dense(64, activation="relu"), layers.Dense(1, activation="sigmoid")])
    row = np.random.rand(1, 20).astype("float32")
    return per_call(lambda: model.predict(row, verbose=0), 50, 3)
