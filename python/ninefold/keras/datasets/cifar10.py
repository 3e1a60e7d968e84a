# In: the folder cifar-10-batches-py in the cache. Out: 50,000 and 10,000 pictures of 32 x 32 pixels, of ten classes.
import os

import numpy as np

from . import stored
from ..utils import get_file

_ORIGIN = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
_SHA256 = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"


def load_data():
    """((x_train, y_train), (x_test, y_test)): uint8 images [n, 32, 32, 3] and labels [n, 1].

    Raises OSError if the files are neither in ~/.keras/datasets nor to be had.
    """
    folder = get_file("cifar-10-batches-py", origin=_ORIGIN, untar=True, file_hash=_SHA256)
    train = [stored.pictures(os.path.join(folder, f"data_batch_{i}"), b"labels") for i in range(1, 6)]
    return tuple(np.concatenate(parts) for parts in zip(*train)), stored.pictures(os.path.join(folder, "test_batch"), b"labels")
