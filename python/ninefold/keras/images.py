# In: images as arrays, and files of them. Out: tf.keras.utils' and tf.keras.preprocessing.image's functions of single images.
# Files are read by Pillow, as Keras reads them; without it these functions raise Keras' ImportError.
import io
import pathlib
import warnings

import numpy as np

from .._core import keras as core

_METHODS = ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic")
_RESAMPLING = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")


def _pillow(who):
    try:
        from PIL import Image
    except ImportError:
        raise ImportError(f"Could not import PIL.Image. The use of `{who}` requires PIL.") from None
    return Image


def _format(data_format):
    from .backend import image_data_format
    return image_data_format() if data_format is None else data_format


def resize_method(interpolation):
    """The method of tf.image.resize of that name, in any case. Raises NotImplementedError for others."""
    found = interpolation.lower()
    if found not in _METHODS:
        raise NotImplementedError(f"Value not recognized for `interpolation`: {found}. Supported values are: {_METHODS}")
    return found


def smart_resize(x, size, interpolation="bilinear"):
    """An image, or a batch of them, resized to (height, width) after the largest middle part of that aspect is cut out."""
    from .. import cast, convert_to_tensor, image, minimum, shape, slice, stack
    if len(size) != 2:
        raise ValueError(f"Expected `size` to be a tuple of 2 integers, but got: {size}.")
    given = convert_to_tensor(x)
    rank = given.shape.rank
    if rank is not None and rank not in (3, 4):
        raise ValueError("Expected an image array with shape `(height, width, channels)`, or `(batch_size, height, width, "
                         f"channels)`, but got input with incorrect rank, of shape {given.shape}.")
    sizes = shape(given)
    height, width = sizes[-3], sizes[-2]
    rows = minimum(height, cast(cast(width * size[0], "float32") / size[1], "int32"))
    columns = minimum(width, cast(cast(height * size[1], "float32") / size[0], "int32"))
    top, left = cast(cast(height - rows, "float32") / 2, "int32"), cast(cast(width - columns, "float32") / 2, "int32")
    outer = [0] if rank == 4 else []
    part = slice(given, stack([*outer, top, left, 0]), stack([*(-1 for _ in outer), rows, columns, -1]))
    y = image.resize(part, size, method=interpolation)
    return y.numpy() if isinstance(x, np.ndarray) else y


def array_to_img(x, data_format=None, scale=True, dtype=None):
    """A Pillow image of an array [height, width, 1, 3 or 4]; `scale` brings its numbers to 0 to 255."""
    Image = _pillow("array_to_img")
    data_format = _format(data_format)
    x = np.asarray(x, dtype=core.floatx() if dtype is None else dtype)
    if x.ndim != 3:
        raise ValueError(f"Expected image array to have rank 3 (single image). Got array with shape: {x.shape}")
    if data_format not in ("channels_first", "channels_last"):
        raise ValueError(f"Invalid data_format: {data_format}")
    if data_format == "channels_first":
        x = x.transpose(1, 2, 0)
    if scale:
        x = x - np.min(x)
        most = np.max(x)
        if most != 0:
            x /= most
        x *= 255
    if x.shape[2] in (3, 4):
        return Image.fromarray(x.astype("uint8"))
    if x.shape[2] == 1:
        wide = np.max(x) > 255
        return Image.fromarray(x[:, :, 0].astype("int32" if wide else "uint8"))
    raise ValueError(f"Unsupported channel number: {x.shape[2]}")


def img_to_array(img, data_format=None, dtype=None):
    """A Pillow image as an array of rank 3."""
    data_format = _format(data_format)
    if data_format not in ("channels_first", "channels_last"):
        raise ValueError(f"Unknown data_format: {data_format}")
    x = np.asarray(img, dtype=core.floatx() if dtype is None else dtype)
    if x.ndim == 2:
        x = x[:, :, None]
    if x.ndim != 3:
        raise ValueError(f"Unsupported image shape: {x.shape}")
    return x.transpose(2, 0, 1) if data_format == "channels_first" else x


def save_img(path, x, data_format=None, file_format=None, scale=True, **kwargs):
    """Writes an array as an image file, whose format its name says unless `file_format` does."""
    img = array_to_img(x, data_format=data_format, scale=scale)
    if img.mode == "RGBA" and file_format in ("jpg", "jpeg"):
        warnings.warn("The JPG format does not support RGBA images, converting to RGB.")
        img = img.convert("RGB")
    img.save(path, format=file_format, **kwargs)


def load_img(path, grayscale=False, color_mode="rgb", target_size=None, interpolation="nearest", keep_aspect_ratio=False):
    """A Pillow image of a file, a path or io.BytesIO, resized to target_size (height, width) if it is given."""
    if grayscale:
        warnings.warn("grayscale is deprecated. Please use color_mode = \"grayscale\"")
        color_mode = "grayscale"
    Image = _pillow("load_img")
    if isinstance(path, io.BytesIO):
        img = Image.open(path)
    elif isinstance(path, (pathlib.Path, bytes, str)):
        with open(str(path.resolve()) if isinstance(path, pathlib.Path) else path, "rb") as file:
            img = Image.open(io.BytesIO(file.read()))
    else:
        raise TypeError(f"path should be path-like or io.BytesIO, not {type(path)}")
    if color_mode == "grayscale":
        if img.mode not in ("L", "I;16", "I"):
            img = img.convert("L")
    elif color_mode in ("rgb", "rgba"):
        if img.mode != color_mode.upper():
            img = img.convert(color_mode.upper())
    else:
        raise ValueError("color_mode must be \"grayscale\", \"rgb\", or \"rgba\"")
    if target_size is None or img.size == (target_size[1], target_size[0]):
        return img
    if interpolation not in _RESAMPLING:
        raise ValueError("Invalid interpolation method {} specified. Supported methods are {}".format(
            interpolation, ", ".join(_RESAMPLING)))
    box = None
    if keep_aspect_ratio:
        (width, height), (to_height, to_width) = img.size, target_size
        rows, columns = min(height, width * to_height // to_width), min(width, height * to_width // to_height)
        top, left = (height - rows) // 2, (width - columns) // 2
        box = [left, top, left + columns, top + rows]
    return img.resize((target_size[1], target_size[0]), getattr(Image, interpolation.upper()), box=box)
