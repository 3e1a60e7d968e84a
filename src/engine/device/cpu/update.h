// In: a variable, its slots and a gradient, all of n elements, and the rule's constants. Out: the variable and
// its slots one step further, in one pass.
#pragma once

#include <cstdint>

#include "engine/device/update_rules.h"

namespace ninefold::cpu {

// dtype: 1 (float), 2 (double), 8 or 18 (complex); kUpdateConstants constants of that dtype.
void update(Update rule, int dtype, void* const* states, const void* gradient, const void* constants, int64_t n);
bool updates(Update rule, int dtype);            // whether there is such a loop

}  // namespace ninefold::cpu
