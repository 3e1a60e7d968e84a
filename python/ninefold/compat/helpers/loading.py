# In: the name of a module. Out: LazyLoader, which imports it at the first use; load_context of SavedModels.
import contextlib
import importlib
import types


class LazyLoader(types.ModuleType):
    """A module that is imported when something of it is asked for."""

    def __init__(self, local_name, parent_module_globals, name):
        self._local_name, self._globals = local_name, parent_module_globals
        super().__init__(name)

    def _load(self):
        module = importlib.import_module(self.__name__)
        self._globals[self._local_name] = module
        self.__dict__.update(module.__dict__)
        return module

    def __getattr__(self, item):
        return getattr(self._load(), item)

    def __dir__(self):
        return dir(self._load())


_options = []


@contextlib.contextmanager
def load_context(load_options):
    """Within, a model is loaded with these options."""
    _options.append(load_options)
    try:
        yield
    finally:
        _options.pop()


def get_load_options():
    """The options of the model that is being loaded, or None."""
    return _options[-1] if _options else None


def in_load_context():
    return bool(_options)
