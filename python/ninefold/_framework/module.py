# In: classes that own variables. Out: tf.Module: variables and submodules found in attributes.
import re

from . import context, export, nest, trackable, variable
from .. import _core


# Of no metaclass but `type`, as in TensorFlow: classes derived from it bring their own.
@export("Module")
class Module:
    """A named container of variables and other modules. Keras' layers are modules too; `_module_attributes_` says what
    theirs hold."""
    _TF_MODULE_IGNORED_PROPERTIES = frozenset()

    def __init__(self, name=None):
        if name is None:
            name = _snake(type(self).__name__)
        elif not re.match(r"^[A-Za-z.0-9][A-Za-z0-9_.\\/>-]*$", name):
            raise ValueError(f"{name!r} is not a valid module name. Module names must be valid Python identifiers "
                             "(e.g. a valid class name).")
        self._name = name
        self._name_scope = context.name_scope(context.scope_name() + name + "/")

    def __setattr__(self, name, value):
        if type(value) is trackable.NoDependency:
            value = value.value
        object.__setattr__(self, name, value)
        if "_awaited" in self.__dict__:         # a restored checkpoint may have a value for it
            trackable.resolve(self)

    _track_trackable = trackable.track

    def _trackable_children_(self):
        return trackable.attributes(self, trackable.INTERNAL)

    @property
    def name(self):
        return self._name

    @property
    def name_scope(self):
        return self._name_scope

    @property
    def variables(self):
        return tuple(self._flatten(predicate=_is_variable, expand_composites=True))

    @property
    def trainable_variables(self):
        return tuple(self._flatten(predicate=lambda x: _is_variable(x) and x.trainable, expand_composites=True))

    @property
    def non_trainable_variables(self):
        return tuple(self._flatten(predicate=lambda x: _is_variable(x) and not x.trainable, expand_composites=True))

    @property
    def submodules(self):
        return tuple(self._flatten(predicate=lambda x: isinstance(x, Module)))

    def _flatten(self, recursive=True, predicate=None, attribute_traversal_key=None, with_path=False,
                 expand_composites=False):
        seen, ids = [], set()
        self._collect(self, predicate or (lambda x: True), recursive, seen, ids, {id(self)}, (), with_path)
        return seen

    def _collect(self, module, predicate, recursive, out, ids, visited, path, with_path):
        inner = []
        held = module._module_attributes_() if hasattr(module, "_module_attributes_") else vars(module)
        for name in sorted(held):
            if name in getattr(module, "_TF_MODULE_IGNORED_PROPERTIES", ()):
                continue
            for key, leaf in _leaves(held[name], (name,)):
                if predicate(leaf) and _identity(leaf) not in ids:
                    ids.add(_identity(leaf))
                    out.append((path + key, leaf) if with_path else leaf)
                if recursive and isinstance(leaf, Module) and id(leaf) not in visited:
                    visited.add(id(leaf))
                    inner.append((path + key, leaf))
        for key, leaf in inner:
            self._collect(leaf, predicate, recursive, out, ids, visited, key, with_path)

    @classmethod
    def with_name_scope(cls, method):
        """Decorator: the method runs in the module's name scope."""
        def wrapper(self, *args, **kwargs):
            with self.name_scope:
                return method(self, *args, **kwargs)
        wrapper.__name__, wrapper.__doc__ = method.__name__, method.__doc__
        return wrapper


def is_plain(x):
    """Whether this is a module, and no layer of Keras'."""
    return isinstance(x, Module) and not hasattr(type(x), "_module_attributes_")


def _is_variable(x):
    return isinstance(x, _core.VariableBase)


def _identity(x):
    return ("variable", x._key) if _is_variable(x) else id(x)


def _leaves(value, path):
    if isinstance(value, dict):
        try:
            keys = sorted(value)
        except TypeError:
            keys = list(value)
        for k in keys:
            yield from _leaves(value[k], path + (k,))
    elif nest.is_nested(value):
        for i, item in enumerate(nest._items(value)[1]):
            yield from _leaves(item, path + (i,))
    else:
        yield path, value


def _snake(name):
    return re.sub("([a-z0-9])([A-Z])", r"\1_\2", re.sub("((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))", r"_\1", name)).lower() \
        .replace("__", "_")


@export("variable_creator_scope")
class variable_creator_scope:
    """Variables made inside go through `variable_creator(next_creator, **kwargs)`."""

    def __init__(self, variable_creator):
        self._creator = variable_creator

    def __enter__(self):
        variable.creators.append(self._creator)

    def __exit__(self, *_):
        variable.creators.remove(self._creator)
