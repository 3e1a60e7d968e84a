# In: scripts under `python -m ninefold`. Out: what `python script` does, but for tensorflow.
import zipfile

import pytest


def ninefold(run_python, *arguments, **options):
    return run_python("-m", "ninefold", *arguments, **options)


@pytest.mark.parametrize("spelling", [
    "import tensorflow as tf; layers = tf.keras.layers",
    "import tensorflow; layers = tensorflow.keras.layers",
    "import tensorflow.keras.layers as layers",
    "import tensorflow.keras as keras; layers = keras.layers",
    "import tensorflow.keras.layers; layers = tensorflow.keras.layers",
    "from tensorflow import keras; layers = keras.layers",
    "from tensorflow.keras import layers",
    "from keras import layers",
    "import keras; layers = keras.layers",
    "from tensorflow.python.keras import layers",
    "import importlib; layers = importlib.import_module('tensorflow.keras.layers')",
])
def test_every_spelling_means_the_same_objects(run_python, spelling):
    done = ninefold(run_python, "-c", spelling + "; import ninefold; print(layers.Dense is "
                    "ninefold.keras.layers.Dense, layers is ninefold.keras.layers)")
    assert (done.stdout, done.stderr) == ("True True\n", "")


def test_versions(run_python):
    done = ninefold(run_python, "-c", "import tensorflow as tf, ninefold; print(tf.__version__, "
                    "ninefold.__version__ != tf.__version__, tf.__name__)")
    assert (done.stdout, done.stderr) == ("2.9.0 True tensorflow\n", "")


@pytest.mark.parametrize("text, error", [
    ("import tensorflow.nothing", "ModuleNotFoundError: No module named 'tensorflow.nothing'"),
    ("from tensorflow import nothing", "ImportError: cannot import name 'nothing' from 'tensorflow'"),
    ("import tensorflow as tf; tf.nothing",
     "AttributeError: module 'tensorflow' has no attribute 'nothing'"),
    ("from tensorflow.python.ops.math_ops import nothing", "ImportError: cannot import name 'nothing'"),
])
def test_what_is_not_there(run_python, text, error):
    done = ninefold(run_python, "-c", text)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith(error), done.stderr


PROBE = """\
import sys, os
print(sys.argv, __name__, __file__, sys.path[0], __spec__, sys.modules["__main__"].__dict__ is globals())
import neighbour
class C: pass
import pickle
print(type(pickle.loads(pickle.dumps(C()))) is C, neighbour.word)
sys.exit(7)
"""


def test_a_script_sees_what_python_shows_it(run_python, tmp_path):
    folder = tmp_path / "deep"
    folder.mkdir()
    (folder / "s.py").write_text(PROBE)
    (folder / "neighbour.py").write_text("word = 'found'")
    plain = run_python("deep/s.py", "--epochs", "5")
    ours = ninefold(run_python, "deep/s.py", "--epochs", "5")
    assert plain.returncode == 7, plain.stderr
    assert (ours.stdout, ours.stderr, ours.returncode) == (plain.stdout, plain.stderr, 7)


@pytest.mark.parametrize("text", [
    "def f():\n    raise ValueError('bad')\nf()\n",
    "x = (\n",
    "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise KeyError(3) from e\n",
    "import sys\nsys.excepthook = lambda t, v, tb: print(t.__name__, tb.tb_frame.f_code.co_filename)\n1 / 0\n",
    "import sys\nsys.exit('a word')\n",
    "raise KeyboardInterrupt\n",
    "raise SystemExit\n",
    "from __main__ import nothing\n",
])
def test_errors_look_as_without_us(run_python, tmp_path, text):
    (tmp_path / "s.py").write_text(text)
    plain, ours = run_python("s.py"), ninefold(run_python, "s.py")
    assert (ours.stdout, ours.stderr, ours.returncode) == (plain.stdout, plain.stderr, plain.returncode)


def test_c_m_and_standard_input(run_python, tmp_path):
    (tmp_path / "mod.py").write_text("import sys; print(sys.argv[1:], __name__, __spec__.name)")
    show = "import sys; print(sys.argv, sys.path[0] == '', __name__)"
    for arguments, text in [(("-c", show, "a"), None), (("-m", "mod", "a", "b"), None), (("-", "a"), show)]:
        plain = run_python(*arguments, input=text)
        ours = ninefold(run_python, *arguments, input=text)
        assert (ours.stdout, ours.returncode) == (plain.stdout, 0), ours.stderr


def test_a_folder_and_a_zip_run_too(run_python, tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app/__main__.py").write_text("import sys; print('app', sys.argv[1:])")
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        archive.write(tmp_path / "app/__main__.py", "__main__.py")
    for name in ("app", "app.zip"):
        assert ninefold(run_python, name, "x").stdout == "app ['x']\n"


def test_what_a_run_starts_knows_tensorflow_too(run_python, tmp_path):
    (tmp_path / "s.py").write_text(
        "import multiprocessing as mp, subprocess, sys\n"
        "import tensorflow as tf\n"
        "def version(_):\n    return tf.__version__\n"
        "if __name__ == '__main__':\n"
        "    with mp.get_context('spawn').Pool(1) as pool:\n        print(pool.map(version, [0]))\n"
        "    subprocess.run([sys.executable, '-c', 'import tensorflow; print(tensorflow.__version__)'])\n")
    done = ninefold(run_python, "s.py")
    assert sorted(done.stdout.split()) == ["2.9.0", "['2.9.0']"], done.stderr


def test_mistakes_are_named(run_python):
    done = ninefold(run_python)
    assert done.returncode == 1 and "expected a script" in done.stderr
    done = ninefold(run_python, "absent.py")
    assert done.returncode == 2 and "can't open file 'absent.py'" in done.stderr
    done = ninefold(run_python, "-m")
    assert done.returncode == 1 and "-m needs a module name" in done.stderr


def test_without_the_run_tensorflow_is_not_ours(run_python):
    done = run_python("-c", "import ninefold, sys; print('tensorflow' in sys.modules)")
    assert done.stdout == "False\n", done.stderr
