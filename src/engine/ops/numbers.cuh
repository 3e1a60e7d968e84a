// In: memory of any plain dtype. Out: its elements as numbers that kernels compute with, and back.
#pragma once

#include "engine/device/cuda/kernel.cuh"

#if !defined(__CUDACC__)
#include <cstring>

#include "base/float16.h"
#endif

namespace {

template <class T> struct UnsignedOf { typedef T type; };
template <> struct UnsignedOf<int> { typedef unsigned type; };
template <> struct UnsignedOf<long long> { typedef unsigned long long type; };
template <> struct UnsignedOf<int64_t> { typedef uint64_t type; };
template <class T> using Unsigned = typename UnsignedOf<T>::type;

// TensorFlow's numbers.
enum : int { kFloat = 1, kDouble = 2, kInt32 = 3, kUint8 = 4, kInt16 = 5, kInt8 = 6, kComplex64 = 8, kInt64 = 9, kBool = 10,
             kBfloat16 = 14, kUint16 = 17, kComplex128 = 18, kHalf = 19, kUint32 = 22, kUint64 = 23 };

NF_DEVICE int size_of_dtype(int d) {
  switch (d) {
    case kUint8: case kInt8: case kBool: return 1;
    case kInt16: case kUint16: case kHalf: case kBfloat16: return 2;
    case kFloat: case kInt32: case kUint32: return 4;
    case kComplex128: return 16;
    default: return 8;
  }
}

NF_DEVICE float float_of_half(uint16_t bits) {
#if defined(__CUDACC__)
  float f;
  asm("cvt.f32.f16 %0, %1;" : "=f"(f) : "h"(bits));
  return f;
#else
  return ninefold::half_to_float(bits);
#endif
}
NF_DEVICE uint16_t half_of_float(float f) {
#if defined(__CUDACC__)
  uint16_t bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(f));
  return bits;
#else
  return ninefold::float_to_half(f);
#endif
}
NF_DEVICE uint32_t bits_of(float f) {
#if defined(__CUDACC__)
  return __float_as_uint(f);
#else
  uint32_t u;
  std::memcpy(&u, &f, 4);
  return u;
#endif
}
NF_DEVICE float float_of_bits(uint32_t u) {
#if defined(__CUDACC__)
  return __uint_as_float(u);
#else
  float f;
  std::memcpy(&f, &u, 4);
  return f;
#endif
}
NF_DEVICE float float_of_bfloat16(uint16_t bits) { return float_of_bits(static_cast<uint32_t>(bits) << 16); }
// To the nearest, ties to even; a NaN stays one.
NF_DEVICE uint16_t bfloat16_of_float(float f) {
  const uint32_t u = bits_of(f);
  if (f != f) return static_cast<uint16_t>(u >> 16 | 0x40);
  return static_cast<uint16_t>((u + 0x7fff + (u >> 16 & 1)) >> 16);
}

// The branch is the same for all threads of a launch. A kernel that computes in T is only given dtypes that fit it.
template <class T> struct Lies;
template <> struct Lies<float> {
  static NF_DEVICE float load(const void* p, int64_t i, int d) {
    if (d == kHalf) return float_of_half(static_cast<const uint16_t*>(p)[i]);
    if (d == kBfloat16) return float_of_bfloat16(static_cast<const uint16_t*>(p)[i]);
    return static_cast<const float*>(p)[i];
  }
  static NF_DEVICE void store(void* p, int64_t i, int d, float v) {
    if (d == kHalf) static_cast<uint16_t*>(p)[i] = half_of_float(v);
    else if (d == kBfloat16) static_cast<uint16_t*>(p)[i] = bfloat16_of_float(v);
    else static_cast<float*>(p)[i] = v;
  }
};
template <> struct Lies<int> {
  static NF_DEVICE int load(const void* p, int64_t i, int d) {
    switch (d) {
      case kInt8: return static_cast<const int8_t*>(p)[i];
      case kUint8: return static_cast<const uint8_t*>(p)[i];
      case kInt16: return static_cast<const int16_t*>(p)[i];
      case kUint16: return static_cast<const uint16_t*>(p)[i];
      default: return static_cast<const int*>(p)[i];
    }
  }
  static NF_DEVICE void store(void* p, int64_t i, int d, int v) {
    switch (d) {
      case kInt8: static_cast<int8_t*>(p)[i] = static_cast<int8_t>(v); return;
      case kUint8: static_cast<uint8_t*>(p)[i] = static_cast<uint8_t>(v); return;
      case kInt16: static_cast<int16_t*>(p)[i] = static_cast<int16_t>(v); return;
      case kUint16: static_cast<uint16_t*>(p)[i] = static_cast<uint16_t>(v); return;
      default: static_cast<int*>(p)[i] = v;
    }
  }
};
template <> struct Lies<long long> {
  static NF_DEVICE long long load(const void* p, int64_t i, int d) {
    return d == kUint32 ? static_cast<long long>(static_cast<const uint32_t*>(p)[i]) : static_cast<const long long*>(p)[i];
  }
  static NF_DEVICE void store(void* p, int64_t i, int d, long long v) {
    if (d == kUint32) static_cast<uint32_t*>(p)[i] = static_cast<uint32_t>(v);
    else static_cast<long long*>(p)[i] = v;
  }
};
#define NF_LIES_PLAIN(T)                                                                                  \
  template <> struct Lies<T> {                                                                            \
    static NF_DEVICE T load(const void* p, int64_t i, int) { return static_cast<const T*>(p)[i]; }        \
    static NF_DEVICE void store(void* p, int64_t i, int, T v) { static_cast<T*>(p)[i] = v; }              \
  };
NF_LIES_PLAIN(double) NF_LIES_PLAIN(bool) NF_LIES_PLAIN(unsigned long long)
#undef NF_LIES_PLAIN

template <class T>
NF_DEVICE T load_as(const void* p, int64_t i, int dtype) { return Lies<T>::load(p, i, dtype); }
template <class T>
NF_DEVICE void store_as(void* p, int64_t i, int dtype, T v) { Lies<T>::store(p, i, dtype, v); }

}  // namespace

// X(name, T) for the types that kernels compute in: names are those of elementwise::cuda_kernel.
#define NF_FLOATS(X) X(float, float) X(double, double)
#define NF_NUMBERS(X) NF_FLOATS(X) X(int32, int) X(int64, long long) X(uint64, unsigned long long)
