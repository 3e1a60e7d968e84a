# In: functions, loops. Out: tf.autograph as users know it, over ninefold.autograph.
import enum
import inspect
import logging
import os
import types

from . import export, logs
from .. import _core, autograph


_do_not_convert = autograph.do_not_convert
_to_code = autograph.to_code   # before this file puts its own into the same module


class ConversionError(Exception):
    """What cannot be converted."""


@export("autograph.experimental.Feature")
class Feature(enum.Enum):
    """Parts of AutoGraph that TensorFlow lets users choose; here all are always there."""
    ALL = "ALL"
    AUTO_CONTROL_DEPS = "AUTO_CONTROL_DEPS"
    ASSERT_STATEMENTS = "ASSERT_STATEMENTS"
    BUILTIN_FUNCTIONS = "BUILTIN_FUNCTIONS"
    EQUALITY_OPERATORS = "EQUALITY_OPERATORS"
    LISTS = "LISTS"
    NAME_SCOPES = "NAME_SCOPES"

    @classmethod
    def all(cls):
        return tuple(cls.__members__.values())

    @classmethod
    def all_but(cls, exclude):
        if not isinstance(exclude, (list, tuple, set)):
            exclude = (exclude,)
        return tuple(set(cls.all()) - set(exclude) - {cls.ALL})


def _function(entity):
    entity = getattr(entity, "python_function", entity)
    if not hasattr(entity, "__code__") and not isinstance(entity, types.MethodType):
        raise ConversionError(
            f"converting {entity}: ValueError: Cannot apply autograph to a function that doesn't expose a __code__ "
            "object. If this is a @tf.function, try passing f.python_function instead.")
    return entity


@export("autograph.to_graph")
def to_graph(entity, recursive=True, experimental_optional_features=None):
    """The function with its control flow converted: for plain values it does what it did."""
    entity = _function(entity)
    made = autograph.convert(entity)
    if made is entity and isinstance(entity, types.FunctionType):   # nothing to convert
        made = types.FunctionType(entity.__code__, entity.__globals__, entity.__name__, entity.__defaults__,
                                  entity.__closure__)
        made.__kwdefaults__ = entity.__kwdefaults__
    if isinstance(made, types.FunctionType):
        made.__name__ = "tf__" + entity.__name__
    return made


@export("autograph.to_code")
def to_code(entity, recursive=True, experimental_optional_features=None):
    """The text of the converted function."""
    entity = _function(entity)
    return inspect.cleandoc(_to_code(entity)).replace(f"def {entity.__name__}(", f"def tf__{entity.__name__}(", 1)


@export("autograph.experimental.do_not_convert")
def do_not_convert(func=None):
    """Decorator: `func` runs as it is written, also when converted code calls it."""
    return _do_not_convert(func)


@export("autograph.experimental.set_loop_options")
def set_loop_options(parallel_iterations=None, swap_memory=None, maximum_iterations=None, shape_invariants=None):
    """At the head of a loop that AutoGraph converts: the options of its tf.while_loop. Elsewhere it says nothing."""


@export("autograph.set_verbosity")
def set_verbosity(level, alsologtostdout=False):
    """What AutoGraph tells of its work: from 1 on, each function that it converts."""
    os.environ["AUTOGRAPH_VERBOSITY"] = str(level)
    logging.getLogger("tensorflow.autograph").setLevel(logging.DEBUG if level else logging.NOTSET)


@export("autograph.trace")
def trace(*args):
    """Prints its arguments while a function is traced."""
    print(*args)
