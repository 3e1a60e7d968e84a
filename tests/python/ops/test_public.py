# In: calls of public functions and what they gave on TensorFlow 2.9.0. Out: whether they give the same here.
import json
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import exempt  # noqa: E402
import public_rows  # noqa: E402
import results  # noqa: E402

import ninefold as tf  # noqa: E402

RECORDED = json.loads((pathlib.Path(__file__).resolve().parents[2] / "data" / "ops" / "public.json").read_text())
NAMES = public_rows.values(tf)


@pytest.mark.parametrize("row", public_rows.ROWS)
def test_gives_what_tensorflow_gives(row):
    got = results.evaluate(tf, row, NAMES)
    name = row.partition("(")[0]
    if "module 'tensorflow" in got.get("error", ("", ""))[1] and "module 'tensorflow" not in str(RECORDED[row]):
        assert name in exempt.ABSENT, got["error"][1]
        pytest.skip("not there yet")
    if row in exempt.PUBLIC:
        pytest.skip(exempt.PUBLIC[row])
    text = results.unlike(got, RECORDED[row])
    assert not text, text
