// In: a stream of uniform and normal numbers. Out: Gamma(alpha, 1), by Marsaglia and Tsang (2000), for CPUs and cards.
//   struct Stream { void uniforms(double (&two)[2]); void normals(double (&two)[2]); };   // each takes a block
#pragma once

#include "engine/device/both.h"

namespace ninefold::rng {

// Numbers of a stream, two a block, handed out last first: TensorFlow empties its buffer backwards.
struct Uniforms {
  double pair[2];
  int left = 0;
  template <class Stream>
  NF_STEP double operator()(Stream& stream) {
    if (left == 0) stream.uniforms(pair), left = 2;
    return pair[--left];
  }
};
struct Normals {
  double pair[2];
  int left = 0;
  template <class Stream>
  NF_STEP double operator()(Stream& stream) {
    if (left == 0) stream.normals(pair), left = 2;
    return pair[--left];
  }
};

template <class Stream>
NF_STEP double gamma_sample(Stream stream, double alpha) {
  if (!(alpha > 0) || alpha == __builtin_huge_val()) return __builtin_nan("");
  Uniforms uniform;
  Normals normal;
  if (alpha == 1.0) return -both::log1p(-uniform(stream));  // an exponential
  const bool small = alpha < 1;
  const double d = alpha + (small ? 2.0 / 3 : -1.0 / 3);
  const double c = 1.0 / 3 / both::sqrt(d);
  for (;;) {
    const double x = normal(stream);
    double v = 1 + c * x;
    if (v <= 0) continue;
    v = v * v * v;
    const double u = uniform(stream);
    if (u < 1 - 0.0331 * (x * x) * (x * x) || both::log(u) < 0.5 * x * x + d * (1 - v + both::log(v))) {
      double result = d * v;
      if (small) result *= both::pow(uniform(stream), 1 / alpha);
      return result;
    }
  }
}

}  // namespace ninefold::rng
