# In: expressions with what TensorFlow 2.9.0 said of them (tests/referee/record_expressions.py). Out: we say the same.
import ast
import glob
import json
import linecache
import os
import re
import sys
import types

import numpy as np
import pytest

import ninefold as tf

CASES = []
for path in sorted(glob.glob(os.path.join(os.path.dirname(__file__), "..", "..", "data", "expressions", "*.json"))):
    with open(path, encoding="utf-8") as file:
        about = json.load(file)
    CASES += [pytest.param("\n".join(about["setup"]) + "\n", case, id=case["expression"]) for case in about["cases"]]


def told(value):
    """Its printed form. From Python 3.12 on an OrderedDict shows a dict, where the recordings have pairs."""
    return re.sub(r"OrderedDict\((\{[^{}]*\})\)",
                  lambda found: "OrderedDict({})".format(list(ast.literal_eval(found[1]).items())), repr(value))


@pytest.mark.parametrize("setup, case", CASES)
def test_says_what_tensorflow_says(setup, case, monkeypatch):
    linecache.cache["setup.py"] = len(setup), None, setup.splitlines(True), "setup.py"   # for AutoGraph
    monkeypatch.setitem(sys.modules, "setup", types.ModuleType("setup"))
    names = vars(sys.modules["setup"])
    names.update(tf=tf, np=np)
    exec(compile(setup, "setup.py", "exec"), names)
    if "gives" in case:
        assert told(eval(case["expression"], names)) == case["gives"]
        return
    with pytest.raises(Exception) as info:
        eval(case["expression"], names)
    assert type(info.value).__name__ == case["raises"]
    if not case.get("other_text"):   # texts that tell TensorFlow's inner names are not ours
        assert str(info.value).startswith(case["text"])
