// In: nothing. Out: how a formula is written that a CPU's loops and a card's kernels share: the mark of its functions, and
// functions of numbers that are the same on both.
#pragma once

#if !defined(__CUDACC__)
#include <cmath>
#include <cstdint>
#endif

#if defined(NF_DEVICE)
#define NF_STEP NF_DEVICE
#else
#define NF_STEP [[gnu::always_inline]] inline
#endif

namespace ninefold::both {

#if defined(__CUDACC__)
using ::exp, ::floor, ::log, ::log1p, ::pow, ::round, ::sqrt;
#else
using std::exp, std::floor, std::log, std::log1p, std::pow, std::round, std::sqrt;
#endif

// As std::min, std::max and std::clamp have them.
template <class C> NF_STEP C lesser(C a, C b) { return b < a ? b : a; }
template <class C> NF_STEP C greater(C a, C b) { return a < b ? b : a; }
template <class C> NF_STEP C clamped(C x, C low, C high) { return x < low ? low : high < x ? high : x; }
template <class C> NF_STEP C magnitude(C x) { return x < C(0) ? -x : x; }

}  // namespace ninefold::both
