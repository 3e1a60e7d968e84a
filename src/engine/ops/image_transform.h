// In: an attribute's words. Out: what ImageProjectiveTransform's kernels of both devices compute with.
#pragma once

#include <string_view>

#include "engine/device/image_rules.h"

namespace ninefold::ops {

images::Fill fill_named(std::string_view name);   // "CONSTANT", "REFLECT", "WRAP", "NEAREST"

}  // namespace ninefold::ops
