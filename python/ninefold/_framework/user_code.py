# In: an exception that leaves a traced Python function. Out: the same class with TensorFlow's text: the user's
# own lines first, then what was wrong.
import functools
import linecache
import os
import re
import sys
import traceback

from .faults import OpError
from .. import autograph
from ..autograph import calls

_OURS = os.path.dirname(os.path.dirname(__file__)) + os.sep
_STDLIB = os.path.dirname(os.__file__) + os.sep
# Classes whose one argument is their text.
_PLAIN = (AssertionError, AttributeError, NameError, NotImplementedError, RuntimeError, StopIteration, TypeError,
          UnboundLocalError, ValueError)

# What TensorFlow finds out when a trace is over.
_TOLD_AS_THEY_ARE = "is out of scope and cannot be used here.", "expected bool while building NodeDef"
_BLOCK = re.compile(r"(if_body|else_body|loop_test|loop_body)(_\d+)?")


class StagingError(Exception):
    """Of a class that cannot be made from a text alone; `except` for that class finds it too."""


@functools.lru_cache(None)
def _staging(kind):
    try:
        return type("StagingError", (StagingError, kind), {"__init__": Exception.__init__, "__new__": Exception.__new__,
                                                           "__str__": Exception.__str__})
    except TypeError:   # layouts that do not go together
        return StagingError


class _KeyError(KeyError):
    """A KeyError whose text is shown as it is, lines and all."""

    def __str__(self):
        return str(self.args[0])


_KeyError.__name__ = _KeyError.__qualname__ = "MultilineMessageKeyError"


def _is_users(name):
    return not (name.startswith((_OURS, _STDLIB, "<frozen")) or "site-packages" in name)


def _frames(fault):
    """(file, line, function, mark, text) of the user's frames inside the function that is traced."""
    out, mark = [], "*"
    for frame, line in traceback.walk_tb(fault.__traceback__):
        code = frame.f_code
        if not _is_users(code.co_filename):
            if out and code is autograph.UNTOUCHED:
                mark = "**"
            continue
        text = linecache.getline(code.co_filename, line, frame.f_globals).strip()
        entry = (code.co_filename, line, code.co_name, mark, text)
        if not text:
            continue
        if out and _BLOCK.fullmatch(code.co_name) and "ag__" in code.co_freevars + code.co_cellvars:
            out[-1] = (*entry[:2], *out[-1][2:4], text)   # a part of the function that AutoGraph made of it
        else:
            out.append(entry)
    return out


def told(fault, function):
    """The exception to raise instead of `fault`; `fault` itself if no line of the user's is known."""
    inner = getattr(fault, "_user_code", None)
    code = getattr(function, "__code__", None)
    if code in calls.unconverted:
        return fault
    frames = _frames(fault)
    if not frames or any(part in str(fault) for part in _TOLD_AS_THEY_ARE):
        return fault
    if inner is not None:   # a function called within this one has told its part
        frames, fault_text = frames + inner[0], inner[1]
    else:
        fault_text = "".join(traceback.format_exception_only(type(fault), fault)).rstrip("\n")
        name = type(fault).__module__ + "." + type(fault).__qualname__ + ": "
        if fault_text.startswith(name):
            fault_text = fault_text[fault_text.index(type(fault).__name__):]
    lines = ["in user code:", ""]
    for file, line, name, mark, text in frames:
        lines += [f'    File "{file}", line {line}, in {name}  {mark}', f"        {text}"]
    message = "\n".join(lines + [""] + ["    " + l for l in fault_text.split("\n")]) + "\n"
    made = _of_kind(fault, message)
    made._user_code = frames, fault_text
    return made


def _of_kind(fault, message):
    kind = type(fault)
    if isinstance(fault, OpError):
        return kind(fault.node_def, fault.op, message)
    if isinstance(fault, _KeyError) or kind is KeyError:
        return _KeyError(message)
    if kind in _PLAIN or kind.__init__ is Exception.__init__ or \
            getattr(fault, "_user_code", None) is not None:
        return kind(message)
    if isinstance(fault, _PLAIN) and kind.__init__ in [k.__init__ for k in _PLAIN] and kind.__new__ in [
            k.__new__ for k in _PLAIN]:
        return kind(message)
    return _staging(kind)(message)


def autograph_disabled():
    """True iff the code that runs now was left unconverted: tf.function(autograph=False) or do_not_convert."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code is autograph.UNTOUCHED:
            return True
        if frame.f_code in autograph_of:
            return not autograph_of[frame.f_code](frame)
        frame = frame.f_back
    return False


autograph_of = {}   # code of what calls a traced function -> whether AutoGraph is on there, by its frame
