# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.io for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

class FixedLenFeature:
    """As many values as the shape has; the default where an Example lacks them."""
    def __init__(self, shape: Any, dtype: Any, default_value: Any = ...) -> None: ...
    default_value: Any
    dtype: Any
    shape: Any

class FixedLenSequenceFeature:
    """Any number of rows of the shape, padded to the longest Example with the default."""
    def __init__(self, shape: Any, dtype: Any, allow_missing: Any = ..., default_value: Any = ...) -> None: ...
    allow_missing: Any
    default_value: Any
    dtype: Any
    shape: Any

class RaggedFeature:
    """Any number of values, parted into rows by other features: a ragged tensor."""
    RowLengths: Any
    RowLimits: Any
    RowSplits: Any
    RowStarts: Any
    UniformRowLength: Any
    ValueRowIds: Any
    def __init__(self, dtype: Any, value_key: Any = ..., partitions: Any = ..., row_splits_dtype: Any = ..., validate: Any = ...) -> None: ...
    dtype: Any
    partitions: Any
    row_splits_dtype: Any
    validate: Any
    value_key: Any

class SparseFeature:
    """Values under one key, their places under others: a sparse tensor of this size."""
    def __init__(self, index_key: Any, value_key: Any, dtype: Any, size: Any, already_sorted: Any = ...) -> None: ...
    already_sorted: Any
    dtype: Any
    index_key: Any
    size: Any
    value_key: Any

class TFRecordOptions:
    """How records are compressed. Of zlib's settings the level has a say; the others concern the size of its buffers."""
    def __init__(self, compression_type: Any = ..., flush_mode: Any = ..., input_buffer_size: Any = ..., output_buffer_size: Any = ..., window_bits: Any = ..., compression_level: Any = ..., compression_method: Any = ..., mem_level: Any = ..., compression_strategy: Any = ...) -> None: ...
    @classmethod
    def get_compression_type_string(cls, options: Any) -> Any: ...

class TFRecordWriter:
    """Writes records (bytes) one after another; a context manager."""
    def __init__(self, path: Any, options: Any = ...) -> None: ...
    def close(self) -> Any: ...
    def flush(self) -> Any: ...
    def write(self, record: Any) -> Any: ...

class VarLenFeature:
    """Any number of values: a sparse tensor."""
    def __init__(self, dtype: Any) -> None: ...
    dtype: Any

def decode_base64(input: TensorLike, name: str | None = ...) -> Tensor:
    """What tf.io.encode_base64 encoded."""

def decode_csv(records: TensorLike, record_defaults: Any, field_delim: str = ..., use_quote_delim: bool = ..., na_value: str = ..., select_cols: Any = ..., name: str | None = ...) -> list[Tensor]:
    """The fields of each record, a tensor a column. record_defaults says each column's dtype and what an empty field means: [] that it must not be empty. Of select_cols (rising) only these columns."""

def decode_raw(input_bytes: TensorLike, out_type: Any, little_endian: bool = ..., fixed_length: TensorLike | None = ..., name: str | None = ...) -> Tensor:
    """The bytes of strings as numbers, along a new last axis; with fixed_length strings are cut or filled with zeros."""

def encode_base64(input: TensorLike, pad: bool = ..., name: str | None = ...) -> Tensor:
    """Web-safe base 64."""

from . import gfile as gfile

def matching_files(pattern: Any, name: str | None = ...) -> Tensor:
    """The names of the files that match a pattern, or one of several."""

def parse_example(serialized: Any, features: Any, example_names: Any = ..., name: Any = ...) -> Any:
    """The features of a batch of serialized Examples by key: tensors, sparse and ragged tensors."""

def parse_sequence_example(serialized: Any, context_features: Any = ..., sequence_features: Any = ..., example_names: Any = ..., name: Any = ...) -> Any:
    """Of a batch of serialized SequenceExamples (context by key, lists by key, lengths of the dense lists by key)."""

def parse_single_example(serialized: Any, features: Any, example_names: Any = ..., name: Any = ...) -> Any:
    """The features of one serialized Example by key, without a dimension for the batch."""

def parse_single_sequence_example(serialized: Any, context_features: Any = ..., sequence_features: Any = ..., example_name: Any = ..., name: Any = ...) -> Any:
    """Of one serialized SequenceExample (context by key, lists by key), without a dimension for the batch."""

def parse_tensor(serialized: TensorLike, out_type: Any, name: str | None = ...) -> Tensor:
    """The tensor whose bytes tf.io.serialize_tensor wrote. Raises InvalidArgumentError for other bytes and another dtype."""

def read_file(filename: Any, name: str | None = ...) -> Tensor:
    """The bytes of a file, as a string. Raises NotFoundError if there is none."""

def serialize_tensor(tensor: TensorLike, name: str | None = ...) -> Tensor:
    """The bytes of a TensorProto, which tf.io.parse_tensor reads."""

def write_file(filename: Any, contents: Any, name: str | None = ...) -> Any:
    """Writes a string to a file, whose folder is made if it is not there."""
