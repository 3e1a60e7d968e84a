# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.config.threading for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

def get_inter_op_parallelism_threads() -> Any: ...

def get_intra_op_parallelism_threads() -> Any: ...

def set_inter_op_parallelism_threads(num_threads: Any) -> Any: ...

def set_intra_op_parallelism_threads(num_threads: Any) -> Any: ...
