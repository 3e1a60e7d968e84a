# The documents' classifier as a program: import, data, building, five epochs.
import numpy as np

WANTED = 8


def measure(tf):
    x, y = np.random.random((1000, 20)), np.random.randint(2, size=(1000, 1))
    layers = tf.keras.layers
    model = tf.keras.Sequential([layers.Dense(64, activation="relu", input_shape=(20,)), layers.Dropout(0.5),
                                 layers.Dense(64, activation="relu"), layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=5, batch_size=32, verbose=0)
    return None
