# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.images for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

def array_to_img(x: Any, data_format: Any = ..., scale: Any = ..., dtype: Any = ...) -> Any:
    """A Pillow image of an array [height, width, 1, 3 or 4]; `scale` brings its numbers to 0 to 255."""

def img_to_array(img: Any, data_format: Any = ..., dtype: Any = ...) -> Any:
    """A Pillow image as an array of rank 3."""

def load_img(path: Any, grayscale: Any = ..., color_mode: Any = ..., target_size: Any = ..., interpolation: Any = ..., keep_aspect_ratio: Any = ...) -> Any:
    """A Pillow image of a file, a path or io.BytesIO, resized to target_size (height, width) if it is given."""

def resize_method(interpolation: Any) -> Any:
    """The method of tf.image.resize of that name, in any case. Raises NotImplementedError for others."""

def save_img(path: Any, x: Any, data_format: Any = ..., file_format: Any = ..., scale: Any = ..., **kwargs: Any) -> Any:
    """Writes an array as an image file, whose format its name says unless `file_format` does."""

def smart_resize(x: Any, size: Any, interpolation: Any = ...) -> Any:
    """An image, or a batch of them, resized to (height, width) after the largest middle part of that aspect is cut out."""
