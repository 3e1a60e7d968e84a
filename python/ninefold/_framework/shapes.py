# In: dimensions as Python says them. Out: tf.TensorShape: partial shapes, compared, merged and printed.
from . import export


def _dimension(value):
    if value is None:
        return None
    if type(value) is int:
        result = value
    elif hasattr(value, "_value_of_dimension"):
        return value._value_of_dimension
    else:
        try:
            result = value.__index__()
        except AttributeError:
            raise TypeError("Dimension value must be integer or None or have an __index__ method, "
                            f"got value '{value!r}' with type '{type(value)!r}'") from None
    if result < 0:
        raise ValueError(f"Dimension {result} must be >= 0")
    return result


@export("compat.v1.Dimension")
class Dimension:
    """One dimension, as tf.compat.v1 knows it."""

    def __init__(self, value):
        self._value_of_dimension = _dimension(value)

    @property
    def value(self):
        return self._value_of_dimension

    def __repr__(self):
        return f"Dimension({self.value})"

    def __str__(self):
        return "?" if self.value is None else str(self.value)

    def __eq__(self, other):
        try:
            other = _dimension(other)
        except (TypeError, ValueError):
            return NotImplemented
        return None if self.value is None or other is None else self.value == other

    def __ne__(self, other):
        equal = self.__eq__(other)
        return equal if equal is None or equal is NotImplemented else not equal

    def __int__(self):
        return self.value

    def __index__(self):
        return self.value

    def __hash__(self):
        return hash(self.value)


@export("TensorShape")
class TensorShape:
    """The shape of a tensor, whole, partial or unknown."""
    __slots__ = ("_dims",)

    def __init__(self, dims):
        if type(dims) is tuple:
            for d in dims:
                if d is not None and (type(d) is not int or d < 0):
                    self._dims = tuple(_dimension(d) for d in dims)
                    return
            self._dims = dims
        elif dims is None:
            self._dims = None
        elif isinstance(dims, TensorShape):
            self._dims = dims._dims
        elif isinstance(dims, str) or not hasattr(dims, "__iter__"):
            if hasattr(dims, "dim") and hasattr(dims, "unknown_rank"):  # TensorShapeProto
                self._dims = None if dims.unknown_rank else tuple(
                    None if d.size == -1 else d.size for d in dims.dim)
            else:
                self._dims = (_dimension(dims),)
        else:
            try:
                self._dims = tuple(_dimension(d) for d in dims)
            except (TypeError, ValueError) as error:
                if "Dimension" in str(error):
                    raise
                raise TypeError(f"Failed to convert '{dims!r}' to a shape: {error}") from error

    @property
    def rank(self):
        return None if self._dims is None else len(self._dims)

    @property
    def ndims(self):
        return self.rank

    @property
    def dims(self):
        return None if self._dims is None else [Dimension(d) for d in self._dims]

    def __repr__(self):
        return f"TensorShape({None if self._dims is None else list(self._dims)})"

    def __str__(self):
        if self._dims is None:
            return "<unknown>"
        return f"({self._dims[0]},)" if len(self._dims) == 1 else "(" + ", ".join(map(str, self._dims)) + ")"

    def __len__(self):
        if self._dims is None:
            raise ValueError("Cannot take the length of shape with unknown rank.")
        return len(self._dims)

    def __bool__(self):
        return self._dims is not None

    def __iter__(self):
        if self._dims is None:
            raise ValueError("Cannot iterate over a shape with unknown rank.")
        return iter(self._dims)

    def __getitem__(self, key):
        if self._dims is not None:
            return TensorShape(self._dims[key]) if isinstance(key, slice) else self._dims[key]
        if isinstance(key, slice):
            start, stop = key.start or 0, key.stop
            if key.step is not None:
                raise ValueError("Steps are not yet handled")
            if stop is None or start < 0 or stop < 0:
                return TensorShape(None)
            return TensorShape([None] * max(stop - start, 0))
        return None

    def as_list(self):
        if self._dims is None:
            raise ValueError("as_list() is not defined on an unknown TensorShape.")
        return list(self._dims)

    def as_proto(self):
        """The shape as a TensorShapeProto."""
        from .tensor_proto import shape_proto
        return shape_proto(self)

    def num_elements(self):
        if not self.is_fully_defined():
            return None
        product = 1
        for d in self._dims:
            product *= d
        return product

    def is_fully_defined(self):
        return self._dims is not None and None not in self._dims

    def assert_is_fully_defined(self):
        if not self.is_fully_defined():
            raise ValueError(f"Shape {self} is not fully defined")

    def is_compatible_with(self, other):
        other = as_shape(other)
        if self._dims is None or other._dims is None:
            return True
        return len(self._dims) == len(other._dims) and all(
            a is None or b is None or a == b for a, b in zip(self._dims, other._dims))

    def assert_is_compatible_with(self, other):
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are incompatible")

    def merge_with(self, other):
        other = as_shape(other)
        if self._dims is None:
            return other
        if other._dims is None:
            return self
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are not compatible")
        return TensorShape(tuple(b if a is None else a for a, b in zip(self._dims, other._dims)))

    def concatenate(self, other):
        other = as_shape(other)
        if self._dims is None or other._dims is None:
            return TensorShape(None)
        return TensorShape(self._dims + other._dims)

    def __add__(self, other):
        return self.concatenate(other)

    def __radd__(self, other):
        return as_shape(other).concatenate(self)

    def with_rank(self, rank):
        if self._dims is None:
            return TensorShape([None] * rank)
        if self.rank != rank:
            raise ValueError(f"Shape {self} must have rank {rank}")
        return self

    def with_rank_at_least(self, rank):
        if self.rank is not None and self.rank < rank:
            raise ValueError(f"Shape {self} must have rank at least {rank}")
        return self

    def with_rank_at_most(self, rank):
        if self.rank is not None and self.rank > rank:
            raise ValueError(f"Shape {self} must have rank at most {rank}")
        return self

    def assert_has_rank(self, rank):
        if self.rank not in (None, rank):
            raise ValueError(f"Shape {self} must have rank {rank}")

    def assert_same_rank(self, other):
        other = as_shape(other)
        if self.rank is not None and other.rank is not None and self.rank != other.rank:
            raise ValueError(f"Shapes {self} and {other} must have the same rank")

    def is_subtype_of(self, other):
        if other._dims is None:
            return True
        return self._dims is not None and len(self._dims) == len(other._dims) and all(
            b is None or a == b for a, b in zip(self._dims, other._dims))

    def most_specific_compatible_shape(self, other):
        other = as_shape(other)
        if self._dims is None or other._dims is None or self.rank != other.rank:
            return TensorShape(None)
        return TensorShape(tuple(a if a == b else None for a, b in zip(self._dims, other._dims)))

    def __eq__(self, other):
        try:
            other = as_shape(other)
        except TypeError:
            return NotImplemented
        return self._dims == other._dims

    def __ne__(self, other):
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    def __hash__(self):
        return hash(self._dims)

    def __reduce__(self):
        return TensorShape, (self._dims,)


def as_shape(shape):
    return shape if isinstance(shape, TensorShape) else TensorShape(shape)
