// The table that the update loops of an instruction set fill in: [0] float, [1] double.
#pragma once

#include "engine/device/cpu/update.h"

namespace ninefold::cpu {
struct UpdateTable {
  using Loop = void (*)(void* const* states, const void* gradient, const void* constants, int64_t n);
  Loop of[2][static_cast<int>(Update::count)];
};
}  // namespace ninefold::cpu
