# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.preprocessing.image for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

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
