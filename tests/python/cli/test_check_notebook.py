"""In: notebooks whose file does and does not show their state. Out: what `ninefold notebook check` says of them."""
import json

import pytest
from ninefold import check_notebook


def book(*cells, counts=None):
    """A notebook of code cells, run from top to bottom unless `counts` says otherwise."""
    counts = counts or range(1, len(cells) + 1)
    return {"nbformat": 4, "metadata": {"kernelspec": {"language": "python"}},
            "cells": [{"cell_type": "code", "source": s, "execution_count": n, "outputs": []} for s, n in zip(cells, counts)]}


HIDDEN = {
    "ran in another order": (book("x = 1", "x = 2", "print(x)", counts=[1, 3, 2]), [(3, "ran as number 2")]),
    "was skipped": (book("x = 1", "x = 2", "print(x)", counts=[1, None, 2]), [(2, "was not run")]),
    "of a deleted cell": (book("print(x)"), [(1, "reads x, which no cell defines")]),
    "defined below": (book("print(x)", "x = 1"), [(1, "reads x, which is defined in cell 2, below it")]),
    "defined below in the cell": (book("print(x)\nx = 1"), [(1, "defined further down in it")]),
    "an import of a deleted cell": (book("a = np.zeros(3)"), [(1, "reads np")]),
    "a function of a deleted cell": (book("def g():\n    return f(1)", "g()"), [(1, "reads f, which no cell defines")]),
    "a name that was renamed": (book("data = [1]", "print(dta)"), [(2, "reads dta")]),
    "what was shown last": (book("1 + 1", "print(_)"), [(2, "reads _, what another cell showed")]),
    "what a cell showed": (book("1 + 1", "y = _1 * 2"), [(2, "reads _1, what another cell showed")]),
    "deleted by name": (book("x = 1", "del x", "print(x)"), [(3, "reads x, which cell 2 deletes")]),
    "added to before it is": (book("total += 1"), [(1, "reads total")]),
    "in a comprehension": (book("[a * k for a in range(3)]"), [(1, "reads k")]),
    "in a default": (book("def f(n=size):\n    return n"), [(1, "reads size")]),
    "in a decorator": (book("@cached\ndef f():\n    pass"), [(1, "reads cached")]),
    "in a class' body": (book("class A(Base):\n    n = width"), [(1, "reads Base"), (1, "reads width")]),
    "in a method": (book("class A:\n    def f(self):\n        return helper(self)"), [(1, "reads helper")]),
    "of a local of a function": (book("def f():\n    inner = 1\n    return inner", "f()", "print(inner)"), [(3, "reads inner")]),
    "of a loop of a comprehension": (book("[i for i in range(3)]", "print(i)"), [(2, "reads i")]),
    "in a timed cell": (book("%%time\nmodel.fit(x)"), [(1, "reads model"), (1, "reads x")]),
    "in an f-string": (book("print(f'{loss:.3f}')"), [(1, "reads loss")]),
    "in a lambda": (book("f = lambda a: a + offset"), [(1, "reads offset")]),
    "no Python": (book("x = = 1"), [(1, "is no Python")]),
}

CLEAN = {
    "nothing": book(),
    "never run": book("x = 1", "print(x)", counts=[None, None]),
    "in order": book("x = 1", "y = x", "print(y)"),
    "run again from some cell on": book("x = 1", "y = x", "print(y)", counts=[1, 5, 6]),
    "an empty cell that was not run": book("x = 1", "", "print(x)", counts=[1, None, 2]),
    "a function that uses what comes later": book("def f():\n    return k", "k = 1", "f()"),
    "functions that call each other": book("def a(n):\n    return b(n - 1) if n else 0\ndef b(n):\n    return a(n)", "a(3)"),
    "imports in all forms": book("import os.path, numpy as np\nfrom math import pi as p", "os.path.join('a')\nnp.pi + p"),
    "a star": book("from math import *", "print(sin(1))"),
    "magics and commands": book("%matplotlib inline\n!ls\nfiles = !ls\nprint(files)\nt = %timeit -o 1\nprint(t)\nprint?"),
    "another language": book("%%bash\necho $HOME\nfor f in *; do x; done"),
    "a timed cell": book("%%time\nx = 1", "print(x)"),
    "captured output": book("%%capture out\nprint(1)", "out.show()"),
    "a script that runs": book("%run prepare.py", "print(prepared)"),
    "a guard": book("try:\n    cache\nexcept NameError:\n    cache = {}", "cache['a'] = 1"),
    "a question to globals": book("if 'model' in globals():\n    del model\nmodel = 1"),
    "comprehensions": book("a = [i * j for i in range(3) for j in range(i) if j]\nb = {k: v for k, v in zip(a, a)}\nc = [y := 1, y ** 2]"),
    "classes": book("class A:\n    n = 1\n    m = n + 1\n    def f(self, other: 'A'):\n        return self.n + len([self])", "A().f(A())"),
    "targets": book("for i, (a, *b) in []:\n    pass\nwith open('x') as f, f:\n    pass\ntry:\n    pass\nexcept OSError as e:\n    print(e)\n"
                    "(n := 5)\nx: int = 3\nprint(i, n, x)"),
    "globals of functions": book("def f():\n    global state\n    state = 1", "f()\nprint(state)"),
    "what IPython has": book("display(1)\nget_ipython().run_line_magic('x', '')\nprint(__name__, In, Out)"),
    "texts with percents": book("s = '''\n%s\n!no\n''' % 3\nprint(s)"),
    "a match": book("match 3:\n    case [a, *rest]:\n        print(a, rest)\n    case other:\n        print(other)"),
    "nested functions": book("def f():\n    n = 0\n    def g():\n        nonlocal n\n        n += 1\n        return n\n    return g\nf()()"),
    "an underscore of one's own": book("for _ in range(3):\n    pass\nprint(_)"),
    "type hints that are texts": book("import typing as t\ndef f(a: t.Any, *b, c=1, **d) -> t.Any:\n    return a, b, c, d"),
    "deleted and made again": book("x = 1\ndel x", "x = 2", "print(x)"),
    "another language's notebook": {**book("println(x)"), "metadata": {"kernelspec": {"language": "julia"}}},
}


@pytest.mark.parametrize("name", HIDDEN)
def test_hidden_state_is_found(name):
    notebook, expected = HIDDEN[name]
    found = check_notebook.findings(notebook)
    assert len(found) == len(expected), found
    for (cell, _, what), (where, says) in zip(found, expected):
        assert cell == where and says in what, found


@pytest.mark.parametrize("name", CLEAN)
def test_nothing_is_said_of_a_clean_one(name):
    assert check_notebook.findings(CLEAN[name]) == []


@pytest.mark.parametrize("text, says", [("{", "is no notebook"), ("{}", "is no notebook"), ('{"nbformat": 3, "cells": []}', "format 4"),
                                        ('{"nbformat": 4, "cells": [1]}', "format 4"), ("[1]", "is no notebook")])
def test_what_is_no_notebook(tmp_path, capsys, monkeypatch, text, says):
    path = tmp_path / "a.ipynb"
    path.write_text(text)
    monkeypatch.setattr("sys.argv", ["check", str(path)])
    assert check_notebook.main() == 2
    assert says in capsys.readouterr().err


def test_lines_and_json(tmp_path, capsys, monkeypatch):
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(book("x = 1", "print(x)\nprint(y)")))
    monkeypatch.setattr("sys.argv", ["check", str(path)])
    assert check_notebook.main() == 1
    assert capsys.readouterr().out == f"{path}: cell 2, line 2: reads y, which no cell defines\n"
    monkeypatch.setattr("sys.argv", ["check", "--json", str(path)])
    assert check_notebook.main() == 1
    assert json.loads(capsys.readouterr().out) == [{"notebook": str(path), "cell": 2, "line": 2, "what": "reads y, which no cell defines"}]
