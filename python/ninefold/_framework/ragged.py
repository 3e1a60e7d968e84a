# In: rows of different lengths. Out: tf.RaggedTensor and its spec; the engine computes, here are Python's manners.

import numpy as np

from . import export, nest
from .dtypes import as_dtype
from .shapes import TensorShape
from .specs import TensorSpec, TypeSpec
from .. import _core

_INT64 = as_dtype("int64")


def _call(name, *args, **kwargs):
    return _core.function_named(name)(*args, **kwargs)


def _partition(x):
    """Row splits and the like: int64 unless the value, or a tensor in a list, has a dtype."""
    if isinstance(x, (list, tuple)) and any(map(_core.is_tensor, x)):
        return _core.convert(x)
    return x if _core.is_tensor(x) else _core.convert(x, None, _INT64)


@export("RaggedTensor")
class RaggedTensor:
    """A tensor whose rows differ in length: values and where each row ends."""
    _is_composite_tensor_ = True
    __slots__ = ("_ragged", "__weakref__")
    __hash__ = None
    __array_priority__ = 101

    def __init__(self, values, row_partition, internal=False):
        raise ValueError("RaggedTensor constructor is private; please use one of the factory methods instead "
                         "(e.g., RaggedTensor.from_row_lengths())")

    @classmethod
    def _of(cls, handle):
        made = object.__new__(cls)
        made._ragged = handle
        return made

    # ---- factories ----
    @classmethod
    def from_row_splits(cls, values, row_splits, name=None, validate=True):
        """Row i is values[row_splits[i]:row_splits[i + 1]]."""
        return _core.ragged_from("row_splits", values, _partition(row_splits), None, bool(validate))

    @classmethod
    def from_row_lengths(cls, values, row_lengths, name=None, validate=True):
        return _core.ragged_from("row_lengths", values, _partition(row_lengths), None, bool(validate))

    @classmethod
    def from_row_starts(cls, values, row_starts, name=None, validate=True):
        return _core.ragged_from("row_starts", values, _partition(row_starts), None, bool(validate))

    @classmethod
    def from_row_limits(cls, values, row_limits, name=None, validate=True):
        return _core.ragged_from("row_limits", values, _partition(row_limits), None, bool(validate))

    @classmethod
    def from_value_rowids(cls, values, value_rowids, nrows=None, name=None, validate=True):
        rows = _partition(value_rowids)
        return _core.ragged_from("value_rowids", values, rows, None if nrows is None else
                                 _core.convert(nrows, None, rows.dtype), bool(validate))

    @classmethod
    def from_uniform_row_length(cls, values, uniform_row_length, nrows=None, validate=True, name=None):
        return _core.ragged_from("uniform_row_length", values, int(uniform_row_length),
                                 None if nrows is None else _partition(nrows), bool(validate))

    @classmethod
    def _nested(cls, factory, flat_values, partitions, validate):
        if _core.is_tensor(partitions):
            raise TypeError(f"Argument `nested_row_splits` must be a list of Tensors. Received {partitions}.")
        for partition in reversed(list(partitions)):
            flat_values = factory(flat_values, partition, validate=validate)
        return flat_values

    @classmethod
    def from_nested_row_splits(cls, flat_values, nested_row_splits, name=None, validate=True):
        return cls._nested(cls.from_row_splits, flat_values, nested_row_splits, validate)

    @classmethod
    def from_nested_row_lengths(cls, flat_values, nested_row_lengths, name=None, validate=True):
        return cls._nested(cls.from_row_lengths, flat_values, nested_row_lengths, validate)

    @classmethod
    def from_nested_value_rowids(cls, flat_values, nested_value_rowids, nested_nrows=None, name=None, validate=True):
        rows = list(nested_value_rowids)
        counts = [None] * len(rows) if nested_nrows is None else list(nested_nrows)
        if len(counts) != len(rows):
            raise ValueError("Argument `nested_nrows` must have the same length as argument `nested_value_rowids`. "
                             f"len(nested_nrows) = {len(counts)} vs. len(nested_values_rowids) = {len(rows)}.")
        for ids, n in zip(reversed(rows), reversed(counts)):
            flat_values = cls.from_value_rowids(flat_values, ids, n, validate=validate)
        return flat_values

    @classmethod
    def from_tensor(cls, tensor, lengths=None, padding=None, ragged_rank=1, name=None, row_splits_dtype="int64"):
        """The rows of a dense tensor, up to `lengths` or without what `padding` ends them with."""
        if isinstance(lengths, (list, tuple)) and lengths and not isinstance(lengths[0], (int, np.integer)):
            outer = cls.from_tensor(tensor, lengths[0], padding, 1, name, row_splits_dtype)   # of each ragged dimension
            return outer if len(lengths) == 1 else outer.with_values(
                cls.from_tensor(outer.values, list(lengths[1:]), None, 1, name, row_splits_dtype))
        return _core.ragged_from_tensor(tensor, None if lengths is None else _partition(lengths), padding,
                                        int(ragged_rank), row_splits_dtype)

    @classmethod
    def from_sparse(cls, st_input, name=None, row_splits_dtype="int64"):
        """The rows of a sparse matrix, each of which begins at column 0 and leaves none out. Raises InvalidArgumentError where
        one has a gap, ValueError where it is no matrix, TypeError where it is not sparse."""
        return _core.ragged_from_sparse(st_input, row_splits_dtype)

    # ---- what it is ----
    values = property(lambda self: self._ragged.values)
    flat_values = property(lambda self: self._ragged.flat_values)
    row_splits = property(lambda self: self._ragged.row_splits)
    nested_row_splits = property(lambda self: tuple(self._ragged.nested_row_splits))
    ragged_rank = property(lambda self: self._ragged.ragged_rank)
    dtype = property(lambda self: self._ragged.dtype)
    shape = property(lambda self: self._ragged.shape)

    def get_shape(self):
        return self.shape

    @property
    def uniform_row_length(self):
        n = self._ragged.uniform_row_length
        return None if n < 0 else _core.convert(n, self.row_splits.dtype)

    def nrows(self, out_type=None, name=None):
        return self._as(self._ragged.nrows(), out_type)

    def row_starts(self, name=None):
        return self._ragged.row_starts()

    def row_limits(self, name=None):
        return self._ragged.row_limits()

    def value_rowids(self, name=None):
        return self._ragged.value_rowids()

    def row_lengths(self, axis=1, name=None):
        """The lengths of the rows along `axis`; ragged where that is deeper than 1."""
        if axis == 0:
            return self.nrows()
        if axis == 1:
            return self._ragged.row_lengths()
        if not isinstance(self.values, RaggedTensor):
            raise ValueError(f"axis={axis} out of bounds: expected 0<=axis<{self.ragged_rank + 1}")
        return self.with_values(self.values.row_lengths(axis - 1))

    def nested_row_lengths(self, name=None):
        return tuple(level.row_lengths() for level in self._levels())

    def nested_value_rowids(self, name=None):
        return tuple(level.value_rowids() for level in self._levels())

    def _levels(self):
        level = self
        while isinstance(level, RaggedTensor):
            yield level
            level = level.values

    def bounding_shape(self, axis=None, name=None, out_type=None):
        """The shape of the smallest tensor that holds it."""
        shape = self._as(self._ragged.bounding_shape(), out_type)
        return shape if axis is None else _call("tf.gather", shape, axis)

    @staticmethod
    def _as(tensor, dtype):
        return tensor if dtype is None or as_dtype(dtype) == tensor.dtype else _call("tf.cast", tensor, dtype)

    # ---- others of it ----
    def with_values(self, new_values):
        return self._ragged.with_values(new_values)

    def with_flat_values(self, new_values):
        return self._ragged.with_flat_values(new_values)

    def with_row_splits_dtype(self, dtype):
        return self._ragged.with_splits_dtype(dtype)

    def merge_dims(self, outer_axis, inner_axis):
        return self._ragged.merge_dims(int(outer_axis), int(inner_axis))

    def to_tensor(self, default_value=None, name=None, shape=None):
        """Padded with default_value (0, "") to one shape."""
        return self._ragged.to_tensor(default_value, shape)

    def to_sparse(self, name=None):
        """All its elements as a SparseTensor of the bounding shape."""
        return self._ragged.to_sparse()

    def __getitem__(self, key):
        return self._ragged.index(key)

    def __iter__(self):
        rows = self.shape[0] if self.shape.rank else None
        if rows is None:
            raise TypeError("Cannot iterate over a RaggedTensor whose number of rows is known only when the function runs: "
                            f"shape {self.shape}")
        return (self[i] for i in range(rows))

    # ---- as Python values ----
    def _is_eager(self):
        return not any(t._symbolic for t in self._ragged.parts())

    def numpy(self):
        """A NumPy array; of objects, one a row, where the rows differ in length."""
        if not self._is_eager():
            raise ValueError("RaggedTensor.numpy() is only supported in eager mode.")
        values, splits = self.values.numpy(), self.row_splits.numpy()
        rows = [values[a:b] for a, b in zip(splits, splits[1:])]
        if not rows:
            return np.array([], values.dtype)
        if all(len(row) == len(rows[0]) for row in rows):
            return np.stack(rows)
        out = np.empty(len(rows), object)
        for i, row in enumerate(rows):
            out[i] = row
        return out

    def to_list(self):
        if not self._is_eager():
            raise ValueError("to_list can only be used in eager mode.")
        inner = self.values
        rows = inner.to_list() if isinstance(inner, RaggedTensor) else inner.numpy().tolist()
        splits = self.row_splits.numpy()
        return [rows[a:b] for a, b in zip(splits, splits[1:])]

    def __repr__(self):
        if not self._is_eager():
            return f"tf.RaggedTensor(values={self.values}, row_splits={self.row_splits})"
        with np.printoptions(formatter={"all": _say}):
            return f"<tf.RaggedTensor {_say(self.numpy())}>"

    def __array__(self, dtype=None, copy=None):
        out = np.empty((), object)
        out[()] = self
        return out

    def __bool__(self):
        raise TypeError("RaggedTensor may not be used as a boolean.")

    def consumers(self):
        return self.flat_values.consumers() if hasattr(self.flat_values, "consumers") else []

    def _as_tensor_(self, dtype):
        raise ValueError(f"TypeError: object of type 'RaggedTensor' has no len(): {self!r} is no dense tensor; "
                         "to_tensor() makes one of it")

    # ---- as a composite ----
    def __tf_dispatch__(self, function, args, kwargs):
        """NotImplemented: the engine knows what a function means for ragged tensors, in the places that take them."""
        places = _PLACES.get(function.__name__)
        if places is not None:
            free = len(args) if places == ("inputs",) else len(places)   # tf.print takes any number
            nested = any(_holds_ragged(x, ()) for x in args[:free] if not isinstance(x, RaggedTensor))
            if nested or _holds_ragged([*args[free:], *kwargs.items()], places):
                raise ValueError(f"tf.{function.__name__}: a RaggedTensor may be given as {' or '.join(places)} only, not "
                                 "in a list; pass its flat_values, or to_tensor() of it")
        from .ragged_shapes import dispatched   # which is made of ragged tensors
        return dispatched(function, args, kwargs)

    def _composite_parts_(self):
        return self._ragged.parts()

    def _composite_from_(self, parts):
        return self._ragged.with_parts(list(parts))

    @property
    def _type_spec(self):
        return RaggedTensorSpec(self.shape, self.dtype, self.ragged_rank, self.row_splits.dtype)

    def __reduce__(self):
        return RaggedTensor.from_nested_row_splits, (self.flat_values, self.nested_row_splits, None, False)


# Functions that take a ragged tensor in these places, whole and not in a list.
_PLACES = {"gather": ("params", "indices"), "expand_dims": ("input",), "size": ("input",), "rank": ("input",),
           "print": ("inputs",)}


def _holds_ragged(x, places):
    """True if a ragged tensor stands in x, or in its lists, but not under one of the names `places`."""
    if isinstance(x, dict):
        return _holds_ragged(list(x.items()), places)
    if isinstance(x, tuple) and len(x) == 2 and x[0] in places and isinstance(x[0], str):
        return _holds_ragged(x[1], ()) if isinstance(x[1], (list, tuple)) else False
    return isinstance(x, RaggedTensor) or isinstance(x, (list, tuple)) and any(_holds_ragged(v, places) for v in x)


def _say(x):
    if not isinstance(x, np.ndarray):
        return str(x)
    return np.array2string(x, separator=", ") if x.size or x.ndim < 2 else str(x.tolist())


def _logical(of_bool, of_int):
    def choose(x):
        return of_bool if getattr(x, "dtype", None) == "bool" or isinstance(x, bool) else of_int
    return choose


_BINARY = {
    "add": "tf.math.add", "sub": "tf.math.subtract", "mul": "tf.math.multiply", "truediv": "tf.math.truediv",
    "floordiv": "tf.math.floordiv", "mod": "tf.math.floormod", "pow": "tf.math.pow", "and": "tf.math.logical_and",
    "or": "tf.math.logical_or", "xor": "tf.math.logical_xor",
}
_COMPARE = {"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal", "ne": "not_equal"}
_UNARY = {"neg": "tf.math.negative", "abs": "tf.math.abs", "invert": "tf.math.logical_not"}


def _operators():
    def binary(name):
        return lambda self, other: _call(name, self, other), lambda self, other: _call(name, other, self)

    def unary(name):
        return lambda self: _call(name, self)
    for short, name in _BINARY.items():
        plain, reflected = binary(name)
        setattr(RaggedTensor, f"__{short}__", plain)
        setattr(RaggedTensor, f"__r{short}__", reflected)
    for short, name in _COMPARE.items():
        setattr(RaggedTensor, f"__{short}__", binary("tf.math." + name)[0])
    for short, name in _UNARY.items():
        setattr(RaggedTensor, f"__{short}__", unary(name))


_operators()
RaggedTensor.__hash__ = lambda self: _unhashable()
_core.install_ragged(RaggedTensor)


def _unhashable():
    raise TypeError("RaggedTensor is unhashable.")


@export("RaggedTensorSpec")
class RaggedTensorSpec(TypeSpec):
    """What a ragged tensor will be."""
    __slots__ = ("_shape", "_dtype", "_ragged_rank", "_row_splits_dtype", "_flat_values_spec")

    def __init__(self, shape=None, dtype="float32", ragged_rank=None, row_splits_dtype="int64", flat_values_spec=None):
        self._shape, self._dtype = TensorShape(shape), as_dtype(dtype)
        self._row_splits_dtype, self._flat_values_spec = as_dtype(row_splits_dtype), flat_values_spec
        if self._row_splits_dtype.name not in ("int32", "int64"):
            raise ValueError(f"Argument `row_splits_dtype` must be int32 or int64. Received row_splits_dtype={row_splits_dtype}.")
        rank = self._shape.rank
        if ragged_rank is None:
            if rank is None:
                raise ValueError("Must specify ragged_rank or a shape with known rank.")
            ragged_rank = rank - 1
        if not isinstance(ragged_rank, int):
            raise TypeError(f"Argument `ragged_rank` must be an int. Received {ragged_rank}.")
        if rank is not None and ragged_rank >= rank:
            raise ValueError(f"Argument `ragged_rank` ({ragged_rank}) must be less than rank ({rank}).")
        self._ragged_rank = ragged_rank

    shape = property(lambda self: self._shape)
    dtype = property(lambda self: self._dtype)
    ragged_rank = property(lambda self: self._ragged_rank)
    row_splits_dtype = property(lambda self: self._row_splits_dtype)
    flat_values_spec = property(lambda self: self._flat_values_spec)

    @property
    def value_type(self):
        return RaggedTensor if self._ragged_rank > 0 else _core.Tensor

    @classmethod
    def from_value(cls, value):
        return value._type_spec

    def _row(self):
        return self._shape, self._dtype, self._ragged_rank, self._row_splits_dtype

    def is_compatible_with(self, spec_or_value):
        other = spec_or_value if isinstance(spec_or_value, TypeSpec) else getattr(spec_or_value, "_type_spec", None)
        return isinstance(other, RaggedTensorSpec) and self._row()[1:] == other._row()[1:] and \
            self._shape.is_compatible_with(other._shape)

    def is_subtype_of(self, other):
        return isinstance(other, RaggedTensorSpec) and self._row()[1:] == other._row()[1:] and \
            self._shape.is_subtype_of(other._shape)

    def most_specific_compatible_type(self, other):
        if not isinstance(other, RaggedTensorSpec) or self._row()[1:] != other._row()[1:]:
            raise ValueError(f"No TypeSpec is compatible with both {self} and {other}")
        return RaggedTensorSpec(self._shape.most_specific_compatible_shape(other._shape), *self._row()[1:])

    def _component_specs_(self):
        if self._ragged_rank == 0:
            return [TensorSpec(self._shape, self._dtype)]
        return [TensorSpec(shape, dtype) for shape, dtype in _core.ragged_parts(*self._row())]

    def _from_components_(self, parts):
        if any(isinstance(p, TypeSpec) for p in parts):
            return self
        return _core.ragged_from_parts(*self._row(), list(parts)) if self._ragged_rank else parts[0]

    def __eq__(self, other):
        return type(self) is type(other) and self._row() == other._row()

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash((self._dtype, self._ragged_rank, self._row_splits_dtype))

    def __repr__(self):
        return "RaggedTensorSpec({!r}, {!r}, {!r}, {!r})".format(*self._row())

    def __reduce__(self):
        return RaggedTensorSpec, self._row()


@export("ragged.map_flat_values")
def map_flat_values(op, *args, **kwargs):
    """op over the flat values of ragged arguments, which have the same rows; in the form of those."""
    found = [x for x in nest.flatten([args, kwargs]) if isinstance(x, RaggedTensor)]
    if not found:
        return op(*args, **kwargs)
    flat = nest.map_structure(lambda x: x.flat_values if isinstance(x, RaggedTensor) else x, [list(args), dict(kwargs)])
    result = op(*flat[0], **flat[1])
    for other in found[1:]:
        if [s.shape.as_list() for s in other.nested_row_splits] != [s.shape.as_list() for s in found[0].nested_row_splits]:
            raise ValueError("All ragged inputs must have the same ragged_rank.")
    return found[0].with_flat_values(result)


@export("ragged.boolean_mask")
def boolean_mask(data, mask, name=None):
    """The places of `data` where `mask` is true; rows keep what is left of them."""
    ragged_mask = mask if isinstance(mask, RaggedTensor) else _core.convert(mask, "bool")
    if isinstance(ragged_mask, RaggedTensor):
        data = data if isinstance(data, RaggedTensor) else RaggedTensor.from_tensor(
            _core.convert(data), ragged_rank=ragged_mask.ragged_rank)
        kept = _call("tf.reduce_sum", _call("tf.cast", ragged_mask, data.row_splits.dtype), axis=-1)
        if ragged_mask.ragged_rank > 1:
            return data.with_values(boolean_mask(data.values, ragged_mask.values))
        values = data.values
        picked = boolean_mask(values, ragged_mask.values) if isinstance(values, RaggedTensor) else \
            _call("tf.boolean_mask", values, ragged_mask.flat_values)
        return RaggedTensor.from_row_lengths(picked, kept, validate=False)
    rank = ragged_mask.shape.rank
    if rank is None:
        raise ValueError("mask.shape.ndims must be known statically.")
    if rank == 0:
        raise ValueError("mask cannot be scalar.")
    if rank == 1:
        return _call("tf.gather", data, _call("tf.where", ragged_mask)[:, 0]) if isinstance(data, RaggedTensor) else \
            _call("tf.boolean_mask", data, ragged_mask)
    return boolean_mask(data, RaggedTensor.from_tensor(ragged_mask, ragged_rank=rank - 1))
