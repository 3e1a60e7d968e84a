// In: a number and the place of another. Out: both joined there, whichever threads meet.
#pragma once

#include "engine/ops/joins.cuh"

namespace {

#if defined(__CUDACC__)
// As words that can be compared and exchanged; elements of one byte by the word of four that they lie in.
template <class T, class Word>
NF_DEVICE void exchange(Word* word, int64_t at_in_word, int d, ninefold::cuda::Join how, T value) {
  for (Word seen = *word;;) {
    Word next = seen;
    store_as<T>(&next, at_in_word, d, joined(how, load_as<T>(&seen, at_in_word, d), value));
    const Word was = atomicCAS(word, seen, next);
    if (was == seen) return;
    seen = was;
  }
}
template <class T>
NF_DEVICE void join_at(void* to, int64_t at, int d, ninefold::cuda::Join how, T value) {
  if constexpr (sizeof(T) == sizeof(float) && T(0.5f) != T(0))
    if (how == ninefold::cuda::Join::sum && d == kFloat) {
      atomicAdd(static_cast<float*>(to) + at, value);
      return;
    }
  switch (size_of_dtype(d)) {
    case 1: return exchange(static_cast<unsigned*>(to) + at / 4, at % 4, d, how, value);
    case 2: return exchange(static_cast<unsigned short*>(to) + at, 0, d, how, value);
    case 4: return exchange(static_cast<unsigned*>(to) + at, 0, d, how, value);
    default: return exchange(static_cast<unsigned long long*>(to) + at, 0, d, how, value);
  }
}
#else
template <class T>
NF_DEVICE void join_at(void* to, int64_t at, int d, ninefold::cuda::Join how, T value) {
  store_as<T>(to, at, d, joined(how, load_as<T>(to, at, d), value));
}
#endif

}  // namespace
