// Generated from the records by tools/generate/generate.py: change those, not this.
// In: values. Out: what the functions of tf.strings make of them.
#pragma once

#include "ninefold/functions/arguments.h"

namespace ninefold::strings {

// The bytes of each string as a ragged tensor of one more dimension; of a scalar as a vector.
NINEFOLD_API Value bytes_split(const Value& input);

// The template with each placeholder replaced by the text of a tensor.
struct FormatOptions {
  std::string placeholder = "{}";
  int64_t summarize = 3;
};
NINEFOLD_API Tensor format(const std::string& template_, const Value& inputs,
    const FormatOptions& options = {});

// Strings joined element by element; scalars go with every element.
struct JoinOptions {
  std::string separator = "";
};
NINEFOLD_API Tensor join(const Value& inputs, const JoinOptions& options = {});

// Bytes of each string, or its characters if unit is 'UTF8_CHAR'.
struct LengthOptions {
  std::string unit = "BYTE";
};
NINEFOLD_API Tensor length(const Value& input, const LengthOptions& options = {});

// Small letters: of ASCII, or of Latin, Greek and Cyrillic if encoding is 'utf-8'.
struct LowerOptions {
  std::string encoding = "";
};
NINEFOLD_API Tensor lower(const Value& input, const LowerOptions& options = {});

// Runs of `ngram_width` neighbours along the last dimension, joined by `separator`; of several widths one
// after the other. With `pad_values` rows begin and end with `padding_width` of them (the width less one).
// Raises ValueError for widths below 1.
struct NgramsOptions {
  std::string separator = " ";
  Value pad_values = {};
  Value padding_width = {};
  bool preserve_short_sequences = false;
};
NINEFOLD_API Value ngrams(const Value& data, const Value& ngram_width, const NgramsOptions& options = {});

// Strings joined along `axis`, in the order in which axes are named (None: all).
struct ReduceJoinOptions {
  Ints axis = {};
  bool keepdims = false;
  std::string separator = "";
};
NINEFOLD_API Tensor reduce_join(const Value& inputs, const ReduceJoinOptions& options = {});

// Whether each string matches RE2's `pattern` as a whole. Raises InvalidArgumentError for a pattern that
// is none.
NINEFOLD_API Tensor regex_full_match(const Value& input, const Value& pattern);

// Each string with what matches RE2's `pattern` replaced by `rewrite`, where \1 to \9 are the groups: all
// of it, or the first. Raises InvalidArgumentError for a pattern that is none.
struct RegexReplaceOptions {
  bool replace_global = true;
};
NINEFOLD_API Tensor regex_replace(const Value& input, const Value& pattern, const Value& rewrite,
    const RegexReplaceOptions& options = {});

// The parts of each string between separators as a ragged tensor of one more dimension; without `sep`
// between runs of blanks, of which none are left at the ends. At most `maxsplit` cuts if that is not
// negative.
struct SplitOptions {
  Value sep = {};
  int64_t maxsplit = -1;
};
NINEFOLD_API Value split(const Value& input, const SplitOptions& options = {});

// Without the blanks at both ends.
NINEFOLD_API Tensor strip(const Value& input);

// `len` bytes or characters of each string from `pos` on, which counts from the end if negative.
struct SubstrOptions {
  std::string unit = "BYTE";
};
NINEFOLD_API Tensor substr(const Value& input, const Value& pos, const Value& len,
    const SubstrOptions& options = {});

// The bucket of each string, by MurmurHash64A.
NINEFOLD_API Tensor to_hash_bucket(const Value& input, int64_t num_buckets);

// The bucket of each string, by FarmHash' Fingerprint64: quick, the same everywhere, not safe against
// those who choose strings.
NINEFOLD_API Tensor to_hash_bucket_fast(const Value& input, int64_t num_buckets);

// The bucket of each string, by SipHash with a key of two numbers, so that nobody without it can choose
// strings of one bucket.
NINEFOLD_API Tensor to_hash_bucket_strong(const Value& input, int64_t num_buckets, const Ints& key);

// The number that each string writes.
struct ToNumberOptions {
  DType out_type = dtype_named("float32");
};
NINEFOLD_API Tensor to_number(const Value& input, const ToNumberOptions& options = {});

// The code points of each string as a ragged tensor of one more dimension; of a scalar as a vector. Bytes
// that are no character become `replacement_char`, are left out, or raise InvalidArgumentError, as
// `errors` says.
struct UnicodeDecodeOptions {
  std::string errors = "replace";
  int64_t replacement_char = 65533;
  bool replace_control_characters = false;
};
NINEFOLD_API Value unicode_decode(const Value& input, const std::string& input_encoding,
    const UnicodeDecodeOptions& options = {});

// The code points of each string, and the byte at which each begins.
struct UnicodeDecodeWithOffsetsOptions {
  std::string errors = "replace";
  int64_t replacement_char = 65533;
  bool replace_control_characters = false;
};
NINEFOLD_API Value unicode_decode_with_offsets(const Value& input, const std::string& input_encoding,
    const UnicodeDecodeWithOffsetsOptions& options = {});

// A string of the code points along the last dimension. What is no character becomes `replacement_char`,
// is left out, or raises InvalidArgumentError, as `errors` says.
struct UnicodeEncodeOptions {
  std::string errors = "replace";
  int64_t replacement_char = 65533;
};
NINEFOLD_API Value unicode_encode(const Value& input, const std::string& output_encoding,
    const UnicodeEncodeOptions& options = {});

// ICU's number of each code point's script (17: Han, 25: Latin, ...); -1 of what is no code point.
NINEFOLD_API Tensor unicode_script(const Value& input);

// The characters of each string as strings, in a ragged tensor of one more dimension; of a scalar in a
// vector.
struct UnicodeSplitOptions {
  std::string errors = "replace";
  int64_t replacement_char = 65533;
};
NINEFOLD_API Value unicode_split(const Value& input, const std::string& input_encoding,
    const UnicodeSplitOptions& options = {});

// The characters of each string, and the byte at which each begins.
struct UnicodeSplitWithOffsetsOptions {
  std::string errors = "replace";
  int64_t replacement_char = 65533;
};
NINEFOLD_API Value unicode_split_with_offsets(const Value& input, const std::string& input_encoding,
    const UnicodeSplitWithOffsetsOptions& options = {});

// Strings of one encoding in another: UTF-8, UTF-16-BE or UTF-32-BE.
struct UnicodeTranscodeOptions {
  std::string errors = "replace";
  int64_t replacement_char = 65533;
  bool replace_control_characters = false;
};
NINEFOLD_API Tensor unicode_transcode(const Value& input, const std::string& input_encoding,
    const std::string& output_encoding, const UnicodeTranscodeOptions& options = {});

// The strings of each segment joined in their order; "" for a segment that has none.
struct UnsortedSegmentJoinOptions {
  std::string separator = "";
};
NINEFOLD_API Tensor unsorted_segment_join(const Value& inputs, const Value& segment_ids,
    const Value& num_segments, const UnsortedSegmentJoinOptions& options = {});

// Capital letters: of ASCII, or of Latin, Greek and Cyrillic if encoding is 'utf-8'.
struct UpperOptions {
  std::string encoding = "";
};
NINEFOLD_API Tensor upper(const Value& input, const UpperOptions& options = {});

}  // namespace ninefold::strings
