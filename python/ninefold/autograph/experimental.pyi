# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.autograph.experimental for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

class Feature:
    """Parts of AutoGraph that TensorFlow lets users choose; here all are always there."""
    ALL: Any
    ASSERT_STATEMENTS: Any
    AUTO_CONTROL_DEPS: Any
    BUILTIN_FUNCTIONS: Any
    EQUALITY_OPERATORS: Any
    LISTS: Any
    NAME_SCOPES: Any

def do_not_convert(func: Any = ...) -> Any:
    """Decorator: `func` runs as it is written, also when converted code calls it."""

def set_loop_options(parallel_iterations: Any = ..., swap_memory: Any = ..., maximum_iterations: Any = ..., shape_invariants: Any = ...) -> Any:
    """At the head of a loop that AutoGraph converts: the options of its tf.while_loop. Elsewhere it says nothing."""
