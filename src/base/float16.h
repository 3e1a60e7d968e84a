// In: the 16 bits of a half (IEEE binary16) or bfloat16, or a float. Out: the other one.
// To 16 bits rounds to nearest, ties to even, like TensorFlow's casts; NaN becomes a quiet NaN.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace ninefold {

// Every path is computed and one is selected, so that loops over these become vector code.

inline float half_to_float(uint16_t h) {
  const uint32_t sign = static_cast<uint32_t>(h & 0x8000u) << 16;
  const uint32_t shifted = static_cast<uint32_t>(h & 0x7fffu) << 13;
  const uint32_t exponent = shifted & 0x0f800000u;
  const uint32_t normal = shifted + 0x38000000u;   // exponent bias 15 -> 127
  const uint32_t special = shifted + 0x70000000u;  // exponent 31 -> 255: inf and NaN
  // A subnormal gets an implicit one at 2^-14, which the subtraction takes away exactly.
  const float tiny = std::bit_cast<float>(shifted + 0x38800000u) - 0x1p-14f;
  const uint32_t magnitude = exponent == 0x0f800000u ? special
                             : exponent == 0         ? std::bit_cast<uint32_t>(tiny)
                                                     : normal;
  return std::bit_cast<float>(sign | magnitude);
}

inline uint16_t float_to_half(float f) {
  const uint32_t bits = std::bit_cast<uint32_t>(f);
  const uint32_t sign = bits >> 31 << 15;
  const uint32_t magnitude = bits & 0x7fffffffu;
  // Adding 0.5 puts the last bit of a float where a half subnormal has its own: this rounds.
  const uint32_t half = 0x3f000000u;  // 0.5f
  const uint32_t tiny = std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - half;
  // 65520 and above carry into the exponent and so become infinity by themselves.
  const uint32_t normal = (magnitude - 0x38000000u + 0x0fffu + ((magnitude >> 13) & 1u)) >> 13;
  const uint32_t special = magnitude > 0x7f800000u ? 0x7e00u : 0x7c00u;
  const uint32_t rounded = magnitude >= 0x47800000u  ? special
                           : magnitude < 0x38800000u ? tiny
                                                     : normal;
  return static_cast<uint16_t>(sign | rounded);
}

inline float bfloat16_to_float(uint16_t b) {
  return std::bit_cast<float>(static_cast<uint32_t>(b) << 16);
}

inline uint16_t float_to_bfloat16(float f) {
  const uint32_t bits = std::bit_cast<uint32_t>(f);
  const uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  const uint32_t quiet = (bits >> 31 << 15) | 0x7fc0u;
  return static_cast<uint16_t>((bits & 0x7fffffffu) > 0x7f800000u ? quiet : rounded);
}

// n values at once; source and destination may not overlap.
inline void half_to_float(const uint16_t* from, float* to, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) to[i] = half_to_float(from[i]);
}
inline void float_to_half(const float* from, uint16_t* to, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) to[i] = float_to_half(from[i]);
}
inline void bfloat16_to_float(const uint16_t* from, float* to, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) to[i] = bfloat16_to_float(from[i]);
}
inline void float_to_bfloat16(const float* from, uint16_t* to, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) to[i] = float_to_bfloat16(from[i]);
}

}  // namespace ninefold
