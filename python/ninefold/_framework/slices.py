# In: rows and their places in a larger tensor. Out: tf.IndexedSlices, a gradient that is mostly zero.
from . import export
from .shapes import TensorShape
from .specs import TypeSpec, TensorSpec
from .. import _core


@export("IndexedSlices")
class IndexedSlices:
    """values[i] stands at row indices[i] of a tensor of shape dense_shape."""
    _is_composite_tensor_ = True

    def __init__(self, values, indices, dense_shape=None):
        self._values, self._indices, self._dense_shape = values, indices, dense_shape

    @property
    def values(self):
        return self._values

    @property
    def indices(self):
        return self._indices

    @property
    def dense_shape(self):
        return self._dense_shape

    @property
    def dtype(self):
        return self._values.dtype

    @property
    def device(self):
        return self._values.device

    @property
    def shape(self):
        if self._dense_shape is None:
            return TensorShape(None)
        return TensorShape([int(d) for d in self._dense_shape.numpy()]) if not self._dense_shape._symbolic \
            else TensorShape([None] * self._dense_shape.shape[0])

    def _as_tensor_(self, dtype):
        return self.to_tensor(dtype)

    def to_tensor(self, dtype=None):
        if self._dense_shape is None:
            raise ValueError("Tensor conversion requested for IndexedSlices for tensor without known shape: "
                             f"{self}")
        return _core.function_named("tf.math.unsorted_segment_sum")(self._values, self._indices, self._dense_shape[0])

    def __neg__(self):
        return IndexedSlices(-self._values, self._indices, self._dense_shape)

    def _composite_parts_(self):
        return [self._values, self._indices] + ([] if self._dense_shape is None else [self._dense_shape])

    def _composite_from_(self, parts):
        return IndexedSlices(*parts)

    @property
    def _type_spec(self):
        return IndexedSlicesSpec(self.shape, self.dtype, self._indices.dtype,
                                 None if self._dense_shape is None else self._dense_shape.dtype,
                                 self._indices.shape)

    def consumers(self):
        return []

    def __str__(self):
        dense = "" if self._dense_shape is None else f", dense_shape={self._dense_shape}"
        return f"IndexedSlices(indices={self._indices}, values={self._values}{dense})"

    __repr__ = object.__repr__


@export("IndexedSlicesSpec")
class IndexedSlicesSpec(TypeSpec):
    """What IndexedSlices will be."""

    def __init__(self, shape=None, dtype="float32", indices_dtype="int64", dense_shape_dtype=None,
                 indices_shape=None):
        self._row = (TensorShape(shape), TensorSpec([], dtype).dtype, TensorSpec([], indices_dtype).dtype,
                     dense_shape_dtype, TensorShape(indices_shape))

    @property
    def value_type(self):
        return IndexedSlices

    def __eq__(self, other):
        return type(self) is type(other) and self._row == other._row

    def __hash__(self):
        return hash(self._row)

    def __repr__(self):
        return "IndexedSlicesSpec" + repr(self._row)
