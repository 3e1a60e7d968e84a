# Out: tf.data.experimental, as far as it goes.
from .dataset import AUTOTUNE, INFINITE_CARDINALITY, UNKNOWN_CARDINALITY  # noqa: F401


def cardinality(dataset):
    """How many elements: a scalar int64; INFINITE_CARDINALITY or UNKNOWN_CARDINALITY where that is so."""
    return dataset.cardinality()


def get_structure(dataset):
    return dataset.element_spec
