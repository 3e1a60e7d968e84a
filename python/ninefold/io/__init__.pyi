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

def decode_and_crop_jpeg(contents: TensorLike, crop_window: TensorLike, channels: int = ..., ratio: int = ..., fancy_upscaling: bool = ..., try_recover_truncated: bool = ..., acceptable_fraction: float = ..., dct_method: str = ..., name: str | None = ...) -> Tensor:
    """decode_jpeg of the window [top, left, height, width] only. Raises InvalidArgumentError where it is not within the image."""

def decode_base64(input: TensorLike, name: str | None = ...) -> Tensor:
    """What tf.io.encode_base64 encoded."""

def decode_bmp(contents: TensorLike, channels: int = ..., name: str | None = ...) -> Tensor:
    """The pixels [height, width, channels], uint8, of a bitmap. channels: those of the file, or 0. Raises InvalidArgumentError for what is no bitmap."""

def decode_csv(records: TensorLike, record_defaults: Any, field_delim: str = ..., use_quote_delim: bool = ..., na_value: str = ..., select_cols: Any = ..., name: str | None = ...) -> list[Tensor]:
    """The fields of each record, a tensor a column. record_defaults says each column's dtype and what an empty field means: [] that it must not be empty. Of select_cols (rising) only these columns."""

def decode_gif(contents: TensorLike, name: str | None = ...) -> Tensor:
    """The frames [frames, height, width, 3], uint8, of an image file. Raises InvalidArgumentError for what is none."""

def decode_image(contents: TensorLike, channels: int | None = ..., dtype: Any = ..., name: str | None = ..., expand_animations: bool = ...) -> Tensor:
    """The pixels of a JPEG, PNG, GIF or BMP: [height, width, channels], of a GIF [frames, height, width, 3] unless expand_animations is False. Integers fill the range of dtype, floats [0, 1]. Raises InvalidArgumentError for what is no image."""

def decode_jpeg(contents: TensorLike, channels: int = ..., ratio: int = ..., fancy_upscaling: bool = ..., try_recover_truncated: bool = ..., acceptable_fraction: float = ..., dct_method: str = ..., name: str | None = ...) -> Tensor:
    """The pixels [height, width, channels], uint8, of an image file, smaller by ratio (1, 2, 4, 8). Of a JPEG that ends too early at least acceptable_fraction of the rows must be there, if try_recover_truncated. dct_method: 'INTEGER_FAST' (also '') or 'INTEGER_ACCURATE'. Raises InvalidArgumentError for what is no image."""

def decode_png(contents: TensorLike, channels: int = ..., dtype: Any = ..., name: str | None = ...) -> Tensor:
    """The pixels [height, width, channels] of an image file. channels: 1 (grey), 3 (red, green, blue), 4 (and how opaque); 0: as the file has them. dtype: tf.uint8 or tf.uint16. Raises InvalidArgumentError for what is no image."""

def decode_raw(input_bytes: TensorLike, out_type: Any, little_endian: bool = ..., fixed_length: TensorLike | None = ..., name: str | None = ...) -> Tensor:
    """The bytes of strings as numbers, along a new last axis; with fixed_length strings are cut or filled with zeros."""

def encode_base64(input: TensorLike, pad: bool = ..., name: str | None = ...) -> Tensor:
    """Web-safe base 64."""

def encode_jpeg(image: TensorLike, format: str = ..., quality: int = ..., progressive: bool = ..., optimize_size: bool = ..., chroma_downsampling: bool = ..., density_unit: str = ..., x_density: int = ..., y_density: int = ..., xmp_metadata: str = ..., name: str | None = ...) -> Tensor:
    """An image [height, width, 1 or 3], uint8, as the bytes of a JPEG. format: '', 'grayscale', 'rgb'. quality: 0 to 100."""

def encode_png(image: TensorLike, compression: int = ..., name: str | None = ...) -> Tensor:
    """An image [height, width, 1 to 4], uint8 or uint16, as the bytes of a PNG. compression: 0 to 9, -1: the library's own choice."""

def extract_jpeg_shape(contents: TensorLike, output_type: Any = ..., name: str | None = ...) -> Tensor:
    """[height, width, channels] of a JPEG, from its header alone. Raises InvalidArgumentError for what is none."""

from . import gfile as gfile

def is_jpeg(contents: TensorLike, name: str | None = ...) -> Tensor:
    """Whether the bytes begin as those of a JPEG do."""

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
