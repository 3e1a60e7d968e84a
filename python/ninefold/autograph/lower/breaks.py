# In: a function whose loops may hold `break` and `continue`.
# Out: the same loops with flags: `break_` ends the loop, `continue_` skips the rest of a pass.
import ast

from . import jumps
from .template import expression, statements


def lower(function, namer):
    _Loops(namer).generic_visit(function)


class _Loops(ast.NodeTransformer):
    def __init__(self, namer):
        self.namer = namer

    def visit_FunctionDef(self, node):
        return node  # each function is lowered on its own

    visit_AsyncFunctionDef = visit_Lambda = visit_ClassDef = visit_FunctionDef

    def visit_While(self, node):
        self.generic_visit(node)  # inner loops first: their jumps are theirs
        if node.orelse:
            raise jumps.Unsupported("for/else and while/else are not converted")
        before = []
        if jumps.holds(node.body, ast.Continue, False):
            flag = self.namer.new("continue_")
            body, _, _ = jumps.lower(node.body, _flag_jump(ast.Continue, flag))
            node.body = _assign(flag, False, node) + body
        if jumps.holds(node.body, ast.Break, False):
            flag = self.namer.new("break_")
            node.body, _, _ = jumps.lower(node.body, _flag_jump(ast.Break, flag))
            before = _assign(flag, False, node)
            if isinstance(node, ast.While):
                node.test = expression("not flag and test", node.test, flag=flag, test=node.test)
            else:
                node.more = [flag]
        return before + [node]

    visit_For = visit_While


def _flag_jump(node_type, flag):
    return jumps.Jump(node_type, flag, False, lambda s: _assign(flag, True, s))


def _assign(flag, value, at):
    return statements("flag = {}".format(value), at, flag=flag)
