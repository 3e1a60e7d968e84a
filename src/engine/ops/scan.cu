// In: tensors and one axis. Out: running sums, products, log-sums along it; the place of its greatest or least element.
// Neighbours in memory go to neighbouring threads; where the axis itself is what lies side by side, a block takes a row.
#include "engine/ops/joins.cuh"
#include "engine/ops/scan_launch.h"

namespace {

using namespace ninefold::cuda;

template <class T>
NF_DEVICE T first_of(Join join) { return join == Join::prod ? T(1) : join == Join::sum ? T(0) : Range<T>::low(); }

template <class T>
NF_DEVICE void scan_threads(const Scan& p) {
  for (int64_t i = nf_thread(); i < p.outer * p.inner; i += nf_threads()) {
    const int64_t base = i / p.inner * p.n * p.inner + i % p.inner;
    T sum = first_of<T>(p.join);
    for (int64_t j = 0; j < p.n; ++j) {
      const int64_t at = base + (p.reverse ? p.n - 1 - j : j) * p.inner;
      const T next = joined(p.join, sum, load_as<T>(p.from, at, p.dtype));
      store_as(p.to, at, p.dtype, p.exclusive ? sum : next);
      sum = next;
    }
  }
}
// A block a row, a tile at a time: each element joins the one 1, 2, 4, ... places before it.
template <class T>
NF_DEVICE void scan_blocks(const Scan& p) {
  NF_SHARED(T, part, 2 * kBlockThreads);
  NF_SHARED(T, before, 1);                       // of all tiles so far
  for (int64_t row = nf_block(); row < p.outer; row += nf_blocks()) {
    NF_PHASE {
      if (nf_in_block() == 0) before[0] = first_of<T>(p.join);
    }
    for (int64_t tile = 0; tile < p.n; tile += kBlockThreads) {
      NF_PHASE {
        const int64_t j = tile + nf_in_block();
        part[nf_in_block()] = j < p.n ? load_as<T>(p.from, row * p.n + (p.reverse ? p.n - 1 - j : j), p.dtype) : first_of<T>(p.join);
      }
      T *now = part, *next = part + kBlockThreads;
      for (int step = 1; step < kBlockThreads; step *= 2) {
        NF_PHASE {
          const int i = nf_in_block();
          next[i] = i >= step ? joined(p.join, now[i - step], now[i]) : now[i];
        }
        T* const old = now;
        now = next, next = old;
      }
      NF_PHASE {
        const int i = nf_in_block();
        const int64_t j = tile + i;
        const T sum = !p.exclusive ? joined(p.join, before[0], now[i]) : i == 0 ? before[0] : joined(p.join, before[0], now[i - 1]);
        if (j < p.n) store_as(p.to, row * p.n + (p.reverse ? p.n - 1 - j : j), p.dtype, sum);
      }
      NF_PHASE {
        if (nf_in_block() == 0) before[0] = joined(p.join, before[0], now[kBlockThreads - 1]);
      }
    }
  }
}
#define NF_SCAN(name, T)                                     \
  NF_KERNEL(scan_threads_##name, Scan) { scan_threads<T>(p); } \
  NF_BLOCK_KERNEL(scan_blocks_##name, Scan) { scan_blocks<T>(p); }
NF_NUMBERS(NF_SCAN)

// The first of equal ones; a NaN never wins. `n` is the place of none.
template <class T>
struct Best { T value; int64_t place; };
template <class T>
NF_DEVICE Best<T> better(bool greatest, Best<T> a, Best<T> b) {
  const bool wins = greatest ? b.value > a.value : b.value < a.value;
  return wins || (b.value == a.value && b.place < a.place) ? b : a;
}
template <class T>
NF_DEVICE Best<T> best_of(const Arg& p, int64_t base, int64_t from, int64_t step) {
  Best<T> best{p.greatest ? Range<T>::low() : Range<T>::high(), p.n};
  for (int64_t j = from; j < p.n; j += step)
    best = better(p.greatest != 0, best, Best<T>{load_as<T>(p.from, base + j * p.inner, p.dtype), j});
  return best;
}
NF_DEVICE void tell_place(const Arg& p, int64_t i, int64_t place) {
  if (place == p.n) place = 0;
  if (p.bytes == 8) static_cast<int64_t*>(p.to)[i] = place;
  else if (p.bytes == 4) static_cast<int32_t*>(p.to)[i] = static_cast<int32_t>(place);
  else static_cast<int16_t*>(p.to)[i] = static_cast<int16_t>(place);
}
template <class T>
NF_DEVICE void arg_threads(const Arg& p) {
  for (int64_t i = nf_thread(); i < p.outer * p.inner; i += nf_threads())
    tell_place(p, i, best_of<T>(p, i / p.inner * p.n * p.inner + i % p.inner, 0, 1).place);
}
template <class T>
NF_DEVICE void arg_blocks(const Arg& p) {
  NF_SHARED(Best<T>, part, kBlockThreads);
  for (int64_t i = nf_block(); i < p.outer * p.inner; i += nf_blocks()) {
    NF_PHASE part[nf_in_block()] = best_of<T>(p, i / p.inner * p.n * p.inner + i % p.inner, nf_in_block(), kBlockThreads);
    for (int step = kBlockThreads / 2; step > 0; step /= 2)
      NF_PHASE {
        if (nf_in_block() < step) part[nf_in_block()] = better(p.greatest != 0, part[nf_in_block()], part[nf_in_block() + step]);
      }
    NF_PHASE {
      if (nf_in_block() == 0) tell_place(p, i, part[0].place);
    }
  }
}
#define NF_ARG(name, T)                                     \
  NF_KERNEL(arg_threads_##name, Arg) { arg_threads<T>(p); } \
  NF_BLOCK_KERNEL(arg_blocks_##name, Arg) { arg_blocks<T>(p); }
NF_NUMBERS(NF_ARG)

}  // namespace
