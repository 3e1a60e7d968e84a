// In: n contiguous elements of one dtype. Out: the same in another, as TensorFlow casts on x86:
// floats to integers truncate, and what does not fit is what cvttss2si gives (int32 and int64: the least
// value; narrower ones: its low bits); to bool is x != 0; from complex drops the imaginary part.
#pragma once

#include <cstdint>

namespace ninefold::cpu {

// dtypes are TensorFlow's DataType numbers, the fifteen numeric ones and bool. from and to may not overlap.
void cast(int from_dtype, const void* from, int to_dtype, void* to, int64_t n);
bool can_cast(int from_dtype, int to_dtype);

}  // namespace ninefold::cpu
