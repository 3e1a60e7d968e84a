# Out: tf.data.experimental, as far as it goes.
from .dataset import AUTOTUNE, INFINITE_CARDINALITY, UNKNOWN_CARDINALITY  # noqa: F401


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
