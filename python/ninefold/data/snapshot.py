# In: a pipeline, a folder. Out: the same elements, written down during the first whole pass and read from then on.
import os
import random


from .. import _core
from .._core import data as core
from .._framework import nest
from .._framework.context import init_scope
from .._framework.records import TFRecordWriter
from . import fingerprint
from .dataset import Dataset, _as_tuples, errors
from .stored import datasets_of, metadata, metadata_of, parts_of, record_of

_KINDS = {"AUTO": "", None: "", "NONE": "", "SNAPPY": "GZIP", "GZIP": "GZIP"}


class _Writing:
    """One pass whose elements are written as they go by. The metadata, renamed into place at its end, make them a snapshot."""

    def __init__(self, keyed, specs, folder, compression):
        self._elements, self._specs, self._folder, self._compression = core.iterator(keyed), specs, folder, compression
        self._run, self._writers, self._count = str(random.SystemRandom().getrandbits(64)), {}, 0

    def _writer(self, shard):
        if shard not in self._writers:
            folder = os.path.join(self._folder, self._run, f"{shard:08d}.shard")
            os.makedirs(folder, exist_ok=True)
            self._writers[shard] = TFRecordWriter(os.path.join(folder, "00000000.snapshot"), _KINDS[self._compression])
        return self._writers[shard]

    def __call__(self):
        with init_scope():
            return self._next()

    def _next(self):
        leaves = self._elements.next()
        if leaves is None:
            self._finish()
            return None
        shard, *leaves = leaves
        if shard.dtype.name != "int64" or shard.shape.rank != 0:
            raise errors().InvalidArgumentError(None, None, "`shard_func` must return a scalar int64. [Op:IteratorGetNext]")
        writer = self._writer(int(shard))
        for leaf in leaves:
            writer.write(record_of(leaf))
        self._count += 1
        return leaves

    def _finish(self):
        for writer in self._writers.values():
            writer.close()
        os.makedirs(os.path.join(self._folder, self._run), exist_ok=True)
        aside = os.path.join(self._folder, f"snapshot.metadata.{self._run}")
        with open(aside, "wb") as file:
            file.write(metadata_of(self._run, [s.dtype for s in self._specs], self._count))
        os.replace(aside, os.path.join(self._folder, "snapshot.metadata"))


def snapshot(dataset, path, compression, reader_func, shard_func):
    """Dataset.snapshot, whose documentation says what these are."""
    if compression not in _KINDS:
        raise ValueError(f"snapshot: compression is 'AUTO', 'SNAPPY', 'GZIP', 'NONE' or None, got {compression!r}")
    for function in (reader_func, shard_func):
        if function is not None and not callable(function):
            raise ValueError(f"Argument `func` must be a callable. Received func={function} (of type {type(function)})")
    path = _core.convert(path, "string").numpy().decode() if not isinstance(path, os.PathLike) else os.fspath(path)
    specs = nest.flatten(dataset._spec, expand_composites=True)
    processors = os.cpu_count() or 1
    if shard_func is None:
        keyed = dataset.enumerate()
        keyed = core.map(keyed._handle, lambda leaves: [leaves[0] % processors, *leaves[1:]], 1, True)
    else:
        def shard(leaves):
            found = nest.flatten(_as_tuples(dataset._call(shard_func, leaves)))
            if len(found) != 1 or not found[0].dtype.is_integer or found[0].shape.rank not in (0, None):
                raise TypeError("Invalid `shard_func`. `shard_func` must return `tf.int64` scalar tensor but its return type is "
                                f"{nest.map_structure(lambda x: x._type_spec if hasattr(x, '_type_spec') else _spec_of(x), found)[0]}.")
            return [found[0], *leaves]
        keyed = core.map(dataset._handle, shard, 1, True)
    folders = []

    def start():
        with init_scope():     # in a function that is traced, too
            return begin()

    def begin():
        if not folders:     # of all passes the same
            folders.append(os.path.join(path, fingerprint.of(dataset)))
        try:
            run, count = metadata(folders[0])
        except errors().NotFoundError:
            return _Writing(keyed, specs, folders[0], compression)
        parts = parts_of(os.path.join(folders[0], run), _KINDS[compression], specs, dataset._spec)
        if reader_func is not None:
            made = reader_func(datasets_of(parts))
            if not isinstance(made, Dataset):
                raise errors().InvalidArgumentError(None, None, "Dataset tensor must be a scalar of dtype DT_VARIANT. [Op:IteratorGetNext]")
            for i, (s, got) in enumerate(zip(specs, nest.flatten(made._spec, expand_composites=True))):
                if s.dtype != got.dtype:
                    raise errors().InvalidArgumentError(None, None, f"Data type mismatch at component {i}: expected {s.dtype.name} but got "
                                                        f"{_short(got.dtype)}. [Op:IteratorGetNext]")
        else:
            made = Dataset.range(len(parts)).interleave(lambda i: parts[int(i)], cycle_length=processors)
        return core.iterator(made._handle).next

    handle = core.from_generator([(s.shape, s.dtype) for s in specs], start)
    count = core.cardinality(dataset._handle)
    if count >= 0 and reader_func is None:
        handle = core.assert_cardinality(handle, count)
    return Dataset(handle, dataset._spec, (dataset, start))._named("MapDataset" if shard_func is None else "_SnapshotDataset")


def _spec_of(x):
    from .._framework.specs import TensorSpec
    return TensorSpec(x.shape, x.dtype)


def _short(dtype):
    return {"float32": "float", "float64": "double"}.get(dtype.name, dtype.name)
