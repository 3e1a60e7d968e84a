# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.autograph.checks for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

NO_RETURN: Any

def branch(values: Any, symbols: Any, name: Any) -> Any: ...

def cond(backend: Any, body: Any, orelse: Any, symbols: Any) -> Any: ...

def cond_value(backend: Any, symbol: Any, a: Any, b: Any) -> Any: ...

def gone(value: Any) -> Any: ...

def loop(backend: Any, init: Any, entry: Any, exit_: Any, symbols: Any, invariants: Any, shapes: Any) -> Any: ...

def loop_init(init: Any, symbols: Any, first: Any = ..., note: Any = ...) -> Any: ...
