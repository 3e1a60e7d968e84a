// Generated from the records by tools/generate/generate.py: change those, not this.
// In: C++ calls of the functions of tf.strings. Out: calls of their records.
#include "ninefold/functions/strings.h"

#include "engine/ops/functions/call.h"

namespace ninefold::strings {

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

Tensor reduce_join(const Value& inputs, const ReduceJoinOptions& options) {
  static const Function& f = named("tf.strings.reduce_join");
  return tensor_of(f, {inputs, options.axis.value, options.keepdims, options.separator, Value()});
}

Tensor strip(const Value& input) {
  static const Function& f = named("tf.strings.strip");
  return tensor_of(f, {input, Value()});
}

Tensor substr(const Value& input, const Value& pos, const Value& len, const SubstrOptions& options) {
  static const Function& f = named("tf.strings.substr");
  return tensor_of(f, {input, pos, len, options.unit, Value()});
}

Tensor to_number(const Value& input, const ToNumberOptions& options) {
  static const Function& f = named("tf.strings.to_number");
  return tensor_of(f, {input, options.out_type, Value()});
}

Tensor upper(const Value& input, const UpperOptions& options) {
  static const Function& f = named("tf.strings.upper");
  return tensor_of(f, {input, options.encoding, Value()});
}

}  // namespace ninefold::strings
