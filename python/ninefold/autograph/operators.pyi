# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.autograph.operators for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

MISSING: Any

NO_RETURN: Any

class Undefined:
    """A variable that is unbound at this point of the program."""
    def __init__(self, name: Any) -> None: ...
    name: Any

def and_(a: Any, b: Any) -> Any: ...

backend: Any

def c(f: Any) -> Any:
    """Returns f with its control flow converted; f itself where there is nothing to convert."""

def converted_call(f: Any, args: Any = ..., kwargs: Any = ...) -> Any: ...

def for_stmt(source: Any, more: Any, body: Any, get_state: Any, set_state: Any, symbols: Any, options: Any) -> Any: ...

def gone(value: Any) -> Any: ...

def if_exp(condition: Any, if_true: Any, if_false: Any, text: Any) -> Any: ...

def if_stmt(condition: Any, body: Any, orelse: Any, get_state: Any, set_state: Any, symbols: Any, nouts: Any) -> Any: ...

def not_(a: Any) -> Any: ...

def or_(a: Any, b: Any) -> Any: ...

def peek(read: Any, name: Any) -> Any:
    """read(), or Undefined(name) where there is nothing to read."""

def ret(value: Any) -> Any:
    """What a converted function returns: a path without `return` gives None."""

def symbolic(x: Any) -> Any: ...

def unbound() -> Any:
    """Reading an unbound variable in a block is the error that it is in a function."""

def while_stmt(test: Any, body: Any, get_state: Any, set_state: Any, symbols: Any, options: Any) -> Any: ...
