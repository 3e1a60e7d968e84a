# In: the pieces of this folder. Out: the engine's module told about them, once, at import.
import types

import numpy as np

from . import PUBLIC, export  # noqa: F401
from . import (audio, autograph_api, checkpoint, checkpoint_state, compatibility, concrete, config, constants, context, graphs,  # noqa: F401
               control_flow, creation, ctc, devices, dispatching, dtypes, extension_type, faults, features, forward,  # noqa: F401
               function, functional, generator, gfile, graph_def, host, logs, lookup, messages, module, moving_averages, named_constants, nest, optional,  # noqa: F401
               numerics, passing, pickled, placement, printing, profiler, ragged, ragged_shapes, records, registered, results, saved_model_load, saved_model_save, sequence_features, shape_checks, shapes, signals, slices, sparse,  # noqa: F401
               specs, staging, summaries, summary_proto, tape, tensor_array, tensor_proto, text, trace_types, user_code, variable)
from .. import _core

VERSION = _core.version   # the package's own; the alias `tensorflow` says 2.9.0


def _symbolic_text(what):
    words = {"bool": "Using a symbolic `tf.Tensor` as a Python `bool`", "iter": "Iterating over a symbolic `tf.Tensor`"}
    if _core.executing_eagerly():
        return f"{words[what]} is not allowed in Graph execution. Use Eager execution or decorate this function with " \
            "@tf.function."
    if user_code.autograph_disabled():
        return f"{words[what]} is not allowed: AutoGraph is disabled in this function. Try decorating it directly with " \
            "@tf.function."
    return (f"{words[what]} is not allowed: AutoGraph did convert this function. This might indicate you "
            "are trying to use an unsupported feature.")


_core.install(types.SimpleNamespace(
    dtypes=dtypes.DTYPES, as_dtype=dtypes.as_dtype, shape_type=shapes.TensorShape, errors=faults.ERRORS,
    tensor_repr=text.tensor_repr, tensor_str=text.tensor_str, convert=constants.convert_other,
    symbolic_text=_symbolic_text, variable_type=variable.Variable, slices_type=slices.IndexedSlices, results=results.RESULTS, numpy=np))

export("Tensor")(_core.Tensor)
trace_types.install(_core.Tensor)
_core.Tensor.__name__ = "Tensor"   # as Python's own errors write it
_core.Tensor.ref = lambda self: variable.Reference(self)
_core.Tensor.experimental_ref = _core.Tensor.ref
