// In: a contiguous [outer, reduced, inner] view. Out: [outer, inner], the middle reduced.
// Float sums run in 32 lanes over blocks of 4096 elements, combined in a fixed order: the result depends on
// the shape alone, not on threads or the vector width. half and bfloat16 accumulate in float, integers
// in int64; a mean of integers truncates. NaN wins max and min. Empty: 0, 1, NaN (mean), the least or
// greatest value (max, min), true (all), false (any).
//
//   reduce_axes(Reduction::mean, dtype, x, y, shape, is_reduced);   // any axes
//   reduce(Reduction::sum, dt, x, y, outer, n, inner);
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ninefold::cpu {

enum class Reduction { sum, mean, prod, max, min, any, all };

bool can_reduce(Reduction op, int dtype);
// Outer indices [begin, end) only; the default is all of them. A caller splits a single long row by giving
// it reshaped: [1, n, 1] as [n / 4096, 4096, 1], then the partial results.
void reduce(Reduction op, int dtype, const void* x, void* y, int64_t outer, int64_t reduced, int64_t inner,
            int64_t begin = 0, int64_t end = -1);

// The index of the first largest (smallest) element; NaN never wins, all NaN gives 0. out_dtype: 3 or 9.
void arg_reduce(bool largest, int dtype, const void* x, int out_dtype, void* y, int64_t outer, int64_t reduced,
                int64_t inner, int64_t begin = 0, int64_t end = -1);

// Shape with neighbouring axes of one kind merged: [kept or reduced] alternating. passes() reduce one
// group a time from the right; with at most one reduced group that is a single [outer, reduced, inner].
struct Pass { int64_t outer, reduced, inner; };
std::vector<Pass> collapse(std::span<const int64_t> shape, std::span<const bool> is_reduced);

// All axes: runs collapse()'s passes, with a buffer between them. A mean divides once, at the end.
void reduce_axes(Reduction op, int dtype, const void* x, void* y, std::span<const int64_t> shape,
                 std::span<const bool> is_reduced);

}  // namespace ninefold::cpu
