# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.folders for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

def image_dataset_from_directory(directory: Any, labels: Any = ..., label_mode: Any = ..., class_names: Any = ..., color_mode: Any = ..., batch_size: Any = ..., image_size: Any = ..., shuffle: Any = ..., seed: Any = ..., validation_split: Any = ..., subset: Any = ..., interpolation: Any = ..., follow_links: Any = ..., crop_to_aspect_ratio: Any = ..., **kwargs: Any) -> Any:
    """The images of a folder's files (.bmp, .gif, .jpeg, .jpg, .png), resized to image_size, with labels by the folders that they lie in; `class_names` and `file_paths` of the dataset say which. Raises ValueError for arguments that fit nothing."""

def text_dataset_from_directory(directory: Any, labels: Any = ..., label_mode: Any = ..., class_names: Any = ..., batch_size: Any = ..., max_length: Any = ..., shuffle: Any = ..., seed: Any = ..., validation_split: Any = ..., subset: Any = ..., follow_links: Any = ...) -> Any:
    """The texts of the .txt files of a folder, with labels by the folders that they lie in; `class_names` of the dataset says which."""

def timeseries_dataset_from_array(data: Any, targets: Any, sequence_length: Any, sequence_stride: Any = ..., sampling_rate: Any = ..., batch_size: Any = ..., shuffle: Any = ..., seed: Any = ..., start_index: Any = ..., end_index: Any = ...) -> Any:
    """Windows of `data`: sample i is data[i:i + sequence_length * sampling_rate:sampling_rate], with targets[i] if there are some."""
