# In: a code object.
# Out: a fresh copy of its syntax tree with the file's own line and column numbers.
import ast
import copy
import linecache


class NoSource(Exception):
    """The text of a function cannot be found, or does not identify it."""


_files = {}  # file name -> (lines, {first line: [(node, enclosing class name)]})


def find(code, module_globals):
    """Returns (node, class_name): the FunctionDef or Lambda that `code` was compiled from.

    The whole file is parsed, once: a lambda inside a call over several lines, a method with odd
    indentation and a decorated function are then all found by position, without guessing.
    """
    index = _index(code.co_filename, module_globals)
    name = code.co_name
    found = [
        (node, owner)
        for node, owner in index.get(code.co_firstlineno, ())
        if getattr(node, "name", "<lambda>") == name and _same_arguments(node, code)
    ]
    if not found:
        raise NoSource(
            "no function {} starts at line {} of {}; was the file changed after it was "
            "loaded?".format(name, code.co_firstlineno, code.co_filename)
        )
    if len(found) > 1:
        raise NoSource(
            "Unable to identify source code of lambda function at {}:{}: several lambdas with "
            "the same arguments are on this line; put them on lines of their own".format(
                code.co_filename, code.co_firstlineno
            )
        )
    node, owner = found[0]
    return copy.deepcopy(node), owner


def _index(filename, module_globals):
    lines = linecache.getlines(filename, module_globals)
    if not lines:
        raise NoSource("could not get source code of {}".format(filename))
    known = _files.get(filename)
    if known is not None and known[0] == lines:
        return known[1]
    try:
        tree = ast.parse("".join(lines), filename)
    except SyntaxError as error:
        raise NoSource("{} does not parse: {}".format(filename, error)) from error
    index = {}
    _collect(tree, None, index)
    _files[filename] = (list(lines), index)
    return index


def _collect(node, owner, index):
    if isinstance(node, ast.ClassDef):
        owner = node.name
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        decorators = getattr(node, "decorator_list", None)
        first = decorators[0].lineno if decorators else node.lineno
        index.setdefault(first, []).append((node, owner))
    for child in ast.iter_child_nodes(node):
        _collect(child, owner, index)


def _same_arguments(node, code):
    a = node.args
    names = [x.arg for x in a.posonlyargs + a.args + a.kwonlyargs]
    names += [x.arg for x in (a.vararg, a.kwarg) if x is not None]
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & 4) + bool(code.co_flags & 8)
    # A method's own names are mangled in the code object only.
    return len(names) == count and all(
        have == want or have.endswith(want) for have, want in zip(code.co_varnames, names)
    )
