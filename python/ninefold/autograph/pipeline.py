# In: a function's code object.
# Out: a code object whose control flow goes through `ag__`, or None where nothing would change.
import __future__
import ast
import types

from . import source
from .lower import blocks, breaks, names, returns
from .lower.expressions import Expressions
from .lower.jumps import Unsupported
from .lower.template import Namer, statements

_FUTURE = 0
for _name in __future__.all_feature_names:
    _FUTURE |= getattr(__future__, _name).compiler_flag


def convert_code(code, module_globals):
    made = tree(code, module_globals)
    if made is None:
        return None
    module, name = made
    compiled = compile(module, code.co_filename, "exec", code.co_flags & _FUTURE, True)
    return _dig(_dig(compiled, "ag__factory"), name).replace(co_name=code.co_name)


def tree(code, module_globals):
    """The module that holds the converted function, and the function's name."""
    node, owner = source.find(code, module_globals)
    node.args.defaults = []  # the function object has them
    node.args.kw_defaults = [None] * len(node.args.kwonlyargs)
    arguments = node.args.posonlyargs + node.args.args
    for a in ast.walk(node.args):
        if isinstance(a, ast.arg):
            a.annotation = None
    changed = False
    if isinstance(node, ast.FunctionDef):
        node.decorator_list, node.returns = [], None
        changed = _lower(node)
    expressions = Expressions(arguments[0].arg if arguments else None)
    if isinstance(node, ast.Lambda):
        node.body = expressions.visit(node.body)
        held = [ast.copy_location(ast.Return(node), node)]
    else:
        held = [node]
    if not (changed or expressions.changed or getattr(node, "ag_changed", False)):
        return None
    name = code.co_name
    if isinstance(node, ast.FunctionDef):
        # Under its own name it would be a local of the factory, and a call of itself no longer global.
        name = node.name = "ag__converted"
    free = ["ag__"] + [n for n in code.co_freevars if n != "ag__"]
    module = ast.Module(statements("def ag__factory({}):\n  held".format(", ".join(free)), node,
                                   held=held), [])
    if owner is not None:  # private names are mangled by the class they are written in
        cls = statements("class {}:\n  held".format(owner), node, held=module.body)
        module = ast.Module(cls, [])
    return ast.fix_missing_locations(module), name


def _lower(function):
    """Rewrites one function and, first, the plain functions inside it."""
    for inner in _inner(function):
        if inner.decorator_list or _yields(inner):
            inner.leave = True  # converted, if at all, when it is called
        elif _lower(inner):
            function.ag_changed = True
    namer = Namer(function)
    breaks.lower(function, namer)
    changed = returns.lower(function, namer)
    names.Liveness(function).block(function.body, set())
    arguments = function.args.posonlyargs + function.args.args
    expressions = Expressions(arguments[0].arg if arguments else None)
    for s in function.body:
        expressions.visit(s)  # changes expressions only, so statements stay where they are
    converter = blocks.Blocks(function, namer)
    body = []
    for s in function.body:
        result = converter.visit(s)
        body += result if isinstance(result, list) else [result]
    local = sorted(converter.bound - converter.globals - converter.nonlocals
                   - {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)})
    if local:
        # Never runs: it only makes these names the function's own, for `nonlocal`.
        at = 1 if ast.get_docstring(function) is not None else 0
        while at < len(body) and isinstance(body[at], (ast.Global, ast.Nonlocal)):
            at += 1
        body[at:at] = statements("if 0:\n  {} = None".format(" = ".join(local)), function)
    function.body = body
    function.leave = True  # the outer function's pass must not convert it twice
    return changed or expressions.changed or converter.changed


def _inner(node):
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            yield child
        elif not isinstance(child, (ast.ClassDef, ast.Lambda, ast.AsyncFunctionDef)):
            yield from _inner(child)


def _yields(function):
    return any(isinstance(n, (ast.Yield, ast.YieldFrom, ast.Await)) for n in ast.walk(function))


def _dig(code, name):
    for c in code.co_consts:
        if isinstance(c, types.CodeType):
            if c.co_name == name:
                return c
            found = _dig(c, name)
            if found is not None:
                return found
    return None
