# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.strings for editors and checkers.
from typing import Any, Sequence

from . import Tensor

TensorLike = Any

def as_string(input: TensorLike, precision: int = ..., scientific: bool = ..., shortest: bool = ..., width: int = ..., fill: str = ..., name: str | None = ...) -> Tensor:
    """Each number as text, as printf writes it; `fill` is one of '', '0', ' ', '+', '-'."""

def bytes_split(input: TensorLike, name: str | None = ...) -> Any:
    """The bytes of each string as a ragged tensor of one more dimension; of a scalar as a vector."""

def format(template: str, inputs: Any, placeholder: str = ..., summarize: int = ..., name: str | None = ...) -> Tensor:
    """The template with each placeholder replaced by the text of a tensor."""

def join(inputs: Sequence[TensorLike], separator: str = ..., name: str | None = ...) -> Tensor:
    """Strings joined element by element; scalars go with every element."""

def length(input: TensorLike, unit: str = ..., name: str | None = ...) -> Tensor:
    """Bytes of each string, or its characters if unit is 'UTF8_CHAR'."""

def lower(input: TensorLike, encoding: str = ..., name: str | None = ...) -> Tensor:
    """Small letters: of ASCII, or of Latin, Greek and Cyrillic if encoding is 'utf-8'."""

def ngrams(data: TensorLike, ngram_width: Any, separator: str = ..., pad_values: Any = ..., padding_width: Any = ..., preserve_short_sequences: bool = ..., name: str | None = ...) -> Any:
    """Runs of `ngram_width` neighbours along the last dimension, joined by `separator`; of several widths one after the other. With `pad_values` rows begin and end with `padding_width` of them (the width less one). Raises ValueError for widths below 1."""

def reduce_join(inputs: TensorLike, axis: Any = ..., keepdims: bool = ..., separator: str = ..., name: str | None = ...) -> Tensor:
    """Strings joined along `axis`, in the order in which axes are named (None: all)."""

def regex_full_match(input: TensorLike, pattern: Any, name: str | None = ...) -> Tensor:
    """Whether each string matches RE2's `pattern` as a whole. Raises InvalidArgumentError for a pattern that is none."""

def regex_replace(input: TensorLike, pattern: Any, rewrite: Any, replace_global: bool = ..., name: str | None = ...) -> Tensor:
    """Each string with what matches RE2's `pattern` replaced by `rewrite`, where \\1 to \\9 are the groups: all of it, or the first. Raises InvalidArgumentError for a pattern that is none."""

def split(input: TensorLike, sep: TensorLike | None = ..., maxsplit: int = ..., name: str | None = ...) -> Any:
    """The parts of each string between separators as a ragged tensor of one more dimension; without `sep` between runs of blanks, of which none are left at the ends. At most `maxsplit` cuts if that is not negative."""

def strip(input: TensorLike, name: str | None = ...) -> Tensor:
    """Without the blanks at both ends."""

def substr(input: TensorLike, pos: TensorLike, len: TensorLike, unit: str = ..., name: str | None = ...) -> Tensor:
    """`len` bytes or characters of each string from `pos` on, which counts from the end if negative."""

def to_hash_bucket(input: TensorLike, num_buckets: int, name: str | None = ...) -> Tensor:
    """The bucket of each string, by MurmurHash64A."""

def to_hash_bucket_fast(input: TensorLike, num_buckets: int, name: str | None = ...) -> Tensor:
    """The bucket of each string, by FarmHash' Fingerprint64: quick, the same everywhere, not safe against those who choose strings."""

def to_hash_bucket_strong(input: TensorLike, num_buckets: int, key: Any, name: str | None = ...) -> Tensor:
    """The bucket of each string, by SipHash with a key of two numbers, so that nobody without it can choose strings of one bucket."""

def to_number(input: TensorLike, out_type: Any = ..., name: str | None = ...) -> Tensor:
    """The number that each string writes."""

def unicode_decode(input: TensorLike, input_encoding: str, errors: str = ..., replacement_char: int = ..., replace_control_characters: bool = ..., name: str | None = ...) -> Any:
    """The code points of each string as a ragged tensor of one more dimension; of a scalar as a vector. Bytes that are no character become `replacement_char`, are left out, or raise InvalidArgumentError, as `errors` says."""

def unicode_decode_with_offsets(input: TensorLike, input_encoding: str, errors: str = ..., replacement_char: int = ..., replace_control_characters: bool = ..., name: str | None = ...) -> Any:
    """The code points of each string, and the byte at which each begins."""

def unicode_encode(input: TensorLike, output_encoding: str, errors: str = ..., replacement_char: int = ..., name: str | None = ...) -> Any:
    """A string of the code points along the last dimension. What is no character becomes `replacement_char`, is left out, or raises InvalidArgumentError, as `errors` says."""

def unicode_script(input: TensorLike, name: str | None = ...) -> Tensor:
    """ICU's number of each code point's script (17: Han, 25: Latin, ...); -1 of what is no code point."""

def unicode_split(input: TensorLike, input_encoding: str, errors: str = ..., replacement_char: int = ..., name: str | None = ...) -> Any:
    """The characters of each string as strings, in a ragged tensor of one more dimension; of a scalar in a vector."""

def unicode_split_with_offsets(input: TensorLike, input_encoding: str, errors: str = ..., replacement_char: int = ..., name: str | None = ...) -> Any:
    """The characters of each string, and the byte at which each begins."""

def unicode_transcode(input: TensorLike, input_encoding: str, output_encoding: str, errors: str = ..., replacement_char: int = ..., replace_control_characters: bool = ..., name: str | None = ...) -> Tensor:
    """Strings of one encoding in another: UTF-8, UTF-16-BE or UTF-32-BE."""

def unsorted_segment_join(inputs: TensorLike, segment_ids: TensorLike, num_segments: TensorLike, separator: str = ..., name: str | None = ...) -> Tensor:
    """The strings of each segment joined in their order; "" for a segment that has none."""

def upper(input: TensorLike, encoding: str = ..., name: str | None = ...) -> Tensor:
    """Capital letters: of ASCII, or of Latin, Greek and Cyrillic if encoding is 'utf-8'."""
