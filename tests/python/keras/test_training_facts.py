"""In: trainings in processes of their own, with NINEFOLD_TRAINING_FACTS. Out: the file says where their time goes.

`ninefold doctor` judges these numbers; its bounds stand here beside runs that are slow for one reason each, and beside
runs that look alike and are well.
"""
import json
import os
import subprocess
import sys

import pytest

SCRIPT = """
import json, os, sys, time
import numpy as np
import ninefold as tf

x = np.random.default_rng(1).random((512, 32), np.float32)
y = (x.sum(axis=1) > 16).astype("float32")

def data(sleep=0.0):
    def rows():
        for i in range(0, 512, 32):
            time.sleep(sleep)
            yield x[i:i + 32], y[i:i + 32]
    return tf.data.Dataset.from_generator(rows, output_signature=(tf.TensorSpec((None, 32)), tf.TensorSpec((None,))))

def model(kernel="glorot_uniform"):
    m = tf.keras.Sequential([tf.keras.layers.Dense(256, "relu", input_shape=(32,), kernel_initializer=kernel), tf.keras.layers.Dense(256),
                             tf.keras.layers.Dense(1, "sigmoid")])
    m.compile("sgd", "binary_crossentropy")
    return m

class Until(tf.keras.callbacks.Callback):
    # Until the file has been written three times; then what it says.
    seen = set()
    def on_train_begin(self, logs=None):
        self.end = time.time() + 30
    def on_train_batch_end(self, batch, logs=None):
        for name in os.listdir(os.environ["NINEFOLD_TRAINING_FACTS"]):
            if name.endswith(".json"):
                self.seen.add(open(os.path.join(os.environ["NINEFOLD_TRAINING_FACTS"], name)).read())
        self.model.stop_training = len(self.seen) > 2 or time.time() > self.end

"""
END = """
print(json.dumps([json.loads(text) for text in Until.seen]))
print(os.listdir(os.environ["NINEFOLD_TRAINING_FACTS"]))
"""

ROWS = {
    "starved": ("model().fit(data(0.02), epochs=10000, verbose=0, callbacks=[Until()])", lambda f: f["waiting"] > 0.5),
    "not starved, from a cache": ("model().fit(data(0.02).cache(), epochs=10000, verbose=0, callbacks=[Until()])", lambda f: f["waiting"] < 0.5),
    "arrays": ("model().fit(x, y, epochs=10000, verbose=0, callbacks=[Until()])",
               lambda f: f["waiting"] < 0.5 and f["denormals"] == 0 and f["batch"] == 32 and f["device"] == "CPU:0" and f["version"] == 1),
    "one step an epoch": ("model().fit(x, y, batch_size=512, epochs=100000, verbose=0, callbacks=[Until()])", lambda f: f["waiting"] < 0.5),
    "denormal weights": ("m = model(tf.keras.initializers.Constant(1e-40)); m.layers[0].trainable = False\n"
                         "m.compile('sgd', 'mse'); m.fit(x, y, epochs=10000, verbose=0, callbacks=[Until()])", lambda f: f["denormals"] > 0.01),
    "small weights": ("m = model(tf.keras.initializers.Constant(1e-37)); m.layers[0].trainable = False\n"
                      "m.compile('sgd', 'mse'); m.fit(x, y, epochs=10000, verbose=0, callbacks=[Until()])", lambda f: f["denormals"] == 0),
    "threads that the program sets": ("tf.config.threading.set_intra_op_parallelism_threads(3)\n"
                                      "model().fit(x, y, epochs=10000, verbose=0, callbacks=[Until()])", lambda f: f["threads"] == 3),
    "threads as there are processors": ("model().fit(x, y, epochs=10000, verbose=0, callbacks=[Until()])",
                                        lambda f: f["threads"] == f["processors"] == len(os.sched_getaffinity(0))),
}


@pytest.mark.parametrize("row", ROWS)
def test_the_file_says_where_the_time_goes(tmp_path, row):
    program, holds = ROWS[row]
    (tmp_path / "999999999.json").write_text("{}")   # of a process that is gone
    variables = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    done = subprocess.run([sys.executable, "-c", SCRIPT + program + END], env={**variables, "NINEFOLD_TRAINING_FACTS": str(tmp_path)},
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    told, left = done.stdout.splitlines()
    facts = json.loads(told)
    assert len(facts) > 2, done.stdout
    # One look may fall into a moment when other programs had the processors.
    assert sum(map(holds, facts)) * 2 > len(facts), facts
    assert left == "[]"


@pytest.mark.parametrize("folder", ["", "/proc/none/here"])
def test_a_folder_that_cannot_be_is_nobodys_trouble(folder):
    script = SCRIPT + "model().fit(x, y, epochs=400, verbose=0)\nprint('trained')"
    done = subprocess.run([sys.executable, "-c", script], env={**os.environ, "NINEFOLD_TRAINING_FACTS": folder}, capture_output=True, text=True,
                          timeout=120)
    assert (done.stdout, done.stderr) == ("trained\n", ""), done.stderr
