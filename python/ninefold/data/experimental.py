# Out: tf.data.experimental, as far as it goes.
from .._core import data as core
from .._framework import logs
from .._framework.optional import Optional  # noqa: F401
from .dataset import AUTOTUNE, INFINITE_CARDINALITY, UNKNOWN_CARDINALITY, Dataset, as_nest  # noqa: F401
from .files import CsvDataset, make_csv_dataset  # noqa: F401
from .options import (AutoShardPolicy, AutotuneAlgorithm, AutotuneOptions, DistributeOptions,  # noqa: F401
                      ExternalStatePolicy, OptimizationOptions, ThreadingOptions)
from .sources import SqlDataset, make_batched_features_dataset, parse_example_dataset  # noqa: F401
from .stages import components
from .stored import load, save  # noqa: F401

SHARD_HINT = -1


def cardinality(dataset):
    """How many elements: a scalar int64; INFINITE_CARDINALITY or UNKNOWN_CARDINALITY where that is so."""
    return dataset.cardinality()


def get_structure(dataset):
    return dataset.element_spec


def dense_to_ragged_batch(batch_size, drop_remainder=False, row_splits_dtype="int64"):
    """A function for Dataset.apply: batches of tensors that differ in their open dimensions, as ragged tensors."""
    from .. import RaggedTensor, RaggedTensorSpec, TensorSpec, nest

    def ragged(spec):
        if type(spec) is not TensorSpec or spec.shape.rank is None or spec.shape.is_fully_defined():
            return spec
        rank = max(axis for axis, size in enumerate(spec.shape.as_list()) if size is None)
        return RaggedTensorSpec(spec.shape, spec.dtype, rank, row_splits_dtype)

    def rows(spec, value):
        to = ragged(spec)
        return value if to is spec or to.ragged_rank == 0 else RaggedTensor.from_tensor(
            value, ragged_rank=to.ragged_rank, row_splits_dtype=row_splits_dtype)

    def apply(dataset):
        spec = dataset.element_spec
        made = dataset.map(lambda *element: nest.map_structure(rows, spec, element if isinstance(spec, tuple) else element[0]))
        made = Dataset(made._handle, nest.map_structure(ragged, spec), (made,))
        return made.batch(batch_size, drop_remainder)
    return apply


def snapshot(path, compression="AUTO", reader_func=None, shard_func=None):
    """What Dataset.apply takes to do what Dataset.snapshot does."""
    return lambda dataset: dataset.snapshot(path, compression, reader_func, shard_func)


def group_by_window(key_func, reduce_func, window_size=None, window_size_func=None):
    """A function for Dataset.apply: Dataset.group_by_window."""
    return lambda dataset: dataset.group_by_window(key_func, reduce_func, window_size, window_size_func)


def take_while(predicate):
    """A function for Dataset.apply: Dataset.take_while."""
    return lambda dataset: dataset.take_while(predicate)


def bucket_by_sequence_length(element_length_func, bucket_boundaries, bucket_batch_sizes, padded_shapes=None, padding_values=None,
                              pad_to_bucket_boundary=False, no_padding=False, drop_remainder=False):
    """A function for Dataset.apply: Dataset.bucket_by_sequence_length."""
    return lambda dataset: dataset.bucket_by_sequence_length(
        element_length_func, bucket_boundaries, bucket_batch_sizes, padded_shapes, padding_values, pad_to_bucket_boundary,
        no_padding, drop_remainder)


def scan(initial_state, scan_func):
    """A function for Dataset.apply: Dataset.scan."""
    return lambda dataset: dataset.scan(initial_state, scan_func)


def unique():
    """A function for Dataset.apply: Dataset.unique."""
    return lambda dataset: dataset.unique()


def enumerate_dataset(start=0):
    """A function for Dataset.apply: Dataset.enumerate."""
    return lambda dataset: dataset.enumerate(start)


def unbatch():
    """A function for Dataset.apply: Dataset.unbatch."""
    return lambda dataset: dataset.unbatch()


def rejection_resample(class_func, target_dist, initial_dist=None, seed=None):
    """A function for Dataset.apply: Dataset.rejection_resample."""
    return lambda dataset: dataset.rejection_resample(class_func, target_dist, initial_dist, seed)


def choose_from_datasets(datasets, choice_dataset, stop_on_empty_dataset=False):
    return Dataset.choose_from_datasets(datasets, choice_dataset, stop_on_empty_dataset)


def sample_from_datasets(datasets, weights=None, seed=None, stop_on_empty_dataset=False):
    return Dataset.sample_from_datasets(datasets, weights, seed, stop_on_empty_dataset)


def get_single_element(dataset):
    """The one element of a dataset."""
    if not isinstance(dataset, Dataset):
        raise TypeError(f"Invalid `dataset`. Expected a `tf.data.Dataset` object but got {type(dataset)}.")
    return dataset.get_single_element()


def get_next_as_optional(iterator):
    return iterator.get_next_as_optional()


def assert_cardinality(expected_cardinality):
    """A function for Dataset.apply: raises FailedPreconditionError where the number of elements is another one."""
    return lambda dataset: dataset._same(core.assert_cardinality(dataset._handle, int(expected_cardinality)))


def ignore_errors(log_warning=False):
    """A function for Dataset.apply: without the elements that cannot be computed."""
    told = logs.warn if log_warning else None
    return lambda dataset: dataset._same(core.ignore_errors(dataset._handle, told))


def map_and_batch(map_func, batch_size, num_parallel_batches=None, drop_remainder=False, num_parallel_calls=None):
    """A function for Dataset.apply: map and batch. How many run at once changes no result."""
    if num_parallel_batches is not None and num_parallel_calls is not None:
        raise ValueError("`map_and_batch` allows only one of `num_parallel_batches` and `num_parallel_calls` to be set, but both were set "
                         f"to {num_parallel_batches} and {num_parallel_calls}, respectively.")
    calls = num_parallel_calls if num_parallel_calls is not None else num_parallel_batches and batch_size * num_parallel_batches
    return lambda dataset: dataset.map(map_func, calls).batch(batch_size, drop_remainder)._named("_MapAndBatchDataset")


def parallel_interleave(map_func, cycle_length, block_length=1, sloppy=False, buffer_output_elements=None, prefetch_input_elements=None):
    """A function for Dataset.apply: Dataset.interleave. The order is that of the cycle, also where `sloppy` would leave it open."""
    return lambda dataset: dataset.interleave(map_func, cycle_length, block_length)


def shuffle_and_repeat(buffer_size, count=None, seed=None):
    """A function for Dataset.apply: shuffled anew in each of `count` rounds."""
    return lambda dataset: dataset.shuffle(buffer_size, seed).repeat(count)


def _device(name):
    from .. import device
    with device(name):      # raises for what is no name of a device
        pass


def copy_to_device(target_device, source_device="/cpu:0"):
    """A function for Dataset.apply: the elements on that device."""
    _device(target_device)
    _device(source_device)
    return lambda dataset: dataset._same(core.to_device(dataset._handle, str(target_device)))._named("_CopyToDeviceDataset")


def prefetch_to_device(device, buffer_size=None):
    """A function for Dataset.apply: the elements on that device, read ahead: copied while it is at work."""
    _device(device)
    return lambda dataset: dataset._same(core.to_device(dataset._handle, str(device))).prefetch(AUTOTUNE if buffer_size is None else buffer_size)


def Counter(start=0, step=1, dtype="int64"):
    """start, start + step, .. without end."""
    from .. import constant
    by = constant(step, dtype)
    return Dataset.from_tensors(0).repeat().scan(constant(start, dtype), lambda at, _: (at + by, at))


def RandomDataset(seed=None):
    """int64 numbers of [0, 2^32), without end."""
    return Dataset.random(seed)


class Reducer:
    """What folds the elements of one key into one: init_func(key), reduce_func(state, element), finalize_func(state)."""

    def __init__(self, init_func, reduce_func, finalize_func):
        self._functions = init_func, reduce_func, finalize_func

    init_func = property(lambda self: self._functions[0])
    reduce_func = property(lambda self: self._functions[1])
    finalize_func = property(lambda self: self._functions[2])


def group_by_reducer(key_func, reducer):
    """A function for Dataset.apply: one element for each key, in the order of the keys."""
    from .. import convert_to_tensor, int64, nest
    from ..autograph import convert

    def apply(dataset):
        state, result = [], []

        def init(key):
            state[:] = [as_nest(convert(reducer.init_func)(key[0]))]
            return components(state[0])

        def fold(now, element):
            now = nest.pack_sequence_as(state[0], now, expand_composites=True)
            return components(as_nest(convert(reducer.reduce_func)(now, dataset._packed(element))))

        def end(now):
            now = nest.pack_sequence_as(state[0], now, expand_composites=True)
            final = convert(reducer.finalize_func)
            result[:] = [as_nest(final(*now) if type(now) is tuple else final(now))]
            return components(result[0])

        def key(leaves):
            return [convert_to_tensor(dataset._call(key_func, leaves), int64)]
        handle = core.group_by_reducer(dataset._handle, key, init, fold, end)
        return Dataset._over(handle, result[0], (dataset, key, init, fold, end))
    return apply


def dense_to_sparse_batch(batch_size, row_shape):
    """A function for Dataset.apply: batches of tensors, which may differ in their sizes, as sparse tensors."""
    from .. import SparseTensorSpec, sparse

    def apply(dataset):
        spec = dataset.element_spec
        sizes = [None if d == -1 else d for d in (row_shape.as_list() if hasattr(row_shape, "as_list") else row_shape)]
        if None in sizes:
            raise NotImplementedError("dense_to_sparse_batch: give all sizes of row_shape; found None, for which the batch's largest "
                                      "would stand")

        def whole(x):
            from .. import cast, int64, reshape, shape, where, gather_nd, ones_like, bool as boolean
            places = where(ones_like(x, boolean))
            return sparse.SparseTensor(cast(places, int64), reshape(gather_nd(x, places), [-1]), sizes)
        rows = dataset.map(whole)
        made = rows.batch(batch_size)
        return Dataset(made._handle, SparseTensorSpec([None, *sizes], spec.dtype), (made,))
    return apply


def to_variant(dataset):
    """The dataset as a scalar of dtype variant."""
    return core.to_variant(dataset._handle)


def from_variant(variant, structure):
    return Dataset(core.from_variant(variant), structure)


def table_from_dataset(dataset=None, num_oov_buckets=0, vocab_size=None, default_value=None, hasher_spec=None, key_dtype="string",
                       name=None):
    """A lookup table of a dataset's (key, value) pairs."""
    from .. import int64, lookup
    spec = dataset.element_spec
    if not isinstance(spec, tuple) or len(spec) != 2:
        raise ValueError(f"Expected two arguments to be passed to `dataset.map`, found {spec}.")
    if num_oov_buckets > 0 and default_value not in (None, -1):
        raise ValueError("Invalid `default_value`. Cannot specify `default_value` together with `num_oov_buckets`, got "
                         f"{default_value} and {num_oov_buckets}.")
    if vocab_size is not None:
        dataset = dataset.take(vocab_size)
    rows = list(dataset)
    keys, values = ([row[i].numpy() for row in rows] for i in range(2))
    pairs = lookup.KeyValueTensorInitializer(keys, values, spec[0].dtype, spec[1].dtype)
    if num_oov_buckets > 0:
        return lookup.StaticVocabularyTable(pairs, num_oov_buckets, spec[0].dtype)
    missing = default_value if default_value is not None else -1 if spec[1].dtype == int64 else ""
    return lookup.StaticHashTable(pairs, missing)


def index_table_from_dataset(dataset=None, num_oov_buckets=0, vocab_size=None, default_value=-1, hasher_spec=None, key_dtype="string",
                             name=None):
    """A lookup table of a dataset's elements, which gives their numbers."""
    return table_from_dataset(dataset.enumerate().map(lambda number, key: (key, number)), num_oov_buckets, vocab_size, default_value,
                              hasher_spec, key_dtype, name)
