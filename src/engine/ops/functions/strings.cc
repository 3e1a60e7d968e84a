// Generated from the records by tools/generate/generate.py: change those, not this.
// In: C++ calls of the functions of tf.strings. Out: calls of their records.
#include "ninefold/functions/strings.h"

#include "engine/ops/functions/call.h"

namespace ninefold::strings {

Value bytes_split(const Value& input) {
  static const Function& f = named("tf.strings.bytes_split");
  return value_of(f, {input, Value()});
}

Tensor format(const std::string& template_, const Value& inputs, const FormatOptions& options) {
  static const Function& f = named("tf.strings.format");
  return tensor_of(f, {template_, inputs, options.placeholder, options.summarize, Value()});
}

Tensor join(const Value& inputs, const JoinOptions& options) {
  static const Function& f = named("tf.strings.join");
  return tensor_of(f, {inputs, options.separator, Value()});
}

Tensor length(const Value& input, const LengthOptions& options) {
  static const Function& f = named("tf.strings.length");
  return tensor_of(f, {input, options.unit, Value()});
}

Tensor lower(const Value& input, const LowerOptions& options) {
  static const Function& f = named("tf.strings.lower");
  return tensor_of(f, {input, options.encoding, Value()});
}

Value ngrams(const Value& data, const Value& ngram_width, const NgramsOptions& options) {
  static const Function& f = named("tf.strings.ngrams");
  return value_of(f, {data, ngram_width, options.separator, options.pad_values, options.padding_width,
    options.preserve_short_sequences, Value()});
}

Tensor reduce_join(const Value& inputs, const ReduceJoinOptions& options) {
  static const Function& f = named("tf.strings.reduce_join");
  return tensor_of(f, {inputs, options.axis.value, options.keepdims, options.separator, Value()});
}

Tensor regex_full_match(const Value& input, const Value& pattern) {
  static const Function& f = named("tf.strings.regex_full_match");
  return tensor_of(f, {input, pattern, Value()});
}

Tensor regex_replace(const Value& input, const Value& pattern, const Value& rewrite,
    const RegexReplaceOptions& options) {
  static const Function& f = named("tf.strings.regex_replace");
  return tensor_of(f, {input, pattern, rewrite, options.replace_global, Value()});
}

Value split(const Value& input, const SplitOptions& options) {
  static const Function& f = named("tf.strings.split");
  return value_of(f, {input, options.sep, options.maxsplit, Value()});
}

Tensor strip(const Value& input) {
  static const Function& f = named("tf.strings.strip");
  return tensor_of(f, {input, Value()});
}

Tensor substr(const Value& input, const Value& pos, const Value& len, const SubstrOptions& options) {
  static const Function& f = named("tf.strings.substr");
  return tensor_of(f, {input, pos, len, options.unit, Value()});
}

Tensor to_hash_bucket(const Value& input, int64_t num_buckets) {
  static const Function& f = named("tf.strings.to_hash_bucket");
  return tensor_of(f, {input, num_buckets, Value()});
}

Tensor to_hash_bucket_fast(const Value& input, int64_t num_buckets) {
  static const Function& f = named("tf.strings.to_hash_bucket_fast");
  return tensor_of(f, {input, num_buckets, Value()});
}

Tensor to_hash_bucket_strong(const Value& input, int64_t num_buckets, const Ints& key) {
  static const Function& f = named("tf.strings.to_hash_bucket_strong");
  return tensor_of(f, {input, num_buckets, key.value, Value()});
}

Tensor to_number(const Value& input, const ToNumberOptions& options) {
  static const Function& f = named("tf.strings.to_number");
  return tensor_of(f, {input, options.out_type, Value()});
}

Value unicode_decode(const Value& input, const std::string& input_encoding,
    const UnicodeDecodeOptions& options) {
  static const Function& f = named("tf.strings.unicode_decode");
  return value_of(f, {input, input_encoding, options.errors, options.replacement_char,
    options.replace_control_characters, Value()});
}

Value unicode_decode_with_offsets(const Value& input, const std::string& input_encoding,
    const UnicodeDecodeWithOffsetsOptions& options) {
  static const Function& f = named("tf.strings.unicode_decode_with_offsets");
  return value_of(f, {input, input_encoding, options.errors, options.replacement_char,
    options.replace_control_characters, Value()});
}

Value unicode_encode(const Value& input, const std::string& output_encoding,
    const UnicodeEncodeOptions& options) {
  static const Function& f = named("tf.strings.unicode_encode");
  return value_of(f, {input, output_encoding, options.errors, options.replacement_char, Value()});
}

Tensor unicode_script(const Value& input) {
  static const Function& f = named("tf.strings.unicode_script");
  return tensor_of(f, {input, Value()});
}

Value unicode_split(const Value& input, const std::string& input_encoding,
    const UnicodeSplitOptions& options) {
  static const Function& f = named("tf.strings.unicode_split");
  return value_of(f, {input, input_encoding, options.errors, options.replacement_char, Value()});
}

Value unicode_split_with_offsets(const Value& input, const std::string& input_encoding,
    const UnicodeSplitWithOffsetsOptions& options) {
  static const Function& f = named("tf.strings.unicode_split_with_offsets");
  return value_of(f, {input, input_encoding, options.errors, options.replacement_char, Value()});
}

Tensor unicode_transcode(const Value& input, const std::string& input_encoding,
    const std::string& output_encoding, const UnicodeTranscodeOptions& options) {
  static const Function& f = named("tf.strings.unicode_transcode");
  return tensor_of(f, {input, input_encoding, output_encoding, options.errors, options.replacement_char,
    options.replace_control_characters, Value()});
}

Tensor unsorted_segment_join(const Value& inputs, const Value& segment_ids, const Value& num_segments,
    const UnsortedSegmentJoinOptions& options) {
  static const Function& f = named("tf.strings.unsorted_segment_join");
  return tensor_of(f, {inputs, segment_ids, num_segments, options.separator, Value()});
}

Tensor upper(const Value& input, const UpperOptions& options) {
  static const Function& f = named("tf.strings.upper");
  return tensor_of(f, {input, options.encoding, Value()});
}

}  // namespace ninefold::strings
