# In: replay programs (programs/*.py), a module with TensorFlow's API. Out: their results, as JSON.
# The recorder runs this on TensorFlow 2.9.0, the test on Ninefold: NumPy alone, Python 3.9.
"""Replay cases: small programs whose results TensorFlow 2.9.0 recorded and Ninefold must repeat.

A program file holds cases:

    from replay import case

    @case("dense-dropout-adam", seed=7, exact=("weights*",))
    def _(tf):
        model = ...
        return {"weights": first, "loss": history.history["loss"]}

Every case runs in a process of its own, after tf.keras.utils.set_random_seed(seed). The keys that
match a pattern of `exact` must agree to the last bit, whatever is not a float always does. Floats
agree within max(tolerance * max(1, |recorded|), 3 * spread), where the spread is how far TensorFlow
itself moves over oneDNN on and off and one and two threads.
"""
import base64
import contextlib
import fnmatch
import gzip
import hashlib
import importlib
import importlib.util
import io
import pathlib
import re
import sys
import zlib

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = HERE / "programs"
DATA = HERE.parent / "data"
RECORDED = DATA / "replay"

_cases = {}


class Case:
    def __init__(self, name, body, seed, exact, tolerance, replicas):
        self.name, self.body, self.seed = name, body, seed
        self.exact, self.tolerance, self.replicas = exact, tolerance, replicas

    def is_exact(self, key):
        return any(fnmatch.fnmatchcase(key, pattern) for pattern in self.exact)


def case(name, seed=7, exact=(), tolerance=1e-4, replicas=1):
    """Registers a case. `replicas` is part of the recording: Dropout differs by replica."""
    def register(body):
        if name in _cases:
            raise ValueError(f"case {name}: the name is taken")
        _cases[name] = Case(name, body, seed, tuple(exact), tolerance, replicas)
        return body
    return register


def programs():
    return sorted(path.stem for path in PROGRAMS.glob("*.py"))


def load(program):
    """The cases of a program file, by name, in the order written."""
    _cases.clear()
    spec = importlib.util.spec_from_file_location(f"replay_{program}", PROGRAMS / f"{program}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # AutoGraph looks a function's module up by name
    spec.loader.exec_module(module)
    return dict(_cases)


def digest(program):
    """Hash of a program's lines without blanks and comments: a recording belongs to one text."""
    lines = (PROGRAMS / f"{program}.py").read_text().splitlines()
    kept = [line for line in lines if line.strip() and not line.strip().startswith("#")]
    return hashlib.sha256("\n".join(kept).encode()).hexdigest()[:16]


# What programs use.

def digits():
    """The 1,797 UCI digits: x float32 [n, 8, 8, 1] in 0..1, y int64 [n]."""
    with gzip.open(HERE.parents[1] / "examples" / "data" / "digits.csv.gz", "rt") as file:
        table = np.loadtxt(file, delimiter=",")
    images = (table[:, :64].reshape(-1, 8, 8, 1) / 16).astype(np.float32)
    return images, table[:, 64].astype(np.int64)


class Text(str):
    """Text for people: decimal numbers in it are compared as numbers, all else literally."""


class Fault:
    """An exception that a program provoked; `literal`: its message is compared too."""
    def __init__(self, exception, literal):
        self.name = type(exception).__name__
        self.message, self.literal = last_section(str(exception)), literal


def last_section(message):
    """A message from inside a traced function, without the lines of source that precede it."""
    if not message.startswith("in user code:"):
        return message
    tail = re.split(r"\n    (?=[A-Za-z]*(?:Error|Exception): )", message)[-1]
    return re.sub(r"^[A-Za-z]*(?:Error|Exception): ", "", tail).strip()


def fault(call, literal=True):
    """Runs call(), which must raise; any exception counts, its class and text are the result."""
    try:
        result = call()
    except Exception as exception:
        return Fault(exception, literal)
    return f"no exception: {type(result).__name__}"


@contextlib.contextmanager
def printed():
    """Collects what is written to sys.stdout; `.text` afterwards is mask() of it."""
    class Sink(io.StringIO):
        text = ""
    sink = Sink()
    with contextlib.redirect_stdout(sink):
        yield sink
    sink.text = mask(sink.getvalue())


def mask(raw):
    """The last state of each progress line; how many states were drawn depends on the time."""
    lines = [re.split(r"\x08*\r", line)[-1].rstrip(" ") for line in raw.split("\n")]
    text = "\n".join(lines)
    text = re.sub(r"\b\d+(s|ms|us)/(step|epoch)\b", r"<t>/\2", text)
    return Text(re.sub(r" - \d+s\b", " - <t>", text))


# Values as JSON and back.

def encode(value):
    if hasattr(value, "to_list"):  # a ragged tensor
        value = value.to_list()
    if hasattr(value, "numpy") and callable(value.numpy):
        value = value.numpy()
    if isinstance(value, Fault):
        return {"fault": value.name, "message": value.message, "literal": value.literal}
    if isinstance(value, Text):
        return {"text": str(value)}
    if value is None or isinstance(value, (bool, int, str)):
        return {"value": value}
    if isinstance(value, bytes):
        return {"bytes": value.decode("latin1")}
    if isinstance(value, float) and not isinstance(value, np.floating):
        return {"float": repr(value)}
    if isinstance(value, dict):
        return {"dict": {str(key): encode(item) for key, item in value.items()}}
    if isinstance(value, (list, tuple)):
        if value and all(type(item) is float for item in value):
            return {"floats": [repr(item) for item in value]}
        return {"list": [encode(item) for item in value]}
    if isinstance(value, (np.ndarray, np.generic)):
        return encode_array(np.asarray(value))
    raise TypeError(f"replay: a result of type {type(value).__name__} cannot be stored; "
                    "give arrays, tensors, numbers, strings, or lists and dicts of them")


def encode_array(array):
    name = array.dtype.name
    if name == "object" or array.dtype.kind in "SU":
        flat = [x.decode("latin1") if isinstance(x, bytes) else str(x) for x in array.ravel()]
        return {"array": "string", "shape": list(array.shape), "values": flat}
    if name == "bfloat16":
        array = array.astype(np.float32)
    result = {"array": name, "shape": list(array.shape)}
    if array.size <= 48 and array.dtype.kind != "c":
        result["values"] = [repr(x) if isinstance(x, float) else x for x in array.ravel().tolist()]
    else:
        packed = zlib.compress(np.ascontiguousarray(array).tobytes(), 9)
        result["packed"] = base64.b64encode(packed).decode()
    return result


def decode_array(stored):
    if stored["array"] == "string":
        return np.array(stored["values"], dtype=object).reshape(stored["shape"])
    dtype = np.dtype("float32" if stored["array"] == "bfloat16" else stored["array"])
    if "values" in stored:
        values = [float(x) if isinstance(x, str) else x for x in stored["values"]]
        return np.array(values, dtype).reshape(stored["shape"])
    raw = zlib.decompress(base64.b64decode(stored["packed"]))
    return np.frombuffer(raw, dtype).reshape(stored["shape"])


def flatten(stored, key=""):
    """Leaves of a stored value with their keys: history/loss, weights/0."""
    inside = stored.get("dict") if isinstance(stored, dict) else None
    if inside is None and "list" in stored:
        inside = {str(i): item for i, item in enumerate(stored["list"])}
    if inside is None:
        return {key: stored}
    leaves = {}
    if not inside:
        leaves[key] = {"value": "empty " + ("dict" if "dict" in stored else "list")}
    for name, item in inside.items():
        leaves.update(flatten(item, f"{key}/{name}" if key else name))
    return leaves


def floats(stored):
    """The floats of a leaf as a float64 array, or None where it holds something discrete."""
    if "float" in stored:
        return np.array(float(stored["float"]))
    if "floats" in stored:
        return np.array([float(x) for x in stored["floats"]])
    if "array" in stored and stored["array"] != "string":
        array = decode_array(stored)
        if array.dtype.kind == "f":
            return array.astype(np.float64)
        if array.dtype.kind == "c":
            return np.stack([array.real, array.imag]).astype(np.float64)
    if "text" in stored:
        return np.array([float(x) for x in NUMBER.findall(stored["text"])])
    return None


NUMBER = re.compile(r"-?\d+\.\d+(?:e[+-]\d+)?")


def kind(stored):
    """All of a leaf but its floats: type, dtype, shape, text. Two leaves must agree in it."""
    if "float" in stored:
        return "float"
    if "floats" in stored:
        return f"list of {len(stored['floats'])} floats"
    if "array" in stored:
        return f"{stored['array']} array of shape {stored['shape']}"
    if "text" in stored:
        return NUMBER.sub("<n>", stored["text"])
    if "fault" in stored:
        return f"{stored['fault']}: {stored['message']}" if stored["literal"] else stored["fault"]
    return repr(stored)


def spread(runs):
    """How far the floats of each leaf move over several runs: {key: largest distance}, no zeros.
    Raises ValueError where something discrete differs: such a key is no test."""
    result = {}
    leaves = [flatten(run) for run in runs]
    for key in leaves[0]:
        for other in leaves[1:]:
            if key not in other or kind(other[key]) != kind(leaves[0][key]):
                raise ValueError(f"{key}: {kind(leaves[0][key])} in one run, "
                                 f"{kind(other[key]) if key in other else 'absent'} in another")
        values = [floats(run[key]) for run in leaves]
        if values[0] is None:
            if any(run[key] != leaves[0][key] for run in leaves):
                raise ValueError(f"{key}: differs from run to run and is no float")
            continue
        finite = [np.where(np.isfinite(v), v, 0.0) for v in values]
        moved = float(np.max(np.max(finite, 0) - np.min(finite, 0))) if values[0].size else 0.0
        if moved:
            result[key] = moved
    return result


def compare(case, recorded, got):
    """Every disagreement of a result with its recording, a line each."""
    wanted, found = flatten(recorded["values"]), flatten(got)
    faults = [f"{key}: recorded, but absent now" for key in wanted if key not in found]
    faults += [f"{key}: not in the recording" for key in found if key not in wanted]
    for key in wanted:
        if key in found:
            moved = recorded["spread"].get(key, 0.0)
            line = compare_leaf(case, wanted[key], found[key], moved, key)
            faults += [f"{key}: {line}"] if line else []
    return faults


def compare_leaf(case, wanted, found, spread, key):
    if kind(wanted) != kind(found):
        return f"TensorFlow {kind(wanted)}\n      ninefold   {kind(found)}"
    a, b = floats(wanted), floats(found)
    if a is None:
        if "array" in wanted:
            a, b = decode_array(wanted), decode_array(found)
            different = np.argwhere(a != b)
            if not len(different):
                return None
            at = tuple(int(i) for i in different[0])
            return (f"{len(different)} of {a.size} differ, first at {list(at)}: "
                    f"TensorFlow {a[at]}, ninefold {b[at]}")
        same = "fault" in wanted or wanted == found
        return None if same else f"TensorFlow {wanted}, ninefold {found}"
    if case.is_exact(key):
        allowed = np.zeros_like(a)
    else:
        allowed = np.maximum(case.tolerance * np.maximum(1.0, np.abs(a)), 3 * spread)
        if "text" in wanted:  # printed with four digits: a neighbour in the last is the same
            allowed = np.maximum(allowed, 1.01e-4)
    with np.errstate(invalid="ignore"):
        bad = ~((np.abs(a - b) <= allowed) | (a == b) | (np.isnan(a) & np.isnan(b)))
    if not bad.any():
        return None
    at = tuple(int(i) for i in np.argwhere(bad)[0])
    worst = np.max(np.abs(a - b)[bad])
    return (f"{int(bad.sum())} of {a.size} differ, first at {list(at)}: TensorFlow {float(a[at])!r}, "
            f"ninefold {float(b[at])!r}, allowed {float(np.asarray(allowed)[at]):.3g}; "
            f"largest distance {worst:.3g}")


def run(case, tf):
    """One case in this process; an exception that leaves it is a result too."""
    tf.keras.utils.set_random_seed(case.seed)
    try:
        return encode(case.body(tf))
    except Exception as exception:
        if type(exception) is TypeError and str(exception).startswith("replay: "):
            raise
        return {"dict": {"raised": encode(Fault(exception, literal=True))}}


def module(name):
    """The module that speaks TensorFlow's API; programs must import nothing else of it. Ninefold comes
    as users have it: under the name tensorflow."""
    if name == "ninefold":
        importlib.import_module("ninefold.alias").install()
        name = "tensorflow"
    return importlib.import_module(name)
