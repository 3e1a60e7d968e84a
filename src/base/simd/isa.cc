// In: CPUID and NINEFOLD_MAX_ISA. Out: the instruction set chosen once for the process.
#include "base/simd/isa.h"

#include <cstdlib>
#include <string_view>

namespace ninefold::simd {

const char* isa_name(Isa isa) {
  constexpr const char* names[isa_count] = {"generic", "sse4", "avx2", "avx512"};
  return names[static_cast<int>(isa)];
}

bool has_isa(Isa isa) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  switch (isa) {
    case Isa::generic: return false;  // on x86-64 the baseline build is SSE4.2
    case Isa::sse4: return __builtin_cpu_supports("sse4.2");
    case Isa::avx2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case Isa::avx512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  }
  return false;
#else
  return isa == Isa::generic;
#endif
}

Isa best_isa() {
  static const Isa best = [] {
    Isa limit = Isa::avx512;
    if (const char* wish = std::getenv("NINEFOLD_MAX_ISA")) {
      for (Isa isa : {Isa::sse4, Isa::avx2})
        if (std::string_view(wish) == isa_name(isa)) limit = isa;
    }
    for (Isa isa : {Isa::avx512, Isa::avx2, Isa::sse4})
      if (isa <= limit && has_isa(isa)) return isa;
    return has_isa(Isa::sse4) ? Isa::sse4 : Isa::generic;
  }();
  return best;
}

}  // namespace ninefold::simd
