# In: what fit is given. Out: the settings that callbacks find in `params`, as TensorFlow 2.9.0's find them.
import numpy as np
import pytest

import ninefold as tf

X, Y = np.ones((10, 2), "float32"), np.ones((10, 1), "float32")


def batches(n):
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(n)


@pytest.mark.parametrize("data, options, expected", [
    ((X, Y), dict(batch_size=4, epochs=2), {"verbose": 0, "epochs": 2, "steps": 3}),
    ((X, Y), dict(validation_split=0.5), {"verbose": 0, "epochs": 1, "steps": 1}),
    ((X, Y), dict(batch_size=2, steps_per_epoch=2), {"verbose": 0, "epochs": 1, "steps": 2}),
    ((batches(5),), {}, {"verbose": 0, "epochs": 1, "steps": 2}),
    ((batches(5).filter(lambda x, y: True),), {}, {"verbose": 0, "epochs": 1, "steps": None}),
])
def test_params(data, options, expected):
    seen = []

    class Watcher(tf.keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            seen.append(self.params)
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(*data, verbose=0, callbacks=[Watcher()], **options)
    assert seen == [expected] and history.params == expected
