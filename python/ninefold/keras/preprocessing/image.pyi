# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.preprocessing.image for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

class BatchFromFilesMixin:
    """What iterators of image files share; a class has `filepaths`, `labels`, `sample_weight`, class_mode, classes and dtype."""
    def __init__(self) -> None: ...
    filepaths: Any
    labels: Any
    sample_weight: Any
    def set_processing_attrs(self, image_data_generator: Any, target_size: Any, color_mode: Any, data_format: Any, save_to_dir: Any, save_prefix: Any, save_format: Any, subset: Any, interpolation: Any, keep_aspect_ratio: Any) -> Any: ...

class DataFrameIterator(BatchFromFilesMixin):
    """Batches of the images whose names stand in column x_col of a data frame, relative to `directory` if there is one."""
    def __getitem__(self, idx: Any) -> Any: ...
    def __init__(self, dataframe: Any, directory: Any = ..., image_data_generator: Any = ..., x_col: Any = ..., y_col: Any = ..., weight_col: Any = ..., target_size: Any = ..., color_mode: Any = ..., classes: Any = ..., class_mode: Any = ..., batch_size: Any = ..., shuffle: Any = ..., seed: Any = ..., data_format: Any = ..., save_to_dir: Any = ..., save_prefix: Any = ..., save_format: Any = ..., subset: Any = ..., interpolation: Any = ..., keep_aspect_ratio: Any = ..., dtype: Any = ..., validate_filenames: Any = ...) -> None: ...
    def __iter__(self) -> Any: ...
    def __len__(self) -> Any: ...
    allowed_class_modes: Any
    filepaths: Any
    labels: Any
    def next(self) -> Any: ...
    def on_epoch_end(self) -> Any: ...
    def reset(self) -> Any: ...
    sample_weight: Any
    white_list_formats: Any

class DirectoryIterator(BatchFromFilesMixin):
    """Batches of a folder's images: each folder in it is a class, by name or in the order of `classes`."""
    def __getitem__(self, idx: Any) -> Any: ...
    def __init__(self, directory: Any, image_data_generator: Any, target_size: Any = ..., color_mode: Any = ..., classes: Any = ..., class_mode: Any = ..., batch_size: Any = ..., shuffle: Any = ..., seed: Any = ..., data_format: Any = ..., save_to_dir: Any = ..., save_prefix: Any = ..., save_format: Any = ..., follow_links: Any = ..., subset: Any = ..., interpolation: Any = ..., keep_aspect_ratio: Any = ..., dtype: Any = ...) -> None: ...
    def __iter__(self) -> Any: ...
    def __len__(self) -> Any: ...
    allowed_class_modes: Any
    filepaths: Any
    labels: Any
    def next(self) -> Any: ...
    def on_epoch_end(self) -> Any: ...
    def reset(self) -> Any: ...
    sample_weight: Any
    white_list_formats: Any

class ImageDataGenerator:
    """Changes images at random and brings their numbers to one scale, in batches of arrays, folders or data frames."""
    def __init__(self, featurewise_center: Any = ..., samplewise_center: Any = ..., featurewise_std_normalization: Any = ..., samplewise_std_normalization: Any = ..., zca_whitening: Any = ..., zca_epsilon: Any = ..., rotation_range: Any = ..., width_shift_range: Any = ..., height_shift_range: Any = ..., brightness_range: Any = ..., shear_range: Any = ..., zoom_range: Any = ..., channel_shift_range: Any = ..., fill_mode: Any = ..., cval: Any = ..., horizontal_flip: Any = ..., vertical_flip: Any = ..., rescale: Any = ..., preprocessing_function: Any = ..., data_format: Any = ..., validation_split: Any = ..., interpolation_order: Any = ..., dtype: Any = ...) -> None: ...
    def apply_transform(self, x: Any, transform_parameters: Any) -> Any: ...
    def fit(self, x: Any, augment: Any = ..., rounds: Any = ..., seed: Any = ...) -> Any: ...
    def flow(self, x: Any, y: Any = ..., batch_size: Any = ..., shuffle: Any = ..., sample_weight: Any = ..., seed: Any = ..., save_to_dir: Any = ..., save_prefix: Any = ..., save_format: Any = ..., ignore_class_split: Any = ..., subset: Any = ...) -> Any: ...
    def flow_from_dataframe(self, dataframe: Any, directory: Any = ..., x_col: Any = ..., y_col: Any = ..., weight_col: Any = ..., target_size: Any = ..., color_mode: Any = ..., classes: Any = ..., class_mode: Any = ..., batch_size: Any = ..., shuffle: Any = ..., seed: Any = ..., save_to_dir: Any = ..., save_prefix: Any = ..., save_format: Any = ..., subset: Any = ..., interpolation: Any = ..., validate_filenames: Any = ..., **kwargs: Any) -> Any: ...
    def flow_from_directory(self, directory: Any, target_size: Any = ..., color_mode: Any = ..., classes: Any = ..., class_mode: Any = ..., batch_size: Any = ..., shuffle: Any = ..., seed: Any = ..., save_to_dir: Any = ..., save_prefix: Any = ..., save_format: Any = ..., follow_links: Any = ..., subset: Any = ..., interpolation: Any = ..., keep_aspect_ratio: Any = ...) -> Any: ...
    def get_random_transform(self, img_shape: Any, seed: Any = ...) -> Any: ...
    def random_transform(self, x: Any, seed: Any = ...) -> Any: ...
    def standardize(self, x: Any) -> Any: ...

class Iterator:
    """Batches of `n` things: by index, each epoch in one order, or one after the other without an end."""
    def __getitem__(self, idx: Any) -> Any: ...
    def __init__(self, n: Any, batch_size: Any, shuffle: Any, seed: Any) -> None: ...
    def __iter__(self) -> Any: ...
    def __len__(self) -> Any: ...
    def next(self) -> Any: ...
    def on_epoch_end(self) -> Any: ...
    def reset(self) -> Any: ...
    white_list_formats: Any

class NumpyArrayIterator(Iterator):
    """Batches of an array of images: x [n, height, width, channels], or (x, further arrays of n rows), with labels y or without."""
    def __init__(self, x: Any, y: Any, image_data_generator: Any, batch_size: Any = ..., shuffle: Any = ..., sample_weight: Any = ..., seed: Any = ..., data_format: Any = ..., save_to_dir: Any = ..., save_prefix: Any = ..., save_format: Any = ..., subset: Any = ..., ignore_class_split: Any = ..., dtype: Any = ...) -> None: ...

def apply_affine_transform(x: Any, theta: Any = ..., tx: Any = ..., ty: Any = ..., shear: Any = ..., zx: Any = ..., zy: Any = ..., row_axis: Any = ..., col_axis: Any = ..., channel_axis: Any = ..., fill_mode: Any = ..., cval: Any = ..., order: Any = ...) -> Any:
    """x turned by theta degrees, moved by (tx, ty) pixels, sheared by degrees and zoomed, about its centre."""

def apply_brightness_shift(x: Any, brightness: Any, scale: Any = ...) -> Any:
    """x made brighter by a factor. scale: bring the numbers to 0 to 255 first. Raises ImportError without Pillow."""

def apply_channel_shift(x: Any, intensity: Any, channel_axis: Any = ...) -> Any:
    """x with `intensity` added to every channel, no further than x's own least and greatest value."""

def array_to_img(x: Any, data_format: Any = ..., scale: Any = ..., dtype: Any = ...) -> Any:
    """A Pillow image of an array [height, width, 1, 3 or 4]; `scale` brings its numbers to 0 to 255."""

def img_to_array(img: Any, data_format: Any = ..., dtype: Any = ...) -> Any:
    """A Pillow image as an array of rank 3."""

def load_img(path: Any, grayscale: Any = ..., color_mode: Any = ..., target_size: Any = ..., interpolation: Any = ..., keep_aspect_ratio: Any = ...) -> Any:
    """A Pillow image of a file, a path or io.BytesIO, resized to target_size (height, width) if it is given."""

def random_brightness(x: Any, brightness_range: Any, scale: Any = ...) -> Any:
    """x made brighter by a factor between the two of `brightness_range`."""

def random_channel_shift(x: Any, intensity_range: Any, channel_axis: Any = ...) -> Any:
    """x with one random number between -intensity_range and intensity_range added."""

def random_rotation(x: Any, rg: Any, row_axis: Any = ..., col_axis: Any = ..., channel_axis: Any = ..., fill_mode: Any = ..., cval: Any = ..., interpolation_order: Any = ...) -> Any:
    """x turned by up to `rg` degrees to either side."""

def random_shear(x: Any, intensity: Any, row_axis: Any = ..., col_axis: Any = ..., channel_axis: Any = ..., fill_mode: Any = ..., cval: Any = ..., interpolation_order: Any = ...) -> Any:
    """x sheared by up to `intensity` degrees."""

def random_shift(x: Any, wrg: Any, hrg: Any, row_axis: Any = ..., col_axis: Any = ..., channel_axis: Any = ..., fill_mode: Any = ..., cval: Any = ..., interpolation_order: Any = ...) -> Any:
    """x moved by up to a share `wrg` of its width and `hrg` of its height."""

def random_zoom(x: Any, zoom_range: Any, row_axis: Any = ..., col_axis: Any = ..., channel_axis: Any = ..., fill_mode: Any = ..., cval: Any = ..., interpolation_order: Any = ...) -> Any:
    """x zoomed by factors between the two of `zoom_range`, one for rows and one for columns."""

def save_img(path: Any, x: Any, data_format: Any = ..., file_format: Any = ..., scale: Any = ..., **kwargs: Any) -> Any:
    """Writes an array as an image file, whose format its name says unless `file_format` does."""

def smart_resize(x: Any, size: Any, interpolation: Any = ...) -> Any:
    """An image, or a batch of them, resized to (height, width) after the largest middle part of that aspect is cut out."""
