# In: names of TFRecord files. Out: tf.data.TFRecordDataset: their records as strings.
import os

from .. import _core
from .._core import data as core
from .._framework.records import compression_name
from .dataset import Dataset


def _paths(filenames):
    """The names of files, as tensors, arrays, lists, paths or a dataset of names have them."""
    from .. import convert_to_tensor, reshape
    if isinstance(filenames, Dataset):
        return [path for name in filenames for path in _paths(name)]
    if isinstance(filenames, (list, tuple)):
        return [path for name in filenames for path in _paths(name)]
    if isinstance(filenames, os.PathLike):
        return [os.fspath(filenames)]
    names = convert_to_tensor(filenames)
    if names.dtype.name != "string":
        raise TypeError(f"The `filenames` argument must contain `tf.string` elements. Got `{names.dtype!r}` elements.")
    return [name.decode() for name in reshape(names, [-1]).numpy()]


def _scalar(value):
    return value.numpy().decode() if _core.is_tensor(value) else value


class TFRecordDataset(Dataset):
    """The records of files, one file after another. Raises NotFoundError and DataLossError where a file is read.

    `num_parallel_reads` reads so many files side by side, record by record; `buffer_size` is the engine's own affair.
    """

    _shown = "TFRecordDatasetV2"

    def __init__(self, filenames, compression_type=None, buffer_size=None, num_parallel_reads=None, name=None):
        from .. import TensorSpec
        compression = compression_name(_scalar(compression_type))
        several = int(num_parallel_reads) if num_parallel_reads is not None else 1
        if not isinstance(filenames, Dataset):
            filenames = _paths(filenames)
        at_once = 8 if several < 0 else max(1, several)

        def start():
            waiting = iter(_paths(filenames))
            open_files, turn = [], [0]

            def step():
                while True:
                    while len(open_files) < at_once:
                        path = next(waiting, None)
                        if path is None:
                            break
                        open_files.append(_core.records.TFRecordReader(path, compression))
                    if not open_files:
                        return None
                    at = turn[0] % len(open_files)
                    record = open_files[at].next()
                    if record is not None:
                        turn[0] = at + 1
                        return [_core.convert(record, "string")]
                    open_files.pop(at)
                    turn[0] = at
            return step
        spec = TensorSpec([], "string")
        super().__init__(core.from_generator([(spec.shape, spec.dtype)], start), spec, (start,))
