# In: models that TensorFlow 2.9.0 trained and saved (recorded by tests/referee/exchange.py). Out: the same predictions
# and the same optimizer state, from checkpoints and whole-model files; and the same of what we write ourselves.
import os
import sys
import zipfile

import pytest

HERE = os.path.dirname(__file__)
ROOT = os.path.abspath(os.path.join(HERE, "..", "..", ".."))
RECORDED = os.path.join(ROOT, "tests", "data", "checkpoints", "exchange")


@pytest.fixture(scope="module")
def exchange():
    os.environ["EXCHANGE"] = "ninefold"
    sys.path.insert(0, os.path.join(ROOT, "tests", "referee"))
    try:
        import exchange
        yield exchange
    finally:
        sys.path.pop(0)
        del os.environ["EXCHANGE"]


def agree(exchange, rows):
    for row in rows:
        assert max(n for n in row[2:] if n is not None) <= exchange.TOLERANCE, row


def test_what_tensorflow_wrote(exchange):
    rows = exchange.read(RECORDED)
    assert len(rows) == 29      # ten kinds, three files; a subclassed model has no HDF5 file
    agree(exchange, rows)


def test_what_tensorflow_wrote_of_tables_and_ragged_rows(exchange, tmp_path):
    """All files of the kinds that are not among those ten: lookup layers, ragged inputs."""
    with zipfile.ZipFile(os.path.join(RECORDED, "tables.zip")) as file:
        file.extractall(tmp_path)
    rows = exchange.read(str(tmp_path))
    assert len(rows) == 7 + 4 + 8
    agree(exchange, rows)


def test_what_tensorflow_wrote_of_layers_that_draw_and_learn(exchange, tmp_path):
    """All files of models whose layers keep more than weights: generators, cells, moments that adapt() learnt."""
    with zipfile.ZipFile(os.path.join(RECORDED, "layers.zip")) as file:
        file.extractall(tmp_path)
    rows = exchange.read(str(tmp_path))
    assert len(rows) == 3 * 7
    agree(exchange, rows)


def test_what_we_wrote(exchange, tmp_path):
    exchange.write(str(tmp_path))
    rows = exchange.read(str(tmp_path))
    assert len(rows) == 16 * 7 - 1 - 3 + 3      # less what TensorFlow refuses, and three revived without their classes
    agree(exchange, rows)


@pytest.mark.parametrize("name", ["dense", "convolution", "recurrent", "cells", "attention", "inputs", "shared", "nested",
                                  "custom", "subclassed"])
def test_the_same_keys(exchange, tmp_path, name):
    """What we write has the very keys and shapes of TensorFlow's file."""
    import numpy as np
    import ninefold as tf
    make, shapes = exchange.kinds(tf)[0][name]
    x, y = exchange.data(name, shapes)
    model = exchange.compiled(tf, name, make())
    model.fit(x, y, epochs=1, batch_size=4, verbose=0)
    model.save_weights(str(tmp_path / "mine"))
    assert tf.train.list_variables(str(tmp_path / "mine")) == tf.train.list_variables(os.path.join(RECORDED, name))
    theirs, mine = (tf.train.load_checkpoint(p) for p in (os.path.join(RECORDED, name), str(tmp_path / "mine")))
    assert theirs.get_variable_to_dtype_map() == mine.get_variable_to_dtype_map()
    assert np.isfinite(model.predict(x, verbose=0)).all()
