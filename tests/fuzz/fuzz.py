# In: good files of every kind that the engine reads (tests/data), a corpus of odd ones (tests/data/fuzz) and a seed. Out:
# damaged files, each of which must end in a value or in a clear error; never a crash, a hang, much memory, or an error of ours.
#
#   PYTHONPATH=build/release/python .venv/bin/python tests/fuzz/fuzz.py --minutes 10              ten CPU minutes of each kind
#   ... fuzz.py --minutes 1 --seed 7 checkpoint graph        some kinds; the same seed makes the same files
#   ... fuzz.py --keep                                       files with an outcome of their own join the corpus
#   ... fuzz.py --replay                                     the corpus only; what says the same as another one is named
#
# Each kind runs in a process of its own. What a fault is shown with lies in build/fuzz afterwards: a failing input belongs
# into tests/data/fuzz/KIND, from where it is read at every run.
import argparse
import functools
import hashlib
import os
import random
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA, FOUND = os.path.join(ROOT, "tests", "data"), os.path.join(ROOT, "build", "fuzz")
CORPUS = os.path.join(DATA, "fuzz")
PATIENCE, ROOM = 10, 3 << 30        # CPU seconds that one file may take; bytes that a process may take beside its start
KEPT = 40                           # files at most that join a kind's corpus in one run
# Messages of Python itself: a file made the program stumble.
STUMBLED = re.compile(
    r"object is not (subscriptable|iterable|callable)|unsupported operand|'?NoneType'?|unhashable type|not supported between|"
    r"indices must be|has no len|positional argument|unexpected keyword|values to unpack|invalid literal for|object has no attribute|"
    r"cannot be interpreted as|must be real number|internal(?! nodes)|invariant|std::|basic_string|vector::|map::at")
# Keras' own words for a config that lacks a field or has one too many, which load_model hands on: no stumble, though Python says it so too.
LACKS = re.compile(r"\bTypeError \((?:\w+\.)*__init__\(\) "
                   r"(?:missing \d+ required positional arguments?: '[^)]*|got an unexpected keyword argument '[^)]*)\)")
STUMBLES = (KeyError, IndexError, AttributeError, RecursionError, UnicodeError, MemoryError, ZeroDivisionError, OverflowError,
            StopIteration, SystemError, NameError)


def content(*path):
    with open(os.path.join(DATA, *path), "rb") as file:
        return file.read()


# ---- checksums, so that damage gets past them ----

def _table():
    rows = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
        rows.append(n)
    return rows


_ROWS = _table()


def masked_crc(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _ROWS[(crc ^ byte) & 255] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def framed(data):
    """TFRecord frames with their checksums made right; what is cut off stays cut off."""
    out, at = bytearray(), 0
    while at + 12 <= len(data):
        size = struct.unpack_from("<Q", data, at)[0]
        out += data[at:at + 8] + struct.pack("<I", masked_crc(data[at:at + 8]))
        body = data[at + 12:at + 12 + min(size, len(data))]
        out += body + (struct.pack("<I", masked_crc(body)) if at + 16 + size <= len(data) else b"")
        at += 16 + size
    return bytes(out)


def _varint(data, at):
    value = shift = 0
    while at < len(data):
        value |= (data[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if not data[at - 1] & 128:
            break
    return value, at


def indexed(data):
    """The index of a checkpoint with the checksums of its blocks made right, where its foot still names them."""
    out = bytearray(data)
    at, blocks = max(0, len(data) - 48), [(0, None)]
    for _ in range(2):
        offset, at = _varint(data, at)
        size, at = _varint(data, at)
        blocks.append((offset, size))
    blocks[0] = (0, min(offset for offset, _ in blocks[1:]) - 5)      # one block of data, as in small files
    for offset, size in blocks:
        if size is not None and 0 <= size and offset + size + 5 <= len(out):
            out[offset + size + 1:offset + size + 5] = struct.pack("<I", masked_crc(out[offset:offset + size + 1]))
    return bytes(out)


def lookup3(data):
    """Bob Jenkins' checksum, which HDF5 has since its version 1.8."""
    def turned(x, by):
        return (x << by | x >> 32 - by) & 0xFFFFFFFF
    a = b = c = 0xDEADBEEF + len(data) & 0xFFFFFFFF
    for at in range(0, len(data), 12):
        x, y, z = struct.unpack("<III", bytes(data[at:at + 12]).ljust(12, b"\0"))
        a, b, c = a + x & 0xFFFFFFFF, b + y & 0xFFFFFFFF, c + z & 0xFFFFFFFF
        if at + 12 < len(data):
            a = (a - c & 0xFFFFFFFF) ^ turned(c, 4); c = c + b & 0xFFFFFFFF
            b = (b - a & 0xFFFFFFFF) ^ turned(a, 6); a = a + c & 0xFFFFFFFF
            c = (c - b & 0xFFFFFFFF) ^ turned(b, 8); b = b + a & 0xFFFFFFFF
            a = (a - c & 0xFFFFFFFF) ^ turned(c, 16); c = c + b & 0xFFFFFFFF
            b = (b - a & 0xFFFFFFFF) ^ turned(a, 19); a = a + c & 0xFFFFFFFF
            c = (c - b & 0xFFFFFFFF) ^ turned(b, 4); b = b + a & 0xFFFFFFFF
        else:
            c = (c ^ b) - turned(b, 14) & 0xFFFFFFFF
            a = (a ^ c) - turned(c, 11) & 0xFFFFFFFF
            b = (b ^ a) - turned(a, 25) & 0xFFFFFFFF
            c = (c ^ b) - turned(b, 16) & 0xFFFFFFFF
            a = (a ^ c) - turned(c, 4) & 0xFFFFFFFF
            b = (b ^ a) - turned(a, 14) & 0xFFFFFFFF
            c = (c ^ b) - turned(b, 24) & 0xFFFFFFFF
    return c


# Structures of HDF5: their letters, and the length up to the checksum where it is fixed (addresses and lengths of 8 bytes).
SIGNS = {b"\x89HDF\r\n\x1a\n": 44, b"FRHP": 142, b"BTHD": 34, b"FAHD": 24, b"EAHD": 68, b"OHDR": None, b"OCHK": None, b"BTLF": None,
         b"BTIN": None, b"FHIB": None, b"FADB": None, b"EAIB": None, b"EASB": None, b"EADB": None, b"FHDB": None, b"TREE": None,
         b"SNOD": None, b"HEAP": None, b"GCOL": None}
SIGN = re.compile(b"|".join(re.escape(sign) for sign in SIGNS))


def signed(data, good):
    """An HDF5 file with the checksums of its structures made right. `good`: the undamaged one, which tells how long those
    structures are whose length stands elsewhere (found once, as it takes long)."""
    if good not in _LENGTHS:
        _LENGTHS[good] = _lengths(good)
    out = bytearray(data)
    for match in SIGN.finditer(data):
        at, length = match.start(), SIGNS[match[0]]
        if match[0] == b"OHDR" and len(data) > at + 34:
            width, head = 1 << (data[at + 5] & 3), 6 + (16 if data[at + 5] & 32 else 0) + (4 if data[at + 5] & 16 else 0)
            length = head + width + int.from_bytes(data[at + head:at + head + width], "little")
        elif match[0][0] == 0x89 and (len(data) <= at + 8 or data[at + 8] < 2):
            length = None
        length = length or _LENGTHS[good].get((match[0], at))
        if length and at + length + 4 <= len(out):
            out[at + length:at + length + 4] = struct.pack("<I", lookup3(out[at:at + length]))
    return bytes(out)


_LENGTHS = {}


def _lengths(good):
    found = {}
    for match in SIGN.finditer(good):
        if SIGNS[match[0]] is None and match[0] not in (b"OHDR", b"TREE", b"SNOD", b"HEAP", b"GCOL", b"FHDB"):
            for length in range(6, min(2048, len(good) - match.start() - 3)):
                if struct.pack("<I", lookup3(good[match.start():match.start() + length])) == good[match.start() + length:match.start() + length + 4]:
                    found[match[0], match.start()] = length
                    break
    return found


# ---- the kinds ----

class Kind:
    """One kind of files. `cases`: {name: bytes}; `use(tf, folder, case, data)` reads a file that holds the data. `mend(case, data)`
    makes checksums right. `sign`: a pattern of where structures begin; half of the damage is done near such places."""

    def __init__(self, cases, use, mend=None, sign=None):
        self.cases, self.use, self.mend, self.sign = cases, use, mend, sign


def _put(folder, name, data):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    return path


def _checkpoint_cases():
    return {f"{name}.{part}": content("checkpoints", f"{name}.{end}") for name in ("kinds", "partitioned")
            for part, end in (("index", "index"), ("data", "data-00000-of-00001"))}


def _use_checkpoint(tf, folder, case, data):
    name, part = case.split(".")
    for p, end in (("index", "index"), ("data", "data-00000-of-00001")):
        _put(folder, f"x.{end}", data if p == part else content("checkpoints", f"{name}.{end}"))
    reader = tf.train.load_checkpoint(os.path.join(folder, "x"))
    for key in reader.get_variable_to_shape_map():
        reader.get_tensor(key)
    reader.debug_string()
    module = tf.Module()
    module.a = tf.Variable(1.0)
    tf.train.Checkpoint(module).read(os.path.join(folder, "x")).expect_partial()


SAVED = {"tables": ("tables",), "nested": ("nested",), "dense": ("keras", "dense")}


def _saved_cases():
    found = {f"{name}.model": content("saved_models", *at, "saved_model.pb") for name, at in SAVED.items()}
    found["dense.metadata"] = content("saved_models", "keras", "dense", "keras_metadata.pb")
    return found


def _use_saved(tf, folder, case, data):
    name, part = case.split(".")
    path = os.path.join(folder, "model")
    if not os.path.isdir(path):
        for each, at in SAVED.items():
            shutil.copytree(os.path.join(DATA, "saved_models", *at), os.path.join(folder, "good", each), dirs_exist_ok=True)
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(os.path.join(folder, "good", name), path)
    _put(path, "saved_model.pb" if part == "model" else "keras_metadata.pb", data)
    if name == "dense":
        tf.keras.models.load_model(path)
    if part == "model":
        loaded = tf.saved_model.load(path)
        functions = [f for f in vars(loaded).values() if hasattr(f, "concrete_functions")] if hasattr(loaded, "__dict__") else []
        for function in [c for f in functions for c in f.concrete_functions] + list(getattr(loaded, "signatures", {}).values()):
            function.graph.as_graph_def()      # reads the function; what a hostile one computes may take for ever


@functools.lru_cache
def _hdf5_cases():
    found = {"weights": content("io", "keras_weights.h5"), "chunked": content("io", "keras_chunked_names.h5")}
    for name in sorted(os.listdir(os.path.join(DATA, "io", "hdf5"))):
        data = content("io", "hdf5", name)
        if name.endswith(".h5") and len(data) < 64 << 10:
            found[name[:-3]] = data
    return found


def _use_hdf5(tf, folder, case, data):
    path = _put(folder, "x.h5", data)
    model, kept = tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(3,)), tf.keras.layers.Dense(1)]), None
    for use in (lambda: model.load_weights(path), lambda: model.load_weights(path, by_name=True, skip_mismatch=True),
                lambda: tf.keras.models.load_model(path)):
        try:
            use()
        except (OSError, ValueError, TypeError, NotImplementedError) as error:
            kept = error
    if kept is not None:
        raise kept


def _use_records(tf, folder, case, data):
    path = _put(folder, "x.tfrecord", data)
    for record in tf.data.TFRecordDataset(path, compression_type=case if case in ("GZIP", "ZLIB") else "").take(100):
        record.numpy()


def _record_cases():
    import gzip
    import zlib
    plain = content("io", "tf_records")
    return {"plain": plain, "GZIP": gzip.compress(plain, mtime=0), "ZLIB": zlib.compress(plain)}


def _example_cases():
    example = (b"\x0a\x50\x0a\x0c\x0a\x01a\x12\x07\x1a\x05\x0a\x03\x01\x02\x03\x0a\x14\x0a\x01b\x12\x0f\x12\x0d\x0a\x0b"
               b"\x00\x00\x80?\x00\x00\x00@\x00\x00\x00\x0a\x10\x0a\x01c\x12\x0b\x0a\x09\x0a\x01x\x0a\x04text\x0a\x18\x0a\x05"
               b"empty\x12\x0f\x1a\x0d\x08\x01\x08\x80\x80\x80\x80\x10\x08\x7f\x08\x01\x08")
    return {"example": example, "empty": b"\x0a\x00", "ints": b"\x0a\x0e\x0a\x0c\x0a\x01a\x12\x07\x1a\x05\x0a\x03\x01\x02\x03"}


def _use_example(tf, folder, case, data):
    kinds = [{"a": tf.io.VarLenFeature(tf.int64), "b": tf.io.VarLenFeature(tf.float32), "c": tf.io.VarLenFeature(tf.string)},
             {"a": tf.io.FixedLenFeature([3], tf.int64), "c": tf.io.FixedLenFeature([2], tf.string, ["x", "y"])},
             {"a": tf.io.RaggedFeature(tf.int64), "b": tf.io.FixedLenSequenceFeature([], tf.float32, allow_missing=True)}]
    kept = None
    for features in kinds:
        for use in (lambda: tf.io.parse_single_example(data, features), lambda: tf.io.parse_example([data, data], features)):
            try:
                use()
            except (ValueError, tf.errors.OpError) as error:
                kept = error
    try:
        tf.train.Example.FromString(data)
    except Exception as error:                       # a class of its own, as protobuf has
        if type(error).__name__ != "DecodeError":
            raise
    if kept is not None:
        raise kept


def _use_graph(tf, folder, case, data):
    try:
        graph = tf.compat.v1.GraphDef.FromString(data)
    except Exception as error:
        if type(error).__name__ != "DecodeError":
            raise
        raise ValueError(str(error)) from None
    for node in list(graph.node)[:3]:
        node.name, node.op
    tf.compat.v1.wrap_function(lambda: tf.graph_util.import_graph_def(graph, name=""), [])


def _use_events(tf, folder, case, data):
    path = _put(folder, "x.tfevents", data)
    for event in tf.compat.v1.train.summary_iterator(path):
        event.step, [v.tag for v in event.summary.value]


def _use_image(tf, folder, case, data):
    """By each op that takes it; whether one of them reads it is what counts."""
    kept = None
    for read in (lambda: tf.io.decode_image(data), lambda: tf.io.decode_png(data, channels=3, dtype=tf.uint16),
                 lambda: tf.io.decode_gif(data), lambda: tf.io.decode_jpeg(data, ratio=2, try_recover_truncated=True, acceptable_fraction=0.1),
                 lambda: tf.io.decode_bmp(data), lambda: tf.io.decode_and_crop_jpeg(data, [1, 1, 3, 3]),
                 lambda: tf.io.decode_image(data, channels=1, dtype=tf.float32, expand_animations=False)):
        try:
            read().shape.num_elements()
        except tf.errors.InvalidArgumentError as error:
            kept = kept or error
    if kept is not None:
        raise kept


def _image_cases():
    folder = os.path.join(DATA, "images")
    return {name.rpartition(".")[0]: content("images", name) for name in sorted(os.listdir(folder))}


KINDS = {
    "checkpoint": Kind(_checkpoint_cases, _use_checkpoint, lambda case, data: indexed(data) if case.endswith("index") else data),
    "saved_model": Kind(_saved_cases, _use_saved),
    "hdf5": Kind(_hdf5_cases, _use_hdf5, lambda case, data: signed(data, _hdf5_cases()[case]), SIGN),
    "records": Kind(_record_cases, _use_records, lambda case, data: framed(data) if case == "plain" else data),
    "example": Kind(_example_cases, _use_example),
    "graph": Kind(lambda: {name[:-3]: content("graphs", name) for name in sorted(os.listdir(os.path.join(DATA, "graphs")))
                           if name.endswith(".pb")}, _use_graph),
    "image": Kind(_image_cases, _use_image),
    "events": Kind(lambda: {"events": content("io", "tf_events")}, _use_events, lambda case, data: framed(data)),
}


# ---- damage ----

NUMBERS = [0, 1, 127, 128, 255, 256, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**62, 2**63 - 1, 2**63, 2**64 - 1]


def damaged(data, others, rng, sign=None):
    data = bytearray(data)
    places = [match.start() for match in sign.finditer(data)] if sign else []
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        how, at = rng.randrange(10), rng.randrange(len(data) + 1)
        if places and rng.random() < 0.5:
            at = min(len(data), rng.choice(places) + rng.randrange(rng.choice((16, 64, 256))))
        if how == 0 and data:
            data[at % len(data)] ^= 1 << rng.randrange(8)
        elif how == 1 and data:
            data[at % len(data)] = rng.choice((0, 1, 2, 4, 8, 10, 16, 18, 26, 34, 127, 128, 254, 255, rng.randrange(256)))
        elif how == 2:
            del data[at:at + rng.choice((1, 1, 2, 4, 8, 16, 64))]
        elif how == 3:
            data[at:at] = data[at:at + rng.choice((1, 2, 4, 8, 32, 256))]
        elif how == 4:
            del data[at:]
        elif how == 5:
            width, form = rng.choice(((4, "<I"), (8, "<Q"), (2, "<H")))
            data[at:at + width] = struct.pack(form, rng.choice(NUMBERS) & (1 << 8 * width) - 1)
        elif how == 6:
            value, number = b"", rng.choice(NUMBERS)
            while number > 127:
                value, number = value + bytes([number & 127 | 128]), number >> 7
            data[at:at + rng.randrange(3)] = value + bytes([number])
        elif how == 7 and others:
            other = rng.choice(others)
            start = rng.randrange(len(other) + 1)
            data[at:at + rng.choice((0, 8, 64))] = other[start:start + rng.choice((4, 16, 64, 256))]
        elif how == 8 and len(data) >= 8:             # one thing in place of another one
            data[at:at + 8] = struct.pack("<Q", rng.choice(places) if places and rng.random() < 0.5 else rng.randrange(len(data)) & ~7)
        elif data:
            stop = min(len(data), at + rng.choice((2, 4, 8, 16)))
            piece = data[at:stop]
            rng.shuffle(piece)
            data[at:stop] = piece
    return bytes(data)


def corpus(kind):
    folder = os.path.join(CORPUS, kind)
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return [(name.rpartition("-")[0], content("fuzz", kind, name), name) for name in names]


# ---- one kind, in a process of its own ----

# Damaged names, numbers and garbage stand in many texts. What is left without them tells outcomes apart: words of the program.
NOISE = [(re.compile(pattern), " ") for pattern in (
    r"(?s)(?<=example input, value: ).*",                        # what a file holds, as it stands there
    r"(?<=tensor )[^\n]*?: ",                                    # names that stand alone
    r"'[^'\n]*'|\"[^\"\n]*\"",                                 # names between quotation marks
    r"\S*[/\\_@=]\S*|\S*[.:]\S+|\S*[0-9]\S*|\S*[^ -~]\S*",     # paths, names with parts, numbers, what is no ASCII
    r"[^A-Za-z\s]+",                                           # what stands between words
    r"\b\w{1,2}\b",                                           # names of a letter or two
    r"\s+")]


def alike(text):
    for pattern, instead in NOISE:
        text = pattern.sub(instead, text)
    return text.strip()[:60]


def outcome(tf, kind, folder, case, data):
    """(what it ended in, None or the fault)."""
    try:
        KINDS[kind].use(tf, folder, case, data)
        return "read", None
    except STUMBLES as error:
        return "stumbled", error
    except (OSError, ValueError, TypeError, NotImplementedError, AssertionError, RuntimeError, tf.errors.OpError) as error:
        text = str(error)
        if STUMBLED.search(LACKS.sub("", text)) or not text or isinstance(error, RuntimeError) and not isinstance(error, NotImplementedError):
            return "stumbled", error
        return f"{type(error).__name__}: {alike(text)}", None


def work(kind, seconds, seed, keep, current):
    import traceback
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import ninefold as tf
    import logging
    tf.get_logger().setLevel(logging.CRITICAL)
    rng, target, rows = random.Random(f"{seed}/{kind}"), KINDS[kind], corpus(kind)
    seeds = list(target.cases().items())
    folder = tempfile.mkdtemp(prefix="fuzz")
    for case, data in seeds:
        said, fault = outcome(tf, kind, folder, case, data)
        if fault is not None or said != "read" and kind not in ("hdf5", "example", "image"):      # which are read in several ways
            sys.exit(f"{kind}: the good file {case} is not read: {said} {fault!r}")
    with open("/proc/self/statm") as file:
        here = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (here + ROOM, here + ROOM))
    seen, faults, count, kept = set(), 0, 0, 0
    queue = [(case, data, name) for case, data, name in rows]
    bytes_of = [data for _, data in seeds] + [data for _, data, _ in rows]
    pool = seeds + [(case, data) for case, data, _ in rows]
    began = time.process_time()
    while queue or time.process_time() - began < seconds:
        if queue:
            case, data, name = queue.pop()
        else:
            case, data = rng.choice(pool)
            data, name = damaged(data, bytes_of, rng, target.sign), None
            if target.mend and rng.random() < 0.8:
                data = target.mend(case, data)
        with open(current, "wb") as file:
            file.write(case.encode() + b"\n" + data)
        signal.setitimer(signal.ITIMER_PROF, PATIENCE)         # of the processor's time: a busy machine is no hang
        said, fault = outcome(tf, kind, folder, case, data)
        signal.setitimer(signal.ITIMER_PROF, 0)
        count += 1
        if fault is not None:
            faults += 1
            path = _put(FOUND, f"{kind}/{case}-{hashlib.sha256(data).hexdigest()[:8]}", data)
            print(f"{kind}: {path}: {type(fault).__name__}: {fault}", flush=True)
            traceback.print_exception(type(fault), fault, fault.__traceback__, limit=-4)
            if faults >= 10:
                break
        elif said not in seen:
            seen.add(said)
            if name is None and kept < KEPT * keep and len(data) <= 8192:
                kept += 1
                _put(CORPUS, f"{kind}/{case}-{hashlib.sha256(data).hexdigest()[:8]}", data)
            if name is None and len(pool) < 500:
                pool.append((case, data))
        elif name is not None and seconds == 0:
            print(f"{kind}: {name} says what another one says: {said}")
    shutil.rmtree(folder, ignore_errors=True)
    print(f"{kind}: {count} files, {len(seen)} outcomes, {faults} faults, {time.process_time() - began:.0f} CPU seconds, "
          f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB at most", flush=True)
    os._exit(1 if faults else 0)        # what hostile files left behind is not waited for


def run(kinds, seconds, seed, keep):
    """Runs kinds one after another; returns the names of those with faults."""
    os.makedirs(FOUND, exist_ok=True)
    wrong = []
    for kind in kinds:
        current = os.path.join(FOUND, f"{kind}.current")
        code = subprocess.call([sys.executable, os.path.abspath(__file__), "--work", kind, str(seconds), str(seed), str(int(keep)), current])
        if code:
            wrong.append(kind)
        if code < 0:
            with open(current, "rb") as file:
                case, _, data = file.read().partition(b"\n")
            path = _put(FOUND, f"{kind}/{case.decode()}-{hashlib.sha256(data).hexdigest()[:8]}", data)
            what = f"took more than {PATIENCE} s" if code == -signal.SIGPROF else f"ended the process: {signal.Signals(-code).name}"
            print(f"{kind}: {path} {what}", flush=True)
    return wrong


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        work(sys.argv[2], float(sys.argv[3]), sys.argv[4], sys.argv[5] == "1", sys.argv[6])
    parser = argparse.ArgumentParser(description="Damages files of every kind and reads them.")
    parser.add_argument("kinds", nargs="*", choices=[[], *KINDS], metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--minutes", type=float, default=0.1, help="CPU minutes of each kind")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--keep", action="store_true", help="keep files with outcomes of their own in tests/data/fuzz")
    parser.add_argument("--replay", action="store_true", help="the corpus only")
    given = parser.parse_args()
    sys.exit(bool(run(given.kinds or list(KINDS), 0 if given.replay else given.minutes * 60, given.seed, given.keep)))
