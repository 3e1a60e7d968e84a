// In: the update loops of every instruction set. Out: those of this CPU.
#include "engine/device/cpu/update.h"

#include "base/check.h"
#include "base/simd/isa.h"
#include "engine/device/cpu/update_loops.h"

namespace ninefold::cpu {

#if defined(__x86_64__)
namespace sse4 { void add_updates(UpdateTable&); }
namespace avx2 { void add_updates(UpdateTable&); }
namespace avx512 { void add_updates(UpdateTable&); }
#else
namespace generic { void add_updates(UpdateTable&); }
#endif

namespace {

UpdateTable::Loop loop_of(Update rule, int dtype) {
  NINEFOLD_INVARIANT((dtype == 1 || dtype == 2 || dtype == 8 || dtype == 18) && rule < Update::count);
  static const UpdateTable table = [] {
    UpdateTable t{};
#if defined(__x86_64__)
    switch (simd::best_isa()) {
      case simd::Isa::avx512: avx512::add_updates(t); break;
      case simd::Isa::avx2: avx2::add_updates(t); break;
      default: sse4::add_updates(t);
    }
#else
    generic::add_updates(t);
#endif
    add_complex_updates(t);
    return t;
  }();
  return table.of[dtype < 8 ? dtype - 1 : dtype == 8 ? 2 : 3][static_cast<int>(rule)];
}

}  // namespace

void update(Update rule, int dtype, void* const* states, const void* gradient, const void* constants, int64_t n) {
  const UpdateTable::Loop loop = loop_of(rule, dtype);
  NINEFOLD_INVARIANT(loop);
  loop(states, gradient, constants, n);
}
bool updates(Update rule, int dtype) { return loop_of(rule, dtype); }

}  // namespace ninefold::cpu
