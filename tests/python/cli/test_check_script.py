# In: script texts and a small package. Out: exactly the symbols that it lacks, with line and remark.
import types

import pytest

from ninefold import check_script

LAYERS = types.SimpleNamespace(Dense=object)
PACKAGE = types.SimpleNamespace(
    constant=len, keras=types.SimpleNamespace(layers=LAYERS, Sequential=object), data=types.SimpleNamespace(
        Dataset=types.SimpleNamespace(range=len)))
KNOWN = check_script.tensorflow_symbols()


@pytest.mark.parametrize("text, missing", [
    ("import tensorflow as tf\ntf.constant(1)", []),
    ("import tensorflow as tf\ntf.einsum('i->', x)", [(2, "tf.einsum", "not yet in Ninefold")]),
    ("import tensorflow as tf\ntf.einsmu('i->', x)", [(2, "tf.einsmu", "did you mean tf.einsum?")]),
    ("import tensorflow.keras as keras\nkeras.Model()", [(2, "tf.keras.Model", "not yet")]),
    ("import tensorflow.keras.layers\ntensorflow.keras.layers.GRU(1)", [(2, "tf.keras.layers.GRU", "not yet")]),
    ("from tensorflow.keras.layers import Dense, LSTM as L\nL(3)",
     [(1, "tf.keras.layers.LSTM", "not yet")]),
    ("from tensorflow import keras\nk = keras.layers\nk.LSTM(2).foo", [(3, "tf.keras.layers.LSTM", "not yet")]),
    ("from tensorflow.keras import *", []),
    ("from tensorflow.linalg import *", [(1, "tf.linalg", "not yet")]),
    ("import tensorflow as tf\ndef f(tf):\n  return tf.nothing", []),
    ("import tensorflow as tf\ng = lambda tf: tf.nothing", []),
    ("import tensorflow as tf\ntf = 3\ntf.nothing", []),
    ("import tensorflow as tf\n@tf.function\ndef f(): return tf.einsum",
     [(2, "tf.function", "not yet"), (3, "tf.einsum", "not yet")]),
    ("import tensorflow as tf\ntf.data.Dataset.range(3)\ntf.data.Dataset.zip(3)",
     [(3, "tf.data.Dataset.zip", "tf.data.Dataset has no such member")]),
    ("import tensorflow as tf\ntf.compat.v1.Session()", [(2, "tf.compat", "not yet")]),
    ("import keras\nkeras.layers.GRU", [(2, "tf.keras.layers.GRU", "not yet")]),
    ("from tensorflow.python.framework import ops", []),
    ("import numpy as tf\ntf.nothing", []),
    ("", []),
])
def test_what_is_missing(text, missing):
    rows = check_script.findings(text, "s.py", PACKAGE, KNOWN)
    assert [(row[1], row[2]) for row in rows] == [(line, symbol) for line, symbol, _ in missing]
    for row, (_, _, remark) in zip(rows, missing):
        assert remark in row[3], row


def test_what_is_no_python_is_a_syntax_error():
    with pytest.raises(SyntaxError):
        check_script.findings("def (", "s.py", PACKAGE, KNOWN)
