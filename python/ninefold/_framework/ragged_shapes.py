# In: ragged tensors, lengths. Out: tf.experimental.RowPartition and DynamicRaggedShape, the shapes of ragged tensors, and
# what tf.shape, reshape, broadcast_to, zeros, ones and fill mean for them.
from . import export
from .dtypes import as_dtype
from .ragged import RaggedTensor, _call
from .shapes import TensorShape
from .specs import TensorSpec, TypeSpec
from .. import _core


def _static(tensor):
    """The numbers of a tensor, None if only a run knows them."""
    return None if tensor._symbolic else tensor.numpy().tolist()


def _integers(x, dtype, hint=None):
    """x as a tensor of `dtype`; if none is given as int64, or of the dtype that it has."""
    if dtype is not None:
        return _call("tf.cast", x, dtype) if _core.is_tensor(x) else _core.convert(x, as_dtype(dtype))
    if _core.is_tensor(x) or getattr(x, "dtype", None) in ("int32", "int64"):
        return x if _core.is_tensor(x) else _core.convert(x)
    return _core.convert(x, None, as_dtype(hint or "int64"))


def _positions(count):
    return _call("tf.range", count)


@export("experimental.RowPartition")
class RowPartition:
    """Which values make up which row."""
    _is_composite_tensor_ = True
    __slots__ = ("_rows", "__weakref__")   # a ragged tensor of these rows, whatever its values

    def __init__(self, row_splits, row_lengths=None, value_rowids=None, nrows=None, uniform_row_length=None, nvals=None,
                 internal=False):
        raise ValueError("RowPartition constructor is private; please use one of the factory methods instead (e.g., "
                         "RowPartition.from_row_lengths())")

    @classmethod
    def _of(cls, rows):
        made = object.__new__(cls)
        made._rows = rows
        return made

    @classmethod
    def from_row_splits(cls, row_splits, validate=True, dtype=None, dtype_hint=None):
        splits = _integers(row_splits, dtype, dtype_hint)
        return cls._of(RaggedTensor.from_row_splits(_positions(splits[-1]), splits, validate=validate))

    @classmethod
    def from_row_lengths(cls, row_lengths, validate=True, dtype=None, dtype_hint=None):
        lengths = _integers(row_lengths, dtype, dtype_hint)
        return cls._of(RaggedTensor.from_row_lengths(_positions(_call("tf.reduce_sum", lengths)), lengths, validate=validate))

    @classmethod
    def from_row_starts(cls, row_starts, nvals, validate=True, dtype=None, dtype_hint=None):
        starts = _integers(row_starts, dtype, dtype_hint)
        return cls._of(RaggedTensor.from_row_starts(_positions(_integers(nvals, starts.dtype)), starts, validate=validate))

    @classmethod
    def from_row_limits(cls, row_limits, validate=True, dtype=None, dtype_hint=None):
        limits = _integers(row_limits, dtype, dtype_hint)
        ends = _call("tf.concat", [_call("tf.zeros", [1], limits.dtype), limits], 0)
        return cls._of(RaggedTensor.from_row_limits(_positions(ends[-1]), limits, validate=validate))

    @classmethod
    def from_value_rowids(cls, value_rowids, nrows=None, validate=True, dtype=None, dtype_hint=None):
        return cls._of(RaggedTensor.from_value_rowids(*2 * [_integers(value_rowids, dtype, dtype_hint)], nrows,
                                                      validate=validate))

    @classmethod
    def from_uniform_row_length(cls, uniform_row_length, nvals=None, nrows=None, validate=True, dtype=None, dtype_hint=None):
        if nvals is None and nrows is None:
            raise ValueError("Either (or both) of nvals and nrows must be specified")
        length = int(uniform_row_length)
        kind = as_dtype(dtype or dtype_hint or "int64")
        count = _integers(nvals, kind) if nvals is not None else _integers(nrows, kind) * length
        return cls._of(RaggedTensor.from_uniform_row_length(
            _positions(count), length, None if nrows is None else _integers(nrows, kind), validate).with_row_splits_dtype(kind))

    dtype = property(lambda self: self._rows.row_splits.dtype)
    static_nrows = property(lambda self: self._rows.shape[0])
    static_uniform_row_length = property(lambda self: _number(self._rows.uniform_row_length))

    @property
    def static_nvals(self):
        """How many values there are, where rows of one length tell it."""
        length = self.static_uniform_row_length
        return None if length is None or self.static_nrows is None else length * self.static_nrows

    def row_splits(self):
        return self._rows.row_splits

    def row_starts(self):
        return self._rows.row_starts()

    def row_limits(self):
        return self._rows.row_limits()

    def row_lengths(self):
        return self._rows.row_lengths()

    def value_rowids(self):
        return self._rows.value_rowids()

    def nrows(self):
        return self._rows.nrows()

    def nvals(self):
        return self._rows.row_splits[-1]

    def uniform_row_length(self):
        return self._rows.uniform_row_length

    def is_uniform(self):
        return self._rows.uniform_row_length is not None

    def offsets_in_rows(self):
        """The place of each value in its row."""
        return _positions(self.nvals()) - _call("tf.gather", self.row_starts(), self.value_rowids())

    def with_dtype(self, dtype):
        return self if as_dtype(dtype) == self.dtype else self._of(self._rows.with_row_splits_dtype(dtype))

    def __repr__(self):
        if self.is_uniform():
            return f"tf.RowPartition(nrows={_said(self.nrows())}, uniform_row_length={_said(self.uniform_row_length())})"
        return f"tf.RowPartition(row_splits={_said(self.row_splits())})"


def _number(tensor):
    return None if tensor is None else _static(tensor)


def _said(tensor):
    return str(tensor) if tensor._symbolic else str(tensor.numpy())


@export("experimental.DynamicRaggedShape")
class DynamicRaggedShape:
    """The shape of a tensor whose rows may differ in length: partitions of its rows, and the sizes of its flat values."""
    _is_composite_tensor_ = True
    __slots__ = ("_row_partitions", "_inner_shape", "_known", "__weakref__")
    __hash__ = None

    def __init__(self, row_partitions, inner_shape, dtype=None, validate=False):
        if not hasattr(row_partitions, "__iter__"):
            raise TypeError(f"row_partitions should be a list of row partitions. Instead, got {row_partitions}")
        partitions = list(row_partitions)
        for x in partitions:
            if not isinstance(x, RowPartition):
                raise TypeError(f"row_partitions contains {x} which is not a RowPartition")
        if dtype is None:
            dtype = next((x.dtype for x in [*partitions, inner_shape] if getattr(x, "dtype", None) in ("int32", "int64")), "int64")
        self._row_partitions = tuple(x.with_dtype(dtype) for x in partitions)
        if isinstance(inner_shape, (list, tuple)) and any(map(_core.is_tensor, inner_shape)):
            inner_shape = _call("tf.stack", [_integers(x, dtype) for x in inner_shape])
        self._inner_shape = _integers(inner_shape, dtype)
        TensorShape([None]).assert_is_compatible_with(self._inner_shape.shape)
        known = _static(self._inner_shape)
        rank = self._inner_shape.shape[0]
        self._known = known if known is not None else None if rank is None else [None] * rank
        for axis, (outer, inner) in enumerate(zip(self._row_partitions, self._row_partitions[1:])):
            self._require_equal(outer.static_nvals, inner.static_nrows, outer.nvals, inner.nrows, validate,
                                f"RowPartitions in DynamicRaggedShape do not align between {axis} and {axis + 1}")
        if self._row_partitions and self._known:
            last = self._row_partitions[-1]
            self._require_equal(last.static_nvals, self._known[0], last.nvals, lambda: self._inner_shape[0], validate,
                                "Last row partition does not match inner_shape.")

    @staticmethod
    def _require_equal(known, other, later, other_later, validate, text):
        if known is not None and other is not None:
            if known != other:
                raise ValueError(text)
        elif validate:
            _call("tf.debugging.assert_equal", later(), other_later(), text)

    @classmethod
    def from_lengths(cls, lengths, num_row_partitions=None, dtype="int64"):
        """Of a size or a tuple of row lengths for each dimension; as few partitions as these need unless told."""
        if not isinstance(lengths, list):
            raise ValueError("lengths should be a list")
        for x in lengths:
            if not (isinstance(x, int) or isinstance(x, tuple) and all(isinstance(n, int) for n in x)):
                raise ValueError(f"element of lengths should be int or tuple of ints: instead {x!r}")
        if num_row_partitions is None:
            num_row_partitions = max((i for i, x in enumerate(lengths) if not isinstance(x, int)), default=0)
        if not isinstance(num_row_partitions, int):
            raise ValueError("num_row_partitions should be an int or None")
        if not lengths:
            if num_row_partitions > 0:
                raise ValueError("num_row_partitions==0 for a scalar shape")
            return cls([], [], dtype)
        if num_row_partitions >= len(lengths):
            raise ValueError("num_row_partitions should be less than `len(lengths)` if shape is not scalar.")
        partitions, count = [], lengths[0]
        for rows in lengths[1:num_row_partitions + 1]:
            if isinstance(rows, int):
                partitions.append(RowPartition.from_uniform_row_length(rows, rows * count, count, dtype=dtype))
                count *= rows
                continue
            if count != len(rows):
                raise ValueError("Shape not consistent.")
            partitions.append(RowPartition.from_row_lengths(list(rows), dtype=dtype))
            count = sum(rows)
        return cls(partitions, [count, *lengths[num_row_partitions + 1:]], dtype)

    @classmethod
    def from_row_partitions(cls, row_partitions, dtype=None):
        if not row_partitions:
            raise ValueError("row_partitions cannot be empty")
        return cls(row_partitions, [row_partitions[-1].nvals()], dtype)

    @classmethod
    def from_tensor(cls, t, dtype=None):
        """The shape of a tensor or a ragged tensor."""
        if not isinstance(t, RaggedTensor):
            t = t if _core.is_tensor(t) else _core.convert(t)
            return cls._of_sizes(_call("tf.shape", t, as_dtype(dtype or "int32")), t.shape)
        kind = as_dtype(dtype) if dtype is not None else t.row_splits.dtype
        flat = t.flat_values
        return cls._of_sizes(_call("tf.shape", flat, kind), flat.shape, [RowPartition._of(level) for level in t._levels()])

    @classmethod
    def _of_sizes(cls, sizes, known, partitions=()):
        made = object.__new__(cls)
        made._row_partitions = tuple(x.with_dtype(sizes.dtype) for x in partitions)
        made._inner_shape = sizes
        made._known = None if known.rank is None else known.as_list()
        return made

    row_partitions = property(lambda self: self._row_partitions)
    num_row_partitions = property(lambda self: len(self._row_partitions))
    inner_shape = property(lambda self: self._inner_shape)
    inner_rank = property(lambda self: self._inner_shape.shape[0])
    dtype = property(lambda self: self._inner_shape.dtype)

    @property
    def rank(self):
        return None if self.inner_rank is None else self.num_row_partitions + self.inner_rank

    def with_dtype(self, dtype):
        if as_dtype(dtype) == self.dtype:
            return self
        return self._of_sizes(_call("tf.cast", self._inner_shape, dtype), TensorShape(self._known), self._row_partitions)

    def static_lengths(self, ragged_lengths=True):
        """What is known of each dimension: a size, the lengths of its rows, or None; `...` behind the last whose number is."""
        inner = [...] if self._known is None else list(self._known)
        if not self._row_partitions:
            return inner
        out = [self._row_partitions[0].static_nrows]
        for rows in self._row_partitions:
            lengths = _static(rows.row_lengths()) if ragged_lengths and not rows.is_uniform() else None
            out.append(rows.static_uniform_row_length if rows.is_uniform() else None if lengths is None else tuple(lengths))
        return out + ([...] if self._known is None else inner[1:])

    def is_uniform(self, axis):
        """True iff all rows of this dimension have one length."""
        if not isinstance(axis, int):
            raise TypeError("axis must be an integer")
        if axis < 0:
            raise IndexError("Negative axis values are not supported")
        if self.rank is not None and axis >= self.rank:
            raise IndexError(f"Expected axis={axis} < rank={self.rank}")
        return axis == 0 or axis > self.num_row_partitions or self._row_partitions[axis - 1].is_uniform()

    def __getitem__(self, index):
        """A size, or the shape of the dimensions of a slice."""
        if isinstance(index, slice):
            if index.step not in (None, 1):
                raise IndexError("Cannot stride through a shape")
            if self.rank is None and (index.stop is None or index.stop < 0):
                raise ValueError("Rank must be known to use __getitem__ without a stop.")
            start, stop, _ = index.indices(self.rank if self.rank is not None else index.stop)
            return self._part(start, stop)
        if not isinstance(index, int):
            raise TypeError("Argument is not an int or a slice")
        if index < 0:
            if self.rank is None:
                raise ValueError("Rank must be known to use __getitem__ with a negative index.")
            index += self.rank
        return self._size(index)

    def _size(self, index):
        count = self.num_row_partitions
        if count == 0 or index > count + 1:
            if self.rank is None:
                raise ValueError("Rank must be known to use __getitem__ on a large index.")
            if index >= self.rank:
                raise IndexError(f"Index is too big: {index}>={self.rank}")
        if index < 0:
            raise IndexError(f"Index must be non-negative: {index}")
        if not self.is_uniform(index):
            raise ValueError(f"Index {index} is not uniform")
        if index == 0 and count:
            rows = self._row_partitions[0]
            return rows.nrows() if rows.static_nrows is None else _core.convert(rows.static_nrows, self.dtype)
        if 0 < index <= count:
            return self._row_partitions[index - 1].uniform_row_length()
        at = index - count
        known = self._known[at] if self._known is not None else None
        return self._inner_shape[at] if known is None else _core.convert(known, self.dtype)

    def _part(self, start, stop):
        if stop <= start:
            return DynamicRaggedShape([], [], self.dtype)
        count = self.num_row_partitions
        if start == 0:
            if stop == self.rank:
                return self
            if stop > count:
                return DynamicRaggedShape(self._row_partitions, self._inner_shape[:stop - count])
            if stop == 1:
                return DynamicRaggedShape([], [self._row_partitions[0].nrows()])
            return DynamicRaggedShape.from_row_partitions(self._row_partitions[:stop - 1])
        if not all(rows.is_uniform() for rows in self._row_partitions):
            raise ValueError("All relevant dimensions must be uniform")
        return DynamicRaggedShape([], [self._size(i) for i in range(start, stop)], self.dtype)

    def _to_tensor_shape(self):
        known = self.static_lengths(ragged_lengths=False)
        return TensorShape(None) if known and known[-1] is ... else TensorShape(known)

    def __repr__(self):
        lengths = ", ".join("..." if n is ... else str(n) for n in self.static_lengths())
        return f"<DynamicRaggedShape lengths=[{lengths}] num_row_partitions={self.num_row_partitions}>"

    def _as_tensor_(self, dtype):
        if self._row_partitions:
            raise ValueError(f"A ragged shape is no tensor: {self!r}; take its sizes one by one, shape[0]")
        return _integers(self._inner_shape, dtype)

    def _filled(self, flat):
        """Flat values of this inner shape, in these rows."""
        splits = [rows.row_splits() for rows in self._row_partitions]
        return RaggedTensor.from_nested_row_splits(flat, splits, validate=False) if splits else flat

    def __tf_dispatch__(self, function, args, kwargs):
        return dispatched(function, args, kwargs)

    # ---- as a composite ----
    def _composite_parts_(self):
        return [*(rows.row_splits() for rows in self._row_partitions), self._inner_shape]

    def _composite_from_(self, parts):
        return self._type_spec._from_components_(list(parts))

    @property
    def _type_spec(self):
        uniform = [rows.static_uniform_row_length for rows in self._row_partitions]
        return _ShapeSpec(self._known, self.dtype, uniform, [rows.static_nrows for rows in self._row_partitions])

    def __reduce__(self):
        return _remade, (self._type_spec, self._composite_parts_())


def _remade(spec, parts):
    return spec._from_components_(parts)


class _ShapeSpec(TypeSpec):
    """What the shape of a ragged tensor will be."""
    __slots__ = ("_known", "_dtype", "_uniform", "_rows")
    value_type = property(lambda self: DynamicRaggedShape)

    def __init__(self, known, dtype, uniform, rows):
        self._known, self._dtype, self._uniform, self._rows = known, as_dtype(dtype), list(uniform), list(rows)

    def _row(self):
        return self._known, self._dtype, self._uniform, self._rows

    def _component_specs_(self):
        rank = None if self._known is None else len(self._known)
        splits = [TensorSpec([None if n is None else n + 1], self._dtype) for n in self._rows]
        return [*splits, TensorSpec([rank], self._dtype)]

    def _from_components_(self, parts):
        if any(isinstance(p, TypeSpec) for p in parts):
            return self
        *splits, sizes = parts
        partitions = []
        for row_splits, length in zip(splits, self._uniform):
            rows = RaggedTensor.from_row_splits(_positions(row_splits[-1]), row_splits, validate=False)
            if length is not None:
                rows = RaggedTensor.from_uniform_row_length(rows.values, length, rows.nrows(), validate=False)
            partitions.append(RowPartition._of(rows))
        return DynamicRaggedShape._of_sizes(sizes, TensorShape(self._known), partitions)

    def __eq__(self, other):
        return type(self) is type(other) and self._row() == other._row()

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash((self._dtype, len(self._rows)))

    def __repr__(self):
        return f"DynamicRaggedShape.Spec({self._known}, {self._dtype!r}, rows={self._rows}, row_lengths={self._uniform})"

    def __reduce__(self):
        return _ShapeSpec, self._row()


# ---- functions ---------------------------------------------------------------------------------------------------

def _shape(input, name=None, out_type="int32"):
    return DynamicRaggedShape.from_tensor(input, out_type)


def _reshape(tensor, shape, name=None):
    if isinstance(tensor, RaggedTensor):
        tensor = tensor.flat_values
    return shape._filled(_call("tf.reshape", tensor, shape.inner_shape))


def _broadcast_to(input, shape, name=None):
    """The places of the elements are broadcast, and the elements taken from there: of any dtype."""
    if not isinstance(shape, DynamicRaggedShape):
        raise TypeError("shape must be a DynamicRaggedShape")
    ragged = isinstance(input, RaggedTensor)
    if ragged and shape.num_row_partitions and input.row_splits.dtype != shape.dtype:
        raise ValueError("Cannot coerce row_splits.dtype")
    flat = input.flat_values if ragged else input if _core.is_tensor(input) else _core.convert(input)
    places = _call("tf.reshape", _positions(_call("tf.size", flat, out_type="int64")), _call("tf.shape", flat))
    zeros = shape._filled(_call("tf.zeros", shape.inner_shape, "int64"))
    places = _call("tf.math.add", zeros, input.with_flat_values(places) if ragged else places)
    elements = _call("tf.reshape", flat, [-1])
    if isinstance(places, RaggedTensor):
        return places.with_flat_values(_call("tf.gather", elements, places.flat_values))
    return _call("tf.gather", elements, places)


def _ones(shape, dtype="float32", name=None):
    return shape._filled(_call("tf.ones", shape.inner_shape, dtype))


def _zeros(shape, dtype="float32", name=None):
    return shape._filled(_call("tf.zeros", shape.inner_shape, dtype))


def _fill(dims, value, name=None):
    return dims._filled(_call("tf.fill", dims.inner_shape, value))


_OF_SHAPES = {"reshape": _reshape, "broadcast_to": _broadcast_to, "ones": _ones, "zeros": _zeros, "fill": _fill}


def dispatched(function, args, kwargs):
    """The function of a ragged shape; NotImplemented where no argument is one."""
    own = _OF_SHAPES.get(function.__name__)
    if any(isinstance(x, DynamicRaggedShape) for x in [*args, *kwargs.values()]):
        if own is None:
            raise ValueError(f"TypeError: object of type 'DynamicRaggedShape' has no len(): tf.{function.__name__} expects a tensor; "
                             f"{', '.join('tf.' + name for name in _OF_SHAPES)} take the shape of a ragged one")
        return own(*args, **kwargs)
    if function.__name__ == "shape" and isinstance(kwargs.get("input", args[0] if args else None), RaggedTensor):
        return _shape(*args, **kwargs)
    return NotImplemented

