// In: 32-bit words. Out: the numbers TensorFlow makes of them.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "engine/ops/random/philox.h"

namespace ninefold::rng {

inline float unit_f32(uint32_t w) {
  return std::bit_cast<float>(0x3f800000u | (w & 0x7fffffu)) - 1.0f;
}
// The first word is the high part.
inline double unit_f64(uint32_t a, uint32_t b) {
  return std::bit_cast<double>(uint64_t{0x3ff00000u | (a & 0xfffffu)} << 32 | b) - 1.0;
}
// The first word is the low part.
inline uint64_t word_64(uint32_t a, uint32_t b) { return a | uint64_t{b} << 32; }

// log, sin and cos of the C library, in double: glibc's are TensorFlow's.
inline void normals_f64(const Block& w, double out[2]) {
  const double u = std::fmax(unit_f64(w[0], w[1]), 1.0e-7);
  const double v = 2 * std::numbers::pi * unit_f64(w[2], w[3]);
  const double r = std::sqrt(-2.0 * std::log(u));
  out[0] = std::sin(v) * r;
  out[1] = std::cos(v) * r;
}

}  // namespace ninefold::rng
