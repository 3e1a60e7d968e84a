// In: TileJobs. Out: their products, with accumulators held in registers over all segments.
// Compiled once for each vector target by Highway; a tile is [R rows] x [V vectors] of C.
#include "engine/device/cpu/gemm_tile.h"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

// Two targets of x86-64 besides AVX-512 are enough: what SSSE3 or the VNNI variants add is not used here.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/device/cpu/gemm_tile.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace ninefold::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Masked memory access skips faults only where the hardware has it; elsewhere a copy goes through the stack.
#if HWY_TARGET <= HWY_AVX2 && HWY_ARCH_X86
constexpr bool kMaskedMemory = true;
#else
constexpr bool kMaskedMemory = false;
#endif
// 32 vector registers hold 24 accumulators, 16 hold 12.
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
constexpr int kRows = 12;
#else
constexpr int kRows = 6;
#endif

// Capped at 64 bytes, of fixed size: vectors can then be members of arrays.
template <class T>
using Tag = hn::ScalableTag<T>;
template <class T>
using Vec = hn::Vec<Tag<T>>;
template <class T>
using Mask = hn::Mask<Tag<T>>;

template <class T>
HWY_INLINE Vec<T> load_part(const T* p, int count, Mask<T> mask) {
  const Tag<T> d;
  if constexpr (kMaskedMemory) return hn::MaskedLoad(mask, d, p);
  HWY_ALIGN T copy[HWY_MAX_BYTES / sizeof(T)] = {};
  std::memcpy(copy, p, count * sizeof(T));
  return hn::Load(d, copy);
}

template <class T>
HWY_INLINE void store_part(Vec<T> v, T* p, int count, Mask<T> mask) {
  const Tag<T> d;
  if constexpr (kMaskedMemory) {
    hn::BlendedStore(v, mask, d, p);
  } else {
    HWY_ALIGN T copy[HWY_MAX_BYTES / sizeof(T)];
    hn::Store(v, d, copy);
    std::memcpy(p, copy, count * sizeof(T));
  }
}

// Unrolled by the front end: accumulator arrays then live in registers, which loops do not promise.
template <int... I, class F>
HWY_INLINE void unrolled(std::integer_sequence<int, I...>, F&& body) {
  (body(std::integral_constant<int, I>()), ...);
}
#define UNROLLED(COUNT, I, ...)                                  \
  unrolled(std::make_integer_sequence<int, COUNT>(),             \
           [&](auto I) HWY_ATTR __attribute__((always_inline)) { __VA_ARGS__; })

// One tile. Part: the last vector has `last` < Lanes columns.
template <class T, int R, int V, bool Part>
HWY_NOINLINE void tile(const TileJob<T>& j, const T* a0, const T* b0, T* c, const T* bias, int last) {
  const Tag<T> d;
  constexpr int N = hn::MaxLanes(d);
  const Mask<T> mask = hn::FirstN(d, Part ? last : N);
  auto load = [&](const T* p, auto v) HWY_ATTR __attribute__((always_inline)) {
    if constexpr (Part && v == V - 1) return load_part<T>(p + v * N, last, mask);
    else return hn::LoadU(d, p + v * N);
  };
  Vec<T> acc[R * V];
  UNROLLED(R * V, i, acc[i] = hn::Zero(d));

  const ptrdiff_t row = j.row_a * ptrdiff_t(sizeof(T)), col = j.col_a * ptrdiff_t(sizeof(T));
  const ptrdiff_t row_b = j.row_b;
  const int64_t k = j.k, segments = j.segments;
  // A base pointer for every third row: the two after it are reached by scaled addressing.
  constexpr int G = (R + 2) / 3;
  for (int64_t s = 0; s < segments; ++s) {
    const char* a[G];
    a[0] = reinterpret_cast<const char*>(a0 + (j.a_off ? j.a_off[s] : 0));
    UNROLLED(G - 1, g, a[g + 1] = a[g] + 3 * row);
    const T* b = b0 + (j.b_off ? j.b_off[s] : 0);
    for (int64_t p = 0; p < k; ++p) {
      Vec<T> bv[V];
      UNROLLED(V, v, bv[v] = load(b, v));
      b += row_b;
      UNROLLED(R, r, {
        const Vec<T> av = hn::Set(d, *reinterpret_cast<const T*>(a[r / 3] + (r % 3) * row));
        UNROLLED(V, v, acc[r * V + v] = hn::MulAdd(av, bv[v], acc[r * V + v]));
      });
      UNROLLED(G, g, a[g] += col);
    }
  }

  if (j.alpha != T(1)) UNROLLED(R * V, i, acc[i] = hn::Mul(acc[i], hn::Set(d, j.alpha)));
  if (j.accumulate)
    UNROLLED(R, r, UNROLLED(V, v, acc[r * V + v] = hn::Add(acc[r * V + v], load(c + r * j.row_c, v))));
  if (bias)
    UNROLLED(V, v, {
      const Vec<T> add = load(bias, v);
      UNROLLED(R, r, acc[r * V + v] = hn::Add(acc[r * V + v], add));
    });
  // A NaN must stay one: the comparison keeps it, Max would not on every target.
  if (j.relu)
    UNROLLED(R * V, i, acc[i] = hn::IfThenElse(hn::Lt(acc[i], hn::Zero(d)), hn::Zero(d), acc[i]));
  UNROLLED(R, r, UNROLLED(V, v, {
    T* p = c + r * j.row_c + v * N;
    if constexpr (Part && v == V - 1) store_part<T>(acc[r * V + v], p, last, mask);
    else hn::StoreU(acc[r * V + v], d, p);
  }));
}

// All row tiles of one panel; the tallest first, the rest split so that no sliver of one row is left.
template <class T, int V, bool Part>
HWY_INLINE void column(const TileJob<T>& j, const T* b, T* c, const T* bias, int last) {
  const T* a = j.a;
  auto step = [&]<int R>() {
    tile<T, R, V, Part>(j, a, b, c, bias, last);
    a += R * j.row_a;
    c += R * j.row_c;
    return int64_t(R);
  };
  int64_t m = j.m;
  if constexpr (kRows == 12 && V <= 2) {
    while (m >= 12) m -= step.template operator()<12>();
    if (m >= 8) m -= step.template operator()<8>();
    if (m == 7) m -= step.template operator()<4>();
  } else if constexpr (V <= 2) {
    while (m >= 8 || m == 6) m -= step.template operator()<6>();
    if (m == 7) m -= step.template operator()<4>();
  }
  if constexpr (V <= 2) {
    if (m == 6) m -= step.template operator()<6>();
    else if (m == 5) m -= step.template operator()<5>();
  }
  while (m > 0) switch (m) {
    case 1: m -= step.template operator()<1>(); break;
    case 2: m -= step.template operator()<2>(); break;
    case 3: m -= step.template operator()<3>(); break;
    default: m -= step.template operator()<(V <= 2 || kRows == 12) ? 4 : 3>(); break;
  }
}

template <class T>
void product(const TileJob<T>& j) {
  constexpr int N = hn::MaxLanes(Tag<T>());
  int64_t done = 0;
  const T* b = j.b;
  // Few rows leave accumulators unused: take two panels at once where they lie side by side.
  if (j.m <= 4 && j.panel_b == 2 * N)
    for (; done + 4 * N <= j.n; done += 4 * N, b += 4 * N)
      column<T, 4, false>(j, b, j.c + done, j.bias ? j.bias + done : nullptr, 0);
  for (; done < j.n; done += 2 * N, b += j.panel_b) {
    const int left = int(std::min<int64_t>(j.n - done, 2 * N));
    T* c = j.c + done;
    const T* bias = j.bias ? j.bias + done : nullptr;
    if (left == 2 * N) column<T, 2, false>(j, b, c, bias, 0);
    else if (left > N) column<T, 2, true>(j, b, c, bias, left - N);
    else if (left == N) column<T, 1, false>(j, b, c, bias, 0);
    else column<T, 1, true>(j, b, c, bias, left);
  }
}

template <class T, int R>
HWY_INLINE void dot_rows(int64_t k, const T* a, ptrdiff_t row_a, const T* x, T* sums) {
  const Tag<T> d;
  constexpr int N = hn::MaxLanes(d);
  Vec<T> acc[R];
  UNROLLED(R, r, acc[r] = hn::Zero(d));
  int64_t p = 0;
  for (; p + N <= k; p += N) {
    const Vec<T> xv = hn::LoadU(d, x + p);
    UNROLLED(R, r, acc[r] = hn::MulAdd(hn::LoadU(d, a + r * row_a + p), xv, acc[r]));
  }
  if (p < k) {
    const int last = int(k - p);
    const Mask<T> mask = hn::FirstN(d, last);
    const Vec<T> xv = load_part<T>(x + p, last, mask);
    UNROLLED(R, r, acc[r] = hn::MulAdd(load_part<T>(a + r * row_a + p, last, mask), xv, acc[r]));
  }
  UNROLLED(R, r, sums[r] = hn::GetLane(hn::SumOfLanes(d, acc[r])));
}

template <class T>
void dots(int64_t rows, int64_t k, const T* a, ptrdiff_t row_a, const T* x, T* y, ptrdiff_t y_step,
          T alpha, bool accumulate, const T* bias, ptrdiff_t bias_step, bool relu) {
  T sums[8];
  for (int64_t i = 0; i < rows;) {
    int count = 1;
    if (rows - i >= 8) dot_rows<T, 8>(k, a + i * row_a, row_a, x, sums), count = 8;
    else if (rows - i >= 4) dot_rows<T, 4>(k, a + i * row_a, row_a, x, sums), count = 4;
    else dot_rows<T, 1>(k, a + i * row_a, row_a, x, sums);
    for (int r = 0; r < count; ++r, ++i) {
      T v = alpha * sums[r];
      if (accumulate) v += y[i * y_step];
      if (bias) v += bias[i * bias_step];
      if (relu && v < 0) v = 0;
      y[i * y_step] = v;
    }
  }
}

#if HWY_TARGET <= HWY_AVX2 && HWY_ARCH_X86
HWY_INLINE void transpose8(const float* s, ptrdiff_t ls, float* t, ptrdiff_t lt) {
  // Halves are joined while loading, so that the rest stays inside 128-bit lanes.
  __m256 r[8], u[8];
  for (int i = 0; i < 4; ++i) {
    r[i] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(s + i * ls)),
                                _mm_loadu_ps(s + (i + 4) * ls), 1);
    r[i + 4] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(s + i * ls + 4)),
                                    _mm_loadu_ps(s + (i + 4) * ls + 4), 1);
  }
  for (int h = 0; h < 8; h += 4) {
    u[h] = _mm256_unpacklo_ps(r[h], r[h + 1]);
    u[h + 1] = _mm256_unpackhi_ps(r[h], r[h + 1]);
    u[h + 2] = _mm256_unpacklo_ps(r[h + 2], r[h + 3]);
    u[h + 3] = _mm256_unpackhi_ps(r[h + 2], r[h + 3]);
    _mm256_storeu_ps(t + (h + 0) * lt, _mm256_shuffle_ps(u[h], u[h + 2], 0x44));
    _mm256_storeu_ps(t + (h + 1) * lt, _mm256_shuffle_ps(u[h], u[h + 2], 0xee));
    _mm256_storeu_ps(t + (h + 2) * lt, _mm256_shuffle_ps(u[h + 1], u[h + 3], 0x44));
    _mm256_storeu_ps(t + (h + 3) * lt, _mm256_shuffle_ps(u[h + 1], u[h + 3], 0xee));
  }
}
#endif

template <class T>
void transpose(int64_t rows, int64_t cols, const T* src, ptrdiff_t src_row, T* dst, ptrdiff_t dst_row) {
  int64_t r = 0;
#if HWY_TARGET <= HWY_AVX2 && HWY_ARCH_X86
  if constexpr (sizeof(T) == 4)
    for (; r + 8 <= rows; r += 8) {
      int64_t c = 0;
      for (; c + 8 <= cols; c += 8)
        transpose8(src + r * src_row + c, src_row, dst + c * dst_row + r, dst_row);
      for (; c < cols; ++c)
        for (int i = 0; i < 8; ++i) dst[c * dst_row + r + i] = src[(r + i) * src_row + c];
    }
#endif
  constexpr int64_t kBlock = 16;
  for (; r < rows; r += kBlock)
    for (int64_t c = 0; c < cols; ++c)
      for (int64_t i = r; i < std::min(rows, r + kBlock); ++i) dst[c * dst_row + i] = src[i * src_row + c];
}

template <class T>
TileKernels<T> kernels() {
  return {product<T>, dots<T>, transpose<T>, 2 * int(hn::MaxLanes(Tag<T>())), kRows,
          hwy::TargetName(HWY_TARGET)};
}
TileKernels<float> kernels_f32() { return kernels<float>(); }
TileKernels<double> kernels_f64() { return kernels<double>(); }

}  // namespace ninefold::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#undef UNROLLED

#if HWY_ONCE
namespace ninefold::cpu {

HWY_EXPORT(kernels_f32);
HWY_EXPORT(kernels_f64);

template <>
const TileKernels<float>& tile_kernels<float>() {
  static const TileKernels<float> chosen = HWY_DYNAMIC_DISPATCH(kernels_f32)();
  return chosen;
}
template <>
const TileKernels<double>& tile_kernels<double>() {
  static const TileKernels<double> chosen = HWY_DYNAMIC_DISPATCH(kernels_f64)();
  return chosen;
}

}  // namespace ninefold::cpu
#endif
