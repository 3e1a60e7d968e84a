"""In: notebooks. Out: what in them depends on a state that the file does not show: cells that ran in another order, names
that only a cell further down or a deleted one defines. Runs none of them.

Names are followed by Python's own rules of scope. A function's body reads names when it is called, so it may use what a
later cell defines; code of a cell may not. Where anything may be defined (`from x import *`, `%run`, exec), nothing is
said of names after it.
"""
import argparse
import ast
import builtins
import json
import re
import sys

# What IPython itself defines.
IPYTHON = {"get_ipython", "display", "In", "Out", "exit", "quit", "__doc__", "__name__", "__builtin__", "__builtins__"}
SHOWN = re.compile(r"_+$|_i*$|_\d+$|_i\d+$")      # what other cells showed or were: _, __, _12, _i3
PYTHON_CELLS = {"time", "timeit", "capture", "prun"}
ASSIGNED = re.compile(r"^(\s*)([A-Za-z_][\w, ]*?)\s*=\s*[!%]")


class Faults(Exception):
    """The file cannot be read as a notebook."""


def python_of(source):
    """A cell's Python, line for line, and whether a magic in it may define anything."""
    lines, opens = source.split("\n"), False
    first = source.lstrip()
    if first.startswith("%%"):
        words = first[2:].split("\n")[0].split()
        if not words or words[0] not in PYTHON_CELLS:
            return "", False
        at = next(i for i, line in enumerate(lines) if line.lstrip().startswith("%%"))
        defined = [w for w in words[1:] if w.isidentifier()] if words[0] == "capture" else []
        lines[at] = "; ".join(f"{name} = None" for name in defined)
    quotes = None
    for i, line in enumerate(lines):
        bare = line.strip()
        if quotes is None:
            indent = line[:len(line) - len(line.lstrip())]
            assigned = ASSIGNED.match(line)
            if bare.startswith(("!", "?")) or re.match(r"%[A-Za-z]", bare) or re.fullmatch(r"[\w.]+\?{1,2}", bare):
                opens = opens or bool(re.match(r"%(run|store|pylab|load|loadpy|macro)\b", bare))
                lines[i] = indent + "pass"
                continue
            if assigned:
                lines[i] = f"{assigned[1]}{assigned[2]} = None"
                continue
        for mark in re.findall(r'"""|\'\'\'', line if quotes or "#" not in line else line.split("#")[0]):
            quotes = None if quotes == mark else quotes or mark
    return "\n".join(lines), opens


class Names(ast.NodeVisitor):
    """What a cell reads before it defines it, what it defines and deletes, and what its functions read when called."""

    def __init__(self):
        self.read, self.late, self.defined, self.deleted = {}, {}, set(), set()
        self.opens, self.excused, self.guarded = False, set(), 0
        self.scopes = []          # of functions: names that are local there
        self.classes = 0

    def local(self, name):
        return any(name in scope for scope in self.scopes)

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Load):
            if self.local(node.id) or self.guarded:
                return
            if self.scopes:
                self.late.setdefault(node.id, node.lineno)
            elif node.id not in self.defined:
                self.read.setdefault(node.id, node.lineno)
        elif not self.scopes:
            if isinstance(node.ctx, ast.Del):
                self.deleted.add(node.id)
                self.defined.discard(node.id)
            else:
                self.define(node.id)
        elif not self.local(node.id):
            self.define(node.id)   # `global x` in a function

    def define(self, name):
        self.defined.add(name)
        self.deleted.discard(name)

    def visit_Import(self, node):
        for alias in node.names:
            if not self.scopes:
                self.define((alias.asname or alias.name).split(".")[0])

    def visit_ImportFrom(self, node):
        for alias in node.names:
            if alias.name == "*":
                self.opens = True
            elif not self.scopes:
                self.define(alias.asname or alias.name)

    def visit_Assign(self, node):
        self.visit(node.value)
        for target in node.targets:
            self.visit(target)

    def visit_AnnAssign(self, node):
        self.visit(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self.visit(node.target)

    def visit_AugAssign(self, node):
        self.visit(node.value)
        if isinstance(node.target, ast.Name):
            self.visit(ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target))
        self.visit(node.target)

    def visit_NamedExpr(self, node):
        self.visit(node.value)
        self.visit(node.target)

    def visit_For(self, node):
        self.visit(node.iter)
        self.visit(node.target)
        for part in node.body + node.orelse:
            self.visit(part)

    visit_AsyncFor = visit_For

    def visit_With(self, node):
        for item in node.items:
            self.visit(item.context_expr)
            if item.optional_vars is not None:
                self.visit(item.optional_vars)
        for part in node.body:
            self.visit(part)

    visit_AsyncWith = visit_With

    def visit_Try(self, node):
        caught = [n.id for h in node.handlers for n in (ast.walk(h.type) if h.type else []) if isinstance(n, ast.Name)]
        guards = any(h.type is None for h in node.handlers) or {"NameError", "Exception", "BaseException"} & set(caught)
        self.guarded += bool(guards)
        for part in node.body:
            self.visit(part)
        self.guarded -= bool(guards)
        for handler in node.handlers:
            if handler.type is not None:
                self.visit(handler.type)
            if handler.name and not self.scopes:
                self.define(handler.name)
            if handler.name and self.scopes:
                self.scopes[-1].add(handler.name)
            for part in handler.body:
                self.visit(part)
        for part in node.orelse + node.finalbody:
            self.visit(part)

    visit_TryStar = visit_Try

    def visit_Compare(self, node):
        # 'x' in globals(): the program asks for itself.
        if isinstance(node.left, ast.Constant) and isinstance(node.left.value, str) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            self.excused.add(node.left.value)
        self.generic_visit(node)

    def visit_Call(self, node):
        if isinstance(node.func, ast.Name) and node.func.id in ("exec", "eval") and node.func.id == "exec":
            self.opens = True
        self.generic_visit(node)

    def visit_FunctionDef(self, node):
        for part in node.decorator_list + node.args.defaults + [d for d in node.args.kw_defaults if d]:
            self.visit(part)
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg) and argument.annotation is not None:
                self.visit(argument.annotation)
        if node.returns is not None:
            self.visit(node.returns)
        if self.scopes:
            self.scopes[-1].add(node.name)
        else:
            self.define(node.name)
        self.body(node.args, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node):
        for part in node.args.defaults + [d for d in node.args.kw_defaults if d]:
            self.visit(part)
        self.body(node.args, [node.body])

    def body(self, arguments, parts):
        """A function's body; what it assigns is its own unless it says global."""
        own = {a.arg for a in ast.walk(arguments) if isinstance(a, ast.arg)}
        outside = set()
        stack = list(parts)
        while stack:
            part = stack.pop()
            if isinstance(part, (ast.Global, ast.Nonlocal)):
                outside |= set(part.names)
            if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                own.add(part.name)
                continue
            if isinstance(part, ast.Lambda):
                continue
            if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
                own.add(part.id)
            if isinstance(part, (ast.Import, ast.ImportFrom)):
                own |= {(a.asname or a.name).split(".")[0] for a in part.names}
            if isinstance(part, ast.ExceptHandler) and part.name:
                own.add(part.name)
            if isinstance(part, (ast.MatchAs, ast.MatchStar)) and part.name:
                own.add(part.name)
            stack.extend(ast.iter_child_nodes(part))
        self.scopes.append(own - outside)
        guarded, self.guarded = self.guarded, 0
        for part in parts:
            self.visit(part)
        self.guarded = guarded
        self.scopes.pop()

    def visit_ClassDef(self, node):
        for part in node.decorator_list + node.bases + [k.value for k in node.keywords]:
            self.visit(part)
        # A class's body runs at once, in a scope of its own that functions in it do not see.
        inner = Names()
        inner.scopes = [set(s) for s in self.scopes]
        in_function = bool(self.scopes)
        if not in_function:
            inner.defined = set(self.defined)
        for part in node.body:
            inner.visit(part)
        for name, line in inner.read.items():
            (self.late if in_function else self.read).setdefault(name, line)
        for name, line in inner.late.items():
            self.late.setdefault(name, line)
        self.excused |= inner.excused
        if in_function:
            self.scopes[-1].add(node.name)
        else:
            self.define(node.name)

    def visit_MatchAs(self, node):
        self.generic_visit(node)
        if node.name and not self.scopes:
            self.define(node.name)

    def visit_MatchStar(self, node):
        if node.name and not self.scopes:
            self.define(node.name)

    def _comprehension(self, node):
        self.visit(node.generators[0].iter)          # read in the scope around it
        own = {n.id for g in node.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)}
        walrus = [n.target.id for n in ast.walk(node) if isinstance(n, ast.NamedExpr)]
        at_once = not self.scopes
        self.scopes.append(own)
        before = dict(self.late)
        for i, generator in enumerate(node.generators):
            if i:
                self.visit(generator.iter)
            for condition in generator.ifs:
                self.visit(condition)
        for part in ([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]):
            self.visit(part)
        self.scopes.pop()
        if at_once:                                  # it ran with the cell: what it read, the cell read
            for name in set(self.late) - set(before):
                line = self.late.pop(name)
                if name not in self.defined:
                    self.read.setdefault(name, line)
            for name in walrus:
                self.define(name)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension


def findings(notebook):
    """(cell from 1, line from 1 or 0, what) of a parsed notebook."""
    cells = [(i + 1, c) for i, c in enumerate(notebook["cells"]) if c.get("cell_type") == "code"]
    found = list(_orders(cells))
    language = notebook.get("metadata", {}).get("kernelspec", {}).get("language", "python")
    if language == "python":
        found += _names(cells)
    return sorted(found)


def _source(cell):
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def _orders(cells):
    runs = [(number, cell.get("execution_count")) for number, cell in cells if _source(cell).strip()]
    highest, at = 0, None
    for number, count in runs:
        if not isinstance(count, int):
            later = [n for n, c in runs if n > number and isinstance(c, int)]
            if later:
                yield number, 0, f"was not run, and cell {later[0]} after it was"
        elif count <= highest:
            yield number, 0, f"ran as number {count}, before cell {at} above it, which ran as number {highest}"
        else:
            highest, at = count, number


def _names(cells):
    parsed = []
    for number, cell in cells:
        text, opens = python_of(_source(cell))
        try:
            tree = ast.parse(text)
        except SyntaxError as fault:
            yield number, fault.lineno or 0, f"is no Python: {fault.msg}"
            continue
        names = Names()
        names.opens = opens
        names.visit(tree)
        parsed.append((number, names))
    known = set(dir(builtins)) | IPYTHON
    anywhere = known.union(*(names.defined for _, names in parsed)) if parsed else known
    excused = set().union(*(names.excused for _, names in parsed)) if parsed else set()
    opened, gone = False, {}
    for number, names in parsed:
        for name, line in names.read.items():
            if SHOWN.match(name) and name not in anywhere and name != "_":
                yield number, line, f"reads {name}, what another cell showed"
            elif name == "_" and "_" not in anywhere:
                yield number, line, "reads _, what another cell showed"
            elif name in known or name in excused or opened:
                continue
            elif name in gone:
                yield number, line, f"reads {name}, which cell {gone[name]} deletes"
            elif name in anywhere:
                later = next(n for n, other in parsed if name in other.defined and n >= number)
                where = "further down in it" if later == number else f"in cell {later}, below it"
                yield number, line, f"reads {name}, which is defined {where}"
            else:
                yield number, line, f"reads {name}, which no cell defines"
        for name, line in names.late.items():
            if name not in anywhere and name not in excused and not opened and not names.opens and not SHOWN.match(name):
                yield number, line, f"reads {name}, which no cell defines"
        opened = opened or names.opens
        known |= names.defined
        for name in names.deleted:
            known.discard(name)
            gone[name] = number
        for name in names.defined:
            gone.pop(name, None)


def load(path):
    try:
        with open(path, encoding="utf-8") as file:
            notebook = json.load(file)
        if notebook["nbformat"] != 4 or not all(isinstance(c, dict) for c in notebook["cells"]):
            raise Faults(f"{path}: expected a notebook of format 4")
        return notebook
    except (OSError, UnicodeDecodeError) as fault:
        raise Faults(f"{path}: cannot be read: {fault}") from fault
    except (ValueError, KeyError, TypeError) as fault:
        raise Faults(f"{path}: it is no notebook: {fault}") from fault


def main():
    parser = argparse.ArgumentParser(prog="ninefold notebook check")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("notebooks", nargs="+")
    arguments = parser.parse_args()
    rows = []
    for path in arguments.notebooks:
        try:
            rows += [{"notebook": path, "cell": cell, "line": line, "what": what} for cell, line, what in findings(load(path))]
        except Faults as fault:
            print(f"notebook check: {fault}", file=sys.stderr)
            return 2
    if arguments.json:
        print(json.dumps(rows))
    else:
        for row in rows:
            print(f"{row['notebook']}: cell {row['cell']}{', line %d' % row['line'] if row['line'] else ''}: {row['what']}")
    return 1 if rows else 0


if __name__ == "__main__":
    sys.exit(main())
