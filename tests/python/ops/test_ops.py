# In: what each op gave on TensorFlow 2.9.0 (tests/data/ops). Out: whether it gives the same here, eagerly and within
# a function, with its gradients; and whether every op of the registry has the rows that it should have.
import json
import pathlib
import sys

import numpy as np
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import all_cases  # noqa: E402
import calls  # noqa: E402
import compare  # noqa: E402
import exempt  # noqa: E402
import table  # noqa: E402
import tensors  # noqa: E402

import ninefold as tf  # noqa: E402
from ninefold import _core  # noqa: E402

RECORDED = {family: json.loads((all_cases.DATA / f"{family}.json").read_text()) for family in all_cases.FAMILIES}
WORDED = json.loads((all_cases.DATA / "worded.json").read_text())
ROWS = {name: rows for stored in RECORDED.values() for name, rows in stored.items()}


@pytest.mark.parametrize("name", sorted(ROWS))
def test_is_what_tensorflow_gives(name):
    found = compare.faults(tf, name, ROWS[name], *table.TOLERANCE[name], WORDED.get(name))
    known = exempt.DIFFERS.get(name, ())
    found = [text for text in found if not any(part in text for part, _ in known)]
    assert not found, "\n".join(found[:12])


def test_every_op_has_its_rows():
    """A value, an empty tensor, special values and an error each; broadcasting where the op broadcasts."""
    missing = []
    for name in _core.op_names():
        if name in exempt.OPS:
            continue
        kinds = {row["kind"] for row in ROWS.get(name, ())}
        wanted = {"value", "empty", "error"}
        record = _core.describe_op(name)
        if record["elementwise"]:
            wanted.add("special")
            if len(record["inputs"]) > 1 and not name.endswith("Grad"):
                wanted.add("broadcast")
        for kind in sorted(wanted - kinds):
            if (name, kind) not in table.EXEMPT and (name, kind) not in exempt.KINDS:
                missing.append(f"{name}: {kind}")
    assert not missing, f"record rows for these in tests/python/ops, or say in exempt.py why there are none: {missing}"


def test_exemptions_are_needed():
    names = set(_core.op_names())
    assert not [name for name in exempt.OPS if name not in names]
    assert not [name for name in exempt.OPS if name in ROWS], "these have rows by now"
    assert not [n for n, k in exempt.KINDS if k in {row["kind"] for row in ROWS.get(n, ())}]


def _differentiable():
    for name, rows in sorted(ROWS.items()):
        if name in exempt.FINITE or name not in _core.op_names() or not _core.describe_op(name)["differentiable"]:
            continue
        for row in rows:
            if row["kind"] in ("value", "broadcast") and _first_dtype(row) == "float64" and "error" not in row:
                yield name, row
                break


def _first_dtype(row):
    for literal in row["in"].values():
        if isinstance(literal, list) and literal:
            literal = literal if isinstance(literal[0], str) else literal[0]
            if literal[0] in tensors.EPSILON:
                return literal[0]
    return None


@pytest.mark.parametrize("name, row", list(_differentiable()), ids=lambda x: x if isinstance(x, str) else "")
def test_gradients_are_those_of_finite_differences(name, row):
    call = calls.Call(tf, name, row["in"], row.get("attrs", {}))
    try:
        gradients = dict(call.gradients())
    except LookupError:
        pytest.skip("its record says how it is differentiated for other attributes")
    outputs = [t for t in call._run(call.tensors) if t.dtype.name == "float64"]
    upstream = [tensors.numbers(calls.weights("float64", t.shape.as_list())) for t in outputs]

    def loss(key, value):
        name_, _, at = key.partition(".")
        given = dict(call.tensors)
        if at:
            given[name_] = list(given[name_])
            given[name_][int(at)] = tf.constant(value)
        else:
            given[name_] = tf.constant(value)
        out = [t for t in call._run(given) if t.dtype.name == "float64"]
        return sum(float(np.sum(t.numpy() * w)) for t, w in zip(out, upstream))

    for key, gradient in gradients.items():
        if gradient is None or gradient[0] != "float64" or (name, key) in exempt.FINITE_INPUTS:
            continue
        name_, _, at = key.partition(".")
        x = call.tensors[name_][int(at)] if at else call.tensors[name_]
        x, want = x.numpy(), tensors.numbers(gradient)
        step = 1e-6
        for i in np.ndindex(*x.shape):
            up, down = np.array(x), np.array(x)
            up[i] += step
            down[i] -= step
            slope = (loss(key, up) - loss(key, down)) / (2 * step)
            assert slope == pytest.approx(want[i], rel=2e-4, abs=2e-5), f"{name} d/d{key}{list(i)}"
