// In: the loops of every instruction set. Out: the cast of this CPU.
#include "engine/device/cpu/cast.h"

#include "base/check.h"
#include "base/simd/isa.h"
#include "engine/device/cpu/cast_loops.h"

namespace ninefold::cpu {

#if defined(__x86_64__)
namespace sse4 { void add_casts(CastTable&); }
namespace avx2 { void add_casts(CastTable&); }
namespace avx512 { void add_casts(CastTable&); }
#else
namespace generic { void add_casts(CastTable&); }
#endif

static const CastTable& table() {
  static const CastTable made = [] {
    CastTable t{};
#if defined(__x86_64__)
    switch (simd::best_isa()) {
      case simd::Isa::avx512: avx512::add_casts(t); break;
      case simd::Isa::avx2: avx2::add_casts(t); break;
      default: sse4::add_casts(t);
    }
#else
    generic::add_casts(t);
#endif
    return t;
  }();
  return made;
}

bool can_cast(int from, int to) {
  return from >= 0 && from < cast_dtypes && to >= 0 && to < cast_dtypes && table().loop[from][to];
}

void cast(int from_dtype, const void* from, int to_dtype, void* to, int64_t n) {
  NINEFOLD_INVARIANT(can_cast(from_dtype, to_dtype));
  if (n > 0) table().loop[from_dtype][to_dtype](from, to, n);
}

}  // namespace ninefold::cpu
