# In: objects that hold others, functions. Out: what is left of tf.__internal__: base classes that packages derive from or ask
# isinstance about, monitoring, AutoGraph's doors.
import abc

import ninefold as tf
from ninefold import _core
from ninefold._framework import context, nest, trackable
from ninefold._framework.graphs import Traced  # noqa: F401

from .structures import (  # noqa: F401
    ListWrapper, NoDependency, ObjectIdentityDictionary, ObjectIdentitySet, ObjectIdentityWeakSet, TrackableDataStructure,
    no_automatic_dependency_tracking, wrap_or_unwrap as wrap)


class Trackable:
    """An object that is part of checkpoints."""

    _track_trackable = trackable.track

    def _trackable_children_(self):
        return trackable.attributes(self, trackable.INTERNAL)

    def _lookup_dependency(self, name):
        return trackable.child(self, name)

    def _maybe_initialize_trackable(self):
        """Ready from the beginning."""


class AutoTrackable(Trackable):
    """An object whose attributes are part of checkpoints."""

    def __setattr__(self, name, value):
        object.__setattr__(self, name, wrap(value))
        if "_awaited" in self.__dict__:     # a restored checkpoint may have a value for it
            trackable.resolve(self)


class _OfParts(abc.ABCMeta):
    def __instancecheck__(cls, x):
        return type.__instancecheck__(cls, x) or cls is CompositeTensor and hasattr(type(x), "_is_composite_tensor_")

    def __subclasscheck__(cls, other):
        return super().__subclasscheck__(other) or cls is CompositeTensor and hasattr(other, "_is_composite_tensor_")


class CompositeTensor(metaclass=_OfParts):
    """A value made of tensors, which `_type_spec` tells: tf.TypeSpec's _to_components and _from_components go between."""

    @property
    @abc.abstractmethod
    def _type_spec(self):
        """The TypeSpec of this value."""

    def _composite_parts_(self):
        return nest.flatten(self._type_spec._to_components(self), expand_composites=True)


EagerTensor = _core.EagerTensor


class _TensorLike(type(tf.Variable)):    # of Variable's, so that a class may be of both
    def __instancecheck__(cls, x):
        return type.__instancecheck__(cls, x) or cls is Tensor and (_core.is_tensor(x) or isinstance(x, _core.VariableBase))

    def __subclasscheck__(cls, other):
        return type.__subclasscheck__(cls, other) or cls is Tensor and issubclass(other, (tf.Tensor, _core.VariableBase))


class Tensor(metaclass=_TensorLike):
    """What all tensors are; a class of a package may say that it is one, too."""


FuncGraph = Traced


def get_name_scope():
    """The names of the scopes that are open, "outer/inner"."""
    return context.scope_name().rstrip("/")


_clearing = []


def register_clear_session_function(func):
    """`func` runs when Keras' session is cleared."""
    _clearing.append(func)


def enabled():
    """True: this is TensorFlow 2."""
    return True


def add_dispatch_support(target=None, iterable_parameters=None):
    """Decorator: a function that types may decide about; those of packages are called as they are."""
    return target if target is not None else lambda function: function


class _Cell:
    def __init__(self):
        self._value = False

    def set(self, value):
        self._value = value

    def value(self):
        return self._value


class BoolGauge:
    """A flag that monitoring would read, by labels."""

    def __init__(self, name, description, *labels):
        self._cells = {}

    def get_cell(self, *labels):
        return self._cells.setdefault(labels, _Cell())


class Counter(BoolGauge):
    """A count that monitoring would read, by labels."""

    class _Count(_Cell):
        def __init__(self):
            self._value = 0

        def increase_by(self, value):
            self._value += value

    def get_cell(self, *labels):
        return self._cells.setdefault(labels, self._Count())


StringGauge = IntGauge = BoolGauge


def monitored_timer(cell):
    """Decorator: the function as it is."""
    return lambda function: function


def control_status_ctx():
    """Whether AutoGraph converts what is called."""
    import types
    return types.SimpleNamespace(status=None, options=None)


def tf_convert(f, ctx, convert_by_default=True, user_requested=False):
    """The function as AutoGraph would have it."""
    return tf.autograph.to_graph(f) if user_requested else f
