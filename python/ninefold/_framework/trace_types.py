# In: arguments of a tf.function that are no tensors. Out: what a trace counts them by: tf.types.experimental.TraceType, which a
# class says of its objects (__tf_tracing_type__); of any other object a weak reference, so that those which are equal share a trace.
import abc
import typing
import weakref

from . import export
from .dtypes import DType
from .shapes import TensorShape
from .specs import TensorSpec, TypeSpec


@export("types.experimental.TraceType")
class TraceType(metaclass=abc.ABCMeta):
    """What a tf.function knows of an argument: a trace made for one type serves all of its subtypes.

    A class gives its objects' types by `__tf_tracing_type__(self, context)`; types must be hashable."""

    @abc.abstractmethod
    def is_subtype_of(self, other):
        """Whether a trace for `other` serves an argument of this type."""

    @abc.abstractmethod
    def most_specific_common_supertype(self, others):
        """The narrowest type that serves this one and all `others`; None without one. `reduce_retracing` asks for it."""

    def _placeholder_value(self):
        """What a function sees in the argument's place under `reduce_retracing`."""
        raise NotImplementedError

    @abc.abstractmethod
    def __hash__(self):
        pass

    @abc.abstractmethod
    def __eq__(self, other):
        pass


TraceType.register(TypeSpec)


@export("types.experimental.Callable")
class Callable(metaclass=abc.ABCMeta):
    """What a tf.function and its concrete functions are: callable, without Python running."""


@export("types.experimental.ConcreteFunction")
class ConcreteFunction(Callable):
    """A function traced for one signature."""


@export("types.experimental.GenericFunction")
class GenericFunction(Callable):
    """A function that is traced for whatever it is called with."""


@export("types.experimental.TracingContext")
class TracingContext(metaclass=abc.ABCMeta):
    """What all `__tf_tracing_type__` of one call share."""


@export("types.experimental.SupportsTracingProtocol")
@typing.runtime_checkable
class SupportsTracingProtocol(typing.Protocol):
    """Classes that say by what a tf.function counts their objects."""

    @abc.abstractmethod
    def __tf_tracing_type__(self, context):
        """The TraceType of this object."""


class Context(TracingContext):
    """The arguments of one call."""
    include_tensor_ranks_only = False

    def __init__(self):
        self._known, self.deletion_observer = {}, lambda reference: None

    def make_reference_type(self, base_type, local_id):
        return Reference(base_type, self._known.setdefault(local_id, len(self._known)))


class Reference(TraceType):
    """A type with the number of what it refers to: arguments that are the same thing have one number."""

    def __init__(self, base, identifier):
        self.base, self.identifier = base, identifier

    def is_subtype_of(self, other):
        return isinstance(other, Reference) and self.identifier == other.identifier and self.base.is_subtype_of(other.base)

    def most_specific_common_supertype(self, others):
        if any(not isinstance(other, Reference) or other.identifier != self.identifier for other in others):
            return None
        base = self.base.most_specific_common_supertype([other.base for other in others])
        return None if base is None else Reference(base, self.identifier)

    def _placeholder_value(self):
        return self.base._placeholder_value()

    def __eq__(self, other):
        return isinstance(other, Reference) and (self.identifier, self.base) == (other.identifier, other.base)

    def __hash__(self):
        return hash((self.identifier, self.base))

    def __repr__(self):
        return f"Reference(base={self.base!r}, identifier={self.identifier!r})"


class Chosen:
    """In an argument's place: the type that a trace is made for, wider than the argument's own."""

    def __init__(self, type):
        self.type = type


class UnknownArgument:
    """In a signature: an argument that no signature can tell, and that the trace does not keep alive."""

    def __init__(self, value):
        try:
            self.value = weakref.ref(value)
        except TypeError:
            self.value = lambda: value


UnknownArgument.__module__ = "tensorflow.python.framework.func_graph"


def remembered(x):
    """What a signature holds of an argument that is neither a tensor nor a nest."""
    return x if x is None or isinstance(x, (bool, int, float, str, bytes, complex, DType, TensorShape)) else UnknownArgument(x)


def speaks(x):
    """Whether x's class says by what its objects count. Tensors and composite values are counted by their specs."""
    return hasattr(type(x), "__tf_tracing_type__")


def of_object(x):
    """What an object without a TraceType counts by: equal ones are one."""
    try:
        made = weakref.ref(x)
        hash(made)
        return made
    except TypeError:
        try:
            hash(x)
            return x
        except TypeError:
            raise TypeError("Python object could not be represented through the generic tracing type. Consider "
                            f"implementing the Tracing Protocol for it: {x!r}") from None


def _of_tensor(self, context):
    """The TensorSpec by which tf.function counts this tensor, for a __tf_tracing_type__ that asks its parts."""
    return TensorSpec(self.shape, self.dtype)


def _of_spec(self, context):
    """Itself: a spec is a TraceType."""
    return self


def install(tensor):
    tensor.__tf_tracing_type__ = _of_tensor
    TypeSpec.__tf_tracing_type__ = _of_spec


for _class in (TraceType, TracingContext, SupportsTracingProtocol):
    _class.__module__ = "tensorflow.python.types.trace"
