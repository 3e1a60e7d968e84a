// Generated from the records by tools/generate/generate.py: change those, not this.
// In: values. Out: what the functions of tf.math.special make of them.
#pragma once

#include "ninefold/functions/arguments.h"

namespace ninefold::math::special {

// The Bessel function J0.
NINEFOLD_API Tensor bessel_j0(const Value& x);

// The Bessel function J1.
NINEFOLD_API Tensor bessel_j1(const Value& x);

// The modified Bessel function K0.
NINEFOLD_API Tensor bessel_k0(const Value& x);

// e^x K0(x).
NINEFOLD_API Tensor bessel_k0e(const Value& x);

// The modified Bessel function K1.
NINEFOLD_API Tensor bessel_k1(const Value& x);

// e^x K1(x).
NINEFOLD_API Tensor bessel_k1e(const Value& x);

// The Bessel function Y0.
NINEFOLD_API Tensor bessel_y0(const Value& x);

// The Bessel function Y1.
NINEFOLD_API Tensor bessel_y1(const Value& x);

// e^-x^2 times the integral of e^t^2 from 0 to x.
NINEFOLD_API Tensor dawsn(const Value& x);

// The exponential integral Ei.
NINEFOLD_API Tensor expint(const Value& x);

// The dilogarithm of 1 - x.
NINEFOLD_API Tensor spence(const Value& x);

}  // namespace ninefold::math::special
