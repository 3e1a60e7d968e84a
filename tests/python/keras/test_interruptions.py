# In: Ctrl-C, a full disk, broken files while a model works. Out: models and files that are as good as before.
import os
import resource
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import ninefold as tf

INTERRUPTED = """
import os
import signal
import sys
import threading
import numpy as np
import ninefold as tf

model = tf.keras.Sequential([tf.keras.layers.Dense(64, activation="relu", input_shape=(64,)), tf.keras.layers.Dense(1)])
model.compile("adam", "mse", metrics=["mae"], run_eagerly={eager})
x, y = np.random.rand(1024, 64).astype("float32"), np.random.rand(1024, 1).astype("float32")  # never learnt
steps = 0


class Ready(tf.keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1:
            print("ready", flush=True)


try:
    {call}
    print("finished", flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
before = model.get_weights()
assert all(np.isfinite(w).all() for w in before)
assert model.predict(x[:3], verbose=0).shape == (3, 1)
history = model.fit(x, y, epochs=2, verbose=0).history
assert len(history["loss"]) == 2 and not np.array_equal(before[0], model.get_weights()[0])
print("usable", flush=True)
"""
CALLS = {
    "fit": "model.fit(x, y, epochs=10**6, verbose=0, callbacks=[Ready()])",
    "fit of a dataset": "model.fit(tf.data.Dataset.from_tensor_slices((x, y)).batch(8).repeat(), steps_per_epoch=9, "
                        "epochs=10**6, verbose=0, callbacks=[Ready()])",
    "fit with progress": "model.fit(x, y, epochs=10**6, callbacks=[Ready()])",
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("eager", [False, True])
def test_control_c_leaves_the_model_usable(tmp_path, call, eager):
    program = tmp_path / "program.py"
    program.write_text(INTERRUPTED.replace("{call}", CALLS[call]).replace("{eager}", str(eager)))
    child = subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        seen = ""
        while "ready" not in seen:
            line = child.stdout.readline()
            assert line, seen + child.stderr.read()
            seen += line
        child.send_signal(signal.SIGINT)
        began = time.monotonic()
        rest, errors = child.communicate(timeout=60)
    finally:
        child.kill()
    assert child.returncode == 0, errors
    assert "interrupted" in rest and rest.rstrip().endswith("usable"), rest[-200:] + errors
    assert time.monotonic() - began < 30


def small_model(units):
    return tf.keras.Sequential([tf.keras.layers.Dense(units, input_shape=(4,), name="d")], name="m")


@pytest.fixture
def files_of_at_most():
    """Lets files grow to so many bytes only, as on a full disk; an ordinary user may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def limit(size):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    yield limit
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, ignored)


def test_a_full_disk_leaves_the_old_weights(tmp_path, files_of_at_most):
    path = tmp_path / "weights.h5"
    old = small_model(3000)
    old.save_weights(path)
    before = path.read_bytes()
    files_of_at_most(20000)
    with pytest.raises(OSError) as raised:
        small_model(3000).save_weights(path)
    assert str(path) in str(raised.value), raised.value
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["weights.h5"]
    files_of_at_most(resource.RLIM_INFINITY)
    fresh = small_model(3000)
    fresh.load_weights(path)
    assert all(np.array_equal(a, b) for a, b in zip(fresh.get_weights(), old.get_weights()))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OSError, match="weights.h5"):
        small_model(1).save_weights(tmp_path / "weights.h5")
    tmp_path.chmod(0o700)


@pytest.mark.parametrize("keep", [0, 1, 100, 2000, -1])
def test_truncated_weights_are_refused_and_change_nothing(tmp_path, keep):
    path = tmp_path / "weights.h5"
    small_model(500).save_weights(path)
    path.write_bytes(path.read_bytes()[:keep])
    model = small_model(500)
    before = model.get_weights()
    with pytest.raises(OSError) as raised:
        model.load_weights(path)
    assert "weights.h5" in str(raised.value), raised.value
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights()))


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(OSError, match="nothing.h5"):
        small_model(1).load_weights(tmp_path / "nothing.h5")


def test_weights_of_another_model_are_refused_and_change_nothing(tmp_path):
    path = tmp_path / "weights.h5"
    small_model(3).save_weights(path)
    other = small_model(2)
    before = other.get_weights()
    with pytest.raises(ValueError, match="Shape mismatch"):
        other.load_weights(path)
    assert all(np.array_equal(a, b) for a, b in zip(before, other.get_weights()))
    deeper = tf.keras.Sequential([tf.keras.layers.Dense(3, input_shape=(4,)), tf.keras.layers.Dense(1)])
    with pytest.raises(ValueError, match="Layer count mismatch"):
        deeper.load_weights(path)


def broken_rows(folder, kind):
    """Batches from files of which the third is missing or cut short."""
    for i in range(3):
        path = folder / "part{}.npy".format(i)
        np.save(path, np.ones((4, 5), "float32"))
    path.unlink() if kind == "missing" else path.write_bytes(path.read_bytes()[:90])
    for i in range(3):
        rows = np.load(folder / "part{}.npy".format(i))
        yield rows[:, :4], rows[:, 4:]


@pytest.mark.parametrize("kind, error, text", [("missing", FileNotFoundError, "part2.npy"), ("short", ValueError, "annot reshape|mmap|data|EOF")])
def test_a_broken_data_file_stops_fit_and_the_model_stays_usable(tmp_path, kind, error, text):
    model = small_model(1)
    model.compile("sgd", "mse")
    with pytest.raises(error, match=text):
        model.fit(broken_rows(tmp_path, kind), verbose=0)
    x, y = np.ones((4, 4), "float32"), np.ones((4, 1), "float32")
    assert model.predict(x, verbose=0).shape == (4, 1)
    assert len(model.fit(x, y, epochs=2, verbose=0).history["loss"]) == 2
