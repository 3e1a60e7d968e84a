# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.datasets.cifar100 for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

def get_file(fname: Any = ..., origin: Any = ..., untar: Any = ..., md5_hash: Any = ..., file_hash: Any = ..., cache_subdir: Any = ..., hash_algorithm: Any = ..., extract: Any = ..., archive_format: Any = ..., cache_dir: Any = ...) -> Any:
    """The path of a file in the cache (~/.keras/<cache_subdir>), downloaded from `origin` if it is not there."""

def load_data(label_mode: Any = ...) -> Any:
    """((x_train, y_train), (x_test, y_test)): uint8 images [n, 32, 32, 3] and labels [n, 1], of 100 classes ("fine") or of 20 groups ("coarse")."""
