# Out: tf.keras.preprocessing: sequences, texts, and datasets of folders and arrays.
from . import sequence, text  # noqa: F401
from ..folders import text_dataset_from_directory, timeseries_dataset_from_array  # noqa: F401
