# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.profiler.experimental for editors and checkers.
from typing import Any, Sequence

from ... import Tensor

TensorLike = Any

class Profile:
    """Records what a block does: `with tf.profiler.experimental.Profile("logs"):`. Raises what `start` and `stop` raise."""
    def __init__(self, logdir: Any, options: Any = ...) -> None: ...

class ProfilerOptions:
    """How much is recorded. host_tracer_level: 0 nothing of the host, 1 steps, functions and waits, 2 also ops, 3 also their shapes; python_tracer_level: 1 for every call of Python's functions, which makes them slow; device_tracer_level: 0 for nothing of GPUs; delay_ms: from when on something is kept."""
    def __init__(self, host_tracer_level: Any = ..., python_tracer_level: Any = ..., device_tracer_level: Any = ..., delay_ms: Any = ...) -> None: ...
    delay_ms: Any
    device_tracer_level: Any
    host_tracer_level: Any
    python_tracer_level: Any

class Trace:
    """A span of the timeline, from where it is made to the end of its block. `Trace("train", step_num=i, _r=1)` is a step: TensorBoard counts it, and .steps.txt says where its time went. Costs nothing while no profiler runs."""
    def __init__(self, name: Any, **kwargs: Any) -> None: ...
    def set_metadata(self, **kwargs: Any) -> Any: ...

from . import client as client

from . import server as server

def start(logdir: Any, options: Any = ...) -> Any:
    """Records from now on what the program does; `stop` writes it below `logdir`. `options`: ProfilerOptions. Raises AlreadyExistsError if a profiler is running."""

def stop(save: Any = ...) -> Any:
    """Ends recording. Writes logdir/plugins/profile/<time>/<host>.xplane.pb for TensorBoard, .trace.json.gz for Perfetto and chrome://tracing, and .steps.txt, where the time of each step went; nothing if `save` is false. Raises UnavailableError if no profiler is running, errors of files if `logdir` cannot be written."""
