// In: tensors with axes that go, and rows of logits. Out: sums, products, extremes, truths; softmax. A result is made by
// one thread where neighbours are made of neighbours, else by one block; either way in an order that the shape decides.
#include "engine/ops/complex.cuh"
#include "engine/ops/joins.cuh"
#include "engine/ops/reduce_launch.h"

namespace {

using ninefold::cuda::kBlockThreads;
using ninefold::cuda::Reduce;
using ninefold::cuda::Rows;

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
  if (p.divisor != 0) value = static_cast<T>(value / T(p.divisor));
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
NF_DEVICE void by_block(const Reduce& p) {
  NF_SHARED(T, part, kBlockThreads);
  for (int64_t o = nf_block(); o < p.kept; o += nf_blocks()) {
    const int64_t base = offset_of(o, p.kept_rank, p.kept_size, p.kept_stride);
    NF_PHASE part[nf_in_block()] = partial<T, How>(p, base, nf_in_block(), kBlockThreads);
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

// Sums of complex numbers are those of their parts.
NF_REDUCE(Prod, complex64, complex64, Complex<float>) NF_REDUCE(Prod, complex128, complex128, Complex<double>)

// e^(x - max) / sum, or x - max - log(sum): a block a row.
template <class T>
NF_DEVICE void softmax(const Rows& p) {
  NF_SHARED(T, part, kBlockThreads);
  NF_SHARED(T, most, 1);
  for (int64_t row = nf_block(); row < p.rows; row += nf_blocks()) {
    const int64_t base = row * p.columns;
    NF_PHASE {
      T m = Range<T>::low();
      for (int64_t i = nf_in_block(); i < p.columns; i += kBlockThreads) m = Max::join(m, load_as<T>(p.in, base + i, p.dtype));
      part[nf_in_block()] = m;
    }
    join_block<T, Max>(part);
    NF_PHASE {
      if (nf_in_block() == 0) most[0] = part[0];
    }
    NF_PHASE {
      T sum = 0;
      for (int64_t i = nf_in_block(); i < p.columns; i += kBlockThreads) sum += exp(load_as<T>(p.in, base + i, p.dtype) - most[0]);
      part[nf_in_block()] = sum;
    }
    join_block<T, Sum>(part);
    NF_PHASE {
      for (int64_t i = nf_in_block(); i < p.columns; i += kBlockThreads) {
        const T x = load_as<T>(p.in, base + i, p.dtype) - most[0];
        store_as(p.out, base + i, p.dtype, p.logarithm ? x - log(part[0]) : exp(x) / part[0]);
      }
    }
  }
}
NF_BLOCK_KERNEL(softmax_float, Rows) { softmax<float>(p); }
NF_BLOCK_KERNEL(softmax_double, Rows) { softmax<double>(p); }

}  // namespace
