# In: four gzipped files in the cache. Out: 60,000 and 10,000 pictures of clothes of 28 x 28 pixels.
import gzip
import os

import numpy as np

from ..utils import get_file

_ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def load_data():
    """((x_train, y_train), (x_test, y_test)): uint8 images [n, 28, 28] and labels [n]."""
    def read(name, header, shape):
        path = get_file(name, origin=_ORIGIN + name, cache_subdir=os.path.join("datasets", "fashion-mnist"))
        with gzip.open(path, "rb") as file:
            return np.frombuffer(file.read(), np.uint8, offset=header).reshape((-1,) + shape)
    return tuple((read(part + "-images-idx3-ubyte.gz", 16, (28, 28)), read(part + "-labels-idx1-ubyte.gz", 8, ()))
                 for part in ("train", "t10k"))
