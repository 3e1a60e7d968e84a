# In: names, configs, shells, callables. Out: initializers, regularizers, constraints: the small parts.
from .._core import keras as core
from . import shell
from .shell import base


class _Part(shell.Object):
    _overridable = ("__call__", "get_config")

    def __getattr__(self, name):
        if name == "_engine_handle":       # a subclass need not call super().__init__()
            self._adopt(core.foreign(self._kind, type(self).__name__, None))
            return self.__dict__["_engine_handle"]
        config = self.__dict__["_engine_handle"].config() if "_engine_handle" in self.__dict__ and self._record else {}
        if name in config:
            return config[name]
        raise AttributeError("'{}' object has no attribute '{}'".format(type(self).__name__, name))

    def _construct(self, config):
        self._adopt(core.make(self._record["kind"], self._record["names"][0], config))

    def __repr__(self):
        return "<keras.{}s.{} object at 0x{:x}>".format(self._kind, type(self).__name__, id(self))


class Initializer(_Part):
    """Makes the first value of a weight: called with a shape and a dtype."""

    _kind = "initializer"

    @base
    def __call__(self, shape, dtype=None, **kwargs):
        if self._record is None and "_function" not in self.__dict__:
            raise NotImplementedError("Initializer subclasses must implement the `__call__()` method.")
        return core.initialize(self._engine_handle, shape, dtype or core.floatx())


class Regularizer(_Part):
    """A penalty for a weight or an output: called with a tensor, gives a scalar."""

    _kind = "regularizer"

    @base
    def __call__(self, x):
        return core.apply(self._engine_handle, x) if self._record else 0.0


class Constraint(_Part):
    """What a weight must be after each update: called with it, gives the projected one."""

    _kind = "constraint"

    @base
    def __call__(self, w):
        return core.apply(self._engine_handle, w) if self._record else w


for _cls in (Initializer, Regularizer, Constraint):
    shell.defaults[_cls._kind] = _cls


def module(namespace, kind, cls, name):
    """The functions that all these modules have, beside the classes and their older names."""
    def get(identifier):
        if identifier is None:
            return None
        part = shell.part(kind, identifier)
        return part if isinstance(part, shell.Object) else core.get(kind, part)

    def serialize(part):
        return None if part is None else shell.serialized(part)

    def deserialize(config, custom_objects=None):
        if config is None:
            return None
        name, fields = shell.told(config, kind) if isinstance(config, dict) else (config, {})
        custom = (custom_objects or {}).get(name)
        return custom.from_config(fields) if custom else core.get(kind, config)

    namespace.update({cls.__name__: cls, "get": get, "serialize": serialize, "deserialize": deserialize})
    shell.fill(namespace, kind, lambda record: cls, name)
    for record in shell.by_kind().get(kind, ()):
        made = namespace[record["names"][0]]
        for alias in record["names"] + [core.snake_case(record["names"][0])]:
            if alias.isidentifier():
                namespace.setdefault(alias, made)
