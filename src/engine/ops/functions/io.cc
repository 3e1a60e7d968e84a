// Generated from the records by tools/generate/generate.py: change those, not this.
// In: C++ calls of the functions of tf.io. Out: calls of their records.
#include "ninefold/functions/io.h"

#include "engine/ops/functions/call.h"

namespace ninefold::io {

Tensor decode_base64(const Value& input) {
  static const Function& f = named("tf.io.decode_base64");
  return tensor_of(f, {input, Value()});
}

Tensors decode_csv(const Value& records, const Value& record_defaults, const DecodeCsvOptions& options) {
  static const Function& f = named("tf.io.decode_csv");
  return tensors_of(f, {records, record_defaults, options.field_delim, options.use_quote_delim,
    options.na_value, options.select_cols, Value()});
}

Tensor decode_raw(const Value& input_bytes, DType out_type, const DecodeRawOptions& options) {
  static const Function& f = named("tf.io.decode_raw");
  return tensor_of(f, {input_bytes, out_type, options.little_endian, options.fixed_length, Value()});
}

Tensor encode_base64(const Value& input, const EncodeBase64Options& options) {
  static const Function& f = named("tf.io.encode_base64");
  return tensor_of(f, {input, options.pad, Value()});
}

Tensor matching_files(const Value& pattern) {
  static const Function& f = named("tf.io.matching_files");
  return tensor_of(f, {pattern, Value()});
}

Tensor parse_tensor(const Value& serialized, DType out_type) {
  static const Function& f = named("tf.io.parse_tensor");
  return tensor_of(f, {serialized, out_type, Value()});
}

Tensor read_file(const Value& filename) {
  static const Function& f = named("tf.io.read_file");
  return tensor_of(f, {filename, Value()});
}

Tensor serialize_tensor(const Value& tensor) {
  static const Function& f = named("tf.io.serialize_tensor");
  return tensor_of(f, {tensor, Value()});
}

Value write_file(const Value& filename, const Value& contents) {
  static const Function& f = named("tf.io.write_file");
  return value_of(f, {filename, contents, Value()});
}

}  // namespace ninefold::io
