# Out: tf.data.experimental, as far as it goes.
from .dataset import AUTOTUNE, INFINITE_CARDINALITY, UNKNOWN_CARDINALITY  # noqa: F401
from .options import (AutoShardPolicy, AutotuneAlgorithm, AutotuneOptions, DistributeOptions,  # noqa: F401
                      ExternalStatePolicy, OptimizationOptions, ThreadingOptions)


def cardinality(dataset):
    """How many elements: a scalar int64; INFINITE_CARDINALITY or UNKNOWN_CARDINALITY where that is so."""
    return dataset.cardinality()


def get_structure(dataset):
    return dataset.element_spec


def dense_to_ragged_batch(batch_size, drop_remainder=False, row_splits_dtype="int64"):
    """A function for Dataset.apply: batches of tensors that differ in their open dimensions, as ragged tensors."""
    from .. import RaggedTensor, RaggedTensorSpec, TensorSpec, nest
    from .dataset import Dataset

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
