// In: NHWC images. Out: pooled ones; inner loops run over channels, which are contiguous.
// Gradients are split by image: windows overlap, images do not.
#include "engine/device/cpu/pool.h"

#include <algorithm>
#include <limits>

#include "base/threads.h"

namespace ninefold::cpu {
namespace {

constexpr int64_t kChunk = 64;  // channels whose state stays on the stack

// The pixels of one output's window that lie inside the image.
struct Window {
  int64_t r0, r1, c0, c1;
  int64_t pixels() const { return std::max<int64_t>(0, r1 - r0) * std::max<int64_t>(0, c1 - c0); }
};

Window window(const PoolShape& s, int64_t row, int64_t col) {
  const int64_t r = row * s.stride_h - s.top, c = col * s.stride_w - s.left;
  return {std::max<int64_t>(r, 0), std::min(r + s.kh, s.h), std::max<int64_t>(c, 0), std::min(c + s.kw, s.w)};
}

template <class T>
T lowest() {
  return std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity()
                                              : std::numeric_limits<T>::lowest();
}

// Output rows that are worth a task.
int64_t grain(const PoolShape& s) {
  return std::max<int64_t>(1, 32768 / std::max<int64_t>(1, s.ow() * s.c * s.kh * s.kw));
}

}  // namespace

void PoolShape::pad_same() {
  auto both = [](int64_t in, int64_t span, int64_t stride) {
    return std::max<int64_t>(0, ((in + stride - 1) / stride - 1) * stride + span - in);
  };
  const int64_t high = both(h, kh, stride_h), across = both(w, kw, stride_w);
  top = high / 2, bottom = high - top;
  left = across / 2, right = across - left;
}

template <class T>
void max_pool(const PoolShape& s, const T* x, T* y) {
  const int64_t oh = s.oh(), ow = s.ow();
  parallel_for(s.n * oh, grain(s), [&](int64_t from, int64_t to) {
    for (int64_t t = from; t < to; ++t)
      for (int64_t col = 0; col < ow; ++col) {
        const Window v = window(s, t % oh, col);
        T* out = y + (t * ow + col) * s.c;
        std::fill_n(out, s.c, lowest<T>());
        for (int64_t r = v.r0; r < v.r1; ++r)
          for (int64_t c = v.c0; c < v.c1; ++c) {
            const T* in = x + ((t / oh * s.h + r) * s.w + c) * s.c;
            for (int64_t i = 0; i < s.c; ++i) out[i] = out[i] < in[i] ? in[i] : out[i];
          }
      }
  });
}

template <class T>
void max_pool_backward(const PoolShape& s, const T* x, const T* dy, T* dx) {
  const int64_t oh = s.oh(), ow = s.ow(), image = s.h * s.w * s.c;
  parallel_for(s.n, std::max<int64_t>(1, 32768 / std::max<int64_t>(1, image)), [&](int64_t from, int64_t to) {
    std::fill_n(dx + from * image, (to - from) * image, T(0));
    for (int64_t n = from; n < to; ++n)
      for (int64_t row = 0; row < oh; ++row)
        for (int64_t col = 0; col < ow; ++col) {
          const Window v = window(s, row, col);
          if (v.pixels() == 0) continue;
          const T* out = dy + ((n * oh + row) * ow + col) * s.c;
          for (int64_t i0 = 0; i0 < s.c; i0 += kChunk) {
            const int64_t count = std::min(kChunk, s.c - i0);
            T best[kChunk];
            int32_t where[kChunk];  // distance of the winning pixel from the window's first
            const int64_t origin = (v.r0 * s.w + v.c0) * s.c + i0;
            const T* in = x + n * image;
            for (int64_t i = 0; i < count; ++i) best[i] = in[origin + i], where[i] = 0;
            for (int64_t r = v.r0; r < v.r1; ++r)
              for (int64_t c = v.c0; c < v.c1; ++c) {
                const T* pixel = in + (r * s.w + c) * s.c + i0;
                const int32_t tap = int32_t((r - v.r0) * s.w + c - v.c0);
                for (int64_t i = 0; i < count; ++i) {
                  const bool more = best[i] < pixel[i];
                  best[i] = more ? pixel[i] : best[i];
                  where[i] = more ? tap : where[i];
                }
              }
            T* to = dx + n * image + origin;
            for (int64_t i = 0; i < count; ++i) to[where[i] * s.c + i] += out[i0 + i];
          }
        }
  });
}

template <class T>
void average_pool(const PoolShape& s, const T* x, T* y) {
  const int64_t oh = s.oh(), ow = s.ow();
  parallel_for(s.n * oh, grain(s), [&](int64_t from, int64_t to) {
    for (int64_t t = from; t < to; ++t)
      for (int64_t col = 0; col < ow; ++col) {
        const Window v = window(s, t % oh, col);
        T* out = y + (t * ow + col) * s.c;
        std::fill_n(out, s.c, T(0));
        for (int64_t r = v.r0; r < v.r1; ++r)
          for (int64_t c = v.c0; c < v.c1; ++c) {
            const T* in = x + ((t / oh * s.h + r) * s.w + c) * s.c;
            for (int64_t i = 0; i < s.c; ++i) out[i] += in[i];
          }
        const T pixels = T(v.pixels());
        for (int64_t i = 0; i < s.c; ++i) out[i] /= pixels;
      }
  });
}

template <class T>
void average_pool_backward(const PoolShape& s, const T* dy, T* dx) {
  const int64_t oh = s.oh(), ow = s.ow(), image = s.h * s.w * s.c;
  parallel_for(s.n, std::max<int64_t>(1, 32768 / std::max<int64_t>(1, image)), [&](int64_t from, int64_t to) {
    std::fill_n(dx + from * image, (to - from) * image, T(0));
    for (int64_t n = from; n < to; ++n)
      for (int64_t row = 0; row < oh; ++row)
        for (int64_t col = 0; col < ow; ++col) {
          const Window v = window(s, row, col);
          const T* out = dy + ((n * oh + row) * ow + col) * s.c;
          const T share = T(1) / T(std::max<int64_t>(1, v.pixels()));
          for (int64_t r = v.r0; r < v.r1; ++r)
            for (int64_t c = v.c0; c < v.c1; ++c) {
              T* pixel = dx + n * image + (r * s.w + c) * s.c;
              for (int64_t i = 0; i < s.c; ++i) pixel[i] += out[i] * share;
            }
        }
  });
}

template void max_pool(const PoolShape&, const float*, float*);
template void max_pool(const PoolShape&, const double*, double*);
template void max_pool(const PoolShape&, const int32_t*, int32_t*);
template void max_pool_backward(const PoolShape&, const float*, const float*, float*);
template void max_pool_backward(const PoolShape&, const double*, const double*, double*);
template void max_pool_backward(const PoolShape&, const int32_t*, const int32_t*, int32_t*);
template void average_pool(const PoolShape&, const float*, float*);
template void average_pool(const PoolShape&, const double*, double*);
template void average_pool_backward(const PoolShape&, const float*, float*);
template void average_pool_backward(const PoolShape&, const double*, double*);

}  // namespace ninefold::cpu
