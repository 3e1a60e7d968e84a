// In: an attribute and a value that its record does not allow. Out: TensorFlow's error.
#pragma once

#include "engine/op/op.h"

namespace ninefold {

// "Value for attr 'T' of string is not in the list of allowed values: ...; NodeDef: ...; Op<name=...> [Op:...]".
[[noreturn]] void attr_not_allowed(const Op& op, const AttrDef& attr, const std::string& got);

}  // namespace ninefold
