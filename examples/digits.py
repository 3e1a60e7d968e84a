# In: 1,797 hand-written digits of 8 x 8 pixels (data/LICENSE says whose). Out: a dense and a
# convolutional network trained on 1,500 of them, and how many of the other 297 each one reads.
import gzip
import os

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

tf.keras.utils.set_random_seed(7)

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "digits.csv.gz")
with gzip.open(path, "rt") as file:
    table = np.loadtxt(file, delimiter=",", dtype="int64")
x = (table[:, :-1] / 16).astype("float32").reshape(-1, 8, 8, 1)
y = table[:, -1]

mlp = tf.keras.Sequential([
    layers.Flatten(input_shape=(8, 8, 1)),
    layers.Dense(64, activation="relu"),
    layers.Dropout(0.2),
    layers.Dense(10, activation="softmax"),
])
conv = tf.keras.Sequential([
    layers.Conv2D(8, 3, padding="same", input_shape=(8, 8, 1)),
    layers.BatchNormalization(),
    layers.Activation("relu"),
    layers.MaxPooling2D(),
    layers.Conv2D(16, 3, activation="relu"),
    layers.Flatten(),
    layers.Dropout(0.25),
    layers.Dense(10, activation="softmax"),
])
for name, model in ("dense", mlp), ("convolutional", conv):
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x[:1500], y[:1500], epochs=20, verbose=0)
    loss, accuracy = model.evaluate(x[1500:], y[1500:], verbose=0)
    print(f"{name}: {accuracy:.1%} of the unseen digits are read right (loss {loss:.3f})")
    if accuracy < 0.85:
        raise SystemExit(f"{name}: TensorFlow 2.9.0 reaches more than 85%")
