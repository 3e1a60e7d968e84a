# In: the second program of the source documents. Out: it trains, on a file of MNIST's form made here.
import os
import pathlib

import numpy as np
import pytest

EXAMPLES = pathlib.Path(__file__).resolve().parents[3] / "examples"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with mnist.npz: bright squares whose place is their label, so that there is something to learn."""
    home = tmp_path_factory.mktemp("home")
    folder = home / ".keras" / "datasets"
    folder.mkdir(parents=True)
    numbers = np.random.default_rng(5)

    def images(n):
        labels = numbers.integers(0, 10, n).astype("uint8")
        pixels = np.zeros((n, 28, 28), "uint8")
        for label in range(10):
            row, column = divmod(label, 5)
            pixels[labels == label, row * 12:row * 12 + 6, column * 5:column * 5 + 5] = 200
        return pixels, labels

    (x, y), (xt, yt) = images(60000), images(10000)
    np.savez_compressed(folder / "mnist.npz", x_train=x, y_train=y, x_test=xt, y_test=yt)
    return home


def test_mirrored_program_trains(run_python, home):
    done = run_python("-m", "ninefold", str(EXAMPLES / "mnist_mirrored.py"), HOME=str(home), KERAS_HOME="")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.replace("\r", "\n").replace("\b", "").splitlines()
    assert lines[0] == "Number of devices: 1"
    assert [line for line in lines if line.startswith("Epoch ")] == ["Epoch {}/5".format(i) for i in range(1, 6)]
    last = [line for line in lines if line.startswith("59/59 [")][-1]
    assert float(last.rpartition("accuracy: ")[2]) > 0.99
    # A file with another hash is used, with a warning that names both.
    assert "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1" in done.stderr
    assert "is used as it is" in done.stderr


@pytest.mark.parametrize("content, said", [
    (None, "Put the file there by hand"), (b"PK\3\4 this is cut off", "this is no whole mnist.npz")])
def test_a_missing_or_truncated_file_is_named(run_python, tmp_path, content, said):
    folder = tmp_path / ".keras" / "datasets"
    folder.mkdir(parents=True)
    if content is not None:
        (folder / "mnist.npz").write_bytes(content)
    done = run_python("-m", "ninefold", "-c", "import tensorflow as tf; tf.keras.datasets.mnist.load_data()",
                      HOME=str(tmp_path), KERAS_HOME="")
    assert done.returncode == 1
    assert said in done.stderr and str(folder / "mnist.npz") in done.stderr, done.stderr
