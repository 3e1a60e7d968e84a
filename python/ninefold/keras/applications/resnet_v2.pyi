# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.applications.resnet_v2 for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

def ResNet101V2(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture ResNet101V2, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def ResNet152V2(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture ResNet152V2, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def ResNet50V2(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture ResNet50V2, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def decode_predictions(preds: Any, top: Any = ...) -> Any:
    """For each row of 1000 probabilities [n, 1000] the `top` likeliest: (WordNet's number, name, probability)."""

def preprocess_input(x: Any, data_format: Any = ...) -> Any:
    """Images of numbers from 0 to 255, as numbers from -1 to 1."""
