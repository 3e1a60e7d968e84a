# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.applications.imagenet_utils for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

def decode_predictions(preds: Any, top: Any = ...) -> Any:
    """For each row of 1000 probabilities [n, 1000] the `top` likeliest: (WordNet's number, name, probability)."""

def get_file(fname: Any = ..., origin: Any = ..., untar: Any = ..., md5_hash: Any = ..., file_hash: Any = ..., cache_subdir: Any = ..., hash_algorithm: Any = ..., extract: Any = ..., archive_format: Any = ..., cache_dir: Any = ...) -> Any:
    """The path of a file in the cache (~/.keras/<cache_subdir>), downloaded from `origin` if it is not there."""

def preprocess_input(x: Any, data_format: Any = ..., mode: Any = ...) -> Any:
    """Images of numbers from 0 to 255 as a network takes them; a float array is written in place."""
