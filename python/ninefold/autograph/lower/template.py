# In: text with placeholder names, and the nodes that go there.
# Out: statements whose every new node carries the position of the user's statement.
import ast


class Namer:
    """Gives names that neither the user's function nor an earlier template uses."""

    def __init__(self, tree):
        self.taken = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        self.taken |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}

    def new(self, root):
        name, n = root, 0
        while name in self.taken:
            n += 1
            name = "{}_{}".format(root, n)
        self.taken.add(name)
        return name


class _Fill(ast.NodeTransformer):
    def __init__(self, parts):
        self.parts = parts

    def visit_Expr(self, node):
        if isinstance(node.value, ast.Name) and isinstance(self.parts.get(node.value.id), list):
            return self.parts[node.value.id]
        return self.generic_visit(node)

    def visit_Name(self, node):
        part = self.parts.get(node.id)
        if part is None:
            return node
        if isinstance(part, str):
            return ast.copy_location(ast.Name(part, node.ctx), node)
        return part

    def visit_FunctionDef(self, node):
        node.name = self.parts.get(node.name, node.name)
        return self.generic_visit(node)


def statements(text, at, /, **parts):
    """Parses `text`; a name of `parts` becomes that name, expression or list of statements."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if hasattr(node, "lineno"):
            ast.copy_location(node, at)
            # One line: of a call over several, Python's tracebacks name the last.
            node.end_lineno, node.end_col_offset = node.lineno, node.col_offset
    return _Fill(parts).visit(tree).body


def expression(text, at, /, **parts):
    return statements(text, at, **parts)[0].value
