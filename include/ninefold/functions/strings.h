// Generated from the records by tools/generate/generate.py: change those, not this.
// In: values. Out: what the functions of tf.strings make of them.
#pragma once

#include "ninefold/functions/arguments.h"

namespace ninefold::strings {

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

// Strings joined along `axis`, in the order in which axes are named (None: all).
struct ReduceJoinOptions {
  Ints axis = {};
  bool keepdims = false;
  std::string separator = "";
};
NINEFOLD_API Tensor reduce_join(const Value& inputs, const ReduceJoinOptions& options = {});

// Without the blanks at both ends.
NINEFOLD_API Tensor strip(const Value& input);

// `len` bytes or characters of each string from `pos` on, which counts from the end if negative.
struct SubstrOptions {
  std::string unit = "BYTE";
};
NINEFOLD_API Tensor substr(const Value& input, const Value& pos, const Value& len,
    const SubstrOptions& options = {});

// The number that each string writes.
struct ToNumberOptions {
  DType out_type = dtype_named("float32");
};
NINEFOLD_API Tensor to_number(const Value& input, const ToNumberOptions& options = {});

// Capital letters: of ASCII, or of Latin, Greek and Cyrillic if encoding is 'utf-8'.
struct UpperOptions {
  std::string encoding = "";
};
NINEFOLD_API Tensor upper(const Value& input, const UpperOptions& options = {});

}  // namespace ninefold::strings
