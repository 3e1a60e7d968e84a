# In: the pieces of this folder. Out: the engine's module told about them, once, at import.
import types

import numpy as np

from . import PUBLIC, export  # noqa: F401
from . import (checkpoint, checkpoint_state, concrete, config, constants, context, control_flow, creation, dtypes,  # noqa: F401
               faults, features, forward, function, functional, generator, graph_def, host, logs, lookup, messages,  # noqa: F401
               module, nest, passing, ragged, results, saved_model_load, saved_model_save, shapes, slices,  # noqa: F401
               sparse, specs, staging, tape, tensor_array, text, variable)
from .. import _core

VERSION = _core.version   # the package's own; the alias `tensorflow` says 2.9.0


def _symbolic_text(what):
    words = {"bool": "Using a symbolic `tf.Tensor` as a Python `bool`", "iter": "Iterating over a symbolic `tf.Tensor`"}
    return (f"{words[what]} is not allowed: AutoGraph did convert this function. This might indicate you "
            "are trying to use an unsupported feature.")


_core.install(types.SimpleNamespace(
    dtypes=dtypes.DTYPES, as_dtype=dtypes.as_dtype, shape_type=shapes.TensorShape, errors=faults.ERRORS,
    tensor_repr=text.tensor_repr, tensor_str=text.tensor_str, convert=constants.convert_other,
    symbolic_text=_symbolic_text, variable_type=variable.Variable, slices_type=slices.IndexedSlices, results=results.RESULTS, numpy=np))

export("Tensor")(_core.Tensor)
_core.Tensor.ref = lambda self: variable.Reference(self)
_core.Tensor.experimental_ref = _core.Tensor.ref
