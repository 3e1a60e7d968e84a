# In: SavedModels that TensorFlow 2.9.0 wrote (tests/data/saved_models, by tests/referee/saved_models.py) and our own. Out:
# the results that TensorFlow had, its errors, and files that are whole or refused.
import importlib.util
import json
import os
import shutil

import numpy as np
import pytest

import ninefold as tf

HERE = os.path.dirname(__file__)
DATA = os.path.join(HERE, "..", "..", "data", "saved_models")
_spec = importlib.util.spec_from_file_location("saved_models", os.path.join(HERE, "..", "..", "referee", "saved_models.py"))
programs = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(programs)
with open(os.path.join(DATA, "results.json"), encoding="utf-8") as _file:
    RESULTS = json.load(_file)


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ours")
    programs.write(str(folder))
    return str(folder)


@pytest.mark.parametrize("name", sorted(programs.USES))
def test_models_of_tensorflow_give_its_results(name):
    got = programs.used(name, DATA)
    assert not programs.differs(got, RESULTS[name]), got


@pytest.mark.parametrize("name", sorted(programs.USES))
def test_models_of_our_own_give_the_same(name, ours):
    got = programs.used(name, ours)
    assert not programs.differs(got, RESULTS[name]), got


def test_a_loaded_model_is_saved_again(ours, tmp_path):
    again = str(tmp_path / "flow")
    tf.saved_model.save(tf.saved_model.load(os.path.join(ours, "flow")), again)
    assert not programs.differs(programs.used("flow", str(tmp_path)), RESULTS["flow"])


def test_contains_saved_model(tmp_path):
    assert tf.saved_model.contains_saved_model(os.path.join(DATA, "flow"))
    assert not tf.saved_model.contains_saved_model(str(tmp_path))
    with pytest.raises(OSError, match="SavedModel file does not exist at"):
        tf.saved_model.load(str(tmp_path))


def test_what_is_loaded():
    m = tf.saved_model.load(os.path.join(DATA, "nested"))
    assert [v.name for v in m.trainable_variables].count("w:0") == 3
    assert len(m.variables) - len(m.trainable_variables) == 3
    assert m.tensorflow_version == "2.9.0"
    assert list(m.signatures) == ["serving_default", "bump"] or sorted(m.signatures) == ["bump", "serving_default"]
    assert m.signatures["serving_default"].structured_outputs["output_0"].dtype == tf.float32


@pytest.mark.parametrize("call, error, text", [
    (lambda m: m.several(tf.constant([1, 2, 3])), ValueError,
     r"Could not find matching concrete function to call loaded from the SavedModel. Got:\n  Positional arguments \(2 total\):\n"
     r"    \* <tf.Tensor 'x:0' shape=\(3,\) dtype=int32>\n    \* False\n  Keyword arguments: \{'scale': 1.0\}\n\n Expected these "
     r"arguments to match one of the following 3 option\(s\):\n\nOption 1:\n  Positional arguments \(2 total\):\n"
     r"    \* TensorSpec\(shape=\(2,\), dtype=tf.float32, name='x'\)\n    \* False\n  Keyword arguments: \{'scale': 1.0\}"),
    (lambda m: m(tf.ones([3])), ValueError, r"Python inputs incompatible with input_signature:\n  inputs: \(\n    tf.Tensor"),
    (lambda m: m.signatures["serving_default"](y=tf.ones([1, 2])), TypeError, r"signature_wrapper\(\*, x\) missing required arguments: x\."),
    (lambda m: m.signatures["serving_default"](tf.constant([[1, 2]])), tf.errors.InvalidArgumentError,
     r"as input #0\(zero-based\) was expected to be a float tensor but is a int32 tensor"),
])
def test_arguments_that_do_not_fit(call, error, text):
    with pytest.raises(error, match=text):
        call(tf.saved_model.load(os.path.join(DATA, "nested")))


def test_tags():
    with pytest.raises(ValueError, match="Got an incompatible argument to `tags`: train. The SavedModel at .* has one MetaGraph"):
        tf.saved_model.load(os.path.join(DATA, "flow"), tags="train")
    assert tf.saved_model.load(os.path.join(DATA, "flow"), tags=["serve"])


def test_save_says_what_it_expects(tmp_path):
    with pytest.raises(ValueError, match="Expected an AutoTrackable object for export, got 5"):
        tf.saved_model.save(5, str(tmp_path / "m"))

    class Leaks(tf.Module):
        @tf.function(input_signature=[])
        def f(self):
            return elsewhere + 1.0
    elsewhere = tf.Variable(1.0)
    with pytest.raises(AssertionError, match="Tried to export a function which references an 'untracked' resource"):
        tf.saved_model.save(Leaks(), str(tmp_path / "m"))
    with pytest.raises(ValueError, match="Expected a TensorFlow function for which to generate a signature, but got 3"):
        tf.saved_model.save(tf.Module(), str(tmp_path / "m"), signatures=3)
    assert not os.listdir(tmp_path)      # nothing is left of what failed


def test_a_directory_is_replaced_at_once(tmp_path):
    target = str(tmp_path / "m")
    module = tf.Module()
    module.v = tf.Variable(1.0)
    tf.saved_model.save(module, target)
    with open(os.path.join(target, "mine.txt"), "w") as file:
        file.write("kept")
    module.v.assign(2.0)
    tf.saved_model.save(module, target)
    assert float(tf.saved_model.load(target).v) == 2.0
    assert open(os.path.join(target, "mine.txt")).read() == "kept"
    assert os.listdir(tmp_path) == ["m"]


def test_an_asset_stays_within_its_model(tmp_path):
    shutil.copytree(os.path.join(DATA, "tables"), tmp_path / "m")
    path = tmp_path / "m" / "saved_model.pb"
    data = path.read_bytes()
    assert b"lines.txt" in data
    path.write_bytes(data.replace(b"lines.txt", b"../../abc"))
    with pytest.raises(OSError, match="lies outside of the SavedModel"):
        tf.saved_model.load(str(tmp_path / "m"))


@pytest.mark.parametrize("name", sorted(programs.USES))
def test_damaged_files_raise(name, tmp_path):
    """Cut short or with bytes changed: an error of its kind, or a model whose functions raise one; never a crash."""
    generator = np.random.RandomState(5)
    with open(os.path.join(DATA, name, "saved_model.pb"), "rb") as file:
        data = file.read()
    target = tmp_path / "m"
    shutil.copytree(os.path.join(DATA, name), target)
    faults = 0
    for i in range(40):
        damaged = bytearray(data[:generator.randint(1, len(data))] if i % 2 else data)
        if not i % 2:
            for _ in range(6):
                damaged[generator.randint(len(damaged))] = generator.randint(256)
        (target / "saved_model.pb").write_bytes(damaged)
        try:
            list(programs.USES[name](tf.saved_model.load(str(target))))
        except (OSError, tf.errors.OpError, ValueError, TypeError, KeyError, IndexError, AssertionError,
                NotImplementedError, LookupError):
            faults += 1
    assert faults >= 20
