# In: traced functions. Out: the same bytes in every process, which real TensorFlow 2.9.0 imported and ran
# (tests/referee/run_graphs.py), and the results that it got.
import hashlib
import json
import os

import numpy as np
import pytest

import graph_programs
import ninefold as tf

DATA = os.path.join(os.path.dirname(__file__), "..", "..", "data", "graphs")
with open(os.path.join(DATA, "results.json"), encoding="utf-8") as file:
    RECORDED = json.load(file)


@pytest.mark.parametrize("name", graph_programs.PROGRAMS)
def test_bytes_are_those_that_tensorflow_ran(name):
    data = graph_programs.written(name)[0]
    with open(os.path.join(DATA, name + ".pb"), "rb") as file:
        kept = file.read()
    assert hashlib.sha256(kept).hexdigest() == RECORDED[name]["sha256"]
    assert data == kept, f"the graph of {name} has changed: let tests/referee/run_graphs.py run it again"
    assert data == graph_programs.written(name)[0]   # traced a second time


@pytest.mark.parametrize("name", graph_programs.PROGRAMS)
def test_results_are_tensorflows(name):
    _, arguments, _, concrete, variables = graph_programs.written(name)
    results = concrete._handle.call([tf.constant(a, s.dtype) for a, s in zip(arguments, concrete.inputs)])
    assert len(results) == len(RECORDED[name]["results"])
    for got, expected in zip(results, RECORDED[name]["results"]):
        if got.dtype == tf.string:
            assert got.numpy().decode() == expected
        else:
            np.testing.assert_allclose(got.numpy(), np.array(expected), rtol=1e-5, atol=1e-7)
    for variable, expected in zip(variables, RECORDED[name]["variables"]):
        np.testing.assert_allclose(variable.numpy(), np.array(expected), rtol=2e-6)


def test_what_the_graphs_hold():
    ops = {op for row in RECORDED.values() for op in row["ops"]}
    assert {"While", "StatelessWhile", "If", "StatelessIf", "ReadVariableOp", "AssignAddVariableOp", "StringJoin",
            "TensorListPushBack", "TensorListPopBack"} <= ops
    assert len(RECORDED["gradient"]["functions"]) >= 6
