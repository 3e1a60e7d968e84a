# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.applications.inception_resnet_v2 for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

def InceptionResNetV2(include_top: Any = ..., weights: Any = ..., input_tensor: Any = ..., input_shape: Any = ..., pooling: Any = ..., classes: Any = ..., classifier_activation: Any = ..., **kwargs: Any) -> Any:
    """The architecture InceptionResNetV2, as a Model: with its classes (include_top) or without, where `pooling` is None, "avg" or "max"."""

USUAL: Any

def branches(x: Any, *chains: Any) -> Any: ...

def decode_predictions(preds: Any, top: Any = ...) -> Any:
    """For each row of 1000 probabilities [n, 1000] the `top` likeliest: (WordNet's number, name, probability)."""

def pooled(x: Any, filters: Any) -> Any: ...

def preprocess_input(x: Any, data_format: Any = ...) -> Any:
    """Images of numbers from 0 to 255, as numbers from -1 to 1."""

def stem(x: Any) -> Any:
    """Images of an eighth of the size in 192 channels; Inception-ResNet begins so too."""

def without_unknown(kwargs: Any, form: Any = ...) -> Any:
    """Some families name what they do not know themselves."""
