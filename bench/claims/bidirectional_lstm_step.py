# The text classifier of Keras' examples: two LSTM layers of 64 units in both directions over 200 words, one step of 128.
import os
import sys
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import numpy as np  # noqa: E402
from timing import per_step  # noqa: E402

WANTED = 2


def measure(tf):
    x, y = np.random.randint(1, 20000, (1280, 200)), np.random.randint(2, size=(1280, 1))
    layers = tf.keras.layers
    inputs = tf.keras.Input(shape=(None,), dtype="int32")
    h = layers.Embedding(20000, 128)(inputs)
    h = layers.Bidirectional(layers.LSTM(64, return_sequences=True))(h)
    h = layers.Bidirectional(layers.LSTM(64))(h)
    model = tf.keras.Model(inputs, layers.Dense(1, activation="sigmoid")(h))
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return per_step(model, x, y, 128, epochs=1)
