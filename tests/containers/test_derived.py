"""In: the derived image of the source documents: Python 3.9 on Debian 11, transformers, scikit-learn, pandas-profiling.
Out: it locks, builds without a network and runs; `tensorflow` in it is Ninefold, for transformers too, and no other.

Part of ./check --soak only: it fetches 400 MB, and Debian 11 may leave the mirrors one day. NINEFOLD_BULLSEYE names the
address of an archive then.
"""
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from conftest import SOAK, open_folder, throwaway
from test_images import BINARIES, ROOT, call

# h5py comes with TensorFlow itself; transformers' half for TensorFlow takes it for granted.
FILE = """name = "derived"
base = "debian:bullseye"
[packages]
set = "small"
pip = ["transformers==4.20.0", "scikit-learn", "pandas-profiling", "h5py"]
"""
IMPORTS = """
import importlib.metadata, platform, sys
import pandas, pandas_profiling, sklearn, tensorflow as tf, transformers
from transformers import BertConfig, TFAutoModel, TFBertModel
print(platform.libc_ver()[1], sys.version_info[:2], importlib.metadata.version("tensorflow"), tf.__version__, transformers.__version__)
print(transformers.is_tf_available(), "ninefold" in tf.__file__, TFBertModel.__mro__[-1] is object)
model = tf.keras.Sequential([tf.keras.layers.Dense(4, activation="relu", input_shape=(3,)), tf.keras.layers.Dense(1)])
model.compile("adam", "mse")
print(len(model.fit(tf.ones((8, 3)), tf.ones((8, 1)), epochs=2, verbose=0).history["loss"]))
"""


def derived(place):
    wheels, folder, store = place / "wheels", place / "project", place / "store"
    made = subprocess.run([sys.executable, ROOT / "tools/wheel", "--portable", "--python", "3.9", "--out", wheels], capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
    folder.mkdir()
    archive = os.environ.get("NINEFOLD_BULLSEYE")
    (folder / "ninefold.toml").write_text(FILE + (f'[sources]\napt = "{archive}"\nexpired = true\n' if archive else ""))
    for name in ("ninefold", "ninefold-init"):
        shutil.copy(BINARIES / name, place / name)

    def ninefold(*words, prefix=()):
        done = subprocess.run(call([str(place / "ninefold"), *words], store, prefix, "/root",
                                   {"NINEFOLD_WHEELS": str(wheels), "XDG_STATE_HOME": str(place / "state")}),
                              cwd=folder, capture_output=True, text=True, timeout=1800)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    ninefold("lock")
    lock = json.loads((folder / "ninefold.lock").read_text())
    assert (lock["base"], lock["python_version"]) == ("debian:bullseye", "3.9")
    names = {p["name"]: p["version"] for p in lock["python"]}
    assert names["transformers"] == "4.20.0" and {"scikit-learn", "pandas-profiling"} <= set(names)
    assert not set(names) & {"tensorflow", "tensorflow-cpu", "tensorflow-intel", "keras", "tf-keras"}
    assert {p["name"]: p["version"] for p in lock["ninefold"]}["tensorflow"] == "2.9.0"
    ninefold("build", prefix=["unshare", "-n"])
    said = ninefold("run", "--", "python", "-c", IMPORTS).splitlines()
    assert said[-3:] == ["2.31 (3, 9) 2.9.0 2.9.0 4.20.0", "True True True", "2"], said


if SOAK:
    def test_the_documents_derived_image():
        place = open_folder("derived", throwaway())
        try:
            derived(place)
        finally:
            shutil.rmtree(place)
