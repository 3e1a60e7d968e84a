# In: expressions.
# Out: calls go through `ag__.c`, `and`, `or`, `not` and the ternary become operator calls.
import ast

from .template import expression


class Expressions(ast.NodeTransformer):
    def __init__(self, first_argument):
        self.first_argument = first_argument
        self.changed = False

    def visit_ClassDef(self, node):
        return node  # its methods are converted when they are called

    visit_AsyncFunctionDef = visit_ClassDef

    def visit_FunctionDef(self, node):
        if getattr(node, "leave", False):
            return node
        node.body = [self.visit(s) for s in node.body]
        return node

    def visit_Call(self, node):
        self.generic_visit(node)
        if isinstance(node.func, ast.Name):
            if node.func.id == "super" and not node.args and self.first_argument:
                # Without arguments, super() looks at its frame, which will be another one.
                node.args = [ast.copy_location(ast.Name("__class__", ast.Load()), node),
                             ast.copy_location(ast.Name(self.first_argument, ast.Load()), node)]
                return node
            if node.func.id in ("super", "locals", "globals", "vars", "dir", "eval"):
                return node
        self.changed = True
        node.func = expression("ag__.c(f)", node.func, f=node.func)
        return node

    def visit_UnaryOp(self, node):
        self.generic_visit(node)
        if not isinstance(node.op, ast.Not):
            return node
        self.changed = True
        return expression("ag__.not_(a)", node, a=node.operand)

    def visit_BoolOp(self, node):
        self.generic_visit(node)
        if _binds(node):
            return node
        self.changed = True
        form = "ag__.{}_(lambda: a, lambda: b)".format(
            "and" if isinstance(node.op, ast.And) else "or")
        result = node.values[-1]
        for value in reversed(node.values[:-1]):
            result = expression(form, node, a=value, b=result)
        return result

    def visit_IfExp(self, node):
        text = ast.unparse(node)
        self.generic_visit(node)
        if _binds(node.body) or _binds(node.orelse):
            return node
        self.changed = True
        return expression("ag__.if_exp(c, lambda: a, lambda: b, text)", node, c=node.test,
                          a=node.body, b=node.orelse,
                          text=ast.copy_location(ast.Constant(text), node))


def _binds(node):
    """True iff a walrus inside would bind in the wrong scope under a lambda."""
    return any(isinstance(n, ast.NamedExpr) for n in ast.walk(node))
