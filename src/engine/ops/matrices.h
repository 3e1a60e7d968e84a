// In: matrices [..., rows, columns]. Out: what gradients and composites of factors are written with, each made of ops.
#pragma once

#include "engine/ops/extent.h"

namespace ninefold::ops::matrices {

inline Extent rows_of(const Tensor& a) { return Extent::along(a, -2); }
inline Extent columns_of(const Tensor& a) { return Extent::along(a, -1); }
Tensor times(const Tensor& a, const Tensor& b, bool adj_a = false, bool adj_b = false);
Tensor adjoint_of(const Tensor& a);
// [n, n] of a's dtype, n the columns of a; they broadcast. Constants where n is known.
Tensor pattern(const Tensor& a, double below, double diagonal, double above);
inline Tensor identity_like(const Tensor& a) { return pattern(a, 0, 1, 0); }

}  // namespace ninefold::ops::matrices
