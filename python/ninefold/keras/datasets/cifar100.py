# In: the folder cifar-100-python in the cache. Out: 50,000 and 10,000 pictures of 32 x 32 pixels, of 100 classes in 20 groups.
import os

from . import stored
from ..utils import get_file

_ORIGIN = "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz"
_SHA256 = "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7"


def load_data(label_mode="fine"):
    """((x_train, y_train), (x_test, y_test)): uint8 images [n, 32, 32, 3] and labels [n, 1], of 100 classes ("fine") or of 20 groups ("coarse").

    Raises ValueError for another label_mode, OSError if the files are neither in ~/.keras/datasets nor to be had.
    """
    if label_mode not in ("fine", "coarse"):
        raise ValueError(f'`label_mode` must be one of `"fine"`, `"coarse"`. Received: label_mode={label_mode}.')
    folder = get_file("cifar-100-python", origin=_ORIGIN, untar=True, file_hash=_SHA256)
    key = f"{label_mode}_labels".encode()
    return stored.pictures(os.path.join(folder, "train"), key), stored.pictures(os.path.join(folder, "test"), key)
