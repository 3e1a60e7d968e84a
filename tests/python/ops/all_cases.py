# In: the modules that hold cases. Out: which ops each of them has, and the cases of one op.
import importlib
import pathlib

import table

DATA = pathlib.Path(__file__).resolve().parents[2] / "data" / "ops"
FAMILIES = {}
for family in ("math", "array", "nn", "image", "string"):
    before = set(table.CASES)
    importlib.import_module(family + "_cases")
    FAMILIES[family] = sorted(set(table.CASES) - before)


def of(name):
    return table.CASES[name](name)
