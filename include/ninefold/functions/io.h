// Generated from the records by tools/generate/generate.py: change those, not this.
// In: values. Out: what the functions of tf.io make of them.
#pragma once

#include "ninefold/functions/arguments.h"

namespace ninefold::io {

// What tf.io.encode_base64 encoded.
NINEFOLD_API Tensor decode_base64(const Value& input);

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

}  // namespace ninefold::io
