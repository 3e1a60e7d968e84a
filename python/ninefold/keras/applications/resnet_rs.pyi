# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.applications.resnet_rs for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

def ResNetRS101(include_top: Any = ..., weights: Any = ..., classes: Any = ..., input_shape: Any = ..., input_tensor: Any = ..., pooling: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture ResNetRS101, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def ResNetRS152(include_top: Any = ..., weights: Any = ..., classes: Any = ..., input_shape: Any = ..., input_tensor: Any = ..., pooling: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture ResNetRS152, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def ResNetRS200(include_top: Any = ..., weights: Any = ..., classes: Any = ..., input_shape: Any = ..., input_tensor: Any = ..., pooling: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture ResNetRS200, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def ResNetRS270(include_top: Any = ..., weights: Any = ..., classes: Any = ..., input_shape: Any = ..., input_tensor: Any = ..., pooling: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture ResNetRS270, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def ResNetRS350(include_top: Any = ..., weights: Any = ..., classes: Any = ..., input_shape: Any = ..., input_tensor: Any = ..., pooling: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture ResNetRS350, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def ResNetRS420(include_top: Any = ..., weights: Any = ..., classes: Any = ..., input_shape: Any = ..., input_tensor: Any = ..., pooling: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture ResNetRS420, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def ResNetRS50(include_top: Any = ..., weights: Any = ..., classes: Any = ..., input_shape: Any = ..., input_tensor: Any = ..., pooling: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture ResNetRS50, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

class Texts:
    """What a family says where the others say it otherwise."""
    def __init__(self, weights: Any = ..., classes: Any = ...) -> None: ...

def decode_predictions(preds: Any, top: Any = ...) -> Any:
    """For each row of 1000 probabilities [n, 1000] the `top` likeliest: (WordNet's number, name, probability)."""

def preprocess_input(x: Any, data_format: Any = ...) -> Any:
    """x as it is: the model scales images of numbers from 0 to 255 itself."""

def squeeze_excite(x: Any, reduced: Any, channels: Any, activation: Any, kernels: Any, name: Any) -> Any:
    """x times a factor a channel, which two small convolutions make of the channels' means."""
