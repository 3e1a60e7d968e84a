// In: images and a size. Out: the images of that size; what flows back, for which each pixel of the image asks the points
// that were made of it, so that sums have one order.
#include "engine/ops/joins.cuh"
#include "engine/ops/resize_launch.h"

namespace {

using namespace ninefold::cuda;

struct Near { int64_t low, high; float share; };                 // share: of `high`
NF_DEVICE int64_t whole(float x) {                               // floor
  const int64_t n = static_cast<int64_t>(x);
  return static_cast<float>(n) > x ? n - 1 : n;
}
NF_DEVICE Near near(const Scaled& s, int64_t i) {
  const float x = s.half ? (static_cast<float>(i) + 0.5f) * s.ratio - 0.5f : static_cast<float>(i) * s.ratio;
  const int64_t low = whole(x), high = static_cast<float>(low) < x ? low + 1 : low;
  return {low < 0 ? 0 : low, high > s.small - 1 ? s.small - 1 : high, x - static_cast<float>(low)};
}
NF_DEVICE int64_t nearest(const Scaled& s, int64_t i) {
  const float x = s.half ? (static_cast<float>(i) + 0.5f) * s.ratio : static_cast<float>(i) * s.ratio;
  const int64_t n = s.corners ? whole(x + 0.5f) : whole(x);
  return n < 0 ? 0 : n > s.small - 1 ? s.small - 1 : n;
}
struct Pixel { int64_t batch, row, column, channel; };
NF_DEVICE Pixel pixel_of(int64_t i, int64_t rows, int64_t columns, int64_t channels) {
  return {i / channels / columns / rows, i / channels / columns % rows, i / channels % columns, i % channels};
}

template <class T>
NF_DEVICE void bilinear(const Resize& p) {
  for (int64_t i = nf_thread(); i < p.batch * p.rows.large * p.columns.large * p.channels; i += nf_threads()) {
    const Pixel at = pixel_of(i, p.rows.large, p.columns.large, p.channels);
    const Near r = near(p.rows, at.row), c = near(p.columns, at.column);
    float mixed[2];
    for (int side = 0; side < 2; ++side) {
      const int64_t row = (at.batch * p.rows.small + (side ? r.high : r.low)) * p.columns.small;
      const float left = static_cast<float>(load_as<T>(p.from, (row + c.low) * p.channels + at.channel, p.dtype));
      const float right = static_cast<float>(load_as<T>(p.from, (row + c.high) * p.channels + at.channel, p.dtype));
      mixed[side] = left + (right - left) * c.share;
    }
    static_cast<float*>(p.to)[i] = mixed[0] + (mixed[1] - mixed[0]) * r.share;
  }
}
template <class T>
NF_DEVICE void nearest_of(const Resize& p) {
  for (int64_t i = nf_thread(); i < p.batch * p.rows.large * p.columns.large * p.channels; i += nf_threads()) {
    const Pixel at = pixel_of(i, p.rows.large, p.columns.large, p.channels);
    const int64_t row = at.batch * p.rows.small + nearest(p.rows, at.row);
    static_cast<T*>(p.to)[i] = static_cast<const T*>(p.from)[(row * p.columns.small + nearest(p.columns, at.column)) * p.channels + at.channel];
  }
}
// What point i of the large side gives to pixel `own` of the small one.
NF_DEVICE float share_of(const Scaled& s, int64_t i, int64_t own) {
  const Near n = near(s, i);
  return (n.low == own ? 1 - n.share : 0) + (n.high == own ? n.share : 0);
}
struct Window { int64_t from, to; };
// Points that can have been made of pixel `own`: the others lie more than a pixel away.
NF_DEVICE Window around(const Scaled& s, int64_t own) {
  if (s.ratio <= 0) return {0, s.large};
  int64_t from = whole((static_cast<float>(own) - 2) / s.ratio) - 1, to = whole((static_cast<float>(own) + 2) / s.ratio) + 2;
  if (from < 0 || own <= 1) from = 0;
  if (to > s.large || own >= s.small - 2) to = s.large;
  return {from, to};
}
template <class T>
NF_DEVICE void bilinear_back(const Resize& p) {
  for (int64_t i = nf_thread(); i < p.batch * p.rows.small * p.columns.small * p.channels; i += nf_threads()) {
    const Pixel at = pixel_of(i, p.rows.small, p.columns.small, p.channels);
    const Window rows = around(p.rows, at.row), columns = around(p.columns, at.column);
    double sum = 0;
    for (int64_t r = rows.from; r < rows.to; ++r) {
      const float down = share_of(p.rows, r, at.row);
      for (int64_t c = columns.from; down != 0 && c < columns.to; ++c)
        sum += static_cast<double>(static_cast<const float*>(p.from)[((at.batch * p.rows.large + r) * p.columns.large + c) * p.channels + at.channel] *
                                   (down * share_of(p.columns, c, at.column)));
    }
    store_as<T>(p.to, i, p.to_dtype, static_cast<T>(sum));
  }
}
template <class T>
NF_DEVICE void nearest_back(const Resize& p) {
  for (int64_t i = nf_thread(); i < p.batch * p.rows.small * p.columns.small * p.channels; i += nf_threads()) {
    const Pixel at = pixel_of(i, p.rows.small, p.columns.small, p.channels);
    const Window rows = around(p.rows, at.row), columns = around(p.columns, at.column);
    T sum = 0;
    for (int64_t r = rows.from; r < rows.to; ++r)
      for (int64_t c = columns.from; nearest(p.rows, r) == at.row && c < columns.to; ++c)
        if (nearest(p.columns, c) == at.column)
          sum += load_as<T>(p.from, ((at.batch * p.rows.large + r) * p.columns.large + c) * p.channels + at.channel, p.dtype);
    store_as<T>(p.to, i, p.dtype, sum);
  }
}
#define NF_RESIZE(name, T)                                          \
  NF_KERNEL(resize_bilinear_##name, Resize) { bilinear<T>(p); }     \
  NF_KERNEL(resize_nearest_back_##name, Resize) { nearest_back<T>(p); }
NF_FLOATS(NF_RESIZE) NF_RESIZE(int32, int) NF_RESIZE(int64, long long)
NF_KERNEL(resize_bilinear_back_float, Resize) { bilinear_back<float>(p); }
NF_KERNEL(resize_bilinear_back_double, Resize) { bilinear_back<double>(p); }
NF_KERNEL(resize_nearest_1, Resize) { nearest_of<uint8_t>(p); }
NF_KERNEL(resize_nearest_2, Resize) { nearest_of<uint16_t>(p); }
NF_KERNEL(resize_nearest_4, Resize) { nearest_of<uint32_t>(p); }
NF_KERNEL(resize_nearest_8, Resize) { nearest_of<uint64_t>(p); }

}  // namespace
