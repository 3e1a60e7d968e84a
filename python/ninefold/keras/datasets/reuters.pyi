# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.datasets.reuters for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

def get_file(fname: Any = ..., origin: Any = ..., untar: Any = ..., md5_hash: Any = ..., file_hash: Any = ..., cache_subdir: Any = ..., hash_algorithm: Any = ..., extract: Any = ..., archive_format: Any = ..., cache_dir: Any = ...) -> Any:
    """The path of a file in the cache (~/.keras/<cache_subdir>), downloaded from `origin` if it is not there."""

def get_word_index(path: Any = ...) -> Any:
    """{word: its rank among the frequent ones, from 1 on}."""

def load_data(path: Any = ..., num_words: Any = ..., skip_top: Any = ..., maxlen: Any = ..., test_split: Any = ..., seed: Any = ..., start_char: Any = ..., oov_char: Any = ..., index_from: Any = ..., **kwargs: Any) -> Any:
    """((x_train, y_train), (x_test, y_test)): arrays of lists of ints, and of topics from 0 to 45."""
