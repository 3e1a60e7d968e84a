// In: images and a filter. Out: a tap at a time over rows of pixels, split by rows, images and pieces of images.
#include "engine/device/cpu/depthwise.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/simd/isa.h"
#include "base/threads.h"
#include "engine/device/cpu/depthwise_loops.h"

namespace ninefold::cpu {

#if defined(__x86_64__)
namespace sse4 { void add_depthwise(DepthwiseTable&); }
namespace avx2 { void add_depthwise(DepthwiseTable&); }
namespace avx512 { void add_depthwise(DepthwiseTable&); }
#else
namespace generic { void add_depthwise(DepthwiseTable&); }
#endif

namespace {

const DepthwiseLoops& loops(int dtype) {
  static const DepthwiseTable table = [] {
    DepthwiseTable t{};
#if defined(__x86_64__)
    switch (simd::best_isa()) {
      case simd::Isa::avx512: avx512::add_depthwise(t); break;
      case simd::Isa::avx2: avx2::add_depthwise(t); break;
      default: sse4::add_depthwise(t);
    }
#else
    generic::add_depthwise(t);
#endif
    return t;
  }();
  NINEFOLD_INVARIANT(dtype == 1 || dtype == 2);
  return table.of[dtype - 1];
}
int64_t bytes_of(int dtype) { return dtype == 2 ? 8 : 4; }

// Calls tap(tap number, first element of x, first of y, pixels) for every tap that meets output row `row` of an
// image, over the columns whose pixel lies inside.
template <class F>
void each_tap(const ConvShape& s, int64_t image, int64_t row, const F& tap) {
  const int64_t ow = s.ow();
  for (int64_t i = 0; i < s.kh; ++i) {
    const int64_t r = row * s.stride_h + i * s.dilation_h - s.top;
    if (r < 0 || r >= s.h) continue;
    for (int64_t j = 0; j < s.kw; ++j) {
      const int64_t shift = j * s.dilation_w - s.left;   // column of the image for output column 0
      const int64_t first = shift >= 0 ? 0 : (-shift + s.stride_w - 1) / s.stride_w;
      const int64_t last = std::min(ow, s.w <= shift ? 0 : (s.w - shift + s.stride_w - 1) / s.stride_w);
      if (first >= last) continue;
      tap(i * s.kw + j, ((image * s.h + r) * s.w + first * s.stride_w + shift) * s.ci,
          ((image * s.oh() + row) * ow + first) * s.co, last - first);
    }
  }
}

}  // namespace

void depthwise(int dtype, const ConvShape& s, const void* x, const void* filter, void* y) {
  const int64_t size = bytes_of(dtype), oh = s.oh(), row = s.ow() * s.co;
  const DepthwiseLoops& loop = loops(dtype);
  auto *from = static_cast<const char*>(x), *taps = static_cast<const char*>(filter);
  auto* to = static_cast<char*>(y);
  parallel_for(s.n * oh, std::max<int64_t>(1, 16384 / std::max<int64_t>(1, row * s.kh * s.kw)), [&](int64_t begin, int64_t end) {
    std::memset(to + begin * row * size, 0, static_cast<size_t>((end - begin) * row * size));
    for (int64_t t = begin; t < end; ++t)
      each_tap(s, t / oh, t % oh, [&](int64_t tap, int64_t at_x, int64_t at_y, int64_t n) {
        loop.forward(from + at_x * size, s.stride_w * s.ci, taps + tap * s.co * size, to + at_y * size, n, s.ci, s.co / s.ci);
      });
  });
}

void depthwise_to_image(int dtype, const ConvShape& s, const void* dy, const void* filter, void* dx) {
  const int64_t size = bytes_of(dtype), image = s.h * s.w * s.ci;
  const DepthwiseLoops& loop = loops(dtype);
  auto *from = static_cast<const char*>(dy), *taps = static_cast<const char*>(filter);
  auto* to = static_cast<char*>(dx);
  parallel_for(s.n, 1, [&](int64_t begin, int64_t end) {
    std::memset(to + begin * image * size, 0, static_cast<size_t>((end - begin) * image * size));
    for (int64_t n = begin; n < end; ++n)
      for (int64_t row = 0; row < s.oh(); ++row)
        each_tap(s, n, row, [&](int64_t tap, int64_t at_x, int64_t at_y, int64_t pixels) {
          loop.to_image(to + at_x * size, s.stride_w * s.ci, taps + tap * s.co * size, from + at_y * size, pixels, s.ci, s.co / s.ci);
        });
  });
}

int64_t depthwise_pieces(const ConvShape& s) { return std::clamp<int64_t>(s.n, 1, 8); }

void depthwise_to_filter(int dtype, const ConvShape& s, const void* x, const void* dy, void* df, void* partial) {
  const int64_t size = bytes_of(dtype), whole = s.kh * s.kw * s.co, pieces = depthwise_pieces(s);
  const DepthwiseLoops& loop = loops(dtype);
  auto *image = static_cast<const char*>(x), *out = static_cast<const char*>(dy);
  auto* sums = static_cast<char*>(partial);
  const int64_t each = (s.n + pieces - 1) / pieces;
  parallel_for(pieces, 1, [&](int64_t begin, int64_t end) {
    for (int64_t piece = begin; piece < end; ++piece) {
      char* sum = sums + piece * whole * size;
      std::memset(sum, 0, static_cast<size_t>(whole * size));
      for (int64_t n = piece * each; n < std::min(s.n, (piece + 1) * each); ++n)
        for (int64_t row = 0; row < s.oh(); ++row)
          each_tap(s, n, row, [&](int64_t tap, int64_t at_x, int64_t at_y, int64_t pixels) {
            loop.to_filter(image + at_x * size, s.stride_w * s.ci, sum + tap * s.co * size, out + at_y * size, pixels, s.ci, s.co / s.ci);
          });
    }
  });
  auto add = [&](auto zero) {
    using T = decltype(zero);
    auto* to = static_cast<T*>(df);
    auto* from = reinterpret_cast<const T*>(sums);
    for (int64_t i = 0; i < whole; ++i) {
      T total = from[i];
      for (int64_t p = 1; p < pieces; ++p) total += from[p * whole + i];
      to[i] = total;
    }
  };
  if (dtype == 2) add(double{});
  else add(float{});
}

}  // namespace ninefold::cpu
