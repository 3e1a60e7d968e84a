# In: values with names and steps. Out: tf.summary: event files for TensorBoard; the engine writes them (include/ninefold/io.h).
import atexit
import contextlib
import itertools
import os
import threading

from . import context, export, function, graph_def, host, logs
from . import profiler as _profiler
from .faults import ERRORS
from .variable import Variable
from .. import _core


class _State(threading.local):
    writer = step = None
    recording = True


_state = _State()


def _false():
    return _core.convert(False)


# ---- writers ----

@export("summary.SummaryWriter")
class SummaryWriter:
    """Where summaries go: `with writer.as_default(): tf.summary.scalar(...)`. Made by create_file_writer."""

    def set_as_default(self, step=None):
        """Makes it the writer of this thread, and `step` the step, from now on."""
        _state.writer = self
        if step is not None:
            _state.step = step

    @contextlib.contextmanager
    def as_default(self, step=None):
        """Makes it the writer of this thread within a block; flushes it at the block's end."""
        before, old_step = _state.writer, _state.step
        self.set_as_default(step)
        try:
            yield self
        finally:
            self.flush()
            _state.writer = before
            if step is not None:
                _state.step = old_step

    def init(self):
        raise NotImplementedError()

    def flush(self):
        raise NotImplementedError()

    def close(self):
        raise NotImplementedError()


# The engine's writers by number: a function that writes summaries knows the number, so that it keeps no file open.
_open_files = {}
_numbers = itertools.count()
atexit.register(_open_files.clear)


class _ResourceSummaryWriter(SummaryWriter):
    __module__ = "tensorflow.python.ops.summary_ops_v2"     # as it prints itself

    def __init__(self, arguments):
        self._number, self._closed, self._lock = next(_numbers), False, threading.Lock()
        _open_files[self._number] = self._engine = _core.records.SummaryWriter(*arguments)

    def __del__(self):
        _open_files.pop(self.__dict__.get("_number"), None)

    def _open(self):
        if self._closed:
            raise RuntimeError(f"SummaryWriter {self!r} is already closed")
        return self._engine

    def set_as_default(self, step=None):
        self._open()
        super().set_as_default(step)

    def init(self):
        """Nothing to do: the file was begun when the writer was made."""

    def flush(self):
        if not self._closed:
            if _core.executing_eagerly():
                self._engine.flush()
            else:
                number = self._number
                host.py_function(lambda: _open_files[number].flush() if number in _open_files else None, [], [])

    def close(self):
        """Writes what waits; a closed writer takes no more summaries."""
        with self._lock:
            if not self._closed:
                self._engine.close()
                self._closed = True
                _open_files.pop(self._number, None)


class _NoopSummaryWriter(SummaryWriter):
    __module__ = "tensorflow.python.ops.summary_ops_v2"

    def set_as_default(self, step=None):
        if step is not None:
            _state.step = step

    @contextlib.contextmanager
    def as_default(self, step=None):
        yield self

    def init(self):
        pass

    flush = close = init


def _python(value, name):
    if value is None:
        return None
    if _core.is_symbolic(value):
        raise ValueError(f"Invalid graph Tensor argument \"{name}={value}\" to create_file_writer() inside an @tf.function. The "
                         "create call will be lifted into the outer eager execution context, so it cannot consume graph tensors "
                         "defined inside the function body.")
    return value.numpy() if _core.is_tensor(value) or isinstance(value, Variable) else value


@export("summary.create_file_writer")
def create_file_writer(logdir, max_queue=None, flush_millis=None, filename_suffix=None, name=None, experimental_trackable=False):
    """A writer of event files in a folder, which is made."""
    if logdir is None:
        raise ValueError("Argument `logdir` cannot be None")
    if experimental_trackable:
        raise NotImplementedError("create_file_writer: a writer is no part of a SavedModel here; expected experimental_trackable=False")
    folder, queue, millis, suffix = (_python(v, n) for v, n in (
        (logdir, "logdir"), (max_queue, "max_queue"), (flush_millis, "flush_millis"), (filename_suffix, "filename_suffix")))
    if not isinstance(folder, bytes):
        folder = os.fspath(folder)
    text = [v.decode() if isinstance(v, bytes) else v for v in (folder, ".v2" if suffix is None else suffix)]
    return _ResourceSummaryWriter((text[0], 10 if queue is None else int(queue), 120000 if millis is None else int(millis), text[1]))


@export("summary.create_noop_writer")
def create_noop_writer():
    """A writer that writes nothing."""
    return _NoopSummaryWriter()


@export("summary.flush")
def flush(writer=None, name=None):
    """Writes what waits in a writer, or in the one of this thread."""
    writer = _state.writer if writer is None else writer
    if writer is None:
        return
    if not isinstance(writer, SummaryWriter):
        raise ValueError("Invalid argument to flush(): %r" % (writer,))
    writer.flush()


# ---- steps and conditions ----

@export("summary.experimental.get_step")
def get_step():
    """The step of this thread, or None."""
    return _state.step


@export("summary.experimental.set_step")
def set_step(step):
    """Sets the step of this thread; a variable is read whenever something is written."""
    _state.step = step


@export("summary.record_if")
@contextlib.contextmanager
def record_if(condition):
    """Records summaries within the block only where the condition holds: a bool, a tensor, or a callable that gives one."""
    before, _state.recording = _state.recording, condition
    try:
        yield
    finally:
        _state.recording = before


@export("summary.should_record_summaries")
def should_record_summaries():
    """True iff this thread has a writer and the condition of record_if holds."""
    if _state.writer is None:
        return _false()
    condition = _state.recording
    return _core.convert(condition() if callable(condition) else condition, "bool")


@export("summary.experimental.summary_scope")
@contextlib.contextmanager
def summary_scope(name, default_name="summary", values=None):
    """(the tag: the name after the scopes around it, the scope)."""
    name = name or default_name
    tag = context.scope_name() + name
    with context.name_scope(name.replace(" ", "_")) as scope:
        yield tag, scope


# ---- what is written ----

def _record(step, values, write):
    """write(engine's writer, step, values) if summaries are recorded, now or when the function runs; a bool tensor."""
    writer = _state.writer
    if writer is None:
        return _false()
    recorded = should_record_summaries()
    if not _core.is_symbolic(recorded) and not bool(recorded):
        return recorded
    step = get_step() if step is None else step
    if step is None:
        raise ValueError("No step set. Please specify one either through the `step` argument or through "
                         "tf.summary.experimental.set_step()")
    at = _core.function_named("tf.cast")(step, "int64")
    values = [_core.convert(v) for v in values]
    if _core.executing_eagerly():
        write(writer._open(), int(at), values)
        return _core.convert(True)

    writer._open()
    number = writer._number

    def run(at, *values):
        if number not in _open_files:
            raise RuntimeError("summary: the writer that this function was traced with is closed or gone")
        write(_open_files[number], int(at), values)
        return True

    def record():
        return host.py_function(run, [at, *values], "bool")
    if not _core.is_symbolic(recorded):
        return record()
    from .control_flow import cond
    return cond(recorded, record, _false)


@export("summary.scalar")
def scalar(name, data, step=None, description=None):
    """A number. Returns a bool tensor: whether it was recorded."""
    with summary_scope(name, "scalar_summary") as (tag, _):
        number = _core.function_named("tf.cast")(data, "float32")
        if number.shape.rank not in (0, None):
            raise ValueError(f"summary.scalar: expected a scalar, got shape {number.shape}")
        return _record(step, [number], lambda w, at, v: w.write(tag, v[0], at, "scalars", b"", "", description or ""))


@export("summary.histogram")
def histogram(name, data, step=None, buckets=None, description=None):
    """How often values lie in each of `buckets` (30) ranges of equal width."""
    with summary_scope(name, "histogram_summary") as (tag, _):
        count = 30 if buckets is None else buckets
        return _record(step, [data, count], lambda w, at, v: w.histogram(tag, v[0], at, int(v[1]), description or ""))


@export("summary.image")
def image(name, data, step=None, max_outputs=3, description=None):
    """Pictures [k, height, width, channels], the first `max_outputs` of them, as PNG."""
    with summary_scope(name, "image_summary") as (tag, _):
        return _record(step, [data, max_outputs], lambda w, at, v: w.image(tag, v[0], at, int(v[1]), description or ""))


@export("summary.audio")
def audio(name, data, sample_rate, step=None, max_outputs=3, encoding=None, description=None):
    """Sounds [k, frames, channels] with samples in [-1, 1], as WAV."""
    if encoding not in (None, "wav"):
        raise ValueError("Unknown encoding: %r" % encoding)
    with summary_scope(name, "audio_summary") as (tag, _):
        return _record(step, [data, sample_rate, max_outputs],
                       lambda w, at, v: w.audio(tag, v[0], int(v[1]), at, int(v[2]), description or ""))


@export("summary.text")
def text(name, data, step=None, description=None):
    """Text, or a table of text, in Markdown."""
    with summary_scope(name, "text_summary") as (tag, _):
        data = _core.convert(data)
        if data.dtype.name != "string":
            raise TypeError(f"summary.text: expected strings, got {data.dtype!r}")
        return _record(step, [data], lambda w, at, v: w.write(tag, v[0], at, "text", b"", "", description or ""))


@export("summary.write")
def write(tag, tensor, step=None, metadata=None, name=None):
    """Any tensor, or what a callable gives, for the plugin that `metadata` (a SummaryMetadata message, or its bytes) names."""
    if metadata is None:
        said = {}
    else:
        said = metadata.SerializeToString() if hasattr(metadata, "SerializeToString") else metadata
        said = _core.decode_message("SummaryMetadata", said)
    plugin = said.get("plugin_data", {})
    content = plugin.get("content")
    fixed = (plugin.get("plugin_name", ""), content.numpy() if content is not None else b"", said.get("display_name", ""),
             said.get("summary_description", ""))
    if _state.writer is None:
        return _false()
    recorded = should_record_summaries()
    if not _core.is_symbolic(recorded) and not bool(recorded):
        return recorded
    value = tensor() if callable(tensor) and not _core.is_tensor(tensor) and not isinstance(tensor, Variable) else tensor
    return _record(step, [value], lambda w, at, v: w.write(tag, v[0], at, *fixed))


@export("summary.experimental.write_raw_pb")
def write_raw_pb(tensor, step=None, name=None):
    """Summary messages as strings, each an event of its own."""
    def put(writer, at, values):
        import time
        for summary in _core.function_named("tf.reshape")(values[0], [-1]).numpy():
            message = {"wall_time": time.time(), "step": at, "summary": _core.decode_message("Summary", summary)}
            writer.raw(_core.encode_message("Event", message))
    return _record(step, [tensor], put)


@export("summary.graph")
def graph(graph_data):
    """A graph: that of a concrete function, or a tf.compat.v1.GraphDef."""
    if not _core.executing_eagerly():
        raise ValueError("graph() cannot be invoked inside a graph context.")
    if _state.writer is None or not bool(should_record_summaries()):
        return _false()
    if hasattr(graph_data, "as_graph_def"):
        graph_data = graph_data.as_graph_def()
    if not isinstance(graph_data, graph_def.GraphDef):
        raise ValueError("Argument 'graph_data' is not tf.Graph or tf.compat.v1.GraphDef. Received graph_data="
                         f"{graph_data} of type {type(graph_data).__name__}.")
    _state.writer._open().graph(graph_data.SerializeToString(), 0)
    return _core.convert(True)


# ---- traces of functions ----

_tracing = None        # the traces that were made since trace_on, in order
_profiling = False     # trace_on started the profiler, too


@export("summary.trace_on")
def trace_on(graph=True, profiler=False):
    """Gathers the graphs of functions that are traced from now on, for trace_export; with `profiler` also a profile of what
    runs (tf.profiler.experimental)."""
    global _tracing, _profiling
    if not _core.executing_eagerly():
        logs.warn("Cannot enable trace inside a tf.function.")
        return
    if _tracing is not None:
        logs.warn("Trace already enabled")
        return
    if profiler:
        _profiler.start("")
        _profiling = True
    _tracing = []
    function.on_trace.append(_tracing.append)


@export("summary.trace_export")
def trace_export(name, step=None, profiler_outdir=None):
    """Writes the graphs that were gathered since trace_on, and the profile below `profiler_outdir`; ends gathering."""
    if not _core.executing_eagerly():
        logs.warn("Cannot export trace inside a tf.function.")
        return
    if _tracing is None:
        raise ValueError("Must enable trace before export through tf.summary.trace_on.")
    if _profiling and profiler_outdir is None:
        raise ValueError("Argument `profiler_outdir` is not specified.")
    graphs = []
    for concrete in _tracing:
        try:
            graphs.append(concrete.graph.as_graph_def().SerializeToString())
        except ERRORS[12] as error:        # a function that calls Python has no graph to show
            logs.warn(f"summary.trace_export: {concrete.name} is left out: {error.message}")
    rows = [{"partition_graphs": [_string(g)], "pre_optimization_graph": _string(g), "post_optimization_graph": _string(g)}
            for g in graphs]
    data = _core.encode_message("RunMetadata", {"partition_graphs": [_string(g) for g in graphs], "function_graphs": rows})
    with summary_scope(name, "graph_run_metadata_graph") as (tag, _):
        value = _string(data)
        _record(step, [value], lambda w, at, v: w.write(tag, v[0], at, "graph_run_metadata_graph", b"1", "", ""))
    if _profiling:
        _end_profile(profiler_outdir)
    trace_off()


def _end_profile(folder):
    global _profiling
    _profiling = False
    _profiler.stop_to(folder)


@export("summary.trace_off")
def trace_off():
    """Ends gathering, and forgets what was gathered."""
    global _tracing
    if _profiling:
        try:
            _end_profile("")
        except ERRORS[14]:     # somebody else ended it
            pass
    if _tracing is not None:
        function.on_trace[:] = [told for told in function.on_trace if getattr(told, "__self__", None) is not _tracing]
    _tracing = None


def _string(data):
    return _core.convert(data, "string")


# ---- reading ----

class _Message:
    """A message of an event file: its fields as attributes, absent ones with their defaults."""

    def __init__(self, kind, fields, defaults):
        self._kind, self._fields, self._defaults = kind, fields, defaults

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._fields:
            return self._fields[name]
        try:
            return self._defaults[name]
        except KeyError:
            raise AttributeError(f"{self._kind} has no field '{name}'") from None

    def HasField(self, name):
        return name in self._fields

    def __repr__(self):
        return f"{self._kind}({self._fields})"


def _bytes(value):
    return value.numpy() if _core.is_tensor(value) else value


def _value(message):
    fields = dict(message)
    if "metadata" in fields:
        said = dict(fields["metadata"])
        plugin = said.get("plugin_data", {})
        said["plugin_data"] = _Message("PluginData", {k: _bytes(v) for k, v in plugin.items()}, {"plugin_name": "", "content": b""})
        fields["metadata"] = _Message("SummaryMetadata", said, {"display_name": "", "summary_description": "", "data_class": 0})
    if "tensor" in fields:
        fields["tensor"] = _bytes(fields["tensor"])
    return _Message("Summary.Value", fields, {"tag": "", "simple_value": 0.0, "node_name": "", "tensor": b"", "metadata": None})


@export("compat.v1.train.summary_iterator")
def summary_iterator(path):
    """The events of a file: wall_time, step, file_version, graph_def, summary.value[i].tag, .tensor (the bytes of a
    TensorProto), .metadata. Raises DataLossError for a damaged file."""
    reader = _core.records.TFRecordReader(os.fspath(path), "")
    while True:
        record = reader.next()
        if record is None:
            return
        fields = {k: _bytes(v) for k, v in _core.decode_message("Event", record).items()}
        summary = fields.pop("summary", {})
        event = _Message("Event", fields, {"wall_time": 0.0, "step": 0, "file_version": "", "graph_def": b""})
        event.summary = _Message("Summary", {"value": [_value(v) for v in summary.get("value", [])]}, {"value": []})
        yield event
