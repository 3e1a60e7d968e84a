// In: a Philox state of a launch. Out: its words, and the numbers that they are worth.
#pragma once

#include "engine/ops/numbers.cuh"
#include "engine/ops/random/philox_rounds.h"
#include "engine/ops/random_fill_launch.h"

#if !defined(__CUDACC__)
#include <cmath>
using std::cos, std::log, std::sin, std::sqrt;
#endif

namespace {

using ninefold::cuda::Random;

NF_DEVICE void words(const Random& p, uint64_t block, uint32_t (&w)[4]) {
  if (p.counter) block += *p.counter;
  const uint64_t low = p.low + block, high = p.high + (low < block);
  w[0] = static_cast<uint32_t>(low), w[1] = static_cast<uint32_t>(low >> 32);
  w[2] = static_cast<uint32_t>(high), w[3] = static_cast<uint32_t>(high >> 32);
  ninefold::rng::philox_rounds(w, static_cast<uint32_t>(p.key), static_cast<uint32_t>(p.key >> 32));
}
NF_DEVICE float unit(uint32_t w) { return float_of_bits(0x3f800000u | (w & 0x7fffffu)) - 1.0f; }
NF_DEVICE double unit(uint32_t a, uint32_t b) {
  const uint64_t bits = static_cast<uint64_t>(0x3ff00000u | (a & 0xfffffu)) << 32 | b;
#if defined(__CUDACC__)
  return __longlong_as_double(static_cast<long long>(bits)) - 1.0;
#else
  double d;
  std::memcpy(&d, &bits, 8);
  return d - 1.0;
#endif
}
// By Box and Muller.
NF_DEVICE void two_normals(float u, float v, float (&out)[2]) {
  const float angle = static_cast<float>(6.283185307179586 * static_cast<double>(v)), r = sqrt(-2.0f * log(u < 1.0e-7f ? 1.0e-7f : u));
  out[0] = sin(angle) * r, out[1] = cos(angle) * r;
}
NF_DEVICE void two_normals(double u, double v, double (&out)[2]) {
  const double angle = 6.283185307179586 * v, r = sqrt(-2.0 * log(u < 1.0e-7 ? 1.0e-7 : u));
  out[0] = sin(angle) * r, out[1] = cos(angle) * r;
}

}  // namespace
