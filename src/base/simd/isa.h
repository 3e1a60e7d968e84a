// In: the CPU that runs us. Out: which of our builds of a vector loop it may call.
// A *.isa.cc file is compiled once an instruction set (cmake/isa.cmake), each time inside the
// namespace NINEFOLD_ISA, so that no symbol of an AVX-512 object can replace a baseline one.
#pragma once

#ifndef NINEFOLD_ISA
#define NINEFOLD_ISA generic
#endif

namespace ninefold::simd {

enum class Isa { generic, sse4, avx2, avx512 };
inline constexpr int isa_count = 4;

// True iff the build has this set and the CPU can run it.
bool has_isa(Isa isa);
// The best set of this CPU; NINEFOLD_MAX_ISA=sse4|avx2|avx512 in the environment lowers it.
Isa best_isa();
const char* isa_name(Isa isa);

}  // namespace ninefold::simd
