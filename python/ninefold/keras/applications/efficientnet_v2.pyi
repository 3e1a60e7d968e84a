# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.applications.efficientnet_v2 for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

CLASSES: Any

def EfficientNetV2B0(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture EfficientNetV2B0, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetV2B1(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture EfficientNetV2B1, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetV2B2(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture EfficientNetV2B2, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetV2B3(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture EfficientNetV2B3, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetV2L(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture EfficientNetV2L, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetV2M(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture EfficientNetV2M, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def EfficientNetV2S(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., include_preprocessing: Any = ...) -> Any:
    """The architecture EfficientNetV2S, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

KERNELS: Any

class Texts:
    """What a family says where the others say it otherwise."""
    def __init__(self, weights: Any = ..., classes: Any = ...) -> None: ...

USUAL: Any

WEIGHTS: str

def decode_predictions(preds: Any, top: Any = ...) -> Any:
    """For each row of 1000 probabilities [n, 1000] the `top` likeliest: (WordNet's number, name, probability)."""

def preprocess_input(x: Any, data_format: Any = ...) -> Any:
    """x as it is: the model scales images of numbers from 0 to 255 itself."""

def squeeze_excite(x: Any, reduced: Any, channels: Any, activation: Any, kernels: Any, name: Any) -> Any:
    """x times a factor a channel, which two small convolutions make of the channels' means."""
