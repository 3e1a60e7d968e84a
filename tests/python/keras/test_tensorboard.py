"""In: fit with TensorBoard's callback. Out: event files: an epoch's scalars always, a batch's where asked for."""
import numpy as np
import pytest

import ninefold as tf


@pytest.mark.parametrize("given, batches", [({}, 0), ({"update_freq": "epoch"}, 0), ({"update_freq": "batch"}, 6),
                                            ({"update_freq": 2}, 3)])
def test_scalars_are_written(tmp_path, given, batches):
    x, y = np.ones((12, 4), np.float32), np.ones((12, 1), np.float32)
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(4,))])
    model.compile("sgd", "mse")
    model.fit(x, y, batch_size=4, epochs=2, verbose=0, validation_data=(x, y),
              callbacks=[tf.keras.callbacks.TensorBoard(str(tmp_path), **given)])
    train, = (tmp_path / "train").iterdir()
    validation, = (tmp_path / "validation").iterdir()
    assert train.read_bytes().count(b"epoch_loss") == 2
    assert train.read_bytes().count(b"batch_loss") == batches
    assert validation.read_bytes().count(b"epoch_loss") == 2
