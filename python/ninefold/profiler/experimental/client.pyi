# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.profiler.experimental.client for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

def monitor(service_addr: Any, duration_ms: Any, level: Any = ...) -> Any:
    """Raises NotImplementedError: there is no gRPC client."""

def trace(service_addr: Any, logdir: Any, duration_ms: Any, worker_list: Any = ..., num_tracing_attempts: Any = ..., options: Any = ...) -> Any:
    """Raises NotImplementedError: there is no gRPC client. InvalidArgumentError for a duration or an address that is none."""
