# Out: tf.keras.preprocessing: images, sequences, texts, and datasets of folders and arrays.
from . import image, sequence, text  # noqa: F401
from ..folders import (image_dataset_from_directory, text_dataset_from_directory,  # noqa: F401
                       timeseries_dataset_from_array)
