// In: elements somewhere with strides. Out: the same elements elsewhere with other strides.
// Transposes, slices, strided slices, pads and concatenations are all this one loop, for any element size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ninefold::cpu {

using Dims = std::span<const int64_t>;

// Copies to[i . to_strides] = from[i . from_strides] for all indices i of shape; strides are in elements and
// may be negative or (from) zero. to and from may not overlap.
void strided_copy(size_t element_size, Dims shape, void* to, Dims to_strides, const void* from, Dims from_strides);

// to, contiguous, gets axis k from axis permutation[k] of from, contiguous of this shape.
void transpose(size_t element_size, Dims shape, Dims permutation, const void* from, void* to);

// to, contiguous of shape sizes, gets from[begin + i * step] (StridedSlice after its masks are resolved).
void strided_slice(size_t element_size, Dims shape, Dims begin, Dims step, Dims sizes, const void* from, void* to);

// from, contiguous of shape sizes, goes into to, contiguous of shape, at begin + i * step. With step 1 this
// is the inner part of a pad and one input of a concatenation; with the steps above a slice's gradient.
void place(size_t element_size, Dims shape, Dims begin, Dims step, Dims sizes, const void* from, void* to);

void fill(size_t element_size, const void* value, void* to, int64_t n);

}  // namespace ninefold::cpu
