# In: class records of the engine. Out: ordinary Python classes that hold a handle: subclassing, mixins,
# monkey-patched methods and attributes work; the engine calls back what a class overrides.
#
# Strong references run from a shell to its handle only. An override is a closure over a weak reference
# to its shell, so one gc.collect() frees a dropped model.
import functools
import inspect
import weakref

from .._core import keras as core

# The shells that are alive, by the address of the object that they hold (and so keep) alive.
_alive = weakref.WeakValueDictionary()
# What makes a shell for an object that the engine made: (kind, class name) -> class, kind -> class.
classes = {}
defaults = {}


# Classes and functions of register_keras_serializable -> "package>name".
registered_names = {}


def registered_name(made):
    """"package>name" of what was registered, else its own name."""
    return registered_names.get(made, getattr(made, "__name__", None))


def serialized(part):
    """{"class_name", "config"} of a part, as deserialize() takes it."""
    return {"class_name": registered_name(type(part)), "config": part.get_config()}


def wrap(handle):
    """The shell of a handle: the one that exists, or a new one of the class that the record names."""
    found = _alive.get(handle.address)
    if found is not None:
        return found
    kind = handle.kind
    if kind == "tensor":
        cls = defaults["tensor"]
    else:
        cls = classes.get((kind, handle.class_name)) or defaults.get(kind, Object)
    shell = cls.__new__(cls)
    shell._adopt(handle, overrides=False)
    return shell


def base(function):
    """Marks a method as the engine's own: a class that defines another one overrides it."""
    function._ninefold_base = True
    return function


class Object:
    """What all shells have: a handle, and overrides that the engine calls."""

    _kind = "object"
    _record = None        # of classes that the engine implements
    _overridable = ()

    def _adopt(self, handle, overrides=True):
        object.__setattr__(self, "_engine_handle", handle)
        _alive[handle.address] = self
        if overrides:
            name, registered = type(self).__name__, registered_name(type(self))
            if handle.class_name != name:           # a class of the user's on one of the engine's: summaries say it
                handle.override("class_name", functools.partial(str, name))
            if registered != name:
                handle.override("registered_name", functools.partial(str, registered))
            for name in self._overridable:
                method = inspect.getattr_static(type(self), name, None)
                if method is not None and not _is_base(method):
                    self._override(name)

    def _override(self, name):
        """Lets the engine call self.name: looked up at each call, so that patching works."""
        me = weakref.ref(self)

        def call(*args, **kwargs):
            return me()._called(name, args, kwargs)

        self._engine_handle.override(name, call)

    def _called(self, name, args, kwargs):
        return getattr(self, name)(*args, **kwargs)

    # Kinds whose options can be set anew; layers and optimizers see to theirs themselves.
    _settable = frozenset(("regularizer", "constraint", "initializer", "schedule", "callback"))

    def _sets(self, name, value):
        """Sets an option that the engine computes by and get_config() tells; False for any other attribute."""
        record = type(self)._record
        return (record is not None and self._kind in self._settable and "_engine_handle" in self.__dict__
                and any(field[0] == name for field in record["fields"])
                and inspect.getattr_static(type(self), name, None) is None and core.set_field(self._engine_handle, name, value))

    def __setattr__(self, name, value):
        if self._sets(name, value):
            self.__dict__.pop(name, None)
            return
        object.__setattr__(self, name, value)
        if name in self._overridable and "_engine_handle" in self.__dict__:
            self._override(name)

    def __reduce__(self):
        from . import copying
        if self._kind == "tensor":
            raise TypeError(f"{self!r}: a symbolic tensor belongs to its graph and cannot be copied; make a new tf.keras.Input")
        return copying.reduced_part(self)

    def __dir__(self):
        """What completion offers: with the fields of the engine's class, which __getattr__ answers."""
        fields = [field[0] for field in self._record["fields"]] if self._record is not None else []
        return sorted({*object.__dir__(self), *fields, *getattr(self, "_engine", ())})

    @base
    def get_config(self):
        """The constructor's arguments, as from_config takes them."""
        return self._engine_handle.config()

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def function(name):
    """The engine's public function of that name, or None."""
    from .. import _core
    try:
        return _core.function_named(name)
    except AttributeError:
        return None


class Held:
    """A handle on its way into the engine: to_value knows objects with a `_engine_handle`."""

    def __init__(self, handle):
        self._engine_handle = handle


def _is_base(method):
    if isinstance(method, (staticmethod, classmethod)):
        method = method.__func__
    if isinstance(method, property):
        method = method.fget
    return getattr(method, "_ninefold_base", False)


def bind(record, args, kwargs, class_name):
    """Positional arguments by the record's order of fields; Python's own errors."""
    if len(args) > len(record["fields"]):
        raise TypeError("{}.__init__() takes from {} to {} positional arguments but {} were given".format(
            class_name, 1 + sum(f[2] for f in record["fields"]), 1 + len(record["fields"]), 1 + len(args)))
    given = {}
    for field, value in zip(record["fields"], args):
        given[field[0]] = value
    for name, value in kwargs.items():
        if name in given:
            raise TypeError("{}.__init__() got multiple values for argument '{}'".format(class_name, name))
        given[name] = value
    missing = [f[0] for f in record["fields"] if f[2] and f[0] not in given]
    if missing:
        names = ["'{}'".format(name) for name in missing]
        text = names[0] if len(names) == 1 else (
            " and ".join(names) if len(names) == 2 else ", ".join(names[:-1]) + ", and " + names[-1])
        raise TypeError("{}.__init__() missing {} required positional argument{}: {}".format(
            class_name, len(missing), "s" if len(missing) > 1 else "", text))
    return given


def signature_of(record, further=()):
    """What inspect.signature and help() show."""
    parameters = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    for name, fallback, required, _ in record["fields"]:
        parameters.append(inspect.Parameter(
            name, inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=inspect.Parameter.empty if required else _shown(fallback)))
    for name, fallback in further:
        parameters.append(inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=fallback))
    if record["kind"] in ("layer", "metric", "optimizer"):
        parameters.append(inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD))
    return inspect.Signature(parameters)


def told(config, kind):
    """(name of the class, its fields) of a {"class_name", "config"}. Raises ValueError, as Keras words it, for anything else: such
    a config may come from a damaged file."""
    if not isinstance(config, dict):
        raise ValueError("Could not interpret serialized {}: {}".format(kind, config))
    if not isinstance(config.get("class_name"), str) or not isinstance(config.get("config"), dict):
        raise ValueError("Improper config format for {}. Expecting python dict contains `class_name` and `config` as keys".format(config))
    return config["class_name"], config["config"]


def known(name, kind, namespace, custom_objects=None):
    """What a config names: the user's own, or what a module has. Raises ValueError, as Keras words it, for an unknown name."""
    from .utils import get_custom_objects
    found = (custom_objects or {}).get(name) or get_custom_objects().get(name) or namespace.get(name)
    if found is None:
        raise ValueError("Unknown {}: {}. Please ensure this object is passed to the `custom_objects` argument. See https://www.tensorflow"
                         ".org/guide/keras/save_and_serialize#registering_the_custom_object for details.".format(kind, name))
    return found


def revived(config, kind, namespace, custom_objects=None):
    """The part that a {"class_name", "config"} describes, of the module's classes or of the user's. Raises ValueError."""
    name, fields = told(config, kind)
    cls = known(name, kind, namespace, custom_objects)
    if not hasattr(cls, "from_config"):      # a function of the module's, which no class_name of Keras' own means
        raise ValueError("Could not interpret serialized {}: {}".format(kind, config))
    return cls.from_config(fields)


def _shown(value):
    if isinstance(value, dict) and not value.get("config", True):
        return value["class_name"]
    return tuple(value) if isinstance(value, list) else value


# The fields whose values are parts of their own, and the module that makes shells of them.
PARTS = ("initializer", "regularizer", "constraint", "activation")


def custom(identifier):
    """What the user has registered under a name, or under the class name of a config; else the identifier."""
    from .utils import get_custom_objects
    name = identifier.get("class_name") if isinstance(identifier, dict) else identifier
    found = get_custom_objects().get(name) if isinstance(name, str) else None
    if found is None:
        return identifier
    return found.from_config(identifier.get("config", {})) if isinstance(identifier, dict) else found


def _activation_layer(identifier):
    """The layer that a name or a config of an activation means, as "LeakyReLU" does; else the identifier."""
    name = identifier.get("class_name") if isinstance(identifier, dict) else identifier
    if name not in ("ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax", "ThresholdedReLU"):
        return identifier
    cls = classes[("layer", name)]
    return cls.from_config(identifier.get("config", {})) if isinstance(identifier, dict) else cls()


def part(kind, identifier):
    """An identifier as the engine takes it: None, a name, a dict, or a shell; callables get one."""
    if isinstance(identifier, (str, dict)):
        identifier = custom(identifier)
        if kind == "activation":
            identifier = _activation_layer(identifier)
    if kind == "activation" and getattr(identifier, "_kind", None) == "layer":
        return foreign_function(kind, identifier)       # a layer is called as a function is
    if identifier is None or isinstance(identifier, (str, dict, Object)):
        return identifier
    if inspect.isclass(identifier):
        return identifier()
    if callable(identifier):
        name = getattr(identifier, "_keras_name", None)   # one of the engine's own functions
        if name is not None:
            return name
        return foreign_function(kind, identifier)
    if kind == "activation":
        raise TypeError("Could not interpret activation function identifier: {}".format(identifier))
    raise ValueError("Could not interpret {} identifier: {}".format(kind, identifier))


def foreign_function(kind, function, method="__call__"):
    """A Python callable as a part of the engine. The engine keeps it: it is no shell."""
    cls = defaults[kind]
    shell = cls.__new__(cls)
    shell._adopt(core.foreign(kind, registered_name(function) or type(function).__name__, None), overrides=False)
    shell.__dict__["_function"] = function
    shell._engine_handle.override(method, function)
    return shell


def make_class(record, parent, module):
    """The class of a record: its fields are the constructor's parameters."""
    name = record["names"][0]

    def __init__(self, *args, **kwargs):
        self._construct(bind(record, args, kwargs, name))

    __init__.__signature__ = signature_of(record)
    __init__.__qualname__ = name + ".__init__"
    __init__.__doc__ = record["doc"]
    cls = type(parent)(name, (parent,), {
        "__init__": __init__, "__doc__": record["doc"], "__module__": module, "_record": record})
    classes[(record["kind"], name)] = cls
    return cls


@functools.lru_cache(None)
def by_kind():
    found = {}
    for record in core.records():
        found.setdefault(record["kind"], []).append(record)
    return found


def record(kind, name):
    """The engine's record of a class."""
    return next(r for r in by_kind()[kind] if r["names"][0] == name)


def fill(namespace, kind, parent, module):
    """Puts the classes of all records of a kind, under all their names, into a module: but those that it
    defines itself."""
    for record in by_kind().get(kind, ()):
        if record["names"][0] in namespace:
            continue
        cls = classes.get((kind, record["names"][0])) or make_class(record, parent(record), module)
        for name in record["names"]:
            if name.isidentifier() and name[:1].isupper():
                namespace[name] = cls


core.install((Object, Held), wrap)
