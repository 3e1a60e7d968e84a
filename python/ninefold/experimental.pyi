# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.experimental for editors and checkers.
from typing import Any, Sequence

from . import Tensor

TensorLike = Any

class BatchableExtensionType(ExtensionType):
    """An ExtensionType whose values can be stacked, and whose rows are values again: in datasets and tf.map_fn."""

class ExtensionType:
    """A class whose annotated fields are its constructor's arguments. Values do not change; tf.function, tf.nest and tf.data take them as the tensors that they hold."""
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

class ExtensionTypeBatchEncoder:
    """How values of a BatchableExtensionType become rows of a batch: field by field."""
    def __init__(self) -> None: ...
    def batch(self, spec: Any, batch_size: Any) -> Any: ...
    def decode(self, spec: Any, encoded_value: Any) -> Any: ...
    def encode(self, spec: Any, value: Any, minimum_rank: Any = ...) -> Any: ...
    def encoding_specs(self, spec: Any) -> Any: ...
    def unbatch(self, spec: Any) -> Any: ...

class Optional:
    """A nest of tensors, or nothing of that form."""
    def __init__(self) -> None: ...
    element_spec: Any
    @staticmethod
    def empty(element_spec: Any) -> Any: ...
    @staticmethod
    def from_value(value: Any) -> Any: ...
    def get_value(self, name: Any = ...) -> Any: ...
    def has_value(self, name: Any = ...) -> Any: ...

def dispatch_for_api(api: Any, *signatures: Any) -> Any:
    """A decorator: the function is called instead of `api` where the arguments have the annotated types, or those of one of the signatures, {parameter: type}."""

def dispatch_for_binary_elementwise_apis(x_type: Any, y_type: Any) -> Any:
    """A decorator: handler(api, x, y) is called for every function that computes x and y element by element."""

def dispatch_for_unary_elementwise_apis(x_type: Any) -> Any:
    """A decorator: handler(api, x) is called for every function that computes x element by element."""

def unregister_dispatch_for(dispatch_target: Any) -> Any:
    """Undoes dispatch_for_* of this function."""
