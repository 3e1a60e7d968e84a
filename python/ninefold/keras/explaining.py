# In: what went wrong in a layer's call(). Out: the same exception, which names the layer and what it was given, as in Keras.
import inspect

from .. import _core
from .._framework import nest
from .._framework.faults import OpError

_BEGIN = "Exception encountered when calling "


def _shown(value):
    if _core.is_tensor(value):
        return "tf.Tensor(shape={}, dtype={})".format(value.shape, value.dtype.name)
    return str(value)


def _message(fault):
    if isinstance(fault, OpError):
        return fault.message
    return fault.args[0] if fault.args else ""


def explained(fault, layer, method, args, kwargs):
    """What to raise instead of `fault`: itself if an inner layer has been named already, or if the arguments do not fit."""
    message = _message(fault)
    if getattr(fault, "_keras_call_info_injected", False) or str(message).startswith(_BEGIN):
        return fault
    signature = inspect.signature(method)
    try:
        bound = signature.bind(*args, **kwargs).arguments
    except TypeError:
        return fault
    who = 'layer "{}" (type {})'.format(layer.name, type(layer).__name__)
    given = "\n".join("  • {}={}".format(
        name, nest.map_structure(_shown, bound[name]) if name in bound else parameter.default)
        for name, parameter in signature.parameters.items())
    text = "{0}{1}.\n\n{2}\n\nCall arguments received by {1}:\n{3}".format(_BEGIN, who, message, given)
    try:
        made = type(fault)(fault.node_def, fault.op, text) if isinstance(fault, OpError) else type(fault)(text)
    except TypeError:
        made = RuntimeError(text)      # an exception that is not made of a text
    made._keras_call_info_injected = True
    return made.with_traceback(fault.__traceback__)
