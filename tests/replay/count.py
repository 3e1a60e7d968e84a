# In: recorded cases of TensorFlow 2.9.0 (tests/data/expressions, tests/replay/programs).
# Out: how many cases, whole programs and public symbols they cover, as the goals of the project count them:
# a case counts for one symbol, and for a symbol count at most three cases.
#   python tests/replay/count.py [--symbols]
import ast
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NAMES = frozenset(line[5:] for line in (ROOT / "python/ninefold/compat/tf29_names.txt").read_text().splitlines()
                  if line.startswith("S tf."))
A_SYMBOL = 3    # cases that count for one


def symbols(text):
    """The public names of TensorFlow 2.9.0 in a program's text, the longest that is one for each mention."""
    found = set()
    for dotted in re.findall(r"\btf((?:\.[A-Za-z_]\w*)+)", text):
        parts = dotted[1:].split(".")
        while parts and ".".join(parts) not in NAMES:
            parts.pop()
        if parts:
            found.add(".".join(parts))
    return found


def helpers(setup):
    """Of each name that a setup defines, its text."""
    text = "\n".join(setup)
    found = {}
    for node in ast.parse(text).body:
        source = ast.get_source_segment(text, node)
        for name in [getattr(node, "name", None)] + [getattr(t, "id", None) for t in getattr(node, "targets", ())]:
            if name:
                found[name] = source
    return found


def expressions():
    """(name, text) of each case: the expression and the helpers that it calls."""
    for path in sorted((ROOT / "tests/data/expressions").glob("*.json")):
        about = json.loads(path.read_text())
        known = helpers(about["setup"])
        for case in about["cases"]:
            text, seen, new = case["expression"], set(), True
            while new:
                new = {n for n in re.findall(r"\b[A-Za-z_]\w*\b", text) if n in known} - seen
                seen |= new
                text += "".join("\n" + known[n] for n in sorted(new))
            yield path.stem, text


def programs():
    """(name, text) of each recorded program."""
    for path in sorted((HERE / "programs").glob("*.py")):
        text = path.read_text()
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef) and node.decorator_list:
                yield path.stem, ast.get_source_segment(text, node)


def counted(cases):
    """The largest number of cases of which each has a symbol of its own, a symbol up to three times."""
    holders = {}
    for i in sorted(range(len(cases)), key=lambda i: len(cases[i])):
        _place(i, cases, holders, set())
    return holders


def _place(i, cases, holders, tried):
    for symbol in sorted(cases[i]):
        if symbol in tried:
            continue
        tried.add(symbol)
        held = holders.setdefault(symbol, [])
        if len(held) < A_SYMBOL:
            held.append(i)
            return True
        for k, other in enumerate(held):
            if _place(other, cases, holders, tried):
                held[k] = i
                return True
    return False


def main():
    sys.setrecursionlimit(100000)
    rows, whole = list(expressions()), list(programs())
    cases = [symbols(text) for _, text in rows + whole]
    holders = {s: held for s, held in counted(cases).items() if held}
    if "--symbols" in sys.argv:
        for symbol in sorted(holders):
            print("{:3} {}".format(len(holders[symbol]), symbol))
    print("{} expressions and {} programs recorded; {} public symbols in them".format(
        len(rows), len(whole), len(set().union(*cases))))
    print("counted: {} cases of {} symbols, at most {} a symbol".format(
        sum(map(len, holders.values())), len(holders), A_SYMBOL))


if __name__ == "__main__":
    main()
