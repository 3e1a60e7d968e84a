# In: the public names of the package and a seed. Out: calls of them, and of the methods of what they give, with arguments that
# nobody expects; each must end in a value or in an exception, never in the end of the process, a hang or an error of the binding.
#
#   PYTHONPATH=build/release/python .venv/bin/python tests/fuzz/calls.py --minutes 10
#   ... calls.py --seed 7 --only keras.layers            names that begin so; the same seed makes the same calls
#
# Calls are made in processes of their own, a few hundred each; what one was doing when it ended is what is shown.
import argparse
import inspect
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import types
import warnings

PATIENCE, ROOM = 20, 6 << 30        # CPU seconds that one call may take; bytes that a process may take
ROUND = 300                         # calls from public names in a process
# Names that wait for somebody, take from the network, end the program, or change for good how all that follows computes.
LEFT_OUT = ("app.run", "test.main", "Server", "service", "load_data", "get_file", "get_word_index", "applications", "gfile", "profiler",
            "run_functions_eagerly", "set_floatx", "set_image_data_format", "set_learning_phase", "numpy_function", "py_function",
            "Enqueuer", "summary", "enable_", "disable_", "flags", "config.set", "write_file", "image_dataset", "text_dataset")
# Data without an end: going through it all takes for ever, as it should.
ENDLESS = ("Counter", "repeat", "RandomDataset", "Dataset.random", "sample_from_datasets", "choose_from_datasets", "from_generator")
# What such parameters are mostly given, so that calls get further than to the first check.
USUAL = {
    "dtype": ("float32", "int32", "string", None), "axis": (0, 1, -1, -2, 5, None, [0, 1]), "training": (True, False, None),
    "shape": ([2, 3], [], [-1], [0], [2, -1], (2, 2 ** 31), [1, 2, 3, 4]), "padding": ("same", "valid", "causal", "x", 1),
    "data_format": ("channels_last", "channels_first", "NHWC"), "name": (None, "n"), "units": (1, 3, 0, -1), "depth": (3, 0, -1),
    "filters": (1, 3, 0, -2), "kernel_size": (1, 2, (2, 2), 0, -1, 9), "strides": (1, 2, (1, 2), 0, -1, [1, 1, 1, 1]),
    "activation": ("relu", None, "softmax", "x"), "num_classes": (0, 1, 3, -1), "k": (0, 1, 2, 5, -1), "seed": (1, None, [1, 2])}


def values(tf, np):
    """Makers of odd arguments."""
    L = tf.keras.layers
    plain = [None, True, False, 0, -1, 1, 2, -7, 2 ** 31, -2 ** 31, 2 ** 62, -2 ** 63, 10 ** 6, 1.5, float("nan"), float("inf"), "", "a",
             "same", "float32", b"\xff", "channels_last", (), (1,), (2, 3), slice(0, 2), int, tf.float32, tf.string]
    made = [
        list, dict, object, lambda: [1, 2], lambda: [-1], lambda: [[1., 2.], [3., 4.]], lambda: {"a": 1}, lambda: [[], []],
        lambda: [None, 3], lambda: [[1], [2, 3]], lambda: (lambda x: x), lambda: (lambda *a, **k: a[0]), lambda: (lambda: 1),
        lambda: np.zeros((0,)), lambda: np.zeros((0, 3), "f"), lambda: np.ones((2, 3), "f"), lambda: np.arange(6, dtype="i4"),
        lambda: np.ones((1, 4, 4, 3), "f"), lambda: np.ones((2, 5, 3), "f"), lambda: np.array([True, False]),
        lambda: np.array(["a", "b"]), lambda: np.array([1, "a", None], object), lambda: np.ones((2, 2), "complex64"),
        lambda: np.float32(2), lambda: np.ones((1, 3, 4, 4, 2), "f"), lambda: np.ones((2, 3), "float16"),
        lambda: tf.constant(1), lambda: tf.constant([1., 2., 3.]), lambda: tf.ones((2, 3)), lambda: tf.ones((3, 3)), lambda: tf.ones((2, 0)),
        lambda: tf.constant([b"a", b""]), lambda: tf.constant([[0, 1], [1, 0]], tf.int64), lambda: tf.constant(2 ** 62),
        lambda: tf.cast([[1., 2.]], tf.bfloat16), lambda: tf.constant([True, False]), lambda: tf.Variable([1., 2.]), lambda: tf.Variable(1),
        lambda: tf.ragged.constant([[1, 2], [3]]), lambda: tf.ragged.constant([[[1.], []], []]),
        lambda: tf.sparse.from_dense([[0, 1.], [2., 0]]),
        lambda: tf.IndexedSlices(tf.ones((2, 3)), tf.constant([0, 5]), tf.constant([3, 3])),
        lambda: tf.TensorShape(None), lambda: tf.TensorShape([None, 3]), lambda: tf.TensorSpec([2, 3]), lambda: tf.TensorSpec(None, tf.int32),
        lambda: tf.keras.Input((3,)), lambda: tf.keras.Input((4, 4, 3)), lambda: L.Dense(2), lambda: L.LSTMCell(2), lambda: L.LSTM(2),
        lambda: tf.keras.Sequential([L.Dense(2)]), lambda: tf.keras.Sequential([L.Dense(2, input_shape=(3,))]),
        lambda: tf.data.Dataset.range(3), lambda: tf.data.Dataset.from_tensor_slices(np.ones((4, 3), "f")).batch(2),
        tf.keras.optimizers.Adam, tf.keras.losses.MeanSquaredError, tf.keras.metrics.Mean, tf.keras.initializers.Zeros,
        tf.GradientTape, tf.Module, lambda: tf.function(lambda x: x), lambda: tf.TensorArray(tf.float32, 3), lambda: tf.train.Example(),
        lambda: tf.random.Generator.from_seed(1), lambda: tf.lookup.experimental.DenseHashTable(tf.int64, tf.int64, 0, -1, -2)]
    return [lambda v=v: v for v in plain] + made


def public(module, only):
    """[(name, function or class)] of a package's public names, each object once."""
    found, seen, waiting = [], set(), [(module, "")]
    while waiting:
        space, prefix = waiting.pop(0)
        for name in sorted(n for n in dir(space) if not n.startswith("_")):
            thing, path = getattr(space, name, None), prefix + name
            if id(thing) in seen or any(part in path for part in LEFT_OUT):
                continue
            if isinstance(thing, types.ModuleType):
                if (thing.__name__ + ".").startswith(module.__name__ + ".") and "._" not in thing.__name__:
                    seen.add(id(thing))
                    waiting.append((thing, path + "."))
            elif callable(thing) and path.startswith(only):
                seen.add(id(thing))
                found.append((path, thing))
    return found


def shown(value):
    try:
        return " ".join(repr(value).split())[:90]
    except Exception as error:
        return f"<its repr: {type(error).__name__}>"


class Caller:
    """Makes calls; `now` holds what the present one is, `faults` is where errors of the binding are written."""

    def __init__(self, tf, np, rng, now, faults):
        self.tf, self.np, self.rng, self.now, self.faults, self.makers = tf, np, rng, now, faults, values(tf, np)

    def value(self, parameter):
        if parameter in USUAL and self.rng.random() < 0.6:
            return self.rng.choice(USUAL[parameter])
        return self.rng.choice(self.makers)()

    def arguments(self, function):
        try:
            parameters = inspect.signature(function).parameters.values()
        except (TypeError, ValueError):
            return [self.rng.choice(self.makers)() for _ in range(self.rng.randrange(4))], {}
        given, named = [], {}
        for p in parameters:
            if p.kind is p.VAR_POSITIONAL and not named:
                given += [self.value("") for _ in range(self.rng.randrange(3))]
            elif p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
                continue
            elif p.default is p.empty and p.kind is not p.KEYWORD_ONLY and not named:
                given.append(self.value(p.name))
            elif p.kind is not p.POSITIONAL_ONLY and (p.default is p.empty or self.rng.random() < 0.25):
                named[p.name] = self.value(p.name)
        return given, named

    def call(self, name, function):
        given, named = self.arguments(function)
        text = f"{name}({', '.join([shown(v) for v in given] + [f'{k}={shown(v)}' for k, v in named.items()])})"
        self.now.seek(0)
        self.now.write(text.encode("utf-8", "replace")[:2000].ljust(2000))
        self.now.flush()
        endless = any(part in text for part in ENDLESS)
        signal.setitimer(signal.ITIMER_PROF, 0 if endless else PATIENCE)
        signal.alarm(5 if endless else 0)
        try:
            result = function(*given, **named)
            shown(result)
            return result
        except SystemError as error:
            print(f"{text}: SystemError: {error}", file=self.faults, flush=True)
        except BaseException:
            return None
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.alarm(0)

    def go_on(self, name, thing):
        """Calls methods of what a call gave, and of what they give."""
        for _ in range(3):
            if thing is None or isinstance(thing, (int, float, str, bytes, list, tuple, dict, self.np.ndarray)):
                return
            methods = [m for m in dir(thing) if not m.startswith("_")] + ["__call__"] * isinstance(thing, self.tf.Module)
            method = self.rng.choice(methods) if methods else ""
            try:
                function = getattr(thing, method)
            except Exception:
                continue
            if callable(function):
                result = self.call(f"{name} -> {shown(thing)}.{method}", function)
                thing = result if result is not None and self.rng.random() < 0.3 else thing


def work(seed, only, now, faults):
    warnings.simplefilter("ignore")
    import ninefold as tf
    import numpy as np
    tf.get_logger().setLevel("ERROR")
    resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))

    def interrupted(*_):
        raise KeyboardInterrupt
    signal.signal(signal.SIGALRM, interrupted)
    names = public(tf, only)
    with open(now, "wb") as at, open(faults, "a") as into, tempfile.TemporaryDirectory(prefix="calls") as folder:
        os.chdir(folder)
        caller = Caller(tf, np, random.Random(seed), at, into)
        for _ in range(ROUND):
            name, thing = caller.rng.choice(names)
            caller.go_on(name, caller.call(name, thing))
        os.chdir("/")
    os._exit(0)


def run(seconds, seed, only="", processes=None):
    """Calls for that many CPU seconds, or in that many processes, which are the same calls on every machine; returns the faults."""
    faults, count = [], 0
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = used.ru_utime + used.ru_stime
    with tempfile.TemporaryDirectory(prefix="calls") as folder:
        now, odd = os.path.join(folder, "now"), os.path.join(folder, "odd")
        while True:
            code = subprocess.call([sys.executable, os.path.abspath(__file__), "--work", f"{seed}.{count}", "--only", only, now, odd],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            count += 1
            if code:
                with open(now, "rb") as file:
                    what = file.read().decode("utf-8", "replace").strip()
                said = (f"took more than {PATIENCE} s" if code == -signal.SIGPROF else
                        f"ended the process: {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}")
                faults.append(f"{what}: {said}")
                print(faults[-1], flush=True)
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            if count >= processes if processes else used.ru_utime + used.ru_stime - began >= seconds:
                break
        if os.path.exists(odd):
            with open(odd) as file:
                faults += file.read().splitlines()
    print(f"calls: {count} processes of {ROUND} names each, {len(faults)} faults, {used.ru_utime + used.ru_stime - began:.0f} CPU seconds")
    return faults


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="calls of public names with odd arguments; see the top of the file")
    parser.add_argument("--minutes", type=float, default=0.5, help="CPU minutes")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", default="", help="names that begin so, without the package's")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    parser.add_argument("files", nargs="*", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        work(given.work, given.only, *given.files)
    found = run(given.minutes * 60, given.seed, given.only)
    print("\n".join(found))
    sys.exit(1 if found else 0)
