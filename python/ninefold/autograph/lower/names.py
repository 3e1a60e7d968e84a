# In: lowered statements (no jump but a last return).
# Out: the names they bind and read, and on each if/while/for its `live_in` and `live_out`.
import ast

from .jumps import FUNCTIONS

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def bound(nodes):
    """Names that these nodes bind in the function's own scope."""
    names = set()
    for node in nodes:
        _bound(node, names)
    return names


def _bound(node, names):
    if isinstance(node, ast.Name):
        if not isinstance(node.ctx, ast.Load):
            names.add(node.id)
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        names.add(node.name)
        return
    elif isinstance(node, ast.Lambda):
        return
    elif isinstance(node, _COMPREHENSIONS):
        names.update(n.target.id for n in ast.walk(node) if isinstance(n, ast.NamedExpr))
        return
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        names.update((a.asname or a.name).split(".")[0] for a in node.names)
    elif isinstance(node, ast.ExceptHandler) and node.name:
        names.add(node.name)
    elif type(node).__name__ in ("MatchAs", "MatchStar") and node.name:
        names.add(node.name)
    elif type(node).__name__ == "MatchMapping" and node.rest:
        names.add(node.rest)
    for child in ast.iter_child_nodes(node):
        _bound(child, names)


def reads(node):
    """Names that a node reads, those of nested functions included."""
    return {n.id for n in ast.walk(node)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def composites(stmts):
    """{text: target} of stores such as `self.x = v` and `d["k"] = v`."""
    found = {}
    for s in stmts:
        if isinstance(s, FUNCTIONS):
            continue
        for n in ast.walk(s):
            if isinstance(n, (ast.Attribute, ast.Subscript)) and isinstance(n.ctx, ast.Store):
                if _simple(n):
                    found[ast.unparse(n)] = n
    return found


def _simple(n):
    if isinstance(n, ast.Attribute):
        return _simple(n.value)
    if isinstance(n, ast.Subscript):
        return _simple(n.value) and isinstance(n.slice, (ast.Constant, ast.Name))
    return isinstance(n, ast.Name)


class Liveness:
    """Backward flow over structured statements. Names live in a handler count as live
    everywhere in its `try`; a call of a local function counts as a read of what it captures."""

    def __init__(self, function):
        self.captured = {}
        for n in ast.walk(function):
            if isinstance(n, ast.FunctionDef) and n is not function:
                self.captured[n.name] = reads(n)
            elif isinstance(n, ast.Assign) and isinstance(n.value, ast.Lambda):
                for t in n.targets:
                    if isinstance(t, ast.Name):
                        self.captured[t.id] = reads(n.value)
        self.handlers = set()

    def reads(self, node):
        names = reads(node)
        for name in list(names):
            names |= self.captured.get(name, set())
        return names

    def block(self, stmts, out):
        for s in reversed(stmts):
            out = self.statement(s, out) | self.handlers
        return out

    def statement(self, s, out):
        kind = type(s).__name__
        if kind == "If":
            s.live_out = set(out)
            out = self.reads(s.test) | self.block(s.body, out) | self.block(s.orelse, out)
            s.live_in = set(out)
            return out
        if kind == "While" or kind == "For":
            return self.loop(s, out)
        if kind == "With":
            return self.block(s.body, out) - bound(s.items) | set().union(
                *(self.reads(i) for i in s.items))
        if kind in ("Try", "TryStar"):
            after = self.block(s.finalbody, out)
            caught = set(after).union(*(self.block(h.body, after) for h in s.handlers))
            caught = caught.union(*(self.reads(h.type) for h in s.handlers if h.type))
            before, self.handlers = self.handlers, self.handlers | caught
            result = self.block(s.body, self.block(s.orelse, after))
            self.handlers = before
            return result | caught
        if kind == "Match":
            inside = [self.block(c.body, out) for c in s.cases]
            inside += [self.reads(c.pattern) for c in s.cases]
            inside += [self.reads(c.guard) for c in s.cases if c.guard]
            return set(out).union(self.reads(s.subject), *inside)
        if kind == "Return":
            return self.reads(s)
        if kind == "AugAssign":
            return out | self.reads(s) | bound([s.target])
        return (out - bound([s])) | self.reads(s)

    def loop(self, s, out):
        s.live_out = set(out)
        is_for = isinstance(s, ast.For)
        live = set(out)
        live |= set(getattr(s, "more", ())) | self.reads(s.target) if is_for else self.reads(s.test)
        while True:
            again = self.block(s.body, live)
            if is_for:
                again -= bound([s.target])
            if again <= live:
                break
            live |= again
        s.live_in = live
        return live | self.reads(s.iter) if is_for else live
