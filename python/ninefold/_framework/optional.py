# In: a value, or none. Out: tf.experimental.Optional, and what iterators give that may be at their end.
from . import export, nest
from .specs import TypeSpec, type_spec_from_value
from .. import _core


@export("experimental.Optional")
class Optional:
    """A nest of tensors, or nothing of that form."""
    _is_composite_tensor_ = True
    __slots__ = ("_there", "_leaves", "_spec")

    @classmethod
    def _of(cls, there, leaves, spec):
        made = object.__new__(cls)
        made._there, made._leaves, made._spec = there, list(leaves), spec
        return made

    def __init__(self):
        raise TypeError("Can't instantiate abstract class Optional with abstract methods element_spec, get_value, has_value")

    @staticmethod
    def from_value(value):
        """One that holds `value`."""
        value = nest.with_lists_as_leaves(lambda x: x if hasattr(type(x), "_is_composite_tensor_") else _core.convert(x), value)
        spec = nest.map_structure(type_spec_from_value, value)
        return Optional._of(_core.convert(True), nest.flatten(value, expand_composites=True), spec)

    @staticmethod
    def empty(element_spec):
        """One that holds nothing, but could hold this."""
        def zeros(spec):
            shape = [0 if d is None else d for d in (spec.shape.as_list() if spec.shape.rank is not None else [])]
            return _core.function_named("tf.zeros")(shape, spec.dtype)
        leaves = [zeros(s) for s in nest.flatten(element_spec, expand_composites=True)]
        return Optional._of(_core.convert(False), leaves, element_spec)

    def has_value(self, name=None):
        """A bool scalar: whether it holds something."""
        return self._there

    def get_value(self, name=None):
        """What it holds. Raises InvalidArgumentError if that is nothing."""
        if not self._there._symbolic and not bool(self._there):
            from .. import errors
            raise errors.InvalidArgumentError(None, None, "The given optional does not have a value. [Op:OptionalGetValue]")
        leaves = self._leaves
        if self._there._symbolic:
            _core.function_named("tf.Assert")(self._there, ["The given optional does not have a value."])
            leaves = [_core.function_named("tf.identity")(leaf) for leaf in leaves]
        return nest.pack_sequence_as(self._spec, leaves, expand_composites=True)

    @property
    def element_spec(self):
        return self._spec

    @property
    def _type_spec(self):
        return OptionalSpec(self._spec)

    def _composite_parts_(self):
        return [self._there, *self._leaves]

    def _composite_from_(self, parts):
        return Optional._of(parts[0], parts[1:], self._spec)

    def __repr__(self):
        return f"<tf.experimental.Optional element_spec={self._spec!r}>"


@export("OptionalSpec")
class OptionalSpec(TypeSpec):
    """What an Optional will be: what it may hold."""

    def __init__(self, element_spec):
        self._element_spec = element_spec

    value_type = property(lambda self: Optional)

    @classmethod
    def from_value(cls, value):
        return cls(value.element_spec)

    def _component_specs_(self):
        from .specs import TensorSpec
        return [TensorSpec([], "bool"), *nest.flatten(self._element_spec, expand_composites=True)]

    def _from_components_(self, parts):
        if any(isinstance(p, TypeSpec) for p in parts):
            return self
        return Optional._of(parts[0], parts[1:], self._element_spec)

    def __eq__(self, other):
        return type(self) is type(other) and self._element_spec == other._element_spec

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash(repr(self._element_spec))

    def __repr__(self):
        return f"OptionalSpec({self._element_spec!r},)"
