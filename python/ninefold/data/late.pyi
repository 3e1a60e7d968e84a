# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.data.late for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

class Late:
    """What a late dataset of the engine is when the function runs: make(tensors), of the values of `inputs`."""
    def __init__(self, handle: Any, inputs: Any, make: Any) -> None: ...

class TensorSpec:
    """The shape and dtype of a tensor."""
    def __init__(self, shape: Any, dtype: Any = ..., name: Any = ...) -> None: ...
    dtype: Any
    @classmethod
    def from_spec(cls, spec: Any, name: Any = ...) -> Any: ...
    @classmethod
    def from_tensor(cls, tensor: Any, name: Any = ...) -> Any: ...
    def is_compatible_with(self, spec_or_tensor: Any) -> Any: ...
    def is_subtype_of(self, other: Any) -> Any: ...
    def most_specific_common_supertype(self, others: Any) -> Any: ...
    def most_specific_compatible_type(self, other: Any) -> Any: ...
    name: Any
    shape: Any
    value_type: Any

def all_of(dataset: Any) -> Any:
    """The late datasets that a pipeline stands on."""

def handle_of(spec: Any, inputs: Any, make: Any) -> Any:
    """(a handle of elements like `spec`, what becomes of it)."""

def inputs_of(dataset: Any) -> Any: ...

def reduce(dataset: Any, state: Any, step: Any) -> Any:
    """step(state, element) over the elements, as a loop of the trace."""

def single_element(dataset: Any) -> Any: ...

def symbolic(*values: Any) -> Any:
    """Whether some leaf is a tensor of a trace."""

def truth(dataset: Any, tensors: Any) -> Any:
    """The handle of the pipeline for these values of its inputs."""

def variant(dataset: Any) -> Any:
    """The dataset as a tensor of the trace."""
