# In: SavedModels that TensorFlow 2.4 to 2.12 wrote (tests/data/saved_models/versions, by tests/referee/versions.py): tables and
# functions, a convolution, recurrent layers, a model of one's own. Out: what those TensorFlows said, and training that goes on.
import json
import os
import zipfile

import numpy as np
import pytest

import ninefold as tf

DATA = os.path.join(os.path.dirname(__file__), "..", "..", "data", "saved_models", "versions")
VERSIONS = ["2.4", "2.5", "2.6", "2.7", "2.8", "2.9", "2.10", "2.11", "2.12"]


@pytest.fixture(scope="module", params=VERSIONS)
def folder(request, tmp_path_factory):
    place = str(tmp_path_factory.mktemp("v" + request.param))
    with zipfile.ZipFile(os.path.join(DATA, request.param + ".zip")) as file:
        file.extractall(place)
    with open(os.path.join(place, "results.json"), encoding="utf-8") as file:
        return request.param, place, json.load(file)


def _close(got, want):
    np.testing.assert_allclose(np.asarray(got), np.array(want), rtol=1e-5, atol=1e-5)


def test_tables_and_functions(folder):
    version, place, said = folder
    module, said = tf.saved_model.load(os.path.join(place, "tables")), said["tables"]
    assert module.tensorflow_version.startswith(version + ".")
    text = tf.constant(said["texts"])
    for found in (module.look(text), module.signatures["serving_default"](text=text)):
        for name, want in said["look"].items():
            _close(found[name], want)
    y, also = module.product(tf.ones((2, 2)))
    _close(y, said["product"])
    _close(also["sum"], np.sum(said["product"]))
    _close(module.product(tf.ones((1, 2)), twice=True)[0], 2 * np.array(said["product"][:1]))
    _close(module.loop(5), said["loop"])
    with tf.GradientTape() as tape:
        loss = module.loop(5) + tf.reduce_sum(module.product(tf.ones((2, 2)))[0])
    assert all(g is not None for g in tape.gradient(loss, [module.w, module.parts["scale"], module.parts["more"][0]]))


@pytest.mark.parametrize("name", ["convolution", "recurrent", "subclassed"])
def test_models_of_keras(folder, name):
    version, place, said = folder
    said, path = said[name], os.path.join(place, name)
    x, targets = np.array(said["x"], "float32"), np.array(said["targets"], "float32")
    loaded = tf.saved_model.load(path)
    _close(loaded(x, training=False), said["predictions"])
    model = tf.keras.models.load_model(path)
    if version == "2.4":        # without keras_metadata.pb: TensorFlow 2.9 gives what the functions are, and so does Ninefold
        assert not hasattr(model, "predict")
        _close(model(x, training=False), said["predictions"])
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((loaded(x, training=True) - targets) ** 2)
        grads = tape.gradient(loss, loaded.trainable_variables)
        assert len(grads) == said["trainable"] and all(g is not None for g in grads)
        return
    _close(model.predict(x, verbose=0), said["predictions"])
    assert (len(model.variables), len(model.trainable_variables)) == (said["variables"], said["trainable"])
    assert int(model.optimizer.iterations) == said["iterations"]
    loss = model.train_on_batch(x, targets)
    after = model.predict(x, verbose=0)
    assert np.abs(after - said["predictions"]).max() > 1e-5
    if said["loss"] is not None:        # momentum came along: the very step that TensorFlow took
        _close(loss, said["loss"])
        _close(after, said["after"])
