# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.version for editors and checkers.
from typing import Any, Sequence

from . import Tensor

TensorLike = Any

COMPILER_VERSION: str

GIT_VERSION: str

GRAPH_DEF_VERSION: int

GRAPH_DEF_VERSION_MIN_CONSUMER: int

GRAPH_DEF_VERSION_MIN_PRODUCER: int

VERSION: str
