// In: nothing. Out: the words a family file is written with.
//
// How to add an element-wise op: write one line in the family file it belongs to, for instance
//
//   op("Softplus", "log(1 + exp(x))", floats, [](auto x) { return softplus(x); });
//
// The first argument is TensorFlow's op name, then the formula for the documentation, the dtypes, and the
// body. From that line come the CPU loops of every instruction set, the tile of the fused executor and the
// CUDA kernel. The rules for a body:
//   - constants are plain numbers (x * 0.5, x + 1); where no operand would convert one: constant(x, 1)
//   - select(condition, a, b), never ?: or if; & and | between conditions, never && and ||
//   - what may be called is declared in base/simd/num.h and base/simd/math.h, and in text.h for CUDA
//   - attributes are trailing operands: LeakyRelu's alpha is a second input that happens to be a scalar
//   - returning a condition makes a bool output; a first operand named by bool_first is a condition
// An op whose input can be at fault takes two more arguments, a test and TensorFlow's message:
//   op("FloorDiv", "floor(x / y)", integers, body, [](auto x, auto y) { return y == 0; }, "Integer ...");
// A body that is only right in a range names the test for the rest and the exact form, which then runs an
// element at a time: op("Sin", "sine", floats, body, rare(test, exact)).
// The same name in two lines with different dtypes is one op with two bodies.
#pragma once

#include <cstdint>

namespace ninefold::elementwise {

// TensorFlow's DataType numbers.
enum DataType : int {
  dt_float = 1, dt_double = 2, dt_int32 = 3, dt_uint8 = 4, dt_int16 = 5, dt_int8 = 6, dt_string = 7,
  dt_complex64 = 8, dt_int64 = 9, dt_bool = 10, dt_bfloat16 = 14, dt_uint16 = 17, dt_complex128 = 18,
  dt_half = 19, dt_uint32 = 22, dt_uint64 = 23,
};
inline constexpr int dtype_count = 24;

// A set of dtypes as a type, so that a body is only compiled for them.
template <bool real, bool integer, bool complex, bool boolean, bool condition_first = false>
struct Types {
  static constexpr bool floats = real, ints = integer, complexes = complex, bools = boolean,
                        first_is_condition = condition_first;
};
inline constexpr Types<true, false, false, false> floats;
inline constexpr Types<false, true, false, false> integers;
inline constexpr Types<true, true, false, false> reals;
inline constexpr Types<true, false, true, false> float_or_complex;
inline constexpr Types<false, false, true, false> complexes;
inline constexpr Types<true, true, true, false> numbers;
inline constexpr Types<true, true, true, true> anything;
inline constexpr Types<false, false, false, true> booleans;
inline constexpr Types<true, true, true, true, true> bool_first;

template <class Test, class Exact>
struct Rare {};
template <class Test, class Exact>
constexpr Rare<Test, Exact> rare(Test, Exact) { return {}; }

}  // namespace ninefold::elementwise
