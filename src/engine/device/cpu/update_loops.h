// In: an update rule (device/update_rules.h) and a type. Out: its loop for the instruction set that this is compiled for,
// and the table that such loops are put in. Nothing is contracted, so the bits are TensorFlow's.
#pragma once

#include "base/simd/math.h"
#include "engine/device/cpu/update.h"

namespace ninefold::cpu {
struct UpdateTable {
  using Loop = void (*)(void* const* states, const void* gradient, const void* constants, int64_t n);
  Loop of[4][static_cast<int>(Update::count)];   // float, double, complex64, complex128; null: there is none
};
void add_complex_updates(UpdateTable&);          // of no instruction set (update_complex.cc)

namespace NINEFOLD_ISA {

using simd::NINEFOLD_ISA::Num;

// States do not overlap.
template <Update rule, class T>
void loop(void* const* states, const void* gradient, const void* constants, int64_t n) {
  constexpr int count = kStatesOf<rule>;
  T* v = static_cast<T*>(states[0]);
  [[maybe_unused]] T* a = count > 1 ? static_cast<T*>(states[1]) : nullptr;
  [[maybe_unused]] T* b = count > 2 ? static_cast<T*>(states[2]) : nullptr;
  [[maybe_unused]] T* w = count > 3 ? static_cast<T*>(states[3]) : nullptr;
  const T* g = static_cast<const T*>(gradient);
  Num<T> k[kUpdateConstants];
  for (int i = 0; i < kUpdateConstants; ++i) k[i] = static_cast<const T*>(constants)[i];
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) {
    Num<T> s[kUpdateStates];
    s[0] = v[i];
    if constexpr (count > 1) s[1] = a[i];
    if constexpr (count > 2) s[2] = b[i];
    if constexpr (count > 3) s[3] = w[i];
    updates::step<rule>(s, Num<T>(g[i]), k);
    v[i] = s[0].v;
    if constexpr (count > 1) a[i] = s[1].v;
    if constexpr (count > 2) b[i] = s[2].v;
    if constexpr (count > 3) w[i] = s[3].v;
  }
}

}  // namespace NINEFOLD_ISA
}  // namespace ninefold::cpu
