# In: the second program of the source documents, and what they write about GPUs, character for character. Out: it trains, on a file
# of MNIST's form made here; they say what they say on a machine without a card, and on one with two emulated ones.
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


# The lines as the documents have them; their page lost the breaks between them.
IS_THERE = """import tensorflow as tf
print("TensorFlow version:", tf.__version__)
print("GPUs Available:", tf.config.list_physical_devices('GPU'))"""
INSTALLED = """import tensorflow as tf
print("Version:", tf.__version__)
print("Built with CUDA:", tf.test.is_built_with_cuda())
print("GPUs:", tf.config.list_physical_devices('GPU'))"""
BUILT = """import tensorflow as tf
tf.test.is_built_with_cuda()
# 应返回 True"""
VISIBLE = """import os
# 只使用第0和第1号GPU
os.environ["CUDA_VISIBLE_DEVICES"] = "0,1"
# 强制使用CPU(调试用)
# os.environ["CUDA_VISIBLE_DEVICES"] = ""
"""
GROWTH = """gpus = tf.config.experimental.list_physical_devices('GPU')
if gpus:
    try:
        for gpu in gpus:
            tf.config.experimental.set_memory_growth(gpu, True)
    except RuntimeError as e:
        print(e)"""
EMULATED = EXAMPLES.parent / "build/release/tests/libninefold_emulated_cuda.so"
NONE, BOTH = "[]", ("[PhysicalDevice(name='/physical_device:GPU:0', device_type='GPU'), "
                    "PhysicalDevice(name='/physical_device:GPU:1', device_type='GPU')]")


@pytest.mark.parametrize("emulated", [False, True])
@pytest.mark.parametrize("snippet, says", [
    (IS_THERE, "TensorFlow version: {version}\nGPUs Available: {gpus}\n"),
    (INSTALLED, "Version: {version}\nBuilt with CUDA: True\nGPUs: {gpus}\n"),
    (BUILT + "\nprint(tf.test.is_built_with_cuda())", "True\n"),
    (VISIBLE + "import tensorflow as tf\n" + GROWTH + "\nprint(gpus)\nprint(float(tf.reduce_sum(tf.ones([3]))))\n" + GROWTH, "{gpus}\n3.0\n"),
], ids=["is_there", "installed", "built", "visible_and_growth"])
def test_what_documents_write_about_gpus(run_python, snippet, says, emulated):
    if emulated and not EMULATED.exists():
        pytest.skip(f"{EMULATED} is not built")
    where = {"NINEFOLD_CUDA_LIBRARY": str(EMULATED)} if emulated else {"CUDA_VISIBLE_DEVICES": "-1"}
    if not emulated and "CUDA_VISIBLE_DEVICES" in snippet and pathlib.Path("/proc/driver/nvidia").exists():
        pytest.skip("the snippet makes this machine's cards visible")
    done = run_python("-m", "ninefold", "-c", snippet, **where)
    assert done.returncode == 0, done.stderr
    assert done.stdout == says.format(version="2.9.0", gpus=BOTH if emulated else NONE)


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
