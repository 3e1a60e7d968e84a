# In: small results, one changed. Out: proof that a replay sees the change and names its key.
import numpy as np
import pytest
import replay

RECORDED = {"loss": [0.5, 0.25], "weights": np.float32([[1, 2], [3, 4]]), "n": 3, "name": "dense",
            "line": replay.Text("loss: 0.6296 - <t>/step"), "nan": float("nan"),
            "error": replay.Fault(ValueError("bad rank"), literal=True), "big": 1e6}


def differences(changed, spread=None, **options):
    case = replay.Case("c", None, 7, ("weights",), options.get("tolerance", 1e-4), 1)
    stored = {"values": replay.encode(RECORDED), "spread": spread or {}}
    return replay.compare(case, stored, replay.encode({**RECORDED, **changed}))


@pytest.mark.parametrize("changed, spread", [
    ({}, {}), ({"loss": [0.50009, 0.25]}, {}), ({"loss": [0.5, 0.2599]}, {"loss": 0.01}),
    ({"line": replay.Text("loss: 0.6297 - <t>/step")}, {}), ({"big": 1e6 + 50}, {})])
def test_agrees(changed, spread):
    assert differences(changed, spread) == []


@pytest.mark.parametrize("changed, text", [
    ({"loss": [0.5002, 0.25]}, "loss: 1 of 2 differ, first at [0]: TensorFlow 0.5, ninefold 0.5"),
    ({"loss": [0.5]}, "loss: TensorFlow list of 2 floats"),
    ({"weights": np.float32([[1, 2], [3, 4.0000005]])}, "weights: 1 of 4 differ, first at [1, 1]"),
    ({"weights": np.float64([[1, 2], [3, 4]])}, "weights: TensorFlow float32 array"),
    ({"n": 4}, "n: TensorFlow {'value': 3}"), ({"name": "dense_1"}, "name: TensorFlow"),
    ({"line": replay.Text("loss: 0.6299 - <t>/step")}, "line: 1 of 1 differ"),
    ({"line": replay.Text("loss 0.6296 - <t>/step")}, "line: TensorFlow loss: <n>"),
    ({"nan": 0.0}, "nan: 1 of 1 differ"), ({"extra": 1}, "extra: not in the recording"),
    ({"error": replay.Fault(TypeError("bad rank"), literal=True)}, "error: TensorFlow ValueError"),
    ({"error": replay.Fault(ValueError("bad"), literal=True)}, "error: TensorFlow ValueError")])
def test_differs(changed, text):
    found = differences(changed)
    assert len(found) == 1 and found[0].startswith(text), found


def test_what_moves_and_is_no_float_is_refused():
    with pytest.raises(ValueError, match="n: .*in one run"):
        replay.spread([replay.encode({"n": 1}), replay.encode({"n": 2})])
    assert replay.spread([replay.encode({"x": 1.0}), replay.encode({"x": 1.5})]) == {"x": 0.5}


def test_times_are_masked():
    raw = ("\r 1/32 [>...] - ETA: 14s - loss: 0.7\x08\x08\r"
           "32/32 [=] - 0s 821us/step - loss: 0.6296\n")
    assert replay.mask(raw) == "32/32 [=] - <t> <t>/step - loss: 0.6296\n"
