# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.keras.saving for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

class Checkpoint:
    """Objects saved together, by name: Checkpoint(model=model, optimizer=optimizer), or Checkpoint(root, ...)."""
    def __init__(self, root: Any = ..., **kwargs: Any) -> None: ...
    def read(self, save_path: Any, options: Any = ...) -> Any: ...
    def restore(self, save_path: Any, options: Any = ...) -> Any: ...
    def save(self, file_prefix: Any, options: Any = ...) -> Any: ...
    save_counter: Any
    def write(self, file_prefix: Any, options: Any = ...) -> Any: ...

def described(model: Any) -> Any:
    """{"class_name", "config"} of a model or layer, as JSON has it."""

def finalize(model: Any) -> Any:
    """Lets layers compute what they make of their weights, new ones by now; terms of lookup layers are no weights."""

def is_h5(path: Any) -> Any: ...

def load_h5(path: Any, custom_objects: Any, compile: Any) -> Any: ...

def load_weights(model: Any, filepath: Any, by_name: Any, skip_mismatch: Any, options: Any) -> Any: ...

def path_of(path: Any) -> Any: ...

def plain(value: Any) -> Any:
    """What json cannot write by itself."""

def require_variables(model: Any) -> Any:
    """HDF5 has no form of what lookup layers learn: raises Keras' NotImplementedError for them."""

def save_h5(model: Any, path: Any, overwrite: Any, include_optimizer: Any) -> Any: ...

def save_weights(model: Any, filepath: Any, overwrite: Any, save_format: Any, options: Any) -> Any: ...

def sound(path: Any, known: Any) -> Any:
    """What a damaged config makes the classes of layers stumble over is a ValueError. With custom objects it may be theirs, and passes as it is."""

def to_json(model: Any, **kwargs: Any) -> Any: ...
