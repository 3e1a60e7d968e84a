// The table that the cast loops of an instruction set fill in.
#pragma once

#include <cstdint>

namespace ninefold::cpu {
inline constexpr int cast_dtypes = 24;
using CastLoop = void (*)(const void* from, void* to, int64_t n);
struct CastTable { CastLoop loop[cast_dtypes][cast_dtypes]; };
}  // namespace ninefold::cpu
