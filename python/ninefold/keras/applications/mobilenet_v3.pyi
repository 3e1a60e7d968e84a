# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.applications.mobilenet_v3 for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

CLASSES: str

def MobileNetV3Large(input_shape: Any = ..., alpha: Any = ..., minimalistic: Any = ..., include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., classes: Any = ..., pooling: Any = ..., dropout_rate: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture MobileNetV3Large, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def MobileNetV3Small(input_shape: Any = ..., alpha: Any = ..., minimalistic: Any = ..., include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., classes: Any = ..., pooling: Any = ..., dropout_rate: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture MobileNetV3Small, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

class Texts:
    """What a family says where the others say it otherwise."""
    def __init__(self, weights: Any = ..., classes: Any = ...) -> None: ...

WEIGHTS: str

def decode_predictions(preds: Any, top: Any = ...) -> Any:
    """For each row of 1000 probabilities [n, 1000] the `top` likeliest: (WordNet's number, name, probability)."""

def divisible(value: Any, divisor: Any = ..., least: Any = ...) -> Any:
    """The nearest multiple of divisor, not more than a tenth below the value."""

def halving_pad(x: Any, kernel: Any) -> Any:
    """The padding before a convolution of stride two, by which it meets the same pixels at odd sizes and at even ones."""

def preprocess_input(x: Any, data_format: Any = ...) -> Any:
    """x as it is: the model scales images of numbers from 0 to 255 itself."""

def warn(text: Any) -> Any: ...
