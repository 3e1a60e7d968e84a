# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.saved_model for editors and checkers.
from typing import Any, Sequence

from . import Tensor

TensorLike = Any

ASSETS_DIRECTORY: str

ASSETS_KEY: str

class Asset:
    """A file that a SavedModel takes along; `asset_path` is a string tensor."""
    def __init__(self, path: Any) -> None: ...
    asset_path: Any

CLASSIFY_INPUTS: str

CLASSIFY_METHOD_NAME: str

CLASSIFY_OUTPUT_CLASSES: str

CLASSIFY_OUTPUT_SCORES: str

DEBUG_DIRECTORY: str

DEBUG_INFO_FILENAME_PB: str

DEFAULT_SERVING_SIGNATURE_DEF_KEY: str

GPU: str

class LoadOptions:
    """How to load: files and variables of one machine need no device of their own."""
    def __init__(self, allow_partial_checkpoint: Any = ..., experimental_io_device: Any = ..., experimental_skip_checkpoint: Any = ..., experimental_variable_policy: Any = ...) -> None: ...

PREDICT_INPUTS: str

PREDICT_METHOD_NAME: str

PREDICT_OUTPUTS: str

REGRESS_INPUTS: str

REGRESS_METHOD_NAME: str

REGRESS_OUTPUTS: str

SAVED_MODEL_FILENAME_PB: str

SAVED_MODEL_FILENAME_PBTXT: str

SAVED_MODEL_SCHEMA_VERSION: int

SERVING: str

class SaveOptions:
    """How to save. `function_aliases` names functions for their readers; no op here has a namespace."""
    def __init__(self, namespace_whitelist: Any = ..., save_debug_info: Any = ..., function_aliases: Any = ..., experimental_io_device: Any = ..., experimental_variable_policy: Any = ..., experimental_custom_gradients: Any = ...) -> None: ...

TPU: str

TRAINING: str

VARIABLES_DIRECTORY: str

VARIABLES_FILENAME: str

def contains_saved_model(export_dir: Any) -> Any:
    """True iff the directory holds a SavedModel."""

def load(export_dir: Any, tags: Any = ..., options: Any = ...) -> Any:
    """The object that was saved in a directory: variables, functions, signatures, tables and assets with their names. Raises OSError for a directory that holds no SavedModel, or a damaged one."""

def save(obj: Any, export_dir: Any, signatures: Any = ..., options: Any = ...) -> Any:
    """Writes an object with its variables, functions, tables and assets into a directory, whole or not at all. Raises ValueError for what is no tf.Module or list of them, AssertionError for a function over untracked variables."""
