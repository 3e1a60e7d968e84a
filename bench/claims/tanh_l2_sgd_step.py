# A variant that stands in no document: tanh, an L2 penalty, SGD with momentum.
import os
import sys
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import numpy as np  # noqa: E402
from timing import per_step  # noqa: E402

WANTED = 15


def measure(tf):
    x, y = np.random.rand(1000, 20), np.random.rand(1000, 1)
    layers, l2 = tf.keras.layers, tf.keras.regularizers.l2(1e-3)
    model = tf.keras.Sequential([layers.Dense(64, activation="tanh", kernel_regularizer=l2, input_shape=(20,)),
                                 layers.Dense(32, activation="tanh", kernel_regularizer=l2), layers.Dense(1)])
    model.compile(tf.keras.optimizers.SGD(0.01, momentum=0.9), "mse", metrics=["mae"])
    return per_step(model, x, y, 32)
