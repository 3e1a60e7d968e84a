# In: shapes and dtypes. Out: tf.TypeSpec and tf.TensorSpec: what a tensor will be.
from . import export
from .. import _core
from .dtypes import as_dtype
from .shapes import TensorShape


@export("TypeSpec")
class TypeSpec:
    """The type of a value that functions take and datasets give."""
    _nest_leaf_ = True

    @property
    def value_type(self):
        raise NotImplementedError(f"{type(self).__name__}.value_type")

    def is_compatible_with(self, spec_or_value):
        if not isinstance(spec_or_value, TypeSpec):
            spec_or_value = type_spec_from_value(spec_or_value)
        return type(self) is type(spec_or_value) and self.is_subtype_of(spec_or_value) or \
            self == spec_or_value

    def is_subtype_of(self, other):
        return self == other

    def most_specific_common_supertype(self, others):
        return self if all(self == o for o in others) else None


class _DenseSpec(TypeSpec):
    __slots__ = ("_shape", "_dtype", "_name")

    def __init__(self, shape, dtype="float32", name=None):
        self._shape, self._dtype, self._name = TensorShape(shape), as_dtype(dtype), name

    @property
    def shape(self):
        return self._shape

    @property
    def dtype(self):
        return self._dtype

    @property
    def name(self):
        return self._name

    def __eq__(self, other):
        return type(self) is type(other) and self._shape == other._shape and \
            self._dtype == other._dtype and self._name == other._name

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash((self._shape, self._dtype))

    def __repr__(self):
        return f"{type(self).__name__}(shape={self._shape}, dtype={self._dtype!r}, name={self._name!r})"

    def __reduce__(self):
        return type(self), (self._shape, self._dtype, self._name)


@export("TensorSpec")
class TensorSpec(_DenseSpec):
    """The shape and dtype of a tensor."""

    @classmethod
    def from_spec(cls, spec, name=None):
        return cls(spec.shape, spec.dtype, name or spec.name)

    @classmethod
    def from_tensor(cls, tensor, name=None):
        if _core.is_tensor(tensor):
            return cls(tensor.shape, tensor.dtype, name or (tensor.name.split(":")[0] if tensor._symbolic else None))
        if isinstance(tensor, _core.VariableBase):
            return cls(tensor.shape, tensor.dtype, name)
        raise ValueError(f"`tensor` should be a tf.Tensor, but got type {type(tensor)}.")

    @property
    def value_type(self):
        return _core.Tensor

    def is_compatible_with(self, spec_or_tensor):
        other = spec_or_tensor
        if not hasattr(other, "dtype") or not hasattr(other, "shape"):
            try:
                other = _core.convert(other, self._dtype)
            except (TypeError, ValueError):
                return False
        return self._dtype.is_compatible_with(other.dtype) and self._shape.is_compatible_with(other.shape)

    def is_subtype_of(self, other):
        return isinstance(other, TensorSpec) and self._shape.is_subtype_of(other._shape) and \
            self._dtype == other._dtype

    def most_specific_common_supertype(self, others):
        shape = self._shape
        for other in others:
            if not isinstance(other, TensorSpec) or other._dtype != self._dtype:
                return None
            shape = shape.most_specific_compatible_shape(other._shape)
        return TensorSpec(shape, self._dtype, self._name)

    def most_specific_compatible_type(self, other):
        if self._dtype != other.dtype:
            raise ValueError(f"No TypeSpec is compatible with both {self!r} and {other!r}")
        return TensorSpec(self._shape.most_specific_compatible_shape(other.shape), self._dtype)


class NoneTensor:
    """None as a component of a dataset's elements, on its way through pipelines."""
    __module__ = "tensorflow.python.data.util.structure"     # as it prints itself
    _is_composite_tensor_ = True

    def _composite_parts_(self):
        return []

    def _composite_from_(self, parts):
        return None

    @property
    def _type_spec(self):
        return NoneTensorSpec()


NOTHING = NoneTensor()


class NoneTensorSpec(TypeSpec):
    """What a component of a dataset's elements is that is always None."""

    @property
    def value_type(self):
        return NoneTensor

    def _component_specs_(self):
        return []

    def _from_components_(self, parts):
        return None

    def is_compatible_with(self, spec_or_value):
        return spec_or_value is None or spec_or_value is NOTHING or isinstance(spec_or_value, NoneTensorSpec)

    def __eq__(self, other):
        return type(self) is type(other)

    def __hash__(self):
        return hash(NoneTensorSpec)

    def __repr__(self):
        return "NoneTensorSpec()"


@export("type_spec_from_value")
def type_spec_from_value(value):
    """The TypeSpec of a tensor, a variable, a composite tensor or what converts to one; of None a NoneTensorSpec."""
    if isinstance(value, TypeSpec):
        return value
    if value is None:
        return NoneTensorSpec()
    if hasattr(value, "_type_spec"):
        return value._type_spec
    if _core.is_tensor(value) or isinstance(value, _core.VariableBase):
        return TensorSpec(value.shape, value.dtype)
    try:
        tensor = _core.convert(value)
    except (TypeError, ValueError):
        raise TypeError(f"Could not build a `TypeSpec` for {value} with type {type(value).__name__}") from None
    return TensorSpec(tensor.shape, tensor.dtype)


class VariableSpec(TypeSpec):
    """An argument that is a variable. `number`: which of the variables among the arguments it is, where that is known."""

    def __init__(self, shape, dtype, trainable=True, number=None):
        self.shape, self.dtype, self.trainable = TensorShape(shape), as_dtype(dtype), trainable
        self._number = number

    def is_compatible_with(self, value):
        return isinstance(value, _core.VariableBase) and value.dtype == self.dtype and self.shape.is_compatible_with(value.shape)

    def __eq__(self, other):
        return type(self) is type(other) and (self.shape.as_list() if self.shape.rank is not None else None, self.dtype) == (
            other.shape.as_list() if other.shape.rank is not None else None, other.dtype) and self.trainable == other.trainable

    def __hash__(self):
        return hash((self.dtype, self.trainable))

    def __repr__(self):
        return f"VariableSpec(shape={self.shape}, dtype={self.dtype}, trainable={self.trainable})"
