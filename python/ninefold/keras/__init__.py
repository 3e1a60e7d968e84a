# Out: tf.keras: models and their parts. The engine does the work; these are its classes in Python's manners.
from .._core import keras as _core
from .interactive import write as _write

__version__ = "2.9.0"
_core.set_text_sink(_write)

from . import (activations, backend, callbacks, constraints, datasets, initializers, layers, losses,  # noqa: E402,F401
               metrics, mixed_precision, models, optimizers, preprocessing, regularizers, utils)
from .model import Model, Sequential  # noqa: E402,F401
from .symbolic import Input  # noqa: E402,F401

from .. import _fill  # noqa: E402

_fill("keras")      # the engine's functions of these modules: losses, metrics, ...


def __getattr__(name):
    if name in ("applications", "experimental", "wrappers"):      # opened at first use: few programs need them
        import importlib
        return importlib.import_module("." + name, __name__)
    if name == "__internal__":
        from .. import _namespace
        return _namespace(["keras", name])
    from ..compat import private
    return private.child("keras", name)
