# In: outputs of ops. Out: tf.debugging.enable_check_numerics: an error at the op that first gives an infinity or no number.
import contextlib
import sys
import threading

from . import export
from .context import name_scope
from .graphs import active_graph
from .registered import listen
from .. import _core

_state = threading.local()

# What TensorFlow does not look at: ops that only move numbers, and those that enter functions.
_SKIPPED = frozenset((
    "Concat", "ConcatV2", "ExpandDims", "Fill", "Gather", "Maximum", "Minimum", "Reshape", "Slice", "Squeeze", "Stack",
    "StridedSlice", "StridedSliceGrad", "TensorListConcatV2", "TensorListGather", "TensorListGetItem", "TensorListPopBack",
    "TensorListStack", "Transpose", "Unpack", "Identity", "If", "StatelessIf", "While", "StatelessWhile",
    "StatefulPartitionedCall", "PartitionedCall", "CheckNumerics", "CheckNumericsV2", "CustomGradient"))
_NOT_LOOKED_AT = {name: range(1, 6) for name in ("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")}


@export("debugging.enable_check_numerics")
def enable_check_numerics(stack_height_limit=30, path_length_limit=50):
    """From now on InvalidArgumentError at the op whose output holds an infinity or NaN, eagerly and in functions that are
    traced from now on, on this thread. The error shows at most so many lines of the stack of a function's op, and so many
    of the last characters of a path; None: all."""
    if getattr(_state, "end", None) is None:
        _state.end = listen(lambda op, inputs, outputs: _checked(op, inputs, outputs))
    _state.height, _state.length = stack_height_limit, path_length_limit


@export("debugging.disable_check_numerics")
def disable_check_numerics():
    """Undoes enable_check_numerics. Functions that were traced before go on checking."""
    if getattr(_state, "end", None) is not None:
        _state.end()
        _state.end = None


def _checked(op, inputs, outputs):
    if op in _SKIPPED:
        return
    graph = active_graph()
    for slot, output in enumerate(outputs):
        if not output.dtype.is_floating or slot in _NOT_LOOKED_AT.get(op, ()):
            continue
        if graph is None and _all_finite(output):
            continue
        message = _message(op, slot, output, inputs, len(outputs), graph)
        with name_scope(output.op.name + "/") if graph is not None else contextlib.nullcontext():
            _core.run_op("CheckNumericsV2", [output], {"message": message})


def _counts(tensor):
    import numpy as np
    numbers = np.asarray(tensor.numpy(), np.float64)
    return (("-Inf", int(np.isneginf(numbers).sum())), ("+Inf", int(np.isposinf(numbers).sum())),
            ("+NaN", int(np.isnan(numbers).sum())))


def _all_finite(tensor):
    return not any(count for _, count in _counts(tensor))


def _message(op, slot, output, inputs, count, graph):
    where = "eagerly-executing" if graph is None else "graph"
    lines = ["", "", f'!!! Detected Infinity or NaN in output {slot} of {where} op "{op}" (# of outputs: {count}) !!!',
             f"  dtype: {output.dtype}", f"  shape: {output.shape}"]
    if graph is None:
        lines += [f"  # of {name} elements: {n}" for name, n in _counts(output) if n]
    if len(inputs) > 1:
        lines += ["", f"  Input tensors ({len(inputs)}):"] + [f"         {i}: {x!s}" for i, x in enumerate(inputs)]
    elif inputs:
        lines += ["", f"  Input tensor: {inputs[0]!s}"]
    if graph is not None:
        lines += [f'  Graph name: "{graph.name}"', "", '  Stack trace of op\'s creation ("->": inferred user code):'] + _stack()
        return "\n".join(lines[2:]) + "\n\n"
    return "\n".join(lines) + "\n\n"


def _stack():
    """The lines of the program that led here, without those of this library."""
    import linecache
    import os
    here, frames = os.path.dirname(os.path.dirname(__file__)) + os.sep, []
    frame = sys._getframe()
    while frame is not None:
        path = frame.f_code.co_filename
        if not os.path.abspath(path).startswith(here):
            frames.append((path, frame.f_lineno, frame.f_code.co_name))
        frame = frame.f_back
    frames.reverse()
    height, length, lines = _state.height, _state.length, []
    if height is not None and len(frames) > height:
        lines.append(f"    + ... (Omitted {len(frames) - height} frames)")
        frames = frames[len(frames) - height:]
    for path, number, name in frames:
        short = path if length is None or len(path) <= length else "..." + path[len(path) - length:]
        lines.append(f"    + {short} (L{number}) {name}")
        text = linecache.getline(path, number).strip()
        if text:
            lines.append(f" -> |   {text}")
    return lines
