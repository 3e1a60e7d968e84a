# In: some elements of a tensor and their places. Out: tf.sparse.SparseTensor and its spec; the engine computes, here
# are Python's manners.
from . import export
from .dtypes import as_dtype
from .shapes import TensorShape
from .specs import TensorSpec, TypeSpec
from .. import _core


def _call(name, *args, **kwargs):
    return _core.function_named(name)(*args, **kwargs)


@export("sparse.SparseTensor", "SparseTensor")
class SparseTensor:
    """values[i] stands at indices[i] of a tensor of shape dense_shape; all else is 0."""
    __module__ = "tensorflow.python.framework.sparse_tensor"     # as it prints itself
    _is_composite_tensor_ = True
    __slots__ = ("_sparse", "__weakref__")

    def __init__(self, indices, values, dense_shape):
        if isinstance(dense_shape, (list, tuple)) and any(_core.is_tensor(size) for size in dense_shape):
            call = _core.function_named
            dense_shape = call("tf.stack")([call("tf.cast")(size, "int64") for size in dense_shape])
        self._sparse = _core.sparse(indices, values, dense_shape)

    @classmethod
    def _of(cls, handle):
        made = object.__new__(cls)
        made._sparse = handle
        return made

    @classmethod
    def from_value(cls, sparse_tensor_value):
        """Of anything that has indices, values and a dense_shape."""
        if not all(hasattr(sparse_tensor_value, part) for part in ("indices", "values", "dense_shape")):
            raise TypeError(f"Argument sparse_tensor_value={sparse_tensor_value} is neither a SparseTensor nor SparseTensorValue.")
        return cls(sparse_tensor_value.indices, sparse_tensor_value.values, sparse_tensor_value.dense_shape)

    indices = property(lambda self: self._sparse.indices)
    values = property(lambda self: self._sparse.values)
    dense_shape = property(lambda self: self._sparse.dense_shape)
    dtype = property(lambda self: self._sparse.dtype)
    shape = property(lambda self: self._sparse.shape)
    op = property(lambda self: self.values.op)
    graph = property(lambda self: self.indices.graph)

    def get_shape(self):
        return self.shape

    def with_values(self, new_values):
        return SparseTensor(self.indices, new_values, self.dense_shape)

    def consumers(self):
        return self.values.consumers()

    def __str__(self):
        return f"SparseTensor(indices={self.indices!s}, values={self.values!s}, dense_shape={self.dense_shape!s})"

    def _dense_operand(self, name, other):
        """What `other` is to each value: a number, or what a dense tensor has at their places."""
        other = _core.convert(other, self.dtype)
        if other.shape.rank != 0:
            wide = _call("tf.broadcast_to", other, self.dense_shape)
            other = _call("tf.gather_nd", wide, self.indices)
        return self.with_values(_call(name, self.values, other))

    def __mul__(self, other):
        return self._dense_operand("tf.math.multiply", other)

    def __truediv__(self, other):
        return self._dense_operand("tf.math.divide", other)

    def _as_tensor_(self, dtype):
        raise ValueError(f"Attempt to convert a value ({self!r}) with an unsupported type ({type(self)}) to a Tensor.")

    # ---- as a composite ----
    def __tf_dispatch__(self, function, args, kwargs):
        """NotImplemented: the engine knows what a function means for sparse tensors."""
        return NotImplemented

    def _composite_parts_(self):
        return [self.indices, self.values, self.dense_shape]

    def _composite_from_(self, parts):
        return SparseTensor(*parts)

    @property
    def _type_spec(self):
        return SparseTensorSpec(self.shape, self.dtype)

    def __reduce__(self):
        return _of_parts, (self.indices, self.values, self.dense_shape)


def _of_parts(*parts):      # pickle cannot import the module that the class claims to be of
    return SparseTensor(*parts)


_core.install_sparse(SparseTensor)


@export("SparseTensorSpec")
class SparseTensorSpec(TypeSpec):
    """What a sparse tensor will be."""
    __slots__ = ("_shape", "_dtype")
    value_type = property(lambda self: SparseTensor)
    shape = property(lambda self: self._shape)
    dtype = property(lambda self: self._dtype)

    def __init__(self, shape=None, dtype="float32"):
        self._shape, self._dtype = TensorShape(shape), as_dtype(dtype)

    @classmethod
    def from_value(cls, value):
        if not isinstance(value, SparseTensor):
            raise TypeError(f"Expected SparseTensor or SparseTensorValue. Received: {value} of type {type(value).__name__}.")
        return cls(value.shape, value.dtype)

    def is_compatible_with(self, spec_or_value):
        other = spec_or_value if isinstance(spec_or_value, TypeSpec) else getattr(spec_or_value, "_type_spec", None)
        return isinstance(other, SparseTensorSpec) and self._dtype == other._dtype and self._shape.is_compatible_with(other._shape)

    def is_subtype_of(self, other):
        return isinstance(other, SparseTensorSpec) and self._dtype == other._dtype and self._shape.is_subtype_of(other._shape)

    def most_specific_compatible_type(self, other):
        if not isinstance(other, SparseTensorSpec) or self._dtype != other._dtype:
            raise ValueError(f"No TypeSpec is compatible with both {self} and {other}")
        return SparseTensorSpec(self._shape.most_specific_compatible_shape(other._shape), self._dtype)

    def _component_specs_(self):
        rank = self._shape.rank
        return [TensorSpec([None, rank], "int64"), TensorSpec([None], self._dtype), TensorSpec([rank], "int64")]

    def _from_components_(self, parts):
        return self if any(isinstance(p, TypeSpec) for p in parts) else SparseTensor(*parts)

    def _with_known_sizes(self, value):
        """The same while tracing, with the sizes that are known here: datasets tell them to their functions."""
        sizes = value.dense_shape
        if not sizes._symbolic or self._shape.rank is None or not any(n is not None for n in self._shape):
            return value
        sizes = _call("tf.stack", [sizes[i] if n is None else _core.convert(n, "int64") for i, n in enumerate(self._shape)]) \
            if None in self._shape.as_list() else _core.convert(self._shape.as_list(), "int64")
        return SparseTensor(value.indices, value.values, sizes)

    def __eq__(self, other):
        return type(self) is type(other) and (self._shape, self._dtype) == (other._shape, other._dtype)

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash((self._shape, self._dtype))

    def __repr__(self):
        return f"SparseTensorSpec({self._shape!r}, {self._dtype!r})"

    def __reduce__(self):
        return SparseTensorSpec, (self._shape, self._dtype)


def _same_places(one, other):
    """Raises where two sparse tensors do not write down the same places."""
    for a, b in ((one.indices, other.indices), (one.dense_shape, other.dense_shape)):
        if a is not b:
            _call("tf.debugging.assert_equal", a, b)


@export("sparse.map_values")
def map_values(op, *args, **kwargs):
    """op(*args, **kwargs) with the values of the sparse tensors among its arguments, which write down the same places, as the
    values of a sparse tensor."""
    found = []

    def value(x):
        if isinstance(x, SparseTensor):
            found.append(x)
            return x.values
        if isinstance(x, (list, tuple)):
            return type(x)(value(item) for item in x)
        return x
    args, kwargs = [value(x) for x in args], {key: value(x) for key, x in kwargs.items()}
    if not found:
        raise ValueError("No SparseTensor in argument list of map_values")
    for other in found[1:]:
        _same_places(found[0], other)
    return found[0].with_values(op(*args, **kwargs))


@export("sparse.mask")
def mask(a, mask_indices, name=None):
    """IndexedSlices without the rows of these indices."""
    from .slices import IndexedSlices
    rows = _core.convert(mask_indices, a.indices.dtype)
    kept = _call("tf.reduce_all", _call("tf.not_equal", _call("tf.expand_dims", a.indices, 1), _call("tf.expand_dims", rows, 0)), 1)
    return IndexedSlices(_call("tf.boolean_mask", a.values, kept), _call("tf.boolean_mask", a.indices, kept), a.dense_shape)
