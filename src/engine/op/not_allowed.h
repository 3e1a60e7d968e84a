// In: attributes and inputs that an op's record does not allow. Out: TensorFlow's errors.
#pragma once

#include "engine/op/op.h"

namespace ninefold {

// "Value for attr 'T' of string is not in the list of allowed values: ...; NodeDef: ...; Op<name=...> [Op:...]".
[[noreturn]] void attr_not_allowed(const Op& op, const AttrDef& attr, const std::string& got);

// The same while a function is traced: a TypeError that names the input, as no op exists yet.
[[noreturn]] void input_not_allowed(const ArgDef& input, const AttrDef& attr, DType got);
[[noreturn]] void input_mistyped(const Op& op, const OpDef& d, const ArgDef& input, DType expected, DType got,
                                 std::span<const Tensor> parts);

}  // namespace ninefold
