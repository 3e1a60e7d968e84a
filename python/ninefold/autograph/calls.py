# In: any callable.
# Out: the same callable, or its converted form; the policy of what is converted is here.
import functools
import os
import sys
import types

_cache = {}  # id(code) -> (code, converted code or None); the code is kept so its id stays its own
_HERE = os.path.dirname(os.path.dirname(__file__)) + os.sep  # spelt as in co_filename
_STDLIB = os.path.dirname(os.__file__) + os.sep
_GENERATOR = 0x20 | 0x80 | 0x200  # generator, coroutine, asynchronous generator
# Packages that are not converted, as in TensorFlow; all others that are installed are.
_LIBRARIES = frozenset(("ninefold", "tensorflow", "keras", "numpy", "matplotlib", "pandas", "PIL", "tensorflow_probability",
                        "tensorflow_datasets.core", "absl.logging"))
unconverted = set()   # code objects that failed
overloads = {}  # builtin -> its form that understands tensors
operators = None  # what converted code sees as `ag__`; set by operators.py


def convert(f):
    """Returns f with its control flow converted; f itself where there is nothing to convert."""
    kind = type(f)
    if kind is types.FunctionType:
        return _function(f)
    if kind is types.MethodType:
        if "unittest" in sys.modules and isinstance(
                f.__self__, sys.modules["unittest"].TestCase):
            return f
        made = convert(f.__func__)
        return f if made is f.__func__ else types.MethodType(made, f.__self__)
    if kind is types.BuiltinFunctionType or isinstance(f, type):
        try:
            return overloads.get(f, f)
        except TypeError:
            return f
    if kind is functools.partial:
        made = convert(f.func)
        return f if made is f.func else functools.partial(made, *f.args, **f.keywords)
    call = getattr(kind, "__call__", None)
    if type(call) is types.FunctionType:
        made = _function(call)
        return f if made is call else types.MethodType(made, f)
    return f


def _function(f):
    code = f.__code__
    known = _cache.get(id(code))
    if known is None:
        known = _cache[id(code)] = (code, _convert(f, code))
    if known[1] is None:
        return f
    new = known[1]
    cells = dict(zip(code.co_freevars, f.__closure__ or ()))
    cells["ag__"] = types.CellType(operators)
    made = types.FunctionType(new, f.__globals__, f.__name__, f.__defaults__,
                              tuple(cells[n] for n in new.co_freevars))
    made.__kwdefaults__ = f.__kwdefaults__
    made.__dict__.update(f.__dict__)
    made.__qualname__, made.__module__, made.__doc__ = f.__qualname__, f.__module__, f.__doc__
    made.__annotations__ = f.__annotations__
    return made


def _convert(f, code):
    if _skipped(f, code) or _plain(code):
        return None
    from . import pipeline, source

    try:
        return pipeline.convert_code(code, f.__globals__)
    except Exception as error:  # as in TensorFlow, a function that fails here still runs
        import logging

        unconverted.add(code)
        known = isinstance(error, (pipeline.Unsupported, source.NoSource))
        cause = error if known else "a bug of ours, please report it: {!r}".format(error)
        logging.getLogger("tensorflow").warning(
            "AutoGraph could not transform %s and will run it as-is.\nCause: %s\nTo silence this "
            "warning, decorate the function with @tf.autograph.experimental.do_not_convert",
            f, cause)
        return None


def _skipped(f, code):
    name = code.co_filename
    return ("ag__" in code.co_freevars or code.co_flags & _GENERATOR
            or name.startswith(_HERE) or name.startswith(_STDLIB) and "-packages" not in name or name.startswith("<frozen")
            or name == "<string>" or _of_library(f.__module__ or ""))


@functools.lru_cache(None)
def _of_library(module):
    parts = module.split(".")
    return any(".".join(parts[:n]) in _LIBRARIES for n in (1, 2))


@functools.lru_cache(None)
def _telling():
    import opcode

    jumps = set(opcode.hasjrel) | set(opcode.hasjabs)
    return jumps | {v for k, v in opcode.opmap.items() if "CALL" in k or k == "UNARY_NOT"}


def _plain(code):
    """True iff the bytecode has no jump, no call, no `not` and no code inside it."""
    return (not any(isinstance(c, types.CodeType) for c in code.co_consts)
            and _telling().isdisjoint(code.co_code[::2]))
