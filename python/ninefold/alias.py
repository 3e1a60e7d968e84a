"""In: imports of tensorflow, in any spelling. Out: Ninefold's modules under those names.

`tensorflow` is a module of its own that shares every attribute with ninefold but __version__: the
package says its own version, the alias says which TensorFlow it stands for. All other names are the
very same objects, so classes compare equal whichever way they were imported.
"""
import importlib
import importlib.abc
import importlib.machinery
import importlib.metadata
import os
import sys
import types

TENSORFLOW = "2.9.0"
NAMES = ("tensorflow", "keras")  # TensorFlow 2.9 brings the top-level keras along


class _TensorFlow(types.ModuleType):
    """Falls back to ninefold for what ninefold makes on first use."""

    def __getattr__(self, name):
        if name.startswith("__") and name != "__internal__":
            raise AttributeError(name)
        try:
            value = getattr(sys.modules["ninefold"], name)
        except AttributeError:
            raise AttributeError(f"module 'tensorflow' has no attribute '{name}'") from None
        self.__dict__[name] = value
        return value

    def __dir__(self):
        return sorted(set(dir(sys.modules["ninefold"])) | set(self.__dict__))


class _Distribution(importlib.metadata.Distribution):
    def __init__(self, name):
        self._name = name

    def read_text(self, filename):
        return f"Metadata-Version: 2.1\nName: {self._name}\nVersion: {TENSORFLOW}\n" if filename == "METADATA" else None

    def locate_file(self, path):
        return os.path.join(os.path.dirname(os.path.abspath(__file__)), path)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, fullname, path=None, target=None):
        if fullname.split(".")[0] not in NAMES or _find(fullname) is None:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def find_distributions(self, context=None):
        """What importlib.metadata tells of tensorflow and keras: packages ask it which version there is."""
        name = getattr(context, "name", None)
        return [_Distribution(one) for one in NAMES if name in (None, one)]

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        # The import system hands out what sys.modules holds after this; our module keeps its own
        # __name__ and __spec__, so pickles and tracebacks name ninefold wherever it was imported.
        found = _find(module.__name__)
        if isinstance(found, types.ModuleType) and not hasattr(found, "__path__"):
            found.__path__ = []  # a namespace without files is a package too: its parts are imported
        if isinstance(found, _TensorFlow):
            found.__spec__ = module.__spec__  # importlib.util.find_spec wants one of what is imported already
        sys.modules[module.__name__] = found


def _find(fullname):
    """The object that a dotted name stands for, None if there is none to import."""
    head, *parts = fullname.split(".")
    if fullname == "tensorflow":
        return _tensorflow()
    if fullname == "tensorflow.compat.v2" or fullname.startswith("tensorflow.compat.v2."):
        return importlib.import_module("tensorflow" + fullname[len("tensorflow.compat.v2"):])
    if head == "tensorflow" and parts[0] in ("python", "compiler", "core"):
        from .compat import private
        return private.module(fullname)
    if head == "keras":
        parts = ["keras"] + parts
    found = importlib.import_module("ninefold")
    for part in parts:
        if not hasattr(found, part):
            if head == "keras":     # a module of the package's own, as keras.engine
                from .compat import private
                return private.module(".".join(["tensorflow", "python"] + parts))
            return None
        found = getattr(found, part)
    return found if isinstance(found, types.ModuleType) else None


def _tensorflow():
    package = importlib.import_module("ninefold")
    module = _TensorFlow("tensorflow", package.__doc__)
    shared = {k: v for k, v in package.__dict__.items() if not (k.startswith("__") and k.endswith("__"))}
    shared.pop("alias", None)
    module.__dict__.update(shared, __version__=TENSORFLOW, __path__=[], __file__=package.__file__)
    if hasattr(package, "__all__"):
        module.__all__ = package.__all__
    return module


_FINDER = _Finder()


def install(children=False):
    """From now on `import tensorflow` means Ninefold in this process; with children=True also in the
    Pythons it starts (multiprocessing's spawn, subprocess), through PYTHONPATH."""
    if _FINDER in sys.meta_path:
        return
    real = sys.modules.get("tensorflow")
    if real is not None:
        raise ImportError("ninefold: TensorFlow itself is imported already; start the script with "
                          "`ninefold python` instead")
    sys.meta_path.insert(0, _FINDER)
    if children:
        # sys.path too: a spawned process takes its parent's in place of PYTHONPATH's.
        folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "compat", "children")
        given = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = folder if not given else folder + os.pathsep + given
        if folder not in sys.path:
            sys.path.insert(1, folder)
