# In: names of files. Out: tf.io.gfile: files and folders of this machine with TensorFlow's names and errors.
import builtins
import collections
import errno
import glob as _glob
import os
import shutil
import stat as _stat

from . import export
from .faults import ERRORS

FileStatistics = collections.namedtuple("FileStatistics", ["length", "mtime_nsec", "is_directory"])
_CODES = {errno.ENOENT: 5, errno.EEXIST: 6, errno.EACCES: 7, errno.EPERM: 7, errno.EISDIR: 9, errno.ENOTDIR: 9, errno.ENOTEMPTY: 9,
          errno.ENOSPC: 8}


def _fault(error, path):
    """TensorFlow's error of an OSError."""
    code = _CODES.get(error.errno, 2)
    return ERRORS[code](None, None, f"{path}; {os.strerror(error.errno or errno.EIO)}")


def _path(name):
    return os.fspath(name) if not isinstance(name, (str, bytes)) else name


def _text(name):
    name = _path(name)
    return name.decode() if isinstance(name, bytes) else name


def _do(action, path, *args):
    try:
        return action(_path(path), *args)
    except OSError as error:
        raise _fault(error, _text(path)) from None


def _named(name):
    return export("io.gfile." + name)


@_named("exists")
def exists(path):
    """True iff there is a file or folder of this name."""
    return os.path.exists(_path(path))


@_named("isdir")
def isdir(path):
    return os.path.isdir(_path(path))


@_named("listdir")
def listdir(path):
    """The names in a folder, without those of the folder itself and its parent."""
    if not isdir(path):
        raise ERRORS[5](None, None, f"Could not find directory {_text(path)}")
    return [_text(name) for name in _do(os.listdir, path)]


@_named("glob")
def glob(pattern):
    """The names that match a pattern, or one of several, in the order of the alphabet."""
    patterns = [pattern] if isinstance(pattern, (str, bytes, os.PathLike)) else pattern
    return [name for one in patterns for name in sorted(_glob.glob(_text(one)))]


@_named("mkdir")
def mkdir(path):
    """Makes a folder in one that is there; one that is there already is no error."""
    if not isdir(path):
        _do(os.mkdir, path)


@_named("makedirs")
def makedirs(path):
    """Makes a folder and those that it lies in; one that is there is no error."""
    _do(lambda p: os.makedirs(p, exist_ok=True), path)


@_named("remove")
def remove(path):
    _do(os.unlink, path)


@_named("rmtree")
def rmtree(path):
    """Removes a folder with all that is in it."""
    if not exists(path):
        raise ERRORS[5](None, None, f"{_text(path)} not found")
    _do(shutil.rmtree if isdir(path) else os.unlink, path)


def _free(path, overwrite):
    if not overwrite and exists(path):
        raise ERRORS[6](None, None, "file already exists")


@_named("copy")
def copy(src, dst, overwrite=False):
    """Copies a file. Raises AlreadyExistsError where there is one, unless `overwrite` is True."""
    _do(os.stat, src)
    _free(dst, overwrite)
    _do(lambda s: shutil.copyfile(s, _path(dst)), src)


@_named("rename")
def rename(src, dst, overwrite=False):
    """Gives a file or folder another name. Raises AlreadyExistsError where that is taken, unless `overwrite` is True."""
    _free(dst, overwrite)
    _do(lambda s: os.replace(s, _path(dst)), src)


@_named("stat")
def stat(path):
    """length, mtime_nsec and is_directory."""
    found = _do(os.stat, path)
    return FileStatistics(found.st_size, found.st_mtime_ns, _stat.S_ISDIR(found.st_mode))


@_named("walk")
def walk(top, topdown=True, onerror=None):
    """(folder, folders in it, files in it) of `top` and all below it."""
    try:
        names = sorted(listdir(top))
    except Exception as error:   # which of them, the caller decides
        if onerror:
            onerror(error)
        return
    folders = [name for name in names if isdir(os.path.join(_text(top), name))]
    here = (_text(top), folders, [name for name in names if name not in folders])
    if topdown:
        yield here
    for name in folders:
        yield from walk(os.path.join(_text(top), name), topdown, onerror)
    if not topdown:
        yield here


@_named("join")
def join(path, *paths):
    return os.path.join(_path(path), *map(_path, paths))


@_named("get_registered_schemes")
def get_registered_schemes():
    """What a name may begin with, before "://": files of this machine."""
    return ["", "file"]


@_named("GFile")
class GFile:
    """A file that is opened when it is first used: mode "r", "w", "a" or with "+", and "b" for bytes."""

    def __init__(self, name, mode="r"):
        self._name, self._mode, self._file = name, mode, None
        if mode not in ("r", "rb", "w", "wb", "a", "ab", "r+", "rb+", "w+", "wb+", "a+", "ab+"):
            raise ERRORS[3](None, None, "mode is not 'r' or 'w' or 'a' or 'r+' or 'w+' or 'a+'")

    name = property(lambda self: self._name)
    mode = property(lambda self: self._mode)

    def _open(self, reads):
        if reads != ("r" in self._mode) and "+" not in self._mode:
            raise ERRORS[7](None, None, "File isn't open for reading" if reads else "File isn't open for writing")
        if self._file is None:
            kind = self._mode if "b" in self._mode else self._mode[0] + "b" + self._mode[1:]
            self._file = _do(lambda p: builtins.open(p, kind), self._name)
        return self._file

    def _given(self, data):
        return data if "b" in self._mode else data.decode()

    def size(self):
        return stat(self._name).length

    def write(self, file_content):
        self._open(False).write(file_content.encode() if isinstance(file_content, str) else file_content)

    def read(self, n=-1):
        """n bytes, or all that is left."""
        return self._given(self._open(True).read(n))

    def readline(self):
        return self._given(self._open(True).readline())

    def readlines(self):
        return [self._given(line) for line in self._open(True)]

    def seek(self, offset=None, whence=0, position=None):
        if offset is None and position is None:
            raise TypeError("seek(): offset argument required")
        self._open("r" in self._mode).seek(position if offset is None else offset, whence)

    def tell(self):
        return self._open("r" in self._mode).tell()

    def seekable(self):
        return True

    def flush(self):
        if self._file is not None:
            self._file.flush()

    def close(self):
        if self._file is None and self._mode[0] in "wa":
            self._open(False)
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def __iter__(self):
        return self

    def __next__(self):
        line = self.readline()
        if not line:
            raise StopIteration
        return line
