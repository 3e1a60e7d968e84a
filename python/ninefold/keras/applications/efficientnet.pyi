# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.applications.efficientnet for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

CLASSES: Any

def EfficientNetB0(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., **kwargs: Any) -> Any:
    """The architecture EfficientNetB0, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetB1(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., **kwargs: Any) -> Any:
    """The architecture EfficientNetB1, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetB2(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., **kwargs: Any) -> Any:
    """The architecture EfficientNetB2, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetB3(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., **kwargs: Any) -> Any:
    """The architecture EfficientNetB3, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetB4(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., **kwargs: Any) -> Any:
    """The architecture EfficientNetB4, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetB5(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., **kwargs: Any) -> Any:
    """The architecture EfficientNetB5, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetB6(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., **kwargs: Any) -> Any:
    """The architecture EfficientNetB6, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetB7(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., **kwargs: Any) -> Any:
    """The architecture EfficientNetB7, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

KERNELS: Any

USUAL: Any

def decode_predictions(preds: Any, top: Any = ...) -> Any:
    """For each row of 1000 probabilities [n, 1000] the `top` likeliest: (WordNet's number, name, probability)."""

def divisible(value: Any, divisor: Any = ..., least: Any = ...) -> Any:
    """The nearest multiple of divisor, not more than a tenth below the value."""

def halving_pad(x: Any, kernel: Any) -> Any:
    """The padding before a convolution of stride two, by which it meets the same pixels at odd sizes and at even ones."""

def preprocess_input(x: Any, data_format: Any = ...) -> Any:
    """x as it is: the model scales images of numbers from 0 to 255 itself."""

def squeeze_excite(x: Any, reduced: Any, channels: Any, activation: Any, kernels: Any, name: Any) -> Any:
    """x times a factor a channel, which two small convolutions make of the channels' means."""
