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
# pandas-profiling itself cannot be imported with the pydantic that it lets be installed; TensorFlow has no part in that.
PROGRAM = """
import importlib.metadata, platform, sys
import numpy, pandas, sklearn, tensorflow as tf, transformers
from transformers import BertConfig, TFAutoModel, TFAutoModelForSequenceClassification
print(platform.libc_ver()[1], sys.version_info[:2], importlib.metadata.version("tensorflow"), tf.__version__, transformers.__version__)
print(transformers.is_tf_available(), "ninefold" in tf.__file__)
config = BertConfig(vocab_size=50, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, num_labels=3,
                    max_position_embeddings=20, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
model = TFAutoModelForSequenceClassification.from_config(config)
x, y = tf.constant([[1, 2, 3, 4], [5, 6, 7, 8]]), tf.constant([0, 2])
model(x)
random = numpy.random.RandomState(0)
model.set_weights([random.normal(0, 0.1, w.shape).astype("f4") for w in model.get_weights()])
print(*(f"{v:.4f}" for v in model(x).logits.numpy().ravel()))
model.compile(tf.keras.optimizers.Adam(1e-3), loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
print(*(f"{v:.4f}" for v in model.fit(x, y, epochs=3, batch_size=2, shuffle=False, verbose=0).history["loss"]))
"""
# What TensorFlow 2.9.0 prints in the last two lines.
SAYS = ["2.31 (3, 9) 2.9.0 2.9.0 4.20.0", "True True", "-0.0209 0.0950 -0.0819 -0.0202 0.0948 -0.0817", "1.1501 1.1452 1.1402"]


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
    said = ninefold("run", "--", "python", "-c", PROGRAM).splitlines()
    assert said[-4:] == SAYS, said


if SOAK:
    def test_the_documents_derived_image():
        place = open_folder("derived", throwaway())
        try:
            derived(place)
        finally:
            shutil.rmtree(place)
