# The MNIST network of the documents on arrays: one training step of 128 images.
import os
import sys
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import numpy as np  # noqa: E402
from timing import per_step  # noqa: E402

WANTED = 5


def measure(tf):
    x, y = np.random.rand(12800, 784).astype("float32"), np.random.randint(10, size=12800)
    layers = tf.keras.layers
    model = tf.keras.Sequential([layers.Dense(128, activation="relu", input_shape=(784,)), layers.Dropout(0.2),
                                 layers.Dense(10, activation="softmax")])
    model.compile(tf.keras.optimizers.Adam(0.001), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return per_step(model, x, y, 128, epochs=1)
