# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.backend_shapes for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

def arange(start: Any, stop: Any = ..., step: Any = ..., dtype: Any = ...) -> Any:
    """start, start + step, ... below stop; from 0 to start without a stop."""

def batch_dot(x: Any, y: Any, axes: Any = ...) -> Any:
    """The product of each sample's tensors over an axis of each: axes, one for both or a pair."""

def checked_format(data_format: Any) -> Any:
    """"channels_last" where none is given; ValueError for anything that is no format."""

def dot(x: Any, y: Any) -> Any:
    """The product over the last dimension of x and the last but one of y, as numpy.dot has it."""

def dropout(x: Any, level: Any, noise_shape: Any = ..., seed: Any = ...) -> Any:
    """x without a random share `level` of its elements, the rest larger by 1 / (1 - level)."""

def foldl(fn: Any, elems: Any, initializer: Any = ..., name: Any = ...) -> Any: ...

def foldr(fn: Any, elems: Any, initializer: Any = ..., name: Any = ...) -> Any: ...

def in_top_k(predictions: Any, targets: Any, k: Any) -> Any:
    """Whether each target is among its row's k highest predictions."""

def is_sparse(tensor: Any) -> Any: ...

def map_fn(fn: Any, elems: Any, name: Any = ..., dtype: Any = ...) -> Any: ...

def print_tensor(x: Any, message: Any = ..., summarize: Any = ...) -> Any:
    """x, whose value is printed to the standard output when it is computed."""

def random_binomial(shape: Any, p: Any = ..., dtype: Any = ..., seed: Any = ...) -> Any:
    """The older name of random_bernoulli."""

def random_normal_variable(shape: Any, mean: Any, scale: Any, dtype: Any = ..., name: Any = ..., seed: Any = ...) -> Any:
    """A variable of draws of a normal distribution."""

def random_uniform_variable(shape: Any, low: Any, high: Any, dtype: Any = ..., name: Any = ..., seed: Any = ...) -> Any:
    """A variable of uniform draws."""

def repeat(x: Any, n: Any) -> Any:
    """[rows, features] -> [rows, n, features]."""

def repeat_elements(x: Any, rep: Any, axis: Any) -> Any:
    """Each slice along an axis `rep` times, one behind the other."""

def resize_images(x: Any, height_factor: Any, width_factor: Any, data_format: Any, interpolation: Any = ...) -> Any:
    """Images larger by whole factors. interpolation: "nearest", "bilinear", "area", "bicubic", "gaussian", "lanczos3", ..."""

def resize_volumes(x: Any, depth_factor: Any, height_factor: Any, width_factor: Any, data_format: Any) -> Any:
    """Volumes larger by whole factors, each element repeated."""

def reverse(x: Any, axes: Any) -> Any: ...

def spatial_2d_padding(x: Any, padding: Any = ..., data_format: Any = ...) -> Any:
    """Zeros around images."""

def spatial_3d_padding(x: Any, padding: Any = ..., data_format: Any = ...) -> Any:
    """Zeros around volumes."""

def temporal_padding(x: Any, padding: Any = ...) -> Any:
    """Zeros before and after the middle dimension."""

def to_dense(tensor: Any) -> Any:
    """A sparse tensor with its zeros; any other as it is."""
