"""Ninefold: TensorFlow 2.9's API on a C++ engine. `import ninefold as tf`."""
# In: the engine's function records and the definitions of _framework. Out: the modules tf, tf.math, ...
import importlib
import sys
from types import ModuleType as _Module   # tf.types is a namespace of its own

from . import _core, compat  # noqa: F401   compat is a package of files, to which tf.compat's names are added
from ._framework import PUBLIC, setup

__version__ = setup.VERSION


# Namespaces with definitions that few programs need: unittest is imported with them.
_LATE = {"ninefold.test": "testing"}


class _Namespace(_Module):
    """tf.math and its like: a module without a file."""
    __path__ = []

    def __getattr__(self, name):
        if self.__name__ in _LATE and not name.startswith("_"):
            late = importlib.import_module("._framework." + _LATE[self.__name__], __package__)
            if name in ("TestCase", "compute_gradient", "main"):
                self.__dict__[name] = found = getattr(late, name)
                return found
        if self.__name__.startswith("ninefold.compat.v1"):
            from .compat import v1_lookup
            self.__dict__[name] = found = v1_lookup.find(self.__name__, name)
            return found
        if not name.startswith("__"):
            from .compat import late_names
            found = late_names.find(self.__name__.partition(".")[2], name)
            if found is not None:
                self.__dict__[name] = found
                return found
        raise AttributeError(f"module '{self.__name__.replace('ninefold', 'tensorflow._api.v2', 1)}' "
                             f"has no attribute '{name}'")


# Packages of their own, imported at first use: who only wants arrays does not wait for Keras.
_LAZY = ("keras",)


def _namespace(path):
    here, name = sys.modules[__name__], __name__
    for part in path:
        name += "." + part
        found = here.__dict__.get(part)
        if not isinstance(found, _Module):
            found = sys.modules.get(name)
            if found is None:
                found = _Namespace(name)
                sys.modules[name] = found
            setattr(here, part, found)
        here = found
    return here


def _fill(within=None):
    """Puts the records into their namespaces; a package of _LAZY calls it for its own, once it is there."""
    for name, value in _core.functions():
        path = name.split(".")[1:]
        if (path[0] if path[0] in _LAZY else None) == within:
            setattr(_namespace(path[:-1]), path[-1], value)
    for name, value in PUBLIC.items() if within is None else ():
        path = name.split(".")
        setattr(_namespace(path[:-1]), path[-1], value)


# tf.losses is tf.keras.losses, and so on.
_OF_KERAS = ("initializers", "losses", "metrics", "optimizers")
_INITIALIZERS = {"constant_initializer": "Constant", "ones_initializer": "Ones", "zeros_initializer": "Zeros",
                 "random_normal_initializer": "RandomNormal", "random_uniform_initializer": "RandomUniform"}


def __getattr__(name):
    if name in _OF_KERAS:
        return importlib.import_module(".keras." + name, __name__)
    if name in _INITIALIZERS:
        return getattr(importlib.import_module(".keras.initializers", __name__), _INITIALIZERS[name])
    if name in ("__internal__", "tools", "tpu"):
        return _namespace([name])
    if not name.startswith("_"):
        try:
            return importlib.import_module("." + name, __name__)
        except ModuleNotFoundError as error:
            if error.name != f"{__name__}.{name}":
                raise
    raise AttributeError(f"module 'tensorflow' has no attribute '{name}'")


_fill()
newaxis = None
