# In: a function that returns from anywhere.
# Out: the same function with one `return`, its last statement; tail returns stay as they are.
import ast

from . import jumps
from .template import statements


def lower(function, namer):
    """True iff the function was changed."""
    body = function.body
    if not jumps.holds(body[:-1], ast.Return, True) and (
        isinstance(body[-1], ast.Return) or not jumps.holds(body[-1:], ast.Return, True)
    ):
        return False
    flag, value = namer.new("do_return"), namer.new("retval_")

    def replace(s):
        result = s.value if s.value is not None else ast.copy_location(ast.Constant(None), s)
        return statements("value = result\nflag = True", s, value=value, flag=flag, result=result)

    docstring = body[:1] if ast.get_docstring(function) is not None else []
    rest, _, _ = jumps.lower(body[len(docstring):], jumps.Jump(ast.Return, flag, True, replace))
    names = {"flag": flag, "value": value}
    head = statements("flag = False\nvalue = ag__.NO_RETURN", function, **names)
    tail = statements("return ag__.ret(value)", body[-1], **names)
    function.body = docstring + head + rest + tail
    return True
