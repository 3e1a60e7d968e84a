// In: states, a gradient, constants, of complex numbers. Out: the update rules that take such, an element a time.
#include <complex>

#include "base/simd/num.h"

namespace ninefold::simd::generic {

inline Num<std::complex<float>> sqrt(Num<std::complex<float>> x) { return std::sqrt(x.v); }
inline Num<std::complex<double>> sqrt(Num<std::complex<double>> x) { return std::sqrt(x.v); }

}  // namespace ninefold::simd::generic

#include "engine/device/cpu/update_loops.h"

namespace ninefold::cpu {
namespace {

template <int rule = 0>
void fill_complex(UpdateTable& t) {
  if constexpr (rule < static_cast<int>(Update::count)) {
    if constexpr (kTakesComplex<static_cast<Update>(rule)>) {
      t.of[2][rule] = NINEFOLD_ISA::loop<static_cast<Update>(rule), std::complex<float>>;
      t.of[3][rule] = NINEFOLD_ISA::loop<static_cast<Update>(rule), std::complex<double>>;
    }
    fill_complex<rule + 1>(t);
  }
}

}  // namespace

void add_complex_updates(UpdateTable& t) { fill_complex(t); }

}  // namespace ninefold::cpu
