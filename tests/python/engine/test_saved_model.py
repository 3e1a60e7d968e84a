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


class Rules(tf.Module):
    """What TensorFlow 2.9.0 saves, but cannot differentiate once it is loaded: rules within rules, branches and loops."""

    def __init__(self):
        super().__init__()
        self.w = tf.Variable([3.0, -1.0])

    @tf.function(input_signature=[tf.TensorSpec([2], tf.float32)])
    def nested(self, x):
        @tf.custom_gradient
        def first(x):
            @tf.custom_gradient
            def second(u):
                return u * x * x * 3.0, lambda d: d * 7.0 * x
            return x ** 3, second
        return first(x)

    @tf.function(input_signature=[tf.TensorSpec([2], tf.float32)])
    def recomputed(self, x):
        return tf.recompute_grad(lambda t: tf.sin(t * self.w))(x * 1.0)

    @tf.function(input_signature=[tf.TensorSpec([2], tf.float32)])
    def flow(self, x):
        @tf.custom_gradient
        def op(u):
            e = tf.exp(u)

            def grad(dy, variables=None):
                return dy * e * self.w, [dy * e]
            return e * self.w, grad
        for i in tf.range(3):
            if tf.reduce_sum(x) > 0.0:
                x = op(x) * 0.1
            else:
                x = x + tf.cast(i, tf.float32)
        return x


def _slopes(m):
    def of(function):
        x = tf.constant([0.5, 1.5])
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = function(x)
            dx, dw = tape.gradient(y, [x, m.w], unconnected_gradients="zero")
        return y, dx, dw, outer.gradient(dx, x, unconnected_gradients="zero")
    return [t.numpy().tolist() for name in ("nested", "recomputed", "flow") for t in of(getattr(m, name))]


def test_rules_within_rules_branches_and_loops(tmp_path):
    m = Rules()
    expected = _slopes(m)
    folder = str(tmp_path / "rules")
    for _ in range(2):      # what was loaded is saved again
        tf.saved_model.save(m, folder)
        m = tf.saved_model.load(folder)
        np.testing.assert_allclose(np.array(_slopes(m)), np.array(expected), rtol=1e-6)


@pytest.mark.parametrize("make", [lambda to: shutil.copytree(os.path.join(DATA, "without_rules"), to), lambda to: tf.saved_model.save(
    programs.Scaled(1.0), to, options=tf.saved_model.SaveOptions(experimental_custom_gradients=False))])
def test_rules_that_were_not_saved(make, tmp_path, caplog):
    folder = str(tmp_path / "model")
    make(folder)
    m = tf.saved_model.load(folder)
    assert "with ops with unsaved custom gradients. Will likely fail if a gradient is requested." in caplog.text
    for again in (False, True):
        np.testing.assert_allclose(m(tf.constant([1.0, 2.0])).numpy(), [9.0, 96.0])
        with pytest.raises(LookupError, match=r"No gradient defined for operation'IdentityN(_1)?' \(op type: IdentityN\)"):
            with tf.GradientTape() as tape:
                y = m(tf.constant([1.0, 2.0]))
            tape.gradient(y, m.w)
        if not again:       # neither are they in a copy
            tf.saved_model.save(m, folder)
            m = tf.saved_model.load(folder)


def test_a_rule_that_raises(tmp_path):
    class Raises(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
        def f(self, x):
            def grad(dy):
                raise RuntimeError("no slope")
            return tf.custom_gradient(lambda u: (tf.exp(u), grad))(x)
    with pytest.raises(ValueError, match="Error when tracing gradients for SavedModel"):
        tf.saved_model.save(Raises(), str(tmp_path / "model"))
    tf.saved_model.save(Raises(), str(tmp_path / "model"), options=tf.saved_model.SaveOptions(experimental_custom_gradients=False))
    assert float(tf.saved_model.load(str(tmp_path / "model")).f(0.0)) == 1.0


def test_custom_gradients_in_graphs():
    @tf.function(input_signature=[tf.TensorSpec([2], tf.float32, name="x")])
    def f(x):
        return tf.custom_gradient(lambda u: (tf.exp(u), lambda dy: dy * 7.0))(x) * 2.0
    concrete = f.get_concrete_function()
    op = concrete.graph.get_operation_by_name("IdentityN")
    assert [i.name for i in op.inputs] == ["Exp:0", "x:0"] and len(op.outputs) == 2
    assert op.get_attr("_gradient_op_type").startswith(b"CustomGradient-")
    definition = tf.compat.v1.GraphDef.FromString(concrete.graph.as_graph_def().SerializeToString())

    def imported(x):
        return tf.graph_util.import_graph_def(definition, {"x:0": x}, ["mul:0"], name="")[0]
    again = tf.compat.v1.wrap_function(imported, [tf.TensorSpec([2], tf.float32)])
    x = tf.constant([0.0, 1.0])
    np.testing.assert_allclose(again(x), f(x))
    with pytest.raises(LookupError, match=r"No gradient defined for operation'IdentityN' \(op type: IdentityN\)"):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = again(x)
        tape.gradient(y, x)


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
    shadows = tf.Module()
    shadows.signatures = tf.Module()
    with pytest.raises(ValueError, match="has an attribute named 'signatures'. This is a reserved attribute used to store SavedModel"):
        tf.saved_model.save(shadows, str(tmp_path / "m"))
    assert not os.listdir(tmp_path)      # nothing is left of what failed


def test_what_a_loaded_model_serves_is_served_again(tmp_path):
    """The one function with a signature of its own, also where it comes from a file, printed as TensorFlow prints it."""
    class Doubles(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
        def f(self, x):
            return x * 2.0
    tf.saved_model.save(Doubles(), str(tmp_path / "a"))
    tf.saved_model.save(tf.saved_model.load(str(tmp_path / "a")), str(tmp_path / "b"))
    for name in "ab":
        signatures = tf.saved_model.load(str(tmp_path / name)).signatures
        assert list(signatures) == ["serving_default"]
        assert float(signatures["serving_default"](x=tf.constant(4.0))["output_0"]) == 8.0
        assert str(signatures["serving_default"]).startswith("ConcreteFunction signature_wrapper(*, x)\n  Args:\n    x: float32 Tensor")


def test_signatures_that_are_none(tmp_path):
    shutil.copytree(os.path.join(DATA, "flow"), tmp_path / "m")
    path = tmp_path / "m" / "saved_model.pb"
    data = path.read_bytes()
    assert b"signature_map" in data
    path.write_bytes(data.replace(b"signature_map", b"signature_mob"))
    with pytest.raises(OSError, match="are no map of signatures; the file is damaged"):
        tf.saved_model.load(str(tmp_path / "m"))


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


class _Late(tf.Module):
    """Makes its variable when it is first called: nobody has called it before it is saved."""

    def __init__(self):
        self.layers = [tf.Module()]

    @tf.function(input_signature=[tf.TensorSpec([None, 2])])
    def __call__(self, x):
        if not hasattr(self.layers[0], "w"):
            self.layers[0].w = tf.Variable([[1.0], [2.0]])
        return x @ self.layers[0].w


def test_variables_made_while_saving_traces(tmp_path):
    holder = tf.Module()
    holder.inner = _Late()
    tf.saved_model.save(holder, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path))
    assert loaded.inner(tf.ones([1, 2])).numpy().tolist() == [[3.0]]
    loaded.inner.layers[0].w.assign([[2.0], [2.0]])
    assert loaded.inner(tf.ones([1, 2])).numpy().tolist() == [[4.0]]
