# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.compat.v1 for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

class Dimension:
    """One dimension, as tf.compat.v1 knows it."""
    def __init__(self, value: Any) -> None: ...
    value: Any

class GraphDef:
    """A graph as a file holds it: nodes and a library of functions. Its bytes are what ParseFromString was given; nodes are there to be read."""
    def ByteSize(self) -> Any: ...
    def CopyFrom(self, other: Any) -> Any: ...
    @classmethod
    def FromString(cls, serialized: Any) -> Any: ...
    def ParseFromString(self, serialized: Any) -> Any: ...
    def SerializeToString(self, deterministic: Any = ...) -> Any: ...
    def __init__(self) -> None: ...
    library: Any
    node: Any

def get_default_graph() -> Any:
    """The graph of the function that is being traced. There is none outside of functions: RuntimeError."""

def import_graph_def(graph_def: Any, input_map: Any = ..., return_elements: Any = ..., name: Any = ..., producer_op_list: Any = ...) -> Any:
    """Puts a graph into the function that is being traced or wrapped; `return_elements` are its tensors "x:0" or operations "x", and `input_map` gives tensors in the place of its own."""

from . import train as train

def wrap_function(fn: Any, signature: Any, name: Any = ...) -> Any:
    """Traces `fn`, which may import graphs, with tensors of `signature`; they are made once, at this call."""
