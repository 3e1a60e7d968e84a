# In: serialized tf.train.Example messages and what to expect in them. Out: tf.io.parse_example and its kin; the engine
# reads the bytes, here is what a feature's description means.
import collections

from . import export
from .dtypes import as_dtype
from .ragged import RaggedTensor
from .shapes import TensorShape, as_shape
from .sparse import SparseTensor
from .. import _core

_INT64, _INT32, _STRING = as_dtype("int64"), as_dtype("int32"), as_dtype("string")


def _call(name, *args, **kwargs):
    return _core.function_named(name)(*args, **kwargs)


@export("io.VarLenFeature")
class VarLenFeature(collections.namedtuple("VarLenFeature", ["dtype"])):
    """Any number of values: a sparse tensor."""


@export("io.FixedLenFeature")
class FixedLenFeature(collections.namedtuple("FixedLenFeature", ["shape", "dtype", "default_value"])):
    """As many values as the shape has; the default where an Example lacks them."""

    def __new__(cls, shape, dtype, default_value=None):
        return super().__new__(cls, shape, dtype, default_value)


@export("io.FixedLenSequenceFeature")
class FixedLenSequenceFeature(collections.namedtuple("FixedLenSequenceFeature",
                                                     ["shape", "dtype", "allow_missing", "default_value"])):
    """Any number of rows of the shape, padded to the longest Example with the default."""

    def __new__(cls, shape, dtype, allow_missing=False, default_value=None):
        return super().__new__(cls, shape, dtype, allow_missing, default_value)


@export("io.SparseFeature")
class SparseFeature(collections.namedtuple("SparseFeature", ["index_key", "value_key", "dtype", "size", "already_sorted"])):
    """Values under one key, their places under others: a sparse tensor of this size."""

    def __new__(cls, index_key, value_key, dtype, size, already_sorted=False):
        return super().__new__(cls, index_key, value_key, dtype, size, already_sorted)


@export("io.RaggedFeature")
class RaggedFeature(collections.namedtuple("RaggedFeature",
                                           ["dtype", "value_key", "partitions", "row_splits_dtype", "validate"])):
    """Any number of values, parted into rows by other features: a ragged tensor."""
    RowSplits = collections.namedtuple("RowSplits", ["key"])
    RowLengths = collections.namedtuple("RowLengths", ["key"])
    RowStarts = collections.namedtuple("RowStarts", ["key"])
    RowLimits = collections.namedtuple("RowLimits", ["key"])
    ValueRowIds = collections.namedtuple("ValueRowIds", ["key"])
    UniformRowLength = collections.namedtuple("UniformRowLength", ["length"])
    _PARTITION_TYPES = (RowSplits, RowLengths, RowStarts, RowLimits, ValueRowIds, UniformRowLength)

    def __new__(cls, dtype, value_key=None, partitions=(), row_splits_dtype=_INT32, validate=False):
        if value_key is not None:
            if not isinstance(value_key, str):
                raise ValueError(f"Argument `value_key` must be a string; got {value_key}")
            if not value_key:
                raise ValueError("Argument `value_key` must not be empty")
        dtype, row_splits_dtype = as_dtype(dtype), as_dtype(row_splits_dtype)
        if dtype.name not in ("int64", "float32", "string"):
            raise ValueError(f"Argument `dtype` must be int64, float32, or bytes; got {dtype!r}")
        if row_splits_dtype not in (_INT32, _INT64):
            raise ValueError(f"Argument `row_splits_dtype` must be int32 or int64; got{row_splits_dtype!r}")
        if not isinstance(partitions, (list, tuple)):
            raise TypeError(f"Argument `partitions` must be a list or tuple. Receivedpartitions={partitions} of type "
                            f"{type(partitions).__name__}.")
        for partition in partitions:
            if not isinstance(partition, cls._PARTITION_TYPES):
                raise TypeError(f"Argument `partitions` must be a list of partition objects {cls._PARTITION_TYPES}; "
                                f"got: {partition!r}")
        if not isinstance(validate, bool):
            raise TypeError(f"Argument `validate` must be a bool; got {validate!r}")
        return super().__new__(cls, dtype, value_key, partitions, row_splits_dtype, validate)


def _strings(serialized):
    serialized = _core.convert(serialized)
    if serialized.dtype != _STRING:
        raise ValueError(f"Tensor conversion requested dtype string for Tensor with dtype {serialized.dtype.name}: {serialized!r}")
    return serialized


class _Request:
    """What ParseExampleV2 is asked for: keys in the order of the alphabet."""

    def __init__(self, features):
        self.sparse, self.ragged, self.dense = {}, {}, {}   # key -> dtype; (values, splits); (shape, dtype, default)
        for key in sorted(features):
            self._add(key, features[key])
        for (a, x), (b, y) in ((("Dense", self.dense), ("sparse", self.sparse)), (("Dense", self.dense), ("ragged", self.ragged)),
                               (("Ragged", self.ragged), ("sparse", self.sparse))):
            both = set(x) & set(y)
            if both:
                raise ValueError(f"{a} and {b} keys must not intersect; {a.lower()}_keys: {list(x)}, {b}_keys: {list(y)}, "
                                 f"intersection: {both}")

    def _add(self, key, feature):
        known = (VarLenFeature, SparseFeature, FixedLenFeature, FixedLenSequenceFeature, RaggedFeature)
        if not isinstance(feature, known):
            raise ValueError(f"Unsupported {type(feature).__name__} {feature} for key '{key}'")
        if isinstance(feature, RaggedFeature):
            self._add_once(self.ragged, key if feature.value_key is None else feature.value_key, feature.dtype,
                           feature.row_splits_dtype)
            for partition in feature.partitions:
                if not isinstance(partition, RaggedFeature.UniformRowLength):
                    self._add_once(self.ragged, partition.key, _INT64, feature.row_splits_dtype)
            return
        end = "" if isinstance(feature, VarLenFeature) else "."
        if isinstance(feature, SparseFeature):
            for part in ("index_key", "value_key"):
                if not getattr(feature, part):
                    raise ValueError(f"Missing {part} for SparseFeature {feature}.")
        if not feature.dtype:
            raise ValueError(f"Missing type for feature {key}. Received feature={feature}{end}")
        if isinstance(feature, VarLenFeature):
            return self._add_once(self.sparse, key, as_dtype(feature.dtype))
        if isinstance(feature, SparseFeature):
            keys = [feature.index_key] if isinstance(feature.index_key, str) else sorted(feature.index_key)
            for index_key in keys:
                self._add_once(self.sparse, index_key, _INT64)
            return self._add_once(self.sparse, feature.value_key, as_dtype(feature.dtype))
        if feature.shape is None:
            raise ValueError(f"Missing shape for feature {key}. Received feature={feature}.")
        shape = TensorShape(as_shape(feature.shape))
        if isinstance(feature, FixedLenFeature):
            if shape.rank and shape[0] is None:
                raise ValueError(f"First dimension of shape for feature {key} unknown. Consider using FixedLenSequenceFeature. "
                                 f"Received feature={feature}.")
            if not shape.is_fully_defined():
                raise ValueError(f"All dimensions of shape for feature {key} need to be known but received {feature.shape!s}.")
        self.dense[key] = shape, as_dtype(feature.dtype), feature.default_value

    @staticmethod
    def _add_once(table, key, dtype, splits=None):
        before = table.setdefault(key, (dtype, splits))
        if before[0] != dtype:
            raise ValueError(f"Conflicting type {before[0]} vs {dtype} for feature {key}.")
        if before[1] != splits:
            raise ValueError(f"Conflicting partition type {before[1]} vs {splits} for feature {key}.")

    def defaults(self):
        for shape, dtype, default in self.dense.values():
            if shape.rank and shape[0] is None:      # a scalar to pad with
                fill = _core.convert("" if dtype == _STRING else 0, dtype) if default is None else _core.convert(default, dtype)
                yield _call("tf.reshape", fill, [])
            elif default is None:
                yield _call("tf.zeros", [0], dtype)     # none: the feature is required
            else:
                value = _core.convert(default, dtype)
                yield value if _core.is_tensor(default) else _call("tf.reshape", value, shape)

    def run(self, serialized, names):
        """key -> what was found under it: tensors, sparse tensors, ragged ones of a batch."""
        serialized = _strings(serialized)
        rank = serialized.shape.rank
        if self.ragged and rank is None:
            raise ValueError("serialized must have statically-known rank to parse ragged features.")
        names = _call("tf.zeros", [0], _STRING) if names is None else _core.convert(names, _STRING)

        def keys(table):
            return _core.convert(list(table), _STRING) if table else _call("tf.zeros", [0], _STRING)
        sparse, ragged = [d for d, _ in self.sparse.values()], list(self.ragged.values())
        flat = iter(_core.run_op(
            "ParseExampleV2", [serialized, names, keys(self.sparse), keys(self.dense), keys(self.ragged), *self.defaults()],
            {"Tdense": [d for _, d, _ in self.dense.values()], "num_sparse": len(sparse), "sparse_types": sparse,
             "ragged_value_types": [d for d, _ in ragged], "ragged_split_types": [s for _, s in ragged],
             "dense_shapes": [s for s, _, _ in self.dense.values()]}))

        def take(table):
            return [next(flat) for _ in table]
        indices, values, shapes = take(sparse), take(sparse), take(sparse)
        dense, flat_values, splits = take(self.dense), take(ragged), take(ragged)
        found = dict(zip(self.sparse, map(SparseTensor, indices, values, shapes)))
        found.update(zip(self.dense, dense))
        if rank != 0:
            flat_values = [RaggedTensor.from_row_splits(v, s, validate=False) for v, s in zip(flat_values, splits)]
        found.update(zip(self.ragged, flat_values))
        return found


_FACTORIES = {RaggedFeature.RowSplits: RaggedTensor.from_row_splits, RaggedFeature.RowLengths: RaggedTensor.from_row_lengths,
              RaggedFeature.RowStarts: RaggedTensor.from_row_starts, RaggedFeature.RowLimits: RaggedTensor.from_row_limits,
              RaggedFeature.ValueRowIds: RaggedTensor.from_value_rowids}


def _folded(values, length):
    """The values as rows of one length."""
    return _call("tf.reshape", values, _call("tf.concat", [[-1, length], _call("tf.shape", values)[1:]], 0))


def _part(values, partition, found, feature):
    """The values of one Example in the rows of a partition."""
    if isinstance(partition, RaggedFeature.UniformRowLength):
        if isinstance(values, RaggedTensor):
            return RaggedTensor.from_uniform_row_length(values, partition.length, validate=feature.validate)
        return _folded(values, partition.length)
    rows = _call("tf.cast", found[partition.key], feature.row_splits_dtype)
    return _FACTORIES[type(partition)](values, rows, validate=feature.validate)


def _parted(key, feature, found):
    """The values of a ragged feature in the rows of its partitions."""
    value = found[key if feature.value_key is None else feature.value_key]
    part = _part_batch if isinstance(value, RaggedTensor) else _part
    for partition in reversed(feature.partitions):
        value = part(value, partition, found, feature)
    return value


def _part_batch(ragged, partition, found, feature):
    """The same of a batch: each Example's values in the rows of its own partition."""
    check = feature.validate
    if isinstance(partition, RaggedFeature.UniformRowLength):
        inner = RaggedTensor.from_uniform_row_length(ragged.values, partition.length, validate=check) if ragged.ragged_rank > 1 \
            else _folded(ragged.values, partition.length)
        return RaggedTensor.from_row_splits(inner, ragged.row_splits // partition.length, validate=check)
    rows = found[partition.key]
    if rows.values.dtype != ragged.row_splits.dtype:
        rows = _call("tf.cast", rows, ragged.row_splits.dtype)
    if isinstance(partition, RaggedFeature.RowLengths):
        return rows.with_values(RaggedTensor.from_row_lengths(ragged.values, rows.values, validate=check))
    if isinstance(partition, RaggedFeature.ValueRowIds):
        counts = _call("tf.maximum", _call("tf.reduce_max", rows + 1, axis=1), 0)     # rows of each Example
        ids = rows.values + _call("tf.repeat", _call("tf.cumsum", counts, exclusive=True), rows.row_lengths())
        return RaggedTensor.from_row_lengths(RaggedTensor.from_value_rowids(
            ragged.values, ids, nrows=_call("tf.reduce_sum", counts), validate=check), counts, validate=check)
    if isinstance(partition, RaggedFeature.RowSplits):
        rows = rows[:, 1:]
    places = rows.values + _call("tf.repeat", ragged.row_starts(), rows.row_lengths())
    factory = RaggedTensor.from_row_starts if isinstance(partition, RaggedFeature.RowStarts) else RaggedTensor.from_row_limits
    return rows.with_values(factory(ragged.values, places, validate=check))


def _merged(feature, found):
    """The sparse tensor of a SparseFeature: the last index is what the index features say."""
    keys = [feature.index_key] if isinstance(feature.index_key, str) else feature.index_key
    sizes = [feature.size] if isinstance(feature.size, int) or not hasattr(feature.size, "__len__") else list(feature.size)
    if len(sizes) != len(keys):
        raise ValueError(f"sp_ids and vocab_size have to have equal lengths. Got {len(keys)} and {len(sizes)}")
    values, places = found[feature.value_key], [found[k] for k in keys]
    columns = [_call("tf.expand_dims", p.values, 1) for p in places]
    indices = _call("tf.concat", [values.indices[:, :-1], *columns], 1)
    shape = _call("tf.concat", [values.dense_shape[:-1], _core.convert(sizes, _INT64)], 0)
    merged = SparseTensor(indices, values.values, shape)
    return merged if feature.already_sorted else _call("tf.sparse.reorder", merged)


@export("io.parse_example")
def parse_example(serialized, features, example_names=None, name=None):
    """The features of a batch of serialized Examples by key: tensors, sparse and ragged tensors."""
    if not features:
        raise ValueError("Argument `features` cannot be None.")
    wanted = dict(features)
    for key, feature in features.items():
        if isinstance(feature, FixedLenSequenceFeature):
            if not feature.allow_missing:
                raise ValueError("Unsupported: FixedLenSequenceFeature requires allow_missing to be True.")
            wanted[key] = feature._replace(shape=[None, *feature.shape])
    found = _Request(wanted).run(serialized, example_names)
    made = {}
    for key, feature in wanted.items():
        if isinstance(feature, SparseFeature):
            made[key] = _merged(feature, found)
        elif isinstance(feature, RaggedFeature):
            made[key] = _parted(key, feature, found)
    found.update(made)
    return {key: value for key, value in found.items() if key in wanted}


@export("io.parse_single_example")
def parse_single_example(serialized, features, example_names=None, name=None):
    """The features of one serialized Example by key, without a dimension for the batch."""
    if not features:
        raise ValueError("Invalid argument: features cannot be None.")
    serialized = _strings(serialized)
    if serialized.shape.rank is None:
        serialized = _call("tf.reshape", serialized, [])
    elif serialized.shape.rank != 0:
        raise ValueError("Input serialized must be a scalar")
    return parse_example(serialized, features, example_names, name)
