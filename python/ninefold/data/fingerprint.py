# In: pipelines, and what their stages were made with (`remembered`). Out: a number that tells one pipeline from another, in this process
# and the next: by it a snapshot finds its files.
import functools
import hashlib
import inspect
import types

import numpy as np

from .. import _core
from .._core import data as core
from .._framework.specs import TypeSpec


def remembered(method, name):
    """A stage that notes what it was made with."""
    @functools.wraps(method)
    def stage(*args, **kwargs):
        made = method(*args, **kwargs)
        if _is_dataset(made) and made._made_by is None:
            made._made_by = name, args, kwargs
        return made
    return stage


def remembered_constructor(constructor, name):
    """The same for the constructor of a class of datasets."""
    @functools.wraps(constructor)
    def __init__(self, *args, **kwargs):
        constructor(self, *args, **kwargs)
        self._made_by = name, args, kwargs
    return __init__


def remember_stages(*bases):
    """Every public method of these classes that gives a dataset notes what it was called with. The sources of tensors do not,
    which would keep arrays alive: their elements speak for them."""
    for base in bases:
        for name, method in list(vars(base).items()):
            fixed = isinstance(method, staticmethod)
            if name.startswith("_") or not fixed and not inspect.isfunction(method) or name in ("from_tensors", "from_tensor_slices"):
                continue
            whole = remembered(method.__func__ if fixed else method, name)
            setattr(base, name, staticmethod(whole) if fixed else whole)


def _is_dataset(x):
    return hasattr(type(x), "_made_by")


def of(dataset):
    """64 bits as text."""
    digest = hashlib.sha256()
    _Walk(digest).dataset(dataset)
    return str(int.from_bytes(digest.digest()[:8], "big"))


class _Walk:
    def __init__(self, digest):
        self._add, self._seen = digest.update, {}

    def text(self, *parts):
        for part in parts:
            data = part if isinstance(part, bytes) else str(part).encode()
            self._add(b"%d:" % len(data) + data)

    def tensor(self, x):
        value = np.asarray(x)
        self.text("array", value.dtype, value.shape, repr(value.tolist()) if value.dtype == object else value.tobytes())

    def dataset(self, d):
        if id(d) in self._seen:
            return self.text("again", self._seen[id(d)])
        self._seen[id(d)] = len(self._seen)
        stage = core.stage(d._handle)
        self.text("dataset", stage, repr(d._spec))
        if d._made_by is not None:
            name, args, kwargs = d._made_by
            self.text(name)
            self.value(args)
            return self.value(sorted(kwargs.items()))
        if not d._hold and d._late is None and stage in ("TensorDataset", "TensorSliceDataset"):
            elements = core.iterator(d._handle)
            while (leaves := elements.next()) is not None:
                for leaf in leaves:
                    self.tensor(leaf)
            return None
        return self.value(d._hold)

    def function(self, f):
        if id(f) in self._seen:
            return self.text("again", self._seen[id(f)])
        self._seen[id(f)] = len(self._seen)
        self.code(f.__code__)
        self.value(f.__defaults__)
        self.value(sorted((f.__kwdefaults__ or {}).items()))
        for cell in f.__closure__ or ():
            try:
                self.value(cell.cell_contents)
            except ValueError:
                self.text("empty")
        for name in f.__code__.co_names:
            if name in f.__globals__:
                self.value(f.__globals__[name])

    def code(self, c):
        self.text(c.co_code, c.co_names, c.co_varnames)
        for constant in c.co_consts:
            if isinstance(constant, types.CodeType):
                self.code(constant)
            else:
                self.value(constant)

    def value(self, x):
        if _is_dataset(x):
            self.dataset(x)
        elif isinstance(x, (list, tuple)):
            self.text(type(x).__name__, len(x))
            for item in x:
                self.value(item)
        elif isinstance(x, dict):
            self.value(list(x.items()))
        elif isinstance(x, (set, frozenset)):
            self.text("set", sorted(map(repr, x)))
        elif isinstance(x, (bool, int, float, complex, str, bytes, type(None), np.generic, np.dtype, TypeSpec)):
            self.text(type(x).__name__, repr(x))
        elif isinstance(x, np.ndarray):
            self.tensor(x)
        elif _core.is_tensor(x):
            self.text(x.dtype, x.shape)
            if not x._symbolic:
                self.tensor(x.numpy())
        elif isinstance(x, types.MethodType):
            self.value(x.__func__)
            self.text(type(x.__self__).__qualname__)
        elif inspect.isfunction(x):
            module = x.__module__ or ""
            self.text(module, x.__qualname__)
            if module.split(".")[0] != __name__.split(".")[0]:     # our own functions are known by their names
                self.function(x)
        else:
            self.text(type(x).__module__, type(x).__qualname__)
