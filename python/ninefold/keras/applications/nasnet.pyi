# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.applications.nasnet for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

def NASNetLarge(input_shape: Any = ..., include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture NASNetLarge, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def NASNetMobile(input_shape: Any = ..., include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture NASNetMobile, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def decode_predictions(preds: Any, top: Any = ...) -> Any:
    """For each row of 1000 probabilities [n, 1000] the `top` likeliest: (WordNet's number, name, probability)."""

def halving_pad(x: Any, kernel: Any) -> Any:
    """The padding before a convolution of stride two, by which it meets the same pixels at odd sizes and at even ones."""

def preprocess_input(x: Any, data_format: Any = ...) -> Any:
    """Images of numbers from 0 to 255, as numbers from -1 to 1."""
