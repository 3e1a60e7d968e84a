# In: Keras models, and SavedModels that Keras 2.9.0 wrote (tests/data/saved_models/keras). Out: the same predictions, weights,
# optimizers and training after a way through the files, and errors for what they are not.
import json
import os
import re
import shutil

import numpy as np
import pytest

import ninefold as tf

DATA = os.path.join(os.path.dirname(__file__), "..", "..", "data", "saved_models", "keras")
layers = tf.keras.layers


def _rows(*shape, seed=0):
    return np.random.RandomState(seed).rand(*shape).astype("float32")


def _dense():
    return tf.keras.Sequential([layers.Dense(3, activation="relu", input_shape=(4,)), layers.BatchNormalization(),
                                layers.Dense(1)]), _rows(8, 4)


def _two_inputs():
    a, b = tf.keras.Input((4,), name="a"), tf.keras.Input((3,), name="b")
    x = layers.Concatenate()([layers.Dense(3, name="d")(a), b])
    return tf.keras.Model([a, b], [layers.Dense(2, name="y")(x), layers.Dense(1, name="z")(layers.Dropout(0.5)(x))]), \
        [_rows(8, 4), _rows(8, 3, seed=1)]


def _conv():
    return tf.keras.Sequential([layers.Conv2D(2, 3, input_shape=(6, 6, 1)), layers.MaxPooling2D(), layers.Flatten(),
                                layers.Dense(2)]), _rows(8, 6, 6, 1)


def _recurrent():
    return tf.keras.Sequential([layers.Embedding(10, 4, input_length=5), layers.LSTM(3), layers.Dense(1)]), \
        np.random.RandomState(0).randint(0, 10, (8, 5))


def _nested():
    inner = tf.keras.Sequential([layers.Dense(3, activation="tanh", input_shape=(4,)), layers.Dense(2)], name="inner")
    x = tf.keras.Input((4,), name="x")
    return tf.keras.Model(x, layers.Add(name="sum")([inner(x), layers.Dense(2, name="beside")(x)])), _rows(8, 4)


def _list(x):
    return list(x) if isinstance(x, (list, tuple)) else [x]


def _plain(name):
    """A slot's name without the optimizer's and without the number of a cell, which counts all that were made before."""
    return re.sub(r"_cell_\d+/", "_cell/", name.replace("Adam/", ""))


@pytest.mark.parametrize("make", [_dense, _two_inputs, _conv, _recurrent, _nested])
def test_a_model_comes_back_and_goes_on(make, tmp_path):
    model, x = make()
    path = str(tmp_path / "model")
    targets = [np.ones_like(p) for p in _list(model.predict(x, verbose=0))]
    targets = targets if len(targets) > 1 else targets[0]
    model.compile("adam", "mse")
    model.fit(x, targets, epochs=2, verbose=0)
    model.save(path)
    expected = _list(model.predict(x, verbose=0))
    again = tf.keras.models.load_model(path)
    for got, want in zip(_list(again.predict(x, verbose=0)), expected):
        np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-6)
    assert int(again.optimizer.iterations) == 2
    slots = {_plain(v.name): v.numpy() for v in model.optimizer.weights}
    restored = {_plain(v.name): v.numpy() for v in again.optimizer.weights}
    assert set(restored) == set(slots)
    for name, value in restored.items():
        np.testing.assert_array_equal(value, slots[name])
    loaded = tf.saved_model.load(path)
    dtypes = [tf.float32] * len(_list(x))
    inputs = [tf.constant(a, d) for a, d in zip(_list(x), dtypes)]
    for got, want in zip(_list(loaded(inputs if len(inputs) > 1 else inputs[0])), expected):
        np.testing.assert_allclose(got.numpy(), want, rtol=1e-6, atol=1e-6)
    served = loaded.signatures["serving_default"](**dict(zip(model.input_names, inputs)))
    for name, want in zip(model.output_names, expected):
        np.testing.assert_allclose(served[name].numpy(), want, rtol=1e-6, atol=1e-6)
    with tf.GradientTape() as tape:
        loss = tf.add_n([tf.reduce_sum(o) for o in _list(loaded(inputs if len(inputs) > 1 else inputs[0], training=False))])
    assert all(g is not None for g in tape.gradient(loss, loaded.trainable_variables))


@pytest.mark.parametrize("name", ["dense"])
def test_models_of_keras(name):
    with open(os.path.join(DATA, name + ".json"), encoding="utf-8") as file:
        said = json.load(file)
    path, x = os.path.join(DATA, name), np.array(said["x"], "float32")
    model = tf.keras.models.load_model(path)
    np.testing.assert_allclose(model.predict(x, verbose=0), said["predictions"], rtol=1e-5, atol=1e-6)
    assert int(model.optimizer.iterations) == said["iterations"]
    loaded = tf.saved_model.load(path)
    np.testing.assert_allclose(loaded(x).numpy(), said["predictions"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(loaded.signatures["serving_default"](tf.constant(x))["dense_1"].numpy(), said["predictions"],
                               rtol=1e-5, atol=1e-6)
    assert len(loaded.trainable_variables) == len(model.trainable_variables) == 4


def test_what_is_no_model(tmp_path):
    with pytest.raises(OSError, match="No file or directory found at"):
        tf.keras.models.load_model(str(tmp_path / "absent"))
    with pytest.raises(OSError, match="SavedModel file does not exist at"):
        tf.keras.models.load_model(str(tmp_path))
    unbuilt = tf.keras.Sequential([layers.Dense(2)])
    with pytest.raises(ValueError, match="cannot be saved because the input shape is not available"):
        unbuilt.save(str(tmp_path / "m"))
    assert not os.listdir(tmp_path)
    shutil.copytree(os.path.join(DATA, "dense"), tmp_path / "damaged")
    meta = tmp_path / "damaged" / "keras_metadata.pb"
    data = meta.read_bytes()
    for cut in (1, 10, len(data) // 2, len(data) - 1):
        meta.write_bytes(data[:cut])
        with pytest.raises(OSError, match="Cannot parse file"):
            tf.keras.models.load_model(str(tmp_path / "damaged"))


def test_folders_of_hdf5_files(tmp_path):
    """Keras makes the folder of a whole model, not that of weights."""
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
    model.save(tmp_path / "new" / "model.h5")
    assert (tmp_path / "new" / "model.h5").is_file()
    with pytest.raises(FileNotFoundError, match="Unable to synchronously create file .*make its folder first"):
        model.save_weights(tmp_path / "none" / "w.h5")
