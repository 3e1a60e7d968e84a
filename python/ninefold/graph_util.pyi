# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.graph_util for editors and checkers.
from typing import Any, Sequence

from . import Tensor

TensorLike = Any

def import_graph_def(graph_def: Any, input_map: Any = ..., return_elements: Any = ..., name: Any = ..., producer_op_list: Any = ...) -> Any:
    """Puts a graph into the function that is being traced or wrapped; `return_elements` are its tensors "x:0" or operations "x", and `input_map` gives tensors in the place of its own."""
