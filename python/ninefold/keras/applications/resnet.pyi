# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.applications.resnet for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

def ResNet101(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., **kwargs: Any) -> Any:
    """The architecture ResNet101, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def ResNet152(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., **kwargs: Any) -> Any:
    """The architecture ResNet152, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def ResNet50(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., **kwargs: Any) -> Any:
    """The architecture ResNet50, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

USUAL: Any

def decode_predictions(preds: Any, top: Any = ...) -> Any:
    """For each row of 1000 probabilities [n, 1000] the `top` likeliest: (WordNet's number, name, probability)."""

def preprocess_input(x: Any, data_format: Any = ...) -> Any:
    """Images of numbers from 0 to 255, as blue, green, red less their means."""
