# In: mnist.npz in the cache. Out: 60,000 and 10,000 handwritten digits of 28 x 28 pixels, and their labels.
import zipfile
import zlib

import numpy as np

from ..utils import get_file

_ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"


def load_data(path="mnist.npz"):
    """((x_train, y_train), (x_test, y_test)): uint8 images [n, 28, 28] and labels [n].

    Raises OSError if the file is neither in ~/.keras/datasets nor to be had.
    """
    path = get_file(path, origin=_ORIGIN, file_hash=_SHA256)
    try:
        with np.load(path, allow_pickle=False) as file:
            return (file["x_train"], file["y_train"]), (file["x_test"], file["y_test"])
    except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile, zlib.error) as error:
        raise OSError("{}: this is no whole mnist.npz ({}). Remove it, or put the file from {} there.".format(
            path, error, _ORIGIN)) from error
