# In: if, while and for with their liveness.
# Out: the same as functions over `nonlocal` variables, and one operator call.
import ast
import copy

from . import names
from .template import expression, statements


class Blocks(ast.NodeTransformer):
    def __init__(self, function, namer):
        self.namer = namer
        self.globals, self.nonlocals = set(), set()
        for s in _own(function):
            if isinstance(s, ast.Global):
                self.globals |= set(s.names)
            elif isinstance(s, ast.Nonlocal):
                self.nonlocals |= set(s.names)
        self.bound = set()
        self.changed = False

    def visit_ClassDef(self, node):
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = visit_ClassDef

    def visit_AnnAssign(self, node):
        # A declared variable cannot carry an annotation; a local one is never evaluated.
        if not isinstance(node.target, ast.Name):
            return node
        new = ast.Assign([node.target], node.value) if node.value else ast.Pass()
        return ast.copy_location(new, node)

    def visit_If(self, node):
        parts = self.parts(node, node.body + node.orelse)
        self.generic_visit(node)
        parts.update(body=node.body, orelse=node.orelse or [ast.copy_location(ast.Pass(), node)],
                     test=node.test, if_body=self.namer.new("if_body"),
                     else_body=self.namer.new("else_body"))
        return statements(
            "state\ndef if_body():\n  declare\n  body\ndef else_body():\n  declare\n  orelse\n"
            "ag__.if_stmt(test, if_body, else_body, get_state, set_state, symbols, nouts)",
            node, **parts)

    def visit_While(self, node):
        options, node.body = _options(node.body)
        parts = self.parts(node, node.body + [node.test])
        self.generic_visit(node)
        parts.update(body=node.body, test=node.test, options=options,
                     loop_test=self.namer.new("loop_test"), loop_body=self.namer.new("loop_body"))
        return statements(
            "state\ndef loop_test():\n  declare\n  return test\n"
            "def loop_body():\n  declare\n  body\n"
            "ag__.while_stmt(loop_test, loop_body, get_state, set_state, symbols, options)",
            node, **parts)

    def visit_For(self, node):
        options, node.body = _options(node.body)
        parts = self.parts(node, node.body + [node.target])
        self.generic_visit(node)
        flags = getattr(node, "more", None)
        text = "None"
        if flags:
            # The flags may be tensors: the operators again.
            text = "ag__.not_({})".format(flags[-1])
            for f in reversed(flags[:-1]):
                text = "ag__.and_(lambda: ag__.not_({}), lambda: {})".format(f, text)
            text = "lambda: " + text
        item = self.namer.new("itr")
        parts.update(body=node.body, target=node.target, source=node.iter, options=options,
                     item=item, more=expression(text, node),
                     loop_body=self.namer.new("loop_body"))
        made = statements(
            "state\ndef loop_body(item_):\n  declare\n  target = item\n  body\n"
            "ag__.for_stmt(source, more, loop_body, get_state, set_state, symbols, options)",
            node, **parts)
        for s in made:
            if isinstance(s, ast.FunctionDef) and s.name == parts["loop_body"]:
                s.args.args[0].arg = item
        return made

    def parts(self, node, inside):
        """What all three templates share: declarations, state functions, names."""
        self.changed = True
        bound = names.bound(inside)
        self.bound |= bound
        outer = self.globals | self.nonlocals
        live = node.live_in | node.live_out | outer
        state = sorted(bound & live)
        inputs = set()
        if isinstance(node, ast.If):
            inputs = set(state) - node.live_out - outer
        targets = {n: ast.Name(n, ast.Load()) for n in state}
        for text, target in names.composites(inside).items():
            if names.reads(target) <= node.live_in and not names.reads(target) & bound:
                targets[text] = target
        order = sorted(targets, key=lambda n: (n in inputs, n))
        declare = self.declare(bound)
        get, put = self.namer.new("get_state"), self.namer.new("set_state")
        values = self.namer.new("values")
        lines = ["def {}():".format(get)] + ["  " + d for d in declare]
        lines.append("  return ({})".format("".join(
            "ag__.peek(lambda: {0}, {0!r}), ".format(n) for n in order)))
        lines += ["def {}({}):".format(put, values)] + ["  " + d for d in declare] + ["  pass"]
        for i, n in enumerate(order):
            lines.append("  if not ag__.gone({0}[{1}]):\n    {2} = {0}[{1}]".format(values, i, n))
            lines.append("  else:\n    try:\n      del {}\n    except ag__.MISSING:\n"
                         "      pass".format(n))
        symbols = expression("({})".format("".join(repr(n) + ", " for n in order)), node)
        return {
            "state": statements("\n".join(lines), node),
            "declare": statements("\n".join(declare) or "pass", node),
            "symbols": symbols,
            "nouts": expression(str(len(order) - len(inputs)), node),
            "get_state": get, "set_state": put,
        }

    def declare(self, bound):
        own, shared = bound & self.globals, bound - self.globals
        lines = ["global " + ", ".join(sorted(own))] if own else []
        return lines + (["nonlocal " + ", ".join(sorted(shared))] if shared else [])


def _own(node):
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            yield child
            yield from _own(child)


def _options(body):
    """Takes `set_loop_options(...)` out of a loop's head: its keywords, and the other statements.

    The call may already read `ag__.c(set_loop_options)(...)`.
    """
    for i, s in enumerate(body):
        if isinstance(s, ast.Expr) and isinstance(s.value, ast.Call):
            if "set_loop_options" in ast.unparse(s.value.func):
                call = copy.copy(s.value)
                call.func = expression("dict", s)
                return call, body[:i] + [ast.copy_location(ast.Pass(), s)] + body[i + 1:]
    at = body[0]
    return expression("{}", at), body
