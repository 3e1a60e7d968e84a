// In: elements of any dtype, strings and handles too. Out: the same elements elsewhere; small host tensors.
// What array ops share: strided copies split over threads, constants for axes and shapes, late outputs.
#pragma once

#include <span>
#include <vector>

#include "engine/op/kernel_ctx.h"
#include "ninefold/grad.h"

namespace ninefold::ops {

using Dims = std::span<const int64_t>;

std::vector<int64_t> strides_of(Dims shape);   // of a contiguous tensor, in elements

// to[i . to_strides] = from[i . from_strides]; strides in elements, negative or (from) zero allowed.
void move_strided(DType, Dims shape, void* to, Dims to_strides, const void* from, Dims from_strides);
// n elements in a row.
void move_run(DType, void* to, const void* from, int64_t n);
// n times one element; a null element is zero, "" or an empty handle.
void fill_run(DType, void* to, const void* element, int64_t n);
inline char* element(DType d, void* base, int64_t at) {
  return static_cast<char*>(base) + at * static_cast<int64_t>(size_of(d));
}
inline const char* element(DType d, const void* base, int64_t at) {
  return static_cast<const char*>(base) + at * static_cast<int64_t>(size_of(d));
}

// A vector of int32 or int64, for axes and shapes in gradients and composites.
Tensor int_vector(const std::vector<int64_t>& values, DType dtype = DType::i32);
// The shape of t: a constant where it is known, else the op Shape.
Tensor shape_tensor(const Tensor& t, DType dtype = DType::i32);
// One integer scalar of this dtype.
Tensor int_scalar(int64_t value, DType dtype = DType::i32);
// The gradient of whole rows taken from a tensor of shape `whole` (as a tensor: `shape`, undefined if whole is
// fully known): one row of dy an index, in the order of the indices.
IndexedSlices taken_rows(const Tensor& dy, const Tensor& indices, const Shape& whole, const Tensor& shape);
// Its value if it is known now (a concrete tensor, or a symbolic one with a known value); else null.
const Tensor* known_value(const Tensor& t);

// Outputs whose shape hangs on values are not in place when a plan could not know them: asks the shape
// rule again, with the values, and allocates.
void give_outputs(KernelCtx& k);
// Output 0 is input 0's memory under another shape, or a copy where the memory is only lent.
void share_input(KernelCtx& k, const Shape& shape);

// Calls f with a null pointer of the index type: int16, int32 or int64.
template <class F>
decltype(auto) with_index_type(DType d, const F& f) {
  if (d == DType::i64) return f(static_cast<const int64_t*>(nullptr));
  if (d == DType::i16) return f(static_cast<const int16_t*>(nullptr));
  NINEFOLD_INVARIANT(d == DType::i32);
  return f(static_cast<const int32_t*>(nullptr));
}

}  // namespace ninefold::ops
