# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.applications.densenet for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

class Asked:
    """The arguments that all applications share, checked and completed."""
    def __init__(self, include_top: Any, weights: Any, input_tensor: Any, input_shape: Any, pooling: Any, classes: Any, classifier_activation: Any = ...) -> None: ...
    def check(self, texts: Any = ...) -> Any: ...
    def check_activation(self) -> Any: ...
    def model(self, begin: Any, x: Any, name: Any, file: Any = ...) -> Any: ...
    def pooled(self, x: Any, avg: Any = ..., max: Any = ...) -> Any: ...
    def shape(self, size: Any, least: Any, flat: Any = ...) -> Any: ...
    def start(self) -> Any: ...
    def top(self, x: Any, name: Any = ..., pool: Any = ..., **dense: Any) -> Any: ...
    def trained_size(self, trained: Any) -> Any: ...

def DenseNet121(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture DenseNet121, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def DenseNet169(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture DenseNet169, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def DenseNet201(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ...) -> Any:
    """The architecture DenseNet201, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

def decode_predictions(preds: Any, top: Any = ...) -> Any:
    """For each row of 1000 probabilities [n, 1000] the `top` likeliest: (WordNet's number, name, probability)."""

def preprocess_input(x: Any, data_format: Any = ...) -> Any:
    """Images of numbers from 0 to 255, scaled by means and deviations of ImageNet."""
