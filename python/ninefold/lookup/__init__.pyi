# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.lookup for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

class KeyValueTensorInitializer:
    """Fills a table from keys and values side by side."""
    def __init__(self, keys: Any, values: Any, key_dtype: Any = ..., value_dtype: Any = ..., name: Any = ...) -> None: ...
    def initialize(self, table: Any) -> Any: ...
    key_dtype: Any
    value_dtype: Any

class StaticHashTable:
    """A table that is filled once; keys that are not in it have the default value. (Every table belongs to its handle alone, as TensorFlow's anonymous ones do.)"""
    def __getitem__(self, keys: Any) -> Any: ...
    def __init__(self, initializer: Any, default_value: Any, name: Any = ..., experimental_is_anonymous: Any = ...) -> None: ...
    __iter__: Any
    default_value: Any
    def export(self, name: Any = ...) -> Any: ...
    key_dtype: Any
    def lookup(self, keys: Any, name: Any = ...) -> Any: ...
    name: Any
    resource_handle: Any
    def size(self, name: Any = ...) -> Any: ...
    value_dtype: Any

class StaticVocabularyTable:
    """Ids of keys; those that are not in the table share num_oov_buckets ids behind the others, by their hash."""
    def __getitem__(self, keys: Any) -> Any: ...
    def __init__(self, initializer: Any, num_oov_buckets: Any, lookup_key_dtype: Any = ..., name: Any = ..., experimental_is_anonymous: Any = ...) -> None: ...
    __iter__: Any
    def export(self, name: Any = ...) -> Any: ...
    key_dtype: Any
    def lookup(self, keys: Any, name: Any = ...) -> Any: ...
    name: Any
    resource_handle: Any
    def size(self, name: Any = ...) -> Any: ...
    value_dtype: Any

class TextFileIndex:
    """What of a line becomes a key or a value; numbers from 0 on are columns."""
    LINE_NUMBER: Any
    WHOLE_LINE: Any
    def __init__(self) -> None: ...

class TextFileInitializer:
    """Fills a table from the lines of a file."""
    def __init__(self, filename: Any, key_dtype: Any, key_index: Any, value_dtype: Any, value_index: Any, vocab_size: Any = ..., delimiter: Any = ..., name: Any = ..., value_index_offset: Any = ...) -> None: ...
    def initialize(self, table: Any) -> Any: ...
    key_dtype: Any
    value_dtype: Any

from . import experimental as experimental
