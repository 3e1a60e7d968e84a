"""In: Python scripts. Out: every TensorFlow symbol they use that this Ninefold lacks. Runs none of them.

What exists is asked of the installed package itself; the list of TensorFlow 2.9.0's symbols only
tells "not here yet" from "never was in TensorFlow 2.9.0". Followed are imports in all spellings and
plain renames (layers = tf.keras.layers); what a call returns is not.
"""
import argparse
import ast
import difflib
import json
import os
import sys

HEADS = {"tensorflow": "tf", "ninefold": "tf", "keras": "tf.keras"}


def tensorflow_symbols():
    """name -> True where it is a module, for TensorFlow 2.9.0."""
    path = os.path.join(os.path.dirname(__file__), "compat", "tf29_names.txt")
    with open(path) as file:
        rows = (line.split() for line in file if not line.startswith("#"))
        return {name: kind == "M" for kind, name in rows}


class Uses(ast.NodeVisitor):
    """(symbol, line) of each longest dotted name rooted in TensorFlow."""

    def __init__(self):
        self.names = {}  # the script's name -> "tf.keras.layers"
        self.found = []

    def visit_Import(self, node):
        for alias in node.names:
            head, *parts = alias.name.split(".")
            if head in HEADS and parts[:1] != ["python"]:
                symbol = ".".join([HEADS[head]] + parts)
                self.found.append((symbol, node.lineno))
                self.names[alias.asname or head] = symbol if alias.asname else HEADS[head]

    def visit_ImportFrom(self, node):
        head, *parts = (node.module or "").split(".")
        if node.level or head not in HEADS or parts[:1] == ["python"]:
            return
        for alias in node.names:
            base = ".".join([HEADS[head]] + parts)
            symbol = base if alias.name == "*" else f"{base}.{alias.name}"
            if symbol == "tf.python":
                continue
            self.found.append((symbol, node.lineno))
            if alias.name != "*":
                self.names[alias.asname or alias.name] = symbol

    def visit_Assign(self, node):
        symbol = self.symbol(node.value)
        self.visit(node.value)
        for target in node.targets:
            if isinstance(target, ast.Name):
                if symbol:
                    self.names[target.id] = symbol
                else:
                    self.names.pop(target.id, None)
            else:
                self.visit(target)

    def visit_FunctionDef(self, node):
        for part in node.decorator_list + node.args.defaults + [d for d in node.args.kw_defaults if d]:
            self.visit(part)
        self.scope(node.args, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node):
        self.scope(node.args, [node.body])

    def scope(self, arguments, body):
        """A body in which the arguments hide what the names meant outside."""
        outer = dict(self.names)
        for argument in ast.walk(arguments):
            if isinstance(argument, ast.arg):
                self.names.pop(argument.arg, None)
                if argument.annotation:
                    self.visit(argument.annotation)
        for part in body:
            self.visit(part)
        self.names = outer

    def visit_Attribute(self, node):
        symbol = self.symbol(node)
        if symbol:
            self.found.append((symbol, node.lineno))
        else:
            self.visit(node.value)

    def symbol(self, node):
        parts = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Name) and node.id in self.names:
            return ".".join([self.names[node.id]] + parts[::-1])
        return None


def first_missing(symbol, package):
    """The shortest prefix of symbol that package lacks, or None."""
    here, name = package, "tf"
    for part in symbol.split(".")[1:]:
        name += "." + part
        try:
            here = getattr(here, part)
        except AttributeError:
            return name
    return None


def findings(text, file, package, known):
    """Rows (file, line, symbol, remark) for one script's text; SyntaxError if it is none."""
    uses = Uses()
    uses.visit(ast.parse(text, file))
    rows = {}
    for symbol, line in uses.found:
        missing = first_missing(symbol, package)
        if missing:
            rows.setdefault((line, missing), (file, line, missing, remark(missing, known)))
    return [rows[key] for key in sorted(rows)]


def remark(symbol, known):
    parent = symbol.rsplit(".", 1)[0]
    if symbol in known:
        return "in TensorFlow 2.9.0, not yet in Ninefold"
    if symbol.startswith("tf.compat.v1"):
        return "TensorFlow 1's API, which Ninefold lacks; use its TensorFlow 2 counterpart"
    if parent in known and not known[parent]:
        return f"{parent} has no such member in Ninefold"
    near = difflib.get_close_matches(symbol, [n for n in known if n.rsplit(".", 1)[0] == parent], 1)
    return "not in TensorFlow 2.9.0 either" + (f"; did you mean {near[0]}?" if near else "")


def main():
    parser = argparse.ArgumentParser(
        prog="ninefold check",
        description="Lists the TensorFlow symbols that scripts use and Ninefold lacks; runs none of them.",
        epilog="exit status: 0 nothing is missing, 1 something is, 2 a file cannot be read or parsed")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of lines")
    parser.add_argument("scripts", nargs="+", metavar="SCRIPT")
    arguments = parser.parse_args()

    import ninefold
    known, rows, unreadable = tensorflow_symbols(), [], 0
    for file in arguments.scripts:
        try:
            with open(file, "rb") as source:
                rows += findings(source.read(), file, ninefold, known)
        except (OSError, SyntaxError, ValueError) as error:
            unreadable += 1
            print(f"ninefold check: {file}: {error}", file=sys.stderr)
    if arguments.json:
        keys = ("file", "line", "symbol", "remark")
        print(json.dumps({"missing": [dict(zip(keys, row)) for row in rows]}, indent=1))
    else:
        for row in rows:
            print("{}:{}: {}: {}".format(*row))
        if not rows and not unreadable:
            print(f"nothing is missing in {', '.join(arguments.scripts)}")
    return 2 if unreadable else 1 if rows else 0


if __name__ == "__main__":
    sys.exit(main())
