# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.io.gfile for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

class GFile:
    """A file that is opened when it is first used: mode "r", "w", "a" or with "+", and "b" for bytes."""
    def __init__(self, name: Any, mode: Any = ...) -> None: ...
    def __iter__(self) -> Any: ...
    def close(self) -> Any: ...
    def flush(self) -> Any: ...
    mode: Any
    name: Any
    def read(self, n: Any = ...) -> Any: ...
    def readline(self) -> Any: ...
    def readlines(self) -> Any: ...
    def seek(self, offset: Any = ..., whence: Any = ..., position: Any = ...) -> Any: ...
    def seekable(self) -> Any: ...
    def size(self) -> Any: ...
    def tell(self) -> Any: ...
    def write(self, file_content: Any) -> Any: ...

def copy(src: Any, dst: Any, overwrite: Any = ...) -> Any:
    """Copies a file. Raises AlreadyExistsError where there is one, unless `overwrite` is True."""

def exists(path: Any) -> Any:
    """True iff there is a file or folder of this name."""

def get_registered_schemes() -> Any:
    """What a name may begin with, before "://": files of this machine."""

def glob(pattern: Any) -> Any:
    """The names that match a pattern, or one of several, in the order of the alphabet."""

def isdir(path: Any) -> Any: ...

def join(path: Any, *paths: Any) -> Any: ...

def listdir(path: Any) -> Any:
    """The names in a folder, without those of the folder itself and its parent."""

def makedirs(path: Any) -> Any:
    """Makes a folder and those that it lies in; one that is there is no error."""

def mkdir(path: Any) -> Any:
    """Makes a folder in one that is there; one that is there already is no error."""

def remove(path: Any) -> Any: ...

def rename(src: Any, dst: Any, overwrite: Any = ...) -> Any:
    """Gives a file or folder another name. Raises AlreadyExistsError where that is taken, unless `overwrite` is True."""

def rmtree(path: Any) -> Any:
    """Removes a folder with all that is in it."""

def stat(path: Any) -> Any:
    """length, mtime_nsec and is_directory."""

def walk(top: Any, topdown: Any = ..., onerror: Any = ...) -> Any:
    """(folder, folders in it, files in it) of `top` and all below it."""
