# In: images as numbers, and rows of 1000 probabilities. Out: what networks of ImageNet take, and the names of the likeliest classes.
import json

import numpy as np

from .. import backend
from ..utils import get_file

_INDEX = "https://storage.googleapis.com/download.tensorflow.org/data/imagenet_class_index.json"
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)    # of ImageNet's pixels between 0 and 1: red, green, blue
_CAFFE_MEAN = (103.939, 116.779, 123.68)                            # of its bytes: blue, green, red
_names = None


def preprocess_input(x, data_format=None, mode="caffe"):
    """Images of numbers from 0 to 255 as a network takes them; a float array is written in place.

    mode "caffe": blue, green, red, less their means; "tf": from -1 to 1; "torch": from 0 to 1, less means, by deviations.
    Raises ValueError for another mode or data_format.
    """
    if mode not in ("caffe", "tf", "torch"):
        raise ValueError(f"Expected mode to be one of `caffe`, `tf` or `torch`. Received: mode={mode}")
    if data_format is None:
        data_format = backend.image_data_format()
    elif data_format not in ("channels_first", "channels_last"):
        raise ValueError("Expected data_format to be one of `channels_first` or `channels_last`. "
                         f"Received: data_format={data_format}")
    return (_array if isinstance(x, np.ndarray) else _tensor)(x, data_format == "channels_first", mode)


def _array(x, first, mode):
    if not issubclass(x.dtype.type, np.floating):
        x = x.astype(backend.floatx(), copy=False)
    if mode == "tf":
        x /= 127.5
        x -= 1.0
        return x
    axis = x.ndim - 3 if first else -1
    mean, deviation = _CAFFE_MEAN, None
    if mode == "torch":
        x /= 255.0
        mean, deviation = _MEAN, _DEVIATION
    else:
        x = np.flip(x, axis)
    channels = np.moveaxis(x, axis, -1)     # a view
    for channel in range(3):
        channels[..., channel] -= mean[channel]
        if deviation:
            channels[..., channel] /= deviation[channel]
    return x


def _tensor(x, first, mode):
    import ninefold as tf
    if mode == "caffe":
        x = tf.reverse(x, [len(x.shape) - 3]) if first else x[..., ::-1]
    if not tf.as_dtype(x.dtype).is_floating:
        x = tf.cast(x, backend.floatx())
    if mode == "tf":
        return x / 127.5 - 1.0
    if mode == "torch":
        x = x / 255.0
    mean, deviation = (_MEAN, _DEVIATION) if mode == "torch" else (_CAFFE_MEAN, None)
    shape = (3, 1, 1) if first else (3,)
    x = x - np.reshape(mean, shape).astype(x.dtype.as_numpy_dtype)
    return x if deviation is None else x / np.reshape(deviation, shape).astype(x.dtype.as_numpy_dtype)


def decode_predictions(preds, top=5):
    """For each row of 1000 probabilities [n, 1000] the `top` likeliest: (WordNet's number, name, probability).

    Raises ValueError for another shape, OSError where the names are neither in ~/.keras/models nor to be had.
    """
    global _names
    if len(preds.shape) != 2 or preds.shape[1] != 1000:
        raise ValueError("`decode_predictions` expects a batch of predictions (i.e. a 2D array of shape (samples, 1000)). "
                         "Found array with shape: " + str(preds.shape))
    if _names is None:
        path = get_file("imagenet_class_index.json", _INDEX, cache_subdir="models",
                        file_hash="c2c37ea517e94d9795004a39431a14cb")
        with open(path) as file:
            _names = json.load(file)
    found = []
    for row in preds:
        best = row.argsort()[-top:][::-1]
        found.append([tuple(_names[str(i)]) + (row[i],) for i in best])
    return found
