// In: a DType. Out: a call with its C++ type, for kernels written as templates over elements.
#pragma once

#include "base/check.h"
#include "base/float16.h"
#include "ninefold/tensor.h"

namespace ninefold::ops {

// half and bfloat16 as numbers: they compute in float and round at each step, as TensorFlow's do.
struct HalfNumber {
  uint16_t bits = 0;
  HalfNumber() = default;
  HalfNumber(float f) : bits(float_to_half(f)) {}
  operator float() const { return half_to_float(bits); }
};
struct BrainNumber {
  uint16_t bits = 0;
  BrainNumber() = default;
  BrainNumber(float f) : bits(float_to_bfloat16(f)) {}
  operator float() const { return bfloat16_to_float(bits); }
};

// f(T{}) for real numbers: integers of both signs, half, bfloat16, float, double.
template <class F>
decltype(auto) with_real(DType d, const F& f) {
  switch (d) {
    case DType::f32: return f(float{});
    case DType::f64: return f(double{});
    case DType::i8: return f(int8_t{});
    case DType::i16: return f(int16_t{});
    case DType::i32: return f(int32_t{});
    case DType::i64: return f(int64_t{});
    case DType::u8: return f(uint8_t{});
    case DType::u16: return f(uint16_t{});
    case DType::u32: return f(uint32_t{});
    case DType::u64: return f(uint64_t{});
    case DType::f16: return f(HalfNumber{});
    case DType::bf16: return f(BrainNumber{});
    default: break;
  }
  NINEFOLD_INVARIANT(!"a real dtype");
  return f(float{});
}
// The same with complex numbers.
template <class F>
decltype(auto) with_number(DType d, const F& f) {
  if (d == DType::c64) return f(std::complex<float>{});
  if (d == DType::c128) return f(std::complex<double>{});
  return with_real(d, f);
}

}  // namespace ninefold::ops
