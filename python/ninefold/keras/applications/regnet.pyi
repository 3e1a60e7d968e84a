# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.applications.regnet for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

def RegNetX002(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX002, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetX004(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX004, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetX006(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX006, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetX008(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX008, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetX016(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX016, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetX032(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX032, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetX040(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX040, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetX064(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX064, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetX080(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX080, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetX120(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX120, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetX160(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX160, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetX320(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetX320, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY002(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY002, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY004(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY004, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY006(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY006, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY008(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY008, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY016(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY016, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY032(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY032, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY040(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY040, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY064(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY064, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY080(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY080, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY120(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY120, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY160(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY160, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def RegNetY320(model_name: Any = ..., include_top: Any = ..., include_preprocessing: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture RegNetY320, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

class Texts:
    """What a family says where the others say it otherwise."""
    def __init__(self, weights: Any = ..., classes: Any = ...) -> None: ...

USUAL: Any

def decode_predictions(preds: Any, top: Any = ...) -> Any:
    """For each row of 1000 probabilities [n, 1000] the `top` likeliest: (WordNet's number, name, probability)."""

def preprocess_input(x: Any, data_format: Any = ...) -> Any:
    """x as it is: the model scales images of numbers from 0 to 255 itself."""
