# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.summary for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

class SummaryWriter:
    """Where summaries go: `with writer.as_default(): tf.summary.scalar(...)`. Made by create_file_writer."""
    def __init__(self) -> None: ...
    def as_default(self, step: Any = ...) -> Any: ...
    def close(self) -> Any: ...
    def flush(self) -> Any: ...
    def init(self) -> Any: ...
    def set_as_default(self, step: Any = ...) -> Any: ...

def audio(name: Any, data: Any, sample_rate: Any, step: Any = ..., max_outputs: Any = ..., encoding: Any = ..., description: Any = ...) -> Any:
    """Sounds [k, frames, channels] with samples in [-1, 1], as WAV."""

def create_file_writer(logdir: Any, max_queue: Any = ..., flush_millis: Any = ..., filename_suffix: Any = ..., name: Any = ..., experimental_trackable: Any = ...) -> Any:
    """A writer of event files in a folder, which is made."""

def create_noop_writer() -> Any:
    """A writer that writes nothing."""

from . import experimental as experimental

def flush(writer: Any = ..., name: Any = ...) -> Any:
    """Writes what waits in a writer, or in the one of this thread."""

def graph(graph_data: Any) -> Any:
    """A graph: that of a concrete function, or a tf.compat.v1.GraphDef."""

def histogram(name: Any, data: Any, step: Any = ..., buckets: Any = ..., description: Any = ...) -> Any:
    """How often values lie in each of `buckets` (30) ranges of equal width."""

def image(name: Any, data: Any, step: Any = ..., max_outputs: Any = ..., description: Any = ...) -> Any:
    """Pictures [k, height, width, channels], the first `max_outputs` of them, as PNG."""

def record_if(condition: Any) -> Any:
    """Records summaries within the block only where the condition holds: a bool, a tensor, or a callable that gives one."""

def scalar(name: Any, data: Any, step: Any = ..., description: Any = ...) -> Any:
    """A number. Returns a bool tensor: whether it was recorded."""

def should_record_summaries() -> Any:
    """True iff this thread has a writer and the condition of record_if holds."""

def text(name: Any, data: Any, step: Any = ..., description: Any = ...) -> Any:
    """Text, or a table of text, in Markdown."""

def trace_export(name: Any, step: Any = ..., profiler_outdir: Any = ...) -> Any:
    """Writes the graphs that were gathered since trace_on, and the profile below `profiler_outdir`; ends gathering."""

def trace_off() -> Any:
    """Ends gathering, and forgets what was gathered."""

def trace_on(graph: Any = ..., profiler: Any = ...) -> Any:
    """Gathers the graphs of functions that are traced from now on, for trace_export; with `profiler` also a profile of what runs (tf.profiler.experimental)."""

def write(tag: Any, tensor: Any, step: Any = ..., metadata: Any = ..., name: Any = ...) -> Any:
    """Any tensor, or what a callable gives, for the plugin that `metadata` (a SummaryMetadata message, or its bytes) names."""
