# In: a folder, spans that a program marks. Out: tf.profiler.experimental; the engine records and writes (include/ninefold/profiler.h).
import collections
import os
import re
import sys
import threading

from . import export, faults
from .. import _core

_python_calls = None       # the tracer of Python's calls, while a session asked for one


@export("profiler.experimental.ProfilerOptions")
class ProfilerOptions(collections.namedtuple(
        "ProfilerOptions", ["host_tracer_level", "python_tracer_level", "device_tracer_level", "delay_ms"])):
    """How much is recorded. host_tracer_level: 0 nothing of the host, 1 steps, functions and waits, 2 also ops, 3 also their
    shapes; python_tracer_level: 1 for every call of Python's functions, which makes them slow; device_tracer_level: 0 for
    nothing of GPUs; delay_ms: from when on something is kept."""

    def __new__(cls, host_tracer_level=2, python_tracer_level=0, device_tracer_level=1, delay_ms=None):
        return super().__new__(cls, host_tracer_level, python_tracer_level, device_tracer_level, delay_ms)


class _PythonCalls:
    """Spans of the calls of Python's functions: one stack a thread."""

    def __init__(self):
        self._stacks = threading.local()

    def __call__(self, frame, event, argument):
        if event == "call":
            code = frame.f_code
            name = f"${os.path.basename(code.co_filename)}:{code.co_firstlineno} {code.co_name}"
            self._stack().append((frame, _core.profiler.Trace(name)))
        elif event == "return":
            stack = self._stack()
            while stack and stack[-1][0] is frame:
                stack.pop()[1].end()

    def _stack(self):
        try:
            return self._stacks.all
        except AttributeError:
            self._stacks.all = []
            return self._stacks.all

    def start(self):
        threading.setprofile(self)
        sys.setprofile(self)

    def stop(self):
        sys.setprofile(None)
        threading.setprofile(None)
        for _, span in reversed(self._stack()):
            span.end()


@export("profiler.experimental.start")
def start(logdir, options=None):
    """Records from now on what the program does; `stop` writes it below `logdir`. `options`: ProfilerOptions. Raises
    AlreadyExistsError if a profiler is running."""
    global _python_calls
    given = dict(options._asdict()) if options is not None else {}
    _core.profiler.start(os.fspath(logdir), given.get("host_tracer_level", 2), given.get("device_tracer_level", 1),
                         given.get("delay_ms") or 0)
    if given.get("python_tracer_level"):
        _python_calls = _PythonCalls()
        _python_calls.start()


def _end_python_calls():
    global _python_calls
    if _python_calls is not None:
        _python_calls.stop()
        _python_calls = None


@export("profiler.experimental.stop")
def stop(save=True):
    """Ends recording. Writes logdir/plugins/profile/<time>/<host>.xplane.pb for TensorBoard, .trace.json.gz for Perfetto and
    chrome://tracing, and .steps.txt, where the time of each step went; nothing if `save` is false. Raises UnavailableError if
    no profiler is running, errors of files if `logdir` cannot be written."""
    _end_python_calls()
    _core.profiler.stop(bool(save))


def stop_to(logdir):
    """As `stop`, into another folder than `start` was given."""
    _end_python_calls()
    _core.profiler.stop_to(os.fspath(logdir))


@export("profiler.experimental.Profile")
class Profile:
    """Records what a block does: `with tf.profiler.experimental.Profile("logs"):`. Raises what `start` and `stop` raise."""

    def __init__(self, logdir, options=None):
        self._logdir, self._options = logdir, options

    def __enter__(self):
        start(self._logdir, self._options)

    def __exit__(self, kind, value, traceback):
        stop()


@export("profiler.experimental.Trace")
class Trace:
    """A span of the timeline, from where it is made to the end of its block. `Trace("train", step_num=i, _r=1)` is a step:
    TensorBoard counts it, and .steps.txt says where its time went. Costs nothing while no profiler runs."""

    def __init__(self, name, **kwargs):
        self._span = _core.profiler.Trace(name)
        self.set_metadata(**kwargs)

    def __enter__(self):
        return self

    def set_metadata(self, **kwargs):
        """Adds facts: keys and values that become text."""
        for key, value in kwargs.items():
            self._span.set(key, str(value))

    def __exit__(self, kind, value, traceback):
        self._span.end()


def _no_service(what):
    return NotImplementedError(f"{what} speaks gRPC, which Ninefold does not; record in the program itself: "
                               "tf.profiler.experimental.start(logdir) and stop(), or TensorBoard(profile_batch=(10, 20))")


@export("profiler.experimental.server.start")
def start_server(port):
    """Raises NotImplementedError: profiles are not served by gRPC."""
    raise _no_service("profiler.experimental.server.start")


@export("profiler.experimental.client.trace")
def trace(service_addr, logdir, duration_ms, worker_list="", num_tracing_attempts=3, options=None):
    """Raises NotImplementedError: there is no gRPC client. InvalidArgumentError for a duration or an address that is none."""
    if duration_ms <= 0:
        raise faults.ERRORS[3](None, None, "duration_ms must be greater than zero.")
    for address in service_addr.split(","):
        address = address[len("grpc://"):] if address.startswith("grpc://") else address
        if not re.fullmatch(r"[^:]+:\d+", address):
            raise faults.ERRORS[3](None, None, f'Could not interpret "{address}" as a host-port pair.')
    raise _no_service("profiler.experimental.client.trace")


@export("profiler.experimental.client.monitor")
def monitor(service_addr, duration_ms, level=1):
    """Raises NotImplementedError: there is no gRPC client."""
    raise _no_service("profiler.experimental.client.monitor")
