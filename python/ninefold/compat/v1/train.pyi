# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.compat.v1.train for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

def summary_iterator(path: Any) -> Any:
    """The events of a file: wall_time, step, file_version, graph_def, summary.value[i].tag, .tensor (the bytes of a TensorProto), .metadata. Raises DataLossError for a damaged file."""
