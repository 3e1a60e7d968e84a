# In: Python functions.
# Out: the same functions with control flow that a trace can capture. `ast` loads on first use.
import functools

__all__ = ["convert", "do_not_convert", "to_code", "use"]


def convert(f):
    """Returns f with if, while, for, and, or, not and calls going through operators.

    Python values keep Python's behaviour; values that the backend calls symbolic are staged.
    A function that cannot be converted is returned as it is, with a warning.
    """
    from . import operators  # sets what converted code sees

    return operators.c(f)


def do_not_convert(func=None):
    """Decorator: `func` runs as it is written, also when converted code calls it."""
    if func is None:
        return do_not_convert

    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        return func(*args, **kwargs)

    return wrapper


UNTOUCHED = do_not_convert(lambda: None).__code__   # a call of a function that is left as it is


def to_code(entity, recursive=True, experimental_optional_features=None):
    """The source text of the converted function."""
    import ast
    import types

    from . import pipeline

    function = entity
    while not isinstance(function, types.FunctionType):
        function = getattr(function, "__func__", None) or getattr(function, "python_function")
    made = pipeline.tree(function.__code__, function.__globals__)
    if made is None:
        import inspect

        return inspect.getsource(function)
    node = made[0]
    while getattr(node.body[0], "name", None) != made[1] and isinstance(
            node.body[0], (ast.ClassDef, ast.FunctionDef)):
        node = node.body[0]
    if isinstance(node.body[0], ast.FunctionDef):
        node.body[0].name = function.__code__.co_name
    return ast.unparse(node.body[0])


def use(backend):
    """Makes `backend` the framework that operators stage into; returns the one before."""
    from . import operators

    before, operators.backend = operators.backend, backend
    return before
