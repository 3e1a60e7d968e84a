// In: tensors with axes that go, and rows of logits. Out: sums, products, extremes, truths; softmax. A result is made by
// one thread where neighbours are made of neighbours, else by one block; either way in an order that the shape decides.
#include "engine/ops/numbers.cuh"
#include "engine/ops/reduce_launch.h"

#if defined(__CUDACC__)
#include <math_constants.h>
#else
#include <cmath>
using std::exp, std::log;
#endif

namespace {

using ninefold::cuda::kReduceThreads;
using ninefold::cuda::Reduce;
using ninefold::cuda::Rows;

template <class T> struct Range;                 // the lowest and the highest number
template <> struct Range<float> {
  static NF_DEVICE float low() { return float_of_bits(0xff800000); }
  static NF_DEVICE float high() { return float_of_bits(0x7f800000); }
};
template <> struct Range<double> {
  static NF_DEVICE double low() { return static_cast<double>(float_of_bits(0xff800000)); }
  static NF_DEVICE double high() { return static_cast<double>(float_of_bits(0x7f800000)); }
};
template <> struct Range<int> {
  static NF_DEVICE int low() { return -2147483647 - 1; }
  static NF_DEVICE int high() { return 2147483647; }
};
template <> struct Range<long long> {
  static NF_DEVICE long long low() { return -9223372036854775807ll - 1; }
  static NF_DEVICE long long high() { return 9223372036854775807ll; }
};
template <> struct Range<unsigned long long> {
  static NF_DEVICE unsigned long long low() { return 0; }
  static NF_DEVICE unsigned long long high() { return ~0ull; }
};

struct Sum {
  template <class T> static NF_DEVICE T first() { return T(0); }
  template <class T> static NF_DEVICE T join(T a, T b) { return T(Unsigned<T>(a) + Unsigned<T>(b)); }
};
struct Prod {
  template <class T> static NF_DEVICE T first() { return T(1); }
  template <class T> static NF_DEVICE T join(T a, T b) { return T(Unsigned<T>(a) * Unsigned<T>(b)); }
};
// A NaN wins.
struct Max {
  template <class T> static NF_DEVICE T first() { return Range<T>::low(); }
  template <class T> static NF_DEVICE T join(T a, T b) { return a > b || a != a ? a : b; }
};
struct Min {
  template <class T> static NF_DEVICE T first() { return Range<T>::high(); }
  template <class T> static NF_DEVICE T join(T a, T b) { return a < b || a != a ? a : b; }
};
struct All {
  template <class T> static NF_DEVICE T first() { return true; }
  template <class T> static NF_DEVICE T join(T a, T b) { return a && b; }
};
struct Any {
  template <class T> static NF_DEVICE T first() { return false; }
  template <class T> static NF_DEVICE T join(T a, T b) { return a || b; }
};

NF_DEVICE int64_t offset_of(int64_t i, int rank, const int64_t* size, const int64_t* stride) {
  int64_t at = 0;
  for (int d = rank - 1; d >= 0; --d) {
    const int64_t next = i / size[d];
    at += (i - next * size[d]) * stride[d];
    i = next;
  }
  return at;
}

// half and bfloat16 are summed in float and rounded once.
template <class T>
NF_DEVICE void finish(const Reduce& p, int64_t o, T value) {
  if (p.divisor != 0) value = static_cast<T>(value / static_cast<T>(p.divisor));
  store_as(p.out, o, p.out_dtype, value);
}

template <class T, class How>
NF_DEVICE T partial(const Reduce& p, int64_t base, int64_t from, int64_t step) {
  T value = How::template first<T>();
  for (int64_t r = from; r < p.reduced; r += step)
    value = How::join(value, load_as<T>(p.in, base + offset_of(r, p.reduced_rank, p.reduced_size, p.reduced_stride), p.dtype));
  return value;
}

template <class T, class How>
NF_DEVICE void by_thread(const Reduce& p) {
  for (int64_t o = nf_thread(); o < p.kept; o += nf_threads())
    finish(p, o, partial<T, How>(p, offset_of(o, p.kept_rank, p.kept_size, p.kept_stride), 0, 1));
}

template <class T, class How>
NF_DEVICE void join_block(T* part) {
  for (int step = kReduceThreads / 2; step > 0; step /= 2)
    NF_PHASE {
      if (nf_in_block() < step) part[nf_in_block()] = How::join(part[nf_in_block()], part[nf_in_block() + step]);
    }
}
template <class T, class How>
NF_DEVICE void by_block(const Reduce& p) {
  NF_SHARED(T, part, kReduceThreads);
  for (int64_t o = nf_block(); o < p.kept; o += nf_blocks()) {
    const int64_t base = offset_of(o, p.kept_rank, p.kept_size, p.kept_stride);
    NF_PHASE part[nf_in_block()] = partial<T, How>(p, base, nf_in_block(), kReduceThreads);
    join_block<T, How>(part);
    NF_PHASE {
      if (nf_in_block() == 0) finish(p, o, part[0]);
    }
  }
}

#define NF_REDUCE(How, name, type, T)                                               \
  NF_KERNEL(How##_threads_##name, Reduce) { by_thread<T, How>(p); }                 \
  NF_BLOCK_KERNEL(How##_blocks_##name, Reduce) { by_block<T, How>(p); }
#define NF_REDUCE_NUMBERS(How)                                                      \
  NF_REDUCE(How, float, float, float) NF_REDUCE(How, double, double, double)        \
  NF_REDUCE(How, int32, int32, int) NF_REDUCE(How, int64, int64, long long)         \
  NF_REDUCE(How, uint64, uint64, unsigned long long)
NF_REDUCE_NUMBERS(Sum) NF_REDUCE_NUMBERS(Prod) NF_REDUCE_NUMBERS(Max) NF_REDUCE_NUMBERS(Min)
NF_REDUCE(All, bool, bool, bool) NF_REDUCE(Any, bool, bool, bool)

// e^(x - max) / sum, or x - max - log(sum): a block a row.
template <class T>
NF_DEVICE void softmax(const Rows& p) {
  NF_SHARED(T, part, kReduceThreads);
  NF_SHARED(T, most, 1);
  for (int64_t row = nf_block(); row < p.rows; row += nf_blocks()) {
    const int64_t base = row * p.columns;
    NF_PHASE {
      T m = Range<T>::low();
      for (int64_t i = nf_in_block(); i < p.columns; i += kReduceThreads) m = Max::join(m, load_as<T>(p.in, base + i, p.dtype));
      part[nf_in_block()] = m;
    }
    join_block<T, Max>(part);
    NF_PHASE {
      if (nf_in_block() == 0) most[0] = part[0];
    }
    NF_PHASE {
      T sum = 0;
      for (int64_t i = nf_in_block(); i < p.columns; i += kReduceThreads) sum += exp(load_as<T>(p.in, base + i, p.dtype) - most[0]);
      part[nf_in_block()] = sum;
    }
    join_block<T, Sum>(part);
    NF_PHASE {
      for (int64_t i = nf_in_block(); i < p.columns; i += kReduceThreads) {
        const T x = load_as<T>(p.in, base + i, p.dtype) - most[0];
        store_as(p.out, base + i, p.dtype, p.logarithm ? x - log(part[0]) : exp(x) / part[0]);
      }
    }
  }
}
NF_BLOCK_KERNEL(softmax_float, Rows) { softmax<float>(p); }
NF_BLOCK_KERNEL(softmax_double, Rows) { softmax<double>(p); }

}  // namespace
