# In: tensors and Python values, a stream. Out: tf.print, which prints when it runs, in a trace as often as that runs.
import builtins
import pprint
import sys

from . import export, logs, nest
from .ragged import RaggedTensor
from .sparse import SparseTensor
from .. import _core

_UNSUPPORTED = ("Unsupported output stream, logging level, or file.{}. Supported streams are sys.stdout, sys.stderr, tf.logging.info, "
                "tf.logging.warning, tf.logging.error. File needs to be in the form of 'file://<filepath>'.")


def _stream(given):
    """What PrintV2 calls a stream. Raises ValueError for others."""
    if isinstance(given, str) and given.startswith("file://"):
        return given
    for known, name in ((sys.stdout, "stdout"), (sys.__stdout__, "stdout"), (sys.stderr, "stderr"), (sys.__stderr__, "stderr")):
        if given is known and given is not None:
            return name
    logger = logs.get_logger()
    for level in ("info", "warning", "error"):
        if given == getattr(logger, level):
            return f"log({level})"
    raise ValueError(_UNSUPPORTED.format(given))


def _leaf(x, placeholder, tensors):
    """A leaf as the template has it; the tensors that fill its places join `tensors`."""
    if isinstance(x, SparseTensor):
        tensors += [x.indices, x.values, x.dense_shape]
        return f"SparseTensor(indices={placeholder}, values={placeholder}, shape={placeholder})"
    if _core.is_tensor(x) or isinstance(x, _core.VariableBase):
        tensors.append(_core.convert(x))
        return placeholder
    return x


def _placeholder(text):
    """A text that stands nowhere in another one."""
    found, count = "{}", 0
    while found in text:
        found, count = f"{{{count}}}", count + 1
    return found


def _template(inputs, placeholder, sep, tensors):
    """The inputs side by side: texts as they are, others as pprint has them, with a placeholder for each tensor."""
    parts = []
    for value in inputs:
        if isinstance(value, str):
            parts.append(value)
        else:
            leaves = [_leaf(x, placeholder, tensors) for x in nest.flatten(value)]
            parts.append(pprint.pformat(nest.pack_sequence_as(value, leaves)))
    return sep.join(parts).replace(f"'{placeholder}'", placeholder)


@export("print")
def print(*inputs, **kwargs):
    """Prints tensors and Python values, nested as they may be; tensors with the first and the last `summarize` elements of every axis.

    Keyword args: output_stream: sys.stderr (the default), sys.stdout, a logging function of tf.get_logger(), or "file://" and a
    path, to which it is appended. summarize: 3; -1 for all. sep: " ". end: a newline. name: unused.
    Raises ValueError for other streams and keywords.
    """
    stream, summarize = _stream(kwargs.pop("output_stream", sys.stderr)), kwargs.pop("summarize", 3)
    sep, end, name = kwargs.pop("sep", " "), kwargs.pop("end", "\n"), kwargs.pop("name", None)
    if kwargs:
        raise ValueError("Unrecognized keyword arguments for tf.print: {}".format(kwargs))
    if any(isinstance(x, RaggedTensor) for x in nest.flatten(inputs)):
        return _core.function_named("tf.print")(*inputs, output_stream=stream, summarize=summarize, sep=sep, end=end, name=name)
    if len(inputs) == 1 and _core.is_tensor(inputs[0]) and inputs[0].dtype.name == "string" and inputs[0].shape.rank == 0:
        text = inputs[0]
    else:
        placeholder = _placeholder(_template(inputs, "", sep, []))
        tensors = []
        template = _template(inputs, placeholder, sep, tensors)
        text = _core.function_named("tf.strings.format")(template, tensors, placeholder, summarize)
    _core.run_op("PrintV2", [text], {"output_stream": stream, "end": end})
    return None


if hasattr(builtins, "get_ipython"):        # a notebook or IPython shows below a cell what Python prints there
    _core.print_to_python(True)
