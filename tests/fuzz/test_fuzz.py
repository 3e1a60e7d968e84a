# In: tests/fuzz/{fuzz,calls}.py. Out: the corpus and a short round of every kind, and of odd calls; with NINEFOLD_SOAK ten CPU
# minutes of each.
import os

import pytest

import calls
from fuzz import KINDS, run


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files(kind):
    seconds = 600 if os.environ.get("NINEFOLD_SOAK") else 2
    assert run([kind], seconds, os.environ.get("NINEFOLD_SEED", "1"), keep=False) == []


def test_odd_calls():
    assert calls.run(600, os.environ.get("NINEFOLD_SEED", "1"), processes=None if os.environ.get("NINEFOLD_SOAK") else 20) == []
