# In: serialized tf.train.SequenceExample messages and what to expect in them. Out: tf.io.parse_sequence_example and its kin.
from . import export
from .dtypes import as_dtype
from .features import (FixedLenFeature, FixedLenSequenceFeature, RaggedFeature, VarLenFeature, _call, _parted, _Request,
                       _strings)
from .ragged import RaggedTensor
from .shapes import TensorShape, as_shape
from .sparse import SparseTensor
from .. import _core

_STRING = as_dtype("string")
_NO_TABLE = "Both `context_features` and `sequence_features` argument are None, but at least one should have values."


def _only(features, kinds):
    for key in sorted(features):
        if not isinstance(features[key], kinds):
            raise ValueError(f"Unsupported {type(features[key]).__name__} {features[key]} for key '{key}'")


class _Lists:
    """What is asked for among the lists of features: keys in the order of the alphabet."""

    def __init__(self, features):
        _only(features, (VarLenFeature, FixedLenSequenceFeature, RaggedFeature))
        self.dense = {k: f for k, f in sorted(features.items()) if isinstance(f, FixedLenSequenceFeature)}
        self.shapes = {}
        for key, feature in self.dense.items():
            if not feature.dtype:
                raise ValueError(f"Missing type for feature {key}. Received feature={feature}.")
            if feature.shape is None:
                raise ValueError(f"Missing shape for feature {key}. Received feature={feature}.")
            if feature.default_value is not None:
                raise ValueError(f"Value feature_list.dense_defaults[{key}] must be None")
            self.shapes[key] = TensorShape(as_shape(feature.shape))
        rest = _Request({k: f for k, f in features.items() if k not in self.dense})
        self.sparse, self.ragged = rest.sparse, rest.ragged


def _keys(table):
    return _core.convert(list(table), _STRING) if table else _call("tf.zeros", [0], _STRING)


def _run(serialized, names, context, lists):
    """The outputs of ParseSequenceExampleV2 by key: of the context, of the lists, and the lengths of the dense lists."""
    rank = serialized.shape.rank
    if (context.ragged or lists.ragged) and rank is None:
        raise ValueError("serialized must have statically-known rank to parse ragged features.")
    names = _call("tf.zeros", [0], _STRING) if names is None else _core.convert(names, _STRING)
    sparse, ragged = [d for d, _ in context.sparse.values()], list(context.ragged.values())
    list_sparse, list_ragged = [d for d, _ in lists.sparse.values()], list(lists.ragged.values())
    assumed = _core.convert([bool(f.allow_missing) for f in lists.dense.values()], as_dtype("bool")) if lists.dense \
        else _call("tf.zeros", [0], as_dtype("bool"))
    flat = iter(_core.run_op(
        "ParseSequenceExampleV2",
        [serialized, names, _keys(context.sparse), _keys(context.dense), _keys(context.ragged), _keys(lists.sparse), _keys(lists.dense),
         _keys(lists.ragged), assumed, *context.defaults()],
        {"Ncontext_sparse": len(sparse), "Tcontext_dense": [d for _, d, _ in context.dense.values()], "context_sparse_types": sparse,
         "context_ragged_value_types": [d for d, _ in ragged], "context_ragged_split_types": [s for _, s in ragged],
         "context_dense_shapes": [s for s, _, _ in context.dense.values()], "Nfeature_list_sparse": len(list_sparse),
         "Nfeature_list_dense": len(lists.dense), "feature_list_dense_types": [as_dtype(f.dtype) for f in lists.dense.values()],
         "feature_list_sparse_types": list_sparse, "feature_list_ragged_value_types": [d for d, _ in list_ragged],
         "feature_list_ragged_split_types": [s for _, s in list_ragged], "feature_list_dense_shapes": list(lists.shapes.values())}))

    def take(table):
        return [next(flat) for _ in table]

    def rows(values, splits):
        return RaggedTensor.from_row_splits(values, splits, validate=False)
    found, sequences = {}, {}
    found.update(zip(context.sparse, map(SparseTensor, *(take(sparse) for _ in range(3)))))
    found.update(zip(context.dense, take(context.dense)))
    values, splits = take(ragged), take(ragged)
    found.update(zip(context.ragged, values if rank == 0 else map(rows, values, splits)))
    sequences.update(zip(lists.sparse, map(SparseTensor, *(take(list_sparse) for _ in range(3)))))
    dense, lengths = take(lists.dense), take(lists.dense)
    sequences.update(zip(lists.dense, dense))
    values, outer, inner = take(list_ragged), take(list_ragged), take(list_ragged)
    steps = list(map(rows, values, inner))
    sequences.update(zip(lists.ragged, steps if rank == 0 else map(rows, steps, outer)))
    return found, sequences, dict(zip(lists.dense, lengths))


def _all_parted(features, found):
    """The values of features by key, ragged ones in the rows of their partitions."""
    return {key: _parted(key, feature, found) if isinstance(feature, RaggedFeature) else found[key] for key, feature in features.items()}


def _parse(serialized, context_features, sequence_features, names):
    context_features, sequence_features = dict(context_features or {}), dict(sequence_features or {})
    _only(context_features, (VarLenFeature, FixedLenFeature, RaggedFeature))
    for key, feature in sorted(sequence_features.items()):
        if isinstance(feature, RaggedFeature) and feature.partitions:
            raise NotImplementedError(f"tf.io.parse_sequence_example: the ragged sequence feature {key!r} has partitions; parse it without, "
                                      "and make its rows with tf.RaggedTensor")
    found, sequences, lengths = _run(serialized, names, _Request(context_features), _Lists(sequence_features))
    return _all_parted(context_features, found), _all_parted(sequence_features, sequences), lengths


@export("io.parse_sequence_example")
def parse_sequence_example(serialized, context_features=None, sequence_features=None, example_names=None, name=None):
    """Of a batch of serialized SequenceExamples (context by key, lists by key, lengths of the dense lists by key)."""
    if not (context_features or sequence_features):
        raise ValueError(_NO_TABLE)
    return _parse(_strings(serialized), context_features, sequence_features, example_names)


@export("io.parse_single_sequence_example")
def parse_single_sequence_example(serialized, context_features=None, sequence_features=None, example_name=None, name=None):
    """Of one serialized SequenceExample (context by key, lists by key), without a dimension for the batch."""
    if not (context_features or sequence_features):
        raise ValueError(_NO_TABLE)
    serialized = _strings(serialized)
    if serialized.shape.rank is None:
        serialized = _call("tf.reshape", serialized, [])
    elif serialized.shape.rank != 0:
        raise ValueError("Input serialized must be a scalar")
    return _parse(serialized, context_features, sequence_features, example_name)[:2]
