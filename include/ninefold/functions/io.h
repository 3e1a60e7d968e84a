// Generated from the records by tools/generate/generate.py: change those, not this.
// In: values. Out: what the functions of tf.io make of them.
#pragma once

#include "ninefold/functions/arguments.h"

namespace ninefold::io {

// What tf.io.encode_base64 encoded.
NINEFOLD_API Tensor decode_base64(const Value& input);

// The fields of each record, a tensor a column. record_defaults says each column's dtype and what an empty
// field means: [] that it must not be empty. Of select_cols (rising) only these columns.
struct DecodeCsvOptions {
  std::string field_delim = ",";
  bool use_quote_delim = true;
  std::string na_value = "";
  Value select_cols = {};
};
NINEFOLD_API Tensors decode_csv(const Value& records, const Value& record_defaults,
    const DecodeCsvOptions& options = {});

// The bytes of strings as numbers, along a new last axis; with fixed_length strings are cut or filled with
// zeros.
struct DecodeRawOptions {
  bool little_endian = true;
  Value fixed_length = {};
};
NINEFOLD_API Tensor decode_raw(const Value& input_bytes, DType out_type,
    const DecodeRawOptions& options = {});

// Web-safe base 64.
struct EncodeBase64Options {
  bool pad = false;
};
NINEFOLD_API Tensor encode_base64(const Value& input, const EncodeBase64Options& options = {});

// The names of the files that match a pattern, or one of several.
NINEFOLD_API Tensor matching_files(const Value& pattern);

// The tensor whose bytes tf.io.serialize_tensor wrote. Raises InvalidArgumentError for other bytes and
// another dtype.
NINEFOLD_API Tensor parse_tensor(const Value& serialized, DType out_type);

// The bytes of a file, as a string. Raises NotFoundError if there is none.
NINEFOLD_API Tensor read_file(const Value& filename);

// The bytes of a TensorProto, which tf.io.parse_tensor reads.
NINEFOLD_API Tensor serialize_tensor(const Value& tensor);

// Writes a string to a file, whose folder is made if it is not there.
NINEFOLD_API Value write_file(const Value& filename, const Value& contents);

}  // namespace ninefold::io
