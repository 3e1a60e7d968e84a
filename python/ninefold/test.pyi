# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.test for editors and checkers.
from typing import Any, Sequence

from . import Tensor

TensorLike = Any

def gpu_device_name() -> Any: ...

def is_built_with_cuda() -> Any:
    """True, as TensorFlow's one wheel says: the GPU part is a library that is opened where a driver is."""

def is_built_with_gpu_support() -> Any:
    """True, as TensorFlow's one wheel says: the GPU part is a library that is opened where a driver is."""

def is_built_with_rocm() -> Any: ...

def is_built_with_xla() -> Any: ...

def is_gpu_available(cuda_only: Any = ..., min_cuda_compute_capability: Any = ...) -> Any:
    """True iff there is a GPU, of at least this compute capability."""
