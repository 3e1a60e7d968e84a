# In: files of Python objects, as the data sets were published. Out: the arrays and lists in them, and nothing else: no file may
# name other code to be run. Sequences of words cut as a caller asks.
import io
import pickle
import zipfile

import numpy as np

ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


_NUMPY = ("numpy", "numpy.core.multiarray", "numpy._core.multiarray")
_KNOWN = {"dtype": np.dtype, "ndarray": np.ndarray, "_reconstruct": np.empty(0).__reduce__()[0], "scalar": np.float64(0).__reduce__()[0]}


class _Plain(pickle.Unpickler):
    """Numbers, texts, lists, dicts and NumPy's arrays; any other name in the file is refused."""

    def find_class(self, module, name):
        if module in _NUMPY and name in _KNOWN:
            return _KNOWN[name]
        if (module, name) == ("_codecs", "encode"):     # bytes, as Python 3 writes them for Python 2
            return lambda text, encoding: text.encode("latin1")
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a data set")


def objects(file):
    """The object in a pickle whose strings are Python 2's."""
    return _Plain(file, encoding="bytes").load()


def arrays(path, names):
    """The arrays of those names in an .npz. Raises OSError, which says what to do, if it is no whole one."""
    try:
        with zipfile.ZipFile(path) as archive:
            return [_array(archive.read(name + ".npy")) for name in names]
    except (ValueError, KeyError, EOFError, OSError, pickle.UnpicklingError, zipfile.BadZipFile) as error:
        raise OSError(f"{path}: this is no whole data set ({error}). Remove it, so that it is downloaded again.") from error


def _array(data):
    file = io.BytesIO(data)
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran, dtype = read(file)
    if not dtype.hasobject:
        return np.load(io.BytesIO(data), allow_pickle=False)
    return np.asarray(objects(file), dtype).reshape(shape, order="F" if fortran else "C")


def pictures(path, key):
    """(images, labels [n, 1]) of one of the files of CIFAR. Raises OSError, which says what to do, if it is no whole one."""
    try:
        with open(path, "rb") as file:
            found = objects(file)
        images = np.asarray(found[b"data"], np.uint8).reshape(-1, 3, 32, 32)
        labels = np.asarray(found[key], np.uint8).reshape(len(images), 1)
    except (ValueError, KeyError, TypeError, AttributeError, EOFError, OSError, pickle.UnpicklingError) as error:
        raise OSError(f"{path}: this is no whole data set ({error}). Remove its folder, so that it is downloaded again.") from error
    return images.transpose(0, 2, 3, 1), labels


def shuffled(rng, *columns):
    """The columns in one order, which `rng` draws."""
    order = np.arange(len(columns[0]))
    rng.shuffle(order)
    return [column[order] for column in columns]


def marked(rows, start_char, index_from):
    """Words counted on from `index_from`, each row behind its start mark."""
    head = [] if start_char is None else [start_char]
    add = 0 if start_char is None and not index_from else index_from
    return [head + [word + add for word in row] for row in rows]


def shorter(rows, labels, maxlen):
    """The rows of fewer than `maxlen` words, with their labels."""
    kept = [(row, label) for row, label in zip(rows, labels) if len(row) < maxlen]
    return [row for row, _ in kept], [label for _, label in kept]


def common(rows, num_words, skip_top, oov_char):
    """The words from `skip_top` to below `num_words` (None: all); others become `oov_char`, or go if that is None."""
    limit = num_words or max(max(row) for row in rows)
    if oov_char is None:
        return [[word for word in row if skip_top <= word < limit] for row in rows]
    return [[word if skip_top <= word < limit else oov_char for word in row] for row in rows]


def renamed(num_words, others):
    """`num_words`, also under its old name. Raises TypeError for any further argument."""
    if "nb_words" in others:
        num_words = others.pop("nb_words")
    if others:
        raise TypeError(f"Unrecognized keyword arguments: {others}.")
    return num_words
