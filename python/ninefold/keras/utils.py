# In: what scripts hand to tf.keras.utils. Out: seeds, one-hot labels, sequences, downloads, registrations.
import hashlib
import inspect
import os
import random
import sys
import tarfile
import tempfile
import urllib.request
import warnings
import zipfile

import numpy as np

from .._core import keras as core
from . import shell
from .enqueuers import GeneratorEnqueuer, OrderedEnqueuer, SequenceEnqueuer  # noqa: F401
from .folders import (image_dataset_from_directory, text_dataset_from_directory,  # noqa: F401
                      timeseries_dataset_from_array)
from .images import array_to_img, img_to_array, load_img, save_img  # noqa: F401
from .interactive import disable_interactive_logging, enable_interactive_logging, is_interactive_logging_enabled  # noqa: F401
from .plotting import model_to_dot, plot_model  # noqa: F401
from .progbar import Progbar  # noqa: F401
from .sidecar import SidecarEvaluator  # noqa: F401

_custom = {}
_seeds = random     # what layers without a seed draw theirs from


core.set_seed_source(lambda: _seeds.randint(1, 10**9))


def set_random_seed(seed):
    """Seeds Python's random, NumPy, the engine and the layers. Raises ValueError for anything but an integer."""
    global _seeds
    if not isinstance(seed, int):
        raise ValueError("Expected `seed` argument to be an integer. Received: seed={} (of type {})".format(
            seed, type(seed)))
    random.seed(seed)
    np.random.seed(seed)
    core.set_random_seed(seed)
    _seeds = random.Random(seed)


def to_categorical(y, num_classes=None, dtype="float32"):
    """One-hot rows of integer labels: shape + (num_classes,)."""
    y = np.array(y, dtype="int")
    shape = y.shape
    if shape and shape[-1] == 1 and len(shape) > 1:
        shape = shape[:-1]
    y = y.ravel()
    if not num_classes:
        num_classes = np.max(y) + 1
    rows = np.zeros((y.shape[0], num_classes), dtype=dtype)
    rows[np.arange(y.shape[0]), y] = 1
    return rows.reshape(shape + (num_classes,))


def normalize(x, axis=-1, order=2):
    """x divided by its norm along an axis; rows of zeros stay."""
    norm = np.atleast_1d(np.linalg.norm(x, order, axis))
    norm[norm == 0] = 1
    return x / np.expand_dims(norm, axis)


class Sequence:
    """Batches by index: __getitem__ and __len__; on_epoch_end is called between epochs."""

    def __getitem__(self, index):
        raise NotImplementedError

    def __len__(self):
        raise NotImplementedError

    def on_epoch_end(self):
        pass

    def __iter__(self):
        for index in range(len(self)):
            yield self[index]


class CustomObjectScope:
    """Names that deserialisation knows while the block runs."""

    def __init__(self, *args):
        self._given = args

    def __enter__(self):
        self._before = dict(_custom)
        for objects in self._given:
            _custom.update(objects)
        return self

    def __exit__(self, *args):
        _custom.clear()
        _custom.update(self._before)


custom_object_scope = CustomObjectScope


def get_custom_objects():
    return _custom


def register_keras_serializable(package="Custom", name=None):
    """Decorator: deserialisation knows the class or function as "package>name"."""
    def register(made):
        if isinstance(made, type) and not hasattr(made, "get_config"):
            raise ValueError("Cannot register a class that does not have a get_config() method.")
        full = "{}>{}".format(package, name or made.__name__)
        if full in _custom:
            raise ValueError("{} has already been registered to {}".format(full, _custom[full]))
        if made in shell.registered_names:
            raise ValueError("{} has already been registered to {}".format(made, shell.registered_names[made]))
        _custom[full] = made
        shell.registered_names[made] = full
        return made
    return register


def get_registered_name(obj):
    """"package>name" of what was registered, else its own name."""
    return shell.registered_name(obj)


def get_registered_object(name, custom_objects=None, module_objects=None):
    """What is known under a name: registered, or in one of the dicts; None if nothing is."""
    for known in (_custom, custom_objects or {}, module_objects or {}):
        if name in known:
            return known[name]
    return None


def serialize_keras_object(instance):
    """A name, or {"class_name", "config"} of what has get_config(). Raises ValueError for anything else."""
    if instance is None:
        return None
    if hasattr(instance, "get_config"):
        try:
            config = instance.get_config()
        except NotImplementedError:
            return {"class_name": get_registered_name(type(instance)), "config": {"__passive_serialization__": True}}
        told = {key: value if isinstance(value, str) or not hasattr(value, "__name__") and not hasattr(value, "get_config")
                else serialize_keras_object(value) for key, value in config.items()}
        return {"class_name": get_registered_name(type(instance)), "config": told}
    if hasattr(instance, "__name__"):
        return get_registered_name(instance)
    raise ValueError("Cannot serialize {} because it doesn't implement `get_config()`.".format(instance))


def deserialize_keras_object(identifier, module_objects=None, custom_objects=None, printable_module_name="object"):
    """The object that a name or a config stands for. Raises ValueError for an unknown one."""
    if identifier is None:
        return None
    if not isinstance(identifier, (str, dict)) and callable(identifier):
        return identifier
    name = identifier if isinstance(identifier, str) else shell.told(identifier, printable_module_name)[0]
    found = shell.known(name, printable_module_name, module_objects or {}, custom_objects)
    if not isinstance(identifier, dict):
        return found() if isinstance(found, type) else found
    if not hasattr(found, "from_config"):
        with CustomObjectScope(custom_objects or {}):
            return found(**identifier["config"])
    if "custom_objects" in inspect.signature(found.from_config).parameters:
        return found.from_config(identifier["config"], custom_objects=dict(_custom, **(custom_objects or {})))
    with CustomObjectScope(custom_objects or {}):
        return found.from_config(identifier["config"])


def get_source_inputs(tensor, layer=None, node_index=None):
    """The symbolic inputs that a tensor is computed from."""
    from .described import node_of
    found = []
    node = node_of(tensor)
    if node is None or node.is_input:
        return [tensor]
    for given in node.keras_inputs:
        for source in get_source_inputs(given):
            if not any(source is other for other in found):
                found.append(source)
    return found


def pack_x_y_sample_weight(x, y=None, sample_weight=None):
    if y is None:
        return x if not isinstance(x, (list, tuple)) else (x,)
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def unpack_x_y_sample_weight(data):
    """(x, y, sample_weight) of what a step is given; absent parts are None."""
    if isinstance(data, list):
        data = tuple(data)
    if not isinstance(data, tuple):
        return data, None, None
    if len(data) > 3:
        raise ValueError("Data is expected to be in format `x`, `(x,)`, `(x, y)`, or `(x, y, sample_weight)`, found: "
                         "{}".format(data))
    return data + (None,) * (3 - len(data))


def pad_sequences(sequences, maxlen=None, dtype="int32", padding="pre", truncating="pre", value=0.0):
    """Rows of one length from lists of any: cut or filled at the front ("pre") or the back ("post")."""
    lengths = [len(s) for s in sequences]
    if maxlen is None:
        maxlen = max(lengths) if lengths else 0
    sample = next((np.asarray(s).shape[1:] for s in sequences if len(s)), ())
    rows = np.full((len(sequences), maxlen) + sample, value, dtype=dtype)
    for row, s in zip(rows, sequences):
        if not len(s):
            continue
        if truncating not in ("pre", "post"):
            raise ValueError('Truncating type "{}" not understood'.format(truncating))
        kept = np.asarray(s[-maxlen:] if truncating == "pre" else s[:maxlen], dtype=dtype)
        if padding == "post":
            row[:len(kept)] = kept
        elif padding == "pre":
            row[len(row) - len(kept):] = kept
        else:
            raise ValueError('Padding type "{}" not understood'.format(padding))
    return rows


# ---- files ----

def _digest(path, algorithm):
    hasher = hashlib.new(algorithm)
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            hasher.update(block)
    return hasher.hexdigest()


def _algorithm(file_hash, hash_algorithm):
    if hash_algorithm in ("sha256", "md5"):
        return hash_algorithm
    return "sha256" if len(str(file_hash)) == 64 else "md5"


def get_file(fname=None, origin=None, untar=False, md5_hash=None, file_hash=None, cache_subdir="datasets",
             hash_algorithm="auto", extract=False, archive_format="auto", cache_dir=None):
    """The path of a file in the cache (~/.keras/<cache_subdir>), downloaded from `origin` if it is not there.

    A cached file with another hash is downloaded again; if that fails it is used as it is, with a warning
    that names both hashes. Raises OSError, which says which file to put where, if there is neither.
    """
    if origin is None:
        raise ValueError('Please specify the "origin" argument (URL of the file to download).')
    file_hash = file_hash or md5_hash
    fname = os.fspath(fname) if fname else os.path.basename(urllib.request.urlparse(origin).path)
    folder = os.path.join(os.path.expanduser(cache_dir or os.environ.get("KERAS_HOME") or "~/.keras"), cache_subdir)
    os.makedirs(folder, exist_ok=True)
    target = os.path.join(folder, fname + ".tar.gz" if untar else fname)
    algorithm = _algorithm(file_hash, hash_algorithm)
    found = _digest(target, algorithm) if os.path.exists(target) and file_hash else None
    if not os.path.exists(target) or file_hash and found != str(file_hash):
        try:
            _download(origin, target, file_hash, algorithm)
        except OSError as error:
            if not os.path.exists(target):
                raise OSError("{} could not be downloaded ({}). Put the file there by hand: {}".format(
                    origin, error, target)) from error
            warnings.warn("{}: its {} is {}, expected {}; it could not be downloaded again ({}) and is used as it "
                          "is.".format(target, algorithm, found, file_hash, error), stacklevel=2)
    if untar or extract:
        _extract(target, folder, archive_format)
        return os.path.join(folder, fname) if untar else target
    return target


def _download(origin, target, file_hash, algorithm):
    print("Downloading data from {}".format(origin), file=sys.stdout)
    handle, part = tempfile.mkstemp(dir=os.path.dirname(target), prefix=os.path.basename(target) + ".")
    try:
        with os.fdopen(handle, "wb") as file, urllib.request.urlopen(origin, timeout=30) as answer:
            for block in iter(lambda: answer.read(1 << 20), b""):
                file.write(block)
        if file_hash and _digest(part, algorithm) != str(file_hash):
            raise OSError("the file that came has {} {}, expected {}".format(
                algorithm, _digest(part, algorithm), file_hash))
        os.replace(part, target)
    finally:
        if os.path.exists(part):
            os.unlink(part)


def _extract(archive, folder, archive_format):
    if archive_format is None:
        return
    if archive_format in ("auto", "tar") and tarfile.is_tarfile(archive):
        with tarfile.open(archive) as tar:
            if hasattr(tarfile, "data_filter"):
                tar.extractall(folder, filter="data")
            else:
                for member in tar.getmembers():
                    path = os.path.realpath(os.path.join(folder, member.name))
                    if not path.startswith(os.path.realpath(folder) + os.sep) or not (member.isfile() or member.isdir()):
                        raise OSError("{}: the entry {} would leave {}".format(archive, member.name, folder))
                tar.extractall(folder)
    elif archive_format in ("auto", "zip") and zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as file:
            file.extractall(folder)


def __getattr__(name):
    from ..compat import private        # keras.utils.tf_utils and its like, which packages import
    return private.child("keras.utils", name)
