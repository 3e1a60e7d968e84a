# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.applications.mobilenet_v2 for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

CLASSES: str

def MobileNetV2(input_shape: Any = ..., alpha: Any = ..., include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., **kwargs: Any) -> Any:
    """The architecture MobileNetV2, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

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
    """Images of numbers from 0 to 255, as numbers from -1 to 1."""

def warn(text: Any) -> Any: ...

def without_unknown(kwargs: Any, form: Any = ...) -> Any:
    """Some families name what they do not know themselves."""
