# In: the graphs that TensorFlow 2.9.0 ran (tests/data/graphs), whole and damaged. Out: the same results from the functions
# that their bytes are imported as, and errors that name the node.
import json
import os

import numpy as np
import pytest

import ninefold as tf

DATA = os.path.join(os.path.dirname(__file__), "..", "..", "data", "graphs")


def _json(name):
    with open(os.path.join(DATA, name), encoding="utf-8") as file:
        return json.load(file)


PROGRAMS, RECORDED = _json("inputs.json"), _json("results.json")


def _bytes(name):
    with open(os.path.join(DATA, name + ".pb"), "rb") as file:
        return file.read()


def _graph(name):
    return tf.compat.v1.GraphDef.FromString(_bytes(name))


def _wrapped(name):
    """(the function that imports the program's graph, its arguments, its variables)"""
    row, graph = PROGRAMS[name], _graph(name)
    inputs = [n.name for n in graph.node if n.op == "Placeholder"]
    outputs = [n.name + ":0" for n in graph.node if n.op == "Identity"][-row["results"]:]
    variables = [tf.Variable(v, dtype=d) for v, d in row["variables"]]

    def body(*arguments):
        feeds = dict(zip(inputs, [*arguments, *[v.handle for v in variables]]))
        return tf.graph_util.import_graph_def(graph, input_map=feeds, return_elements=outputs)
    arguments = [tf.constant(a, d) for a, d in zip(row["arguments"], row["dtypes"])]
    return tf.compat.v1.wrap_function(body, [tf.TensorSpec(a.shape, a.dtype) for a in arguments]), arguments, variables


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_imported_graphs_give_tensorflows_results(name):
    function, arguments, variables = _wrapped(name)
    for got, expected in zip(function(*arguments), RECORDED[name]["results"]):
        if got.dtype == tf.string:
            assert got.numpy().decode() == expected
        else:
            np.testing.assert_allclose(got.numpy(), np.array(expected), rtol=1e-5, atol=1e-7)
    for variable, expected in zip(variables, RECORDED[name]["variables"]):
        np.testing.assert_allclose(variable.numpy(), np.array(expected), rtol=2e-6)


def test_what_was_written_is_imported_again():
    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="x")])
    def f(x):
        parts = tf.split(x, 2, axis=1)
        return tf.concat(parts[::-1], 1) + tf.constant([[0.5, 1.0]])
    graph = f.get_concrete_function().graph.as_graph_def()

    @tf.function
    def g(x):
        fetch = [n.name + ":0" for n in graph.node if n.op == "Identity"][-1]
        return tf.graph_util.import_graph_def(graph, {"x": x}, [fetch])[0] * 2.0
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal(g(x).numpy(), 2 * f(x).numpy())
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = g(x)
    np.testing.assert_array_equal(tape.gradient(y, x).numpy(), np.full([2, 2], 2.0))


def test_prune_cuts_a_function_out():
    graph = _graph("nested")
    whole = tf.compat.v1.wrap_function(lambda: tf.compat.v1.import_graph_def(graph, name=""), [])
    view = whole.graph
    feeds = [n.name + ":0" for n in graph.node if n.op == "Placeholder"]
    fetch = [n.name + ":0" for n in graph.node if n.op == "Identity"]
    cut = whole.prune([view.as_graph_element(f) for f in feeds], {"x": view.get_tensor_by_name(fetch[-2]), "steps": fetch[-1]})
    result = cut(tf.constant([3.0, 2.0]), tf.constant(5))
    np.testing.assert_allclose(result["x"].numpy(), RECORDED["nested"]["results"][0], rtol=1e-6)
    assert int(result["steps"]) == RECORDED["nested"]["results"][1]
    assert view.get_operation_by_name(feeds[0][:-2]).type == "Placeholder"
    with pytest.raises(KeyError, match="The operation, 'nowhere', does not exist in the graph"):
        view.as_graph_element("nowhere:0")
    with pytest.raises(tf.errors.InvalidArgumentError, match="You must feed a value for placeholder tensor"):
        whole.prune([], fetch[-2])


def _importing(data, name="branch"):
    graph = tf.compat.v1.GraphDef.FromString(data)
    fetch = [n.name + ":0" for n in graph.node if n.op == "Identity"]
    feeds = [n.name + ":0" for n in graph.node if n.op == "Placeholder"]
    return graph._graph().prune(feeds, fetch, [])


@pytest.mark.parametrize("old, new, error, text", [
    (b"StringUpper", b"StringOther", tf.errors.NotFoundError, r"Op type not registered 'StringOther': node '.*' of function '.*' needs it"),
    (b"StringLength", b"NextIteration"[:12], tf.errors.NotFoundError, "NextIteratio"),
    (b"AssignAddVariableOp", b"AssignAddVariableOq", tf.errors.NotFoundError, "AssignAddVariableOq"),
])
def test_errors_name_op_and_node(old, new, error, text):
    data = _bytes("branch")
    assert old in data
    with pytest.raises(error, match=text):
        _importing(data.replace(old, new))


def test_control_flow_of_tensorflow_1_is_refused():
    data = _bytes("loop")
    assert b"AddV2" in data
    with pytest.raises(tf.errors.UnimplementedError, match="control flow of TensorFlow 1 cannot be imported"):
        _importing(data.replace(b"AddV2", b"Merge"))


def test_import_says_what_it_expects():
    graph = _graph("nested")
    with pytest.raises(TypeError, match="Argument `graph_def` must be a GraphDef proto"):
        tf.graph_util.import_graph_def(b"bytes")
    with pytest.raises(RuntimeError, match="import_graph_def: call it within a tf.function"):
        tf.graph_util.import_graph_def(graph)
    with pytest.raises(ValueError, match="Requested return_element 'absent:0' not found in graph_def"):
        tf.compat.v1.wrap_function(lambda: tf.graph_util.import_graph_def(graph, return_elements=["absent:0"]), [])


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_damaged_graphs_raise(name):
    """Cut short at many places and with bytes changed: an error of its kind or a graph, never a crash."""
    data = _bytes(name)
    generator = np.random.RandomState(7)
    faults = 0
    for i in range(60):
        damaged = bytearray(data[:generator.randint(1, len(data))] if i % 2 else data)
        if not i % 2:
            for _ in range(4):
                damaged[generator.randint(len(damaged))] = generator.randint(256)
        try:
            _importing(bytes(damaged))
        except (tf.errors.OpError, ValueError, TypeError, KeyError, UnicodeDecodeError, LookupError):
            faults += 1
    assert faults > 20


def test_a_node_names_a_gradient_of_this_process():
    """Square, whose gradient is called 'OfImported'; TensorFlow 2.9.0 raises and gives the same."""
    graph = tf.compat.v1.GraphDef.FromString(
        b"\n*\n\x01x\x12\x0bPlaceholder*\x0b\n\x05shape\x12\x02:\x00*\x0b\n\x05dtype\x12\x020\x01\n:\n\x01y\x12\x06Square\x1a\x01x"
        b"*\x07\n\x01T\x12\x020\x01*!\n\x11_gradient_op_type\x12\x0c\x12\nOfImported")

    def slope():
        f = tf.compat.v1.wrap_function(lambda x: tf.compat.v1.import_graph_def(graph, {"x": x}, ["y:0"])[0], [tf.TensorSpec([])])
        x = tf.constant(3.0)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        return float(tape.gradient(y, x))
    with pytest.raises(LookupError, match=r"^No gradient defined for operation'(import/)?y' \(op type: Square\)"):
        slope()
    tf.RegisterGradient("OfImported")(lambda op, flow: flow * op.outputs[0])
    assert slope() == 9.0
