# In: data as users have it: arrays, lists, data frames, datasets, sequences, generators.
# Out: nests of tensors, or a source of batches that the engine pulls from.
import random

import numpy as np

from . import shell


class Unknown(ValueError):
    """Data in a form that no source of batches takes."""


def type_name(x):
    """The types in a nest, as Keras' error lists them."""
    if isinstance(x, dict):
        keys, values = {type_name(key) for key in x}, {type_name(value) for value in x.values()}
        return "({} containing {} keys and {} values)".format(type(x), keys, values)
    if isinstance(x, (list, tuple)):
        return "({} containing values of types {})".format(type(x), {type_name(value) for value in x})
    return str(type(x))


def arrays(data):
    """Arrays, series, frames and lists of numbers become tensors; nests of them keep their structure."""
    if data is None:
        return None
    if isinstance(data, dict):
        return {str(key): arrays(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        if data and all(np.isscalar(item) or isinstance(item, (list, tuple)) and item and _numbers(item)
                        for item in data):
            if not _even(data):
                raise Unknown("Failed to find data adapter that can handle input: {}".format(type_name(data)))
            return _tensor(np.asarray(data))
        return [arrays(item) for item in data]
    return _tensor(data)


def _numbers(items):
    return all(np.isscalar(i) or isinstance(i, (list, tuple)) and _numbers(i) for i in items)


def _even(items):
    """Rows of one length, all the way down."""
    rows = [i for i in items if isinstance(i, (list, tuple))]
    return not rows or (len(rows) == len(items) and len({len(r) for r in rows}) == 1 and all(_even(r) for r in rows))


def _tensor(data):
    from .. import convert_to_tensor
    if getattr(data, "_is_composite_tensor_", False):                       # the engine takes rows of it
        return data
    if hasattr(data, "to_numpy") and not isinstance(data, np.ndarray):      # pandas
        data = data.to_numpy()
        if data.dtype == object:
            try:
                data = data.astype("float32")
            except (TypeError, ValueError):
                pass
    elif hasattr(data, "toarray"):                                          # scipy.sparse
        data = data.toarray()
    if isinstance(data, np.ndarray) and data.dtype.kind in "OM":
        raise ValueError("Failed to convert a NumPy array to a Tensor (Unsupported object type {}).".format(
            type(data.flat[0]).__name__ if data.size else data.dtype))
    return convert_to_tensor(data)


def source(x, **options):
    """A source of batches for datasets, sequences and generators; None for arrays."""
    from .._core import keras as core
    from .utils import Sequence
    if hasattr(x, "_batch_source"):
        return x._batch_source()
    if isinstance(x, Sequence):
        return shell.Held(core.batch_source(SequenceSource(x, **options)))
    if hasattr(x, "__next__"):
        return shell.Held(core.batch_source(IteratorSource(x)))
    return None


class IteratorSource:
    """Batches from a Python iterator, which is read on and on: epochs need steps_per_epoch."""

    kind = "`generator`"

    def __init__(self, iterator):
        self._iterator = iterator

    def size(self):
        return -1

    def restarts(self, steps):
        return False

    def restart(self):
        pass

    def end_epoch(self):
        pass

    def next(self):
        try:
            return batch(next(self._iterator))
        except StopIteration:
            return None


class SequenceSource:
    """Batches by index, in a fresh order each epoch if asked, as Keras draws it: Python's random."""

    kind = "`keras.utils.Sequence`"

    def __init__(self, sequence, shuffle=True, workers=1, use_multiprocessing=False, max_queue_size=10):
        if use_multiprocessing:
            raise NotImplementedError("use_multiprocessing is not supported yet; give workers=1")
        self._sequence, self._shuffle = sequence, bool(shuffle)
        self._order, self._at = None, 0

    def size(self):
        return len(self._sequence)

    def restarts(self, steps):
        return True

    def restart(self):
        if self._order is None and len(self._sequence):
            self._sequence[0]       # Keras looks at one batch first: who draws random numbers goes on behind it
        self._order, self._at = list(range(len(self._sequence))), 0
        if self._shuffle:
            random.shuffle(self._order)

    def end_epoch(self):
        self._sequence.on_epoch_end()

    def next(self):
        if self._order is None or self._at >= len(self._order):
            return None
        self._at += 1
        return batch(self._sequence[self._order[self._at - 1]])


def batch(data):
    """[x], [x, y] or [x, y, sample_weight] of one batch, as tensors."""
    if isinstance(data, tuple) or isinstance(data, list) and len(data) <= 3:
        if len(data) > 3:
            raise ValueError("Data is expected to be in format `x`, `(x,)`, `(x, y)`, or `(x, y, sample_weight)`, "
                             "found: {}".format(data))
        return [arrays(part) for part in data]
    return [arrays(data)]
