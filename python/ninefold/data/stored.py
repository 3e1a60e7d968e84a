# In: datasets, folders. Out: tf.data.experimental.save and load in TensorFlow's own files, and the files of Dataset.cache(filename).
import os
import random
import time

import numpy as np

from .. import _core
from .._core import data as core
from .._framework import nest, structured
from .._framework.records import TFRecordWriter, compression_name
from .._framework.wire import varint
from .dataset import Dataset, DatasetSpec, errors


def record_of(tensor):
    """A TensorProto with the contents as bytes, as TensorFlow writes those of elements."""
    if tensor.dtype.name != "string":
        from .. import io
        return io.serialize_tensor(tensor).numpy()
    texts = np.asarray(tensor.numpy(), object).reshape([-1])
    content = b"".join(varint(len(t)) for t in texts) + b"".join(texts)
    shape = b"".join(b"\x12" + varint(len(d)) + d for d in (b"\x08" + varint(n) for n in tensor.shape))
    return b"\x08\x07\x12" + varint(len(shape)) + shape + b'"' + varint(len(content)) + content


def _take(data, at):
    """(the varint at `at`, what follows it)."""
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise errors().DataLossError(None, None, "load: a record ends within a number; the file is damaged")
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if not data[at - 1] & 128:
            return value, at


def _strings(record):
    """The tensor of a TensorProto of strings whose contents are bytes."""
    shape, content, at = [], b"", 0
    while at < len(record):
        tag, at = _take(record, at)
        if tag & 7 == 0:
            _, at = _take(record, at)
            continue
        size, at = _take(record, at)
        part, at = record[at:at + size], at + size
        if tag >> 3 == 2:
            inner = 0
            while inner < len(part):
                _, inner = _take(part, inner)
                n, inner = _take(part, inner)
                dim = part[inner:inner + n]
                inner += n
                shape.append(_take(dim, 1)[0] if dim else 0)
        elif tag >> 3 == 4:
            content = part
    count = int(np.prod(shape, dtype=np.int64))
    sizes, at = [], 0
    for _ in range(count):
        n, at = _take(content, at)
        sizes.append(n)
    texts = []
    for n in sizes:
        texts.append(content[at:at + n])
        at += n
    if at != len(content):
        raise errors().DataLossError(None, None, f"load: a tensor of {count} strings takes {at} bytes where the record has {len(content)}")
    return _core.convert(np.array(texts, object).reshape(shape), "string")


def _read(record, dtype):
    if dtype.name == "string":
        return _strings(record)
    from .. import io
    return io.parse_tensor(record, dtype)


def save(dataset, path, compression=None, shard_func=None, checkpoint_args=None):
    """Writes the elements into a folder. shard_func(element), an int64: the file that an element goes to."""
    if checkpoint_args is not None:
        raise NotImplementedError("save: checkpoint_args are not supported yet; expected None")
    specs = nest.flatten(dataset.element_spec)
    if any(hasattr(type(s), "_component_specs_") for s in specs):
        raise NotImplementedError(f"save: elements of tensors only; found {dataset.element_spec}")
    kind, path = compression_name(None if compression in (None, "NONE") else compression), os.fspath(path)
    run = str(random.SystemRandom().getrandbits(64))
    writers, count = {}, 0
    try:
        for element in dataset:
            shard = 0 if shard_func is None else int(shard_func(*element) if type(element) is tuple else shard_func(element))
            if shard not in writers:
                folder = os.path.join(path, run, f"{shard:08d}.shard")
                os.makedirs(folder, exist_ok=True)
                writers[shard] = TFRecordWriter(os.path.join(folder, "00000000.snapshot"), kind)
            for leaf in nest.flatten(element):
                writers[shard].write(record_of(leaf))
            count += 1
    finally:
        for writer in writers.values():
            writer.close()
    os.makedirs(path, exist_ok=True)
    with open(os.path.join(path, "dataset_spec.pb"), "wb") as file:
        file.write(_core.encode_message("StructuredValue", structured.encode(dataset.element_spec)))
    aside = os.path.join(path, f"snapshot.metadata.{run}")
    with open(aside, "wb") as file:     # the rename is the moment from which the elements are there
        file.write(metadata_of(run, [s.dtype for s in specs], count))
    os.replace(aside, os.path.join(path, "snapshot.metadata"))


def metadata_of(run, dtypes, count):
    """TensorFlow's SnapshotMetadataRecord of a whole run."""
    kinds = b"".join(varint(structured.number_of(dtype)) for dtype in dtypes)
    return b"\x12" + varint(len(run)) + run.encode() + b"\x18" + varint(int(time.time() * 1e6)) + b"\x20\x02*" + varint(
        len(kinds)) + kinds + b"0" + varint(count) + b"\xc0\x3e\x01"


def metadata(path):
    """(the run's name, how many elements)."""
    try:
        with open(os.path.join(path, "snapshot.metadata"), "rb") as file:
            data = file.read()
    except FileNotFoundError:
        raise errors().NotFoundError(None, None, f"Could not find metadata file [{path}] [Op:LoadDataset]") from None
    run, count, at = "", -2, 0
    while at < len(data):
        tag, at = _take(data, at)
        value, at = _take(data, at)
        if tag & 7 == 2:
            if tag >> 3 == 2:
                run = data[at:at + value].decode()
            at += value
        elif tag >> 3 == 6:
            count = value
    if not run or os.path.basename(run) != run:
        raise errors().DataLossError(None, None, f"load: {path}/snapshot.metadata names no run; the file is damaged")
    return run, count


def datasets_of(parts):
    """A dataset whose elements are datasets."""
    variants = [core.to_variant(part._handle) for part in parts]

    def start():
        waiting = iter(variants)
        return lambda: next(([v] for v in waiting), None)
    return Dataset(core.from_generator([([], "variant")], start), DatasetSpec(parts[0].element_spec), (start, *parts))


def load(path, element_spec=None, compression=None, reader_func=None):
    """The elements that `save` wrote. reader_func: what one dataset is made of a dataset of them, one each file."""
    path = os.fspath(path)
    if element_spec is None:
        try:
            with open(os.path.join(path, "dataset_spec.pb"), "rb") as file:
                element_spec = structured.decode(_core.decode_message("StructuredValue", file.read()))
        except FileNotFoundError:
            raise errors().NotFoundError(None, None, f"{path}/dataset_spec.pb; No such file or directory") from None
    kind = compression_name(None if compression in (None, "NONE") else compression)
    run, count = metadata(path)
    parts = parts_of(os.path.join(path, run), kind, nest.flatten(element_spec), element_spec)
    if reader_func is not None:
        made = reader_func(datasets_of(parts))
    elif len(parts) == 1:
        made = parts[0]
    else:
        made = Dataset.range(len(parts)).interleave(lambda i: parts[int(i)], cycle_length=os.cpu_count() or 1)
    if count >= 0:
        made = made._same(core.assert_cardinality(made._handle, count))
    return made._named("_LoadDataset")


def parts_of(folder, kind, specs, element_spec):
    """The datasets of a run's files; an empty one if it has none. `specs`: of each tensor of an element."""
    files = sorted(os.path.join(folder, shard, name) for shard in (os.listdir(folder) if os.path.isdir(folder) else ())
                   for name in os.listdir(os.path.join(folder, shard)))

    def elements(name):
        def start():
            reader = _core.records.TFRecordReader(name, kind)

            def step():
                records = [reader.next() for _ in specs]
                if records[0] is None:
                    return None
                if None in records:
                    raise errors().DataLossError(None, None, f"{name}: the last element has {records.index(None)} of {len(specs)} components")
                return [_read(record, spec.dtype) for record, spec in zip(records, specs)]
            return step
        return Dataset(core.from_generator([(s.shape, s.dtype) for s in specs], start), element_spec, (start,))
    return [elements(name) for name in files] or [Dataset(core.from_generator(
        [(s.shape, s.dtype) for s in specs], lambda: lambda: None), element_spec)]


def cached(dataset, filename):
    """The elements of the first whole pass, from then on out of a file that TensorFlow's cache reads too."""
    specs = nest.flatten(dataset.element_spec, expand_composites=True)

    def key(item, leaf):
        return f"{item:7d}_{leaf:{len(str(len(specs) - 1))}d}"

    def start():
        if os.path.exists(filename + ".index"):
            reader, at = _core.checkpoint.BundleReader(filename), [0]

            def read():
                if not reader.has(key(at[0], 0)):
                    return None
                at[0] += 1
                return [reader.read(key(at[0] - 1, leaf)) for leaf in range(len(specs))]
            return read
        elements, writer, item = core.iterator(dataset._handle), _core.checkpoint.BundleWriter(filename), [0]

        def write():
            leaves = elements.next()
            if leaves is None:
                writer.finish()
                return None
            for number, leaf in enumerate(leaves):
                writer.add(key(item[0], number), leaf)
            item[0] += 1
            return leaves
        return write
    handle = core.from_generator([(s.shape, s.dtype) for s in specs], start)
    return Dataset(handle, dataset._spec, (dataset, start))._named("CacheDataset")
