# In: rows and their places in a larger tensor. Out: tf.IndexedSlices, a gradient that is mostly zero.
import math
import warnings

from . import export
from .dtypes import as_dtype
from .shapes import TensorShape
from .specs import TypeSpec, TensorSpec
from .. import _core


def _of_parts(*parts):      # pickle cannot import the module that the class claims to be of
    return IndexedSlices(*parts)


@export("IndexedSlices")
class IndexedSlices:
    """values[i] stands at row indices[i] of a tensor of shape dense_shape."""
    __module__ = "tensorflow.python.framework.indexed_slices"     # as it prints itself
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
    def name(self):
        return self._values.name

    @property
    def op(self):
        return self._values.op

    @property
    def graph(self):
        return self._values.graph

    @property
    def shape(self):
        if self._dense_shape is None:
            return TensorShape(None)
        known = _static(self._dense_shape)
        return TensorShape([None] * self._dense_shape.shape[0] if known is None else known)

    def __reduce__(self):
        return _of_parts, (self._values, self._indices, self._dense_shape)

    def _as_tensor_(self, dtype):
        """The whole tensor. Rows of an index that stands twice add up."""
        if dtype is not None and as_dtype(dtype) != self.dtype:
            raise ValueError(f"Incompatible tensor conversion requested to `dtype` {as_dtype(dtype).name} for "
                             f"IndexedSlices ({self}) with dtype {self.dtype.name}")
        if self._dense_shape is None:
            raise ValueError("Tensor conversion requested for IndexedSlices for argument `value` without "
                             f"dense_shape: {self}")
        if _core.is_tensor(self._values) and self._values._symbolic:
            self._warn_if_large()
        return _core.function_named("tf.math.unsorted_segment_sum")(self._values, self._indices, self._dense_shape[0])

    def _warn_if_large(self):
        known = _static(self._dense_shape)
        count = None if known is None else math.prod(known)
        if count is None or count >= _LARGE:
            size = "of unknown shape" if count is None else f"with {count} elements"
            warnings.warn(f"Converting sparse {self} to a dense Tensor {size}. This may consume a large amount of "
                          "memory.", stacklevel=3)

    def __tf_dispatch__(self, function, args, kwargs):
        """The few functions that TensorFlow applies to the rows; all others get the whole tensor."""
        how = _BY_ROWS.get(function._names[0])
        return NotImplemented if how is None else how(function, list(args), kwargs)

    def __neg__(self):
        return self._with(-self._values)

    def _with(self, values):
        return IndexedSlices(values, self._indices, self._dense_shape)

    def _composite_parts_(self):
        return [self._values, self._indices] + ([] if self._dense_shape is None else [self._dense_shape])

    def _composite_from_(self, parts):
        return IndexedSlices(*parts)

    @property
    def _type_spec(self):
        shape = TensorShape([None]).concatenate(self._values.shape[1:])
        return IndexedSlicesSpec(shape.merge_with(self.shape), self.dtype, self._indices.dtype,
                                 None if self._dense_shape is None else self._dense_shape.dtype,
                                 self._indices.shape.merge_with(self._values.shape[:1]))

    def consumers(self):
        return []

    def __str__(self):
        dense = "" if self._dense_shape is None else f", dense_shape={self._dense_shape!s}"
        return f"IndexedSlices(indices={self._indices!s}, values={self._values!s}{dense})"

    __repr__ = object.__repr__


_LARGE = 100000000   # elements from which on TensorFlow warns of rows made a whole tensor


def _static(vector):
    """A vector of ints as a list, if it is known now."""
    if not _core.is_tensor(vector):
        return [int(d) for d in vector]
    return None if vector._symbolic else [int(d) for d in vector.numpy()]


def dense(x):
    """A tensor for IndexedSlices, anything else as it is."""
    return _core.convert(x) if isinstance(x, IndexedSlices) else x


def _one(place, name):
    """f(rows) has the same places: `name` is the parameter, at `place`, that may be rows."""
    def apply(function, args, kwargs):
        among, key = (args, place) if len(args) > place else (kwargs, name)
        given = among.get(key) if among is kwargs else among[key]
        if not isinstance(given, IndexedSlices):
            return NotImplemented
        among[key] = given.values
        return given._with(function(*args, **kwargs))
    return apply


def _clip_all(function, args, kwargs):
    among, key = (args, 0) if args else (kwargs, "t_list")
    given = list(among[key])
    among[key] = [x.values if isinstance(x, IndexedSlices) else x for x in given]
    clipped, norm = function(*args, **kwargs)
    return [x._with(c) if isinstance(x, IndexedSlices) else c for x, c in zip(given, clipped)], norm


def _norm_all(function, args, kwargs):
    among, key = (args, 0) if args else (kwargs, "t_list")
    among[key] = [x.values if isinstance(x, IndexedSlices) else x for x in among[key]]
    return function(*args, **kwargs)


def _tensors_only(function, args, kwargs):
    raise ValueError("inputs must be a list of at least one Tensor with the same dtype and shape")


_BY_ROWS = {
    "tf.clip_by_value": _one(0, "t"), "tf.clip_by_norm": _one(0, "t"), "tf.math.scalar_mul": _one(1, "x"),
    "tf.cast": _one(0, "x"), "tf.identity": _one(0, "input"), "tf.stop_gradient": _one(0, "input"),
    "tf.clip_by_global_norm": _clip_all, "tf.linalg.global_norm": _norm_all,
    "tf.math.accumulate_n": _tensors_only,
}


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

    def _component_specs_(self):
        shape, dtype, indices_dtype, dense_shape_dtype, indices_shape = self._row
        parts = [TensorSpec(indices_shape.concatenate(shape[1:]), dtype), TensorSpec(indices_shape, indices_dtype)]
        return parts if dense_shape_dtype is None else [*parts, TensorSpec([shape.rank], dense_shape_dtype)]

    def _from_components_(self, parts):
        return self if isinstance(parts[0], TypeSpec) else IndexedSlices(*parts)

    def __repr__(self):
        return "IndexedSlicesSpec" + repr(self._row)
