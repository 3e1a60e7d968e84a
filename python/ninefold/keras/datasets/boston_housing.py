# In: boston_housing.npz in the cache. Out: 506 quarters of Boston in 13 numbers each, and their house prices in 1000 dollars.
import numpy as np

from . import stored
from ..utils import get_file

_SHA256 = "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5"


def load_data(path="boston_housing.npz", test_split=0.2, seed=113):
    """((x_train, y_train), (x_test, y_test)): float64 [n, 13] and [n]. test_split: the share that is kept for testing.

    Raises OSError if the file is neither in ~/.keras/datasets nor to be had.
    """
    assert 0 <= test_split < 1
    path = get_file(path, origin=stored.ORIGIN + "boston_housing.npz", file_hash=_SHA256)
    x, y = stored.shuffled(np.random.RandomState(seed), *stored.arrays(path, ("x", "y")))
    cut = int(len(x) * (1 - test_split))
    return (x[:cut], y[:cut]), (x[cut:], y[cut:])
