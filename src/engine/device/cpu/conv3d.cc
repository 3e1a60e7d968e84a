// In: volumes and filters. Out: work split by output planes, by volumes, and by filter taps.
#include "engine/device/cpu/conv3d.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/simd/isa.h"
#include "base/threads.h"
#include "engine/device/cpu/conv3d_loops.h"

namespace ninefold::cpu {

#if defined(__x86_64__)
namespace sse4 { void add_taps(TapTable&); }
namespace avx2 { void add_taps(TapTable&); }
namespace avx512 { void add_taps(TapTable&); }
#else
namespace generic { void add_taps(TapTable&); }
#endif

namespace {

const TapLoops& loops(int dtype) {
  static const TapTable table = [] {
    TapTable t{};
#if defined(__x86_64__)
    switch (simd::best_isa()) {
      case simd::Isa::avx512: avx512::add_taps(t); break;
      case simd::Isa::avx2: avx2::add_taps(t); break;
      default: sse4::add_taps(t);
    }
#else
    generic::add_taps(t);
#endif
    return t;
  }();
  NINEFOLD_INVARIANT(dtype == 1 || dtype == 2);
  return table.of[dtype - 1];
}
int64_t bytes_of(int dtype) { return dtype == 2 ? 8 : 4; }

// The pixels that one tap meets in one output row: first elements of x and y, how many; none: count 0.
struct Run { int64_t x, y, count; };
Run run_of(const Conv3DShape& s, int64_t n, int64_t plane, int64_t row, const std::array<int64_t, 3>& tap) {
  const int64_t d = plane * s.stride[0] + tap[0] * s.dilation[0] - s.before[0];
  const int64_t h = row * s.stride[1] + tap[1] * s.dilation[1] - s.before[1];
  if (d < 0 || d >= s.in[0] || h < 0 || h >= s.in[1]) return {0, 0, 0};
  const int64_t shift = tap[2] * s.dilation[2] - s.before[2];
  const int64_t first = shift >= 0 ? 0 : (-shift + s.stride[2] - 1) / s.stride[2];
  const int64_t last = std::min(s.out[2], s.in[2] <= shift ? 0 : (s.in[2] - shift + s.stride[2] - 1) / s.stride[2]);
  if (first >= last) return {0, 0, 0};
  return {(((n * s.in[0] + d) * s.in[1] + h) * s.in[2] + first * s.stride[2] + shift) * s.ci,
          (((n * s.out[0] + plane) * s.out[1] + row) * s.out[2] + first) * s.co, last - first};
}
// tap(number, run) for every tap that meets this output row.
template <class F>
void each_tap(const Conv3DShape& s, int64_t n, int64_t plane, int64_t row, const F& tap) {
  int64_t number = 0;
  for (int64_t i = 0; i < s.filter[0]; ++i)
    for (int64_t j = 0; j < s.filter[1]; ++j)
      for (int64_t k = 0; k < s.filter[2]; ++k, ++number)
        if (const Run r = run_of(s, n, plane, row, {i, j, k}); r.count) tap(number, r);
}

}  // namespace

void conv3d(int dtype, const Conv3DShape& s, const void* x, const void* filter, void* y) {
  const int64_t size = bytes_of(dtype), row = s.out[2] * s.co, rows = s.out[0] * s.out[1];
  const TapLoops& loop = loops(dtype);
  auto *from = static_cast<const char*>(x), *taps = static_cast<const char*>(filter);
  auto* to = static_cast<char*>(y);
  parallel_for(s.n * rows, 1, [&](int64_t begin, int64_t end) {
    std::memset(to + begin * row * size, 0, static_cast<size_t>((end - begin) * row * size));
    for (int64_t t = begin; t < end; ++t)
      each_tap(s, t / rows, t % rows / s.out[1], t % s.out[1], [&](int64_t tap, const Run& r) {
        loop.forward(from + r.x * size, s.stride[2] * s.ci, taps + tap * s.ci * s.co * size, to + r.y * size, r.count, s.ci, s.co);
      });
  });
}

void conv3d_to_volume(int dtype, const Conv3DShape& s, const void* dy, const void* filter, void* dx) {
  const int64_t size = bytes_of(dtype), volume = s.in[0] * s.in[1] * s.in[2] * s.ci;
  const TapLoops& loop = loops(dtype);
  auto *from = static_cast<const char*>(dy), *taps = static_cast<const char*>(filter);
  auto* to = static_cast<char*>(dx);
  parallel_for(s.n, 1, [&](int64_t begin, int64_t end) {
    std::memset(to + begin * volume * size, 0, static_cast<size_t>((end - begin) * volume * size));
    for (int64_t n = begin; n < end; ++n)
      for (int64_t t = 0; t < s.out[0] * s.out[1]; ++t)
        each_tap(s, n, t / s.out[1], t % s.out[1], [&](int64_t tap, const Run& r) {
          loop.to_volume(to + r.x * size, s.stride[2] * s.ci, taps + tap * s.ci * s.co * size, from + r.y * size, r.count, s.ci, s.co);
        });
  });
}

void conv3d_to_filter(int dtype, const Conv3DShape& s, const void* x, const void* dy, void* df) {
  const int64_t size = bytes_of(dtype), each = s.ci * s.co * size;
  const TapLoops& loop = loops(dtype);
  auto *volume = static_cast<const char*>(x), *out = static_cast<const char*>(dy);
  auto* to = static_cast<char*>(df);
  const int64_t across = s.filter[1] * s.filter[2];
  parallel_for(s.filter[0] * across, 1, [&](int64_t begin, int64_t end) {
    std::memset(to + begin * each, 0, static_cast<size_t>((end - begin) * each));
    for (int64_t tap = begin; tap < end; ++tap)
      for (int64_t n = 0; n < s.n; ++n)
        for (int64_t t = 0; t < s.out[0] * s.out[1]; ++t) {
          const Run r = run_of(s, n, t / s.out[1], t % s.out[1], {tap / across, tap % across / s.filter[2], tap % s.filter[2]});
          if (r.count) loop.to_filter(volume + r.x * size, s.stride[2] * s.ci, to + tap * each, out + r.y * size, r.count, s.ci, s.co);
        }
  });
}

}  // namespace ninefold::cpu
