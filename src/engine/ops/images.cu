// In: images. Out: other colours, crops of boxes and what flows back through them, images read where maps send points.
#include "engine/ops/atomics.cuh"
#include "engine/ops/images_launch.h"

namespace {

using namespace ninefold::cuda;
namespace images = ninefold::images;

template <class T>
NF_DEVICE void colours(const Colours& p) {
  for (int64_t i = nf_thread(); i < p.pixels; i += nf_threads()) {
    T from[3], to[3];
    for (int j = 0; j < 3; ++j) from[j] = load_as<T>(p.from, 3 * i + j, p.dtype);
    if (p.how == images::Colour::to_hsv) images::to_hsv(from, to);
    else if (p.how == images::Colour::to_rgb) images::to_rgb(from, to);
    if constexpr (sizeof(T) == sizeof(float)) {
      if (p.how == images::Colour::turn_hue) images::turn_hue(from, to, p.by);
      if (p.how == images::Colour::scale_saturation) images::scale_saturation(from, to, p.by);
    }
    for (int j = 0; j < 3; ++j) store_as<T>(p.to, 3 * i + j, p.dtype, to[j]);
  }
}
NF_KERNEL(colours_float, Colours) { colours<float>(p); }
NF_KERNEL(colours_double, Colours) { colours<double>(p); }

// ---- crops ----

struct InCrop {
  int64_t box, y, x, channel, image;
  images::Span rows, columns;
  float row, column;
  bool inside;
};
NF_DEVICE InCrop in_crop(const Crops& p, int64_t i) {
  InCrop c{};
  c.channel = i % p.channels, c.x = i / p.channels % p.width, c.y = i / p.channels / p.width % p.height, c.box = i / p.channels / p.width / p.height;
  const float* b = p.box + 4 * c.box;
  c.image = p.number[c.box];
  c.rows = images::span_of(b[0], b[2], p.rows, p.height);
  c.columns = images::span_of(b[1], b[3], p.columns, p.width);
  c.row = c.rows.at(c.y), c.column = c.columns.at(c.x);
  c.inside = c.image >= 0 && c.image < p.batch && c.rows.inside(c.row) && c.columns.inside(c.column);
  return c;
}
NF_DEVICE int64_t pixel_of(const Crops& p, const InCrop& c, int64_t row, int64_t column) {
  return ((c.image * p.rows + row) * p.columns + column) * p.channels + c.channel;
}
template <class T>
NF_DEVICE float point_of(const Crops& p, const InCrop& c, int64_t row, int64_t column) {
  return static_cast<float>(load_as<T>(p.image, pixel_of(p, c, row, column), p.dtype));
}
template <class T>
NF_DEVICE void crops(const Crops& p) {
  for (int64_t i = nf_thread(); i < p.boxes * p.height * p.width * p.channels; i += nf_threads()) {
    const InCrop c = in_crop(p, i);
    if (!c.inside) {
      p.to[i] = p.outside;
    } else if (p.nearest) {
      p.to[i] = point_of<T>(p, c, static_cast<int64_t>(images::round(c.row)), static_cast<int64_t>(images::round(c.column)));
    } else {
      const images::Around a = images::around(c.row, c.column);
      p.to[i] = images::mixed(a, point_of<T>(p, c, a.top, a.left), point_of<T>(p, c, a.top, a.right), point_of<T>(p, c, a.bottom, a.left),
                              point_of<T>(p, c, a.bottom, a.right));
    }
  }
}
// A block a box: four sums.
template <class T>
NF_DEVICE void into_boxes(const Crops& p, float* part) {
  const int64_t each = p.height * p.width * p.channels;
  for (int64_t b = nf_block(); b < p.boxes; b += nf_blocks()) {
    NF_PHASE {
      float box[4] = {0, 0, 0, 0};
      for (int64_t i = nf_in_block(); i < each; i += kBlockThreads) {
        const InCrop c = in_crop(p, b * each + i);
        if (!c.inside) continue;
        const images::Around a = images::around(c.row, c.column);
        images::into_box(a, point_of<T>(p, c, a.top, a.left), point_of<T>(p, c, a.top, a.right), point_of<T>(p, c, a.bottom, a.left),
                         point_of<T>(p, c, a.bottom, a.right), p.dy[b * each + i], c.y, c.x, p.height, p.width, c.rows, c.columns, box);
      }
      for (int s = 0; s < 4; ++s) part[s * kBlockThreads + nf_in_block()] = box[s];
    }
    for (int s = 0; s < 4; ++s) join_block<float, Sum>(part + s * kBlockThreads);
    NF_PHASE {
      if (nf_in_block() < 4) p.to[4 * b + nf_in_block()] = part[nf_in_block() * kBlockThreads];
    }
  }
}
#define NF_CROPS(name, T)                                \
  NF_KERNEL(crops_##name, Crops) { crops<T>(p); }        \
  NF_BLOCK_KERNEL(crops_into_boxes_##name, Crops) {      \
    NF_SHARED(float, part, 4 * kBlockThreads);           \
    into_boxes<T>(p, part);                              \
  }
NF_FLOATS(NF_CROPS) NF_CROPS(int32, int)

NF_DEVICE void into_image(const Crops& p, int64_t i) {
  const InCrop c = in_crop(p, i);
  if (!c.inside) return;
  if (p.nearest) {
    const int64_t row = static_cast<int64_t>(images::round(c.row)), column = static_cast<int64_t>(images::round(c.column));
    return join_at<float>(p.sum, pixel_of(p, c, row, column), kFloat, Join::sum, p.dy[i]);
  }
  const images::Around a = images::around(c.row, c.column);
  for (int corner = 0; corner < 4; ++corner) {
    const bool bottom = corner >= 2, right = corner % 2 == 1;
    join_at<float>(p.sum, pixel_of(p, c, bottom ? a.bottom : a.top, right ? a.right : a.left), kFloat, Join::sum,
                   p.dy[i] * images::share_of(a, bottom, right));
  }
}
NF_KERNEL(crops_into_images, Crops) {
  const int64_t points = p.boxes * p.height * p.width;
  if (p.ordered)
    for (int64_t c = nf_thread(); c < p.channels; c += nf_threads())
      for (int64_t i = 0; i < points; ++i) into_image(p, i * p.channels + c);
  else
    for (int64_t i = nf_thread(); i < points * p.channels; i += nf_threads()) into_image(p, i);
}

// ---- projective maps ----

template <class T>
NF_DEVICE void transform(const Transform& p) {
  for (int64_t i = nf_thread(); i < p.elements; i += nf_threads()) {
    const int64_t channel = i % p.channels, column = i / p.channels % p.columns, row = i / p.channels / p.columns % p.rows;
    const int64_t batch = i / p.channels / p.columns / p.rows;
    const images::Read from = images::read_at(p.maps + (p.one_map ? 0 : 8 * batch), row, column, p.fill, p.in_rows, p.in_columns);
    const T outside = static_cast<T>(p.outside);
    const auto at = [&](float r, float c) {
      const int64_t pixel = images::pixel_at(r, c, p.in_rows, p.in_columns);
      return pixel < 0 ? outside : load_as<T>(p.from, (batch * p.in_rows * p.in_columns + pixel) * p.channels + channel, p.dtype);
    };
    T value = outside;
    if (from.somewhere && p.nearest) value = at(images::round(from.row), images::round(from.column));
    else if (from.somewhere) value = static_cast<T>(images::bilinear(from, [&](float r, float c) { return static_cast<float>(at(r, c)); }));
    store_as<T>(p.to, i, p.dtype, value);
  }
}
#define NF_TRANSFORM(name, T) NF_KERNEL(transform_##name, Transform) { transform<T>(p); }
NF_FLOATS(NF_TRANSFORM) NF_TRANSFORM(int32, int) NF_TRANSFORM(int64, long long)

}  // namespace
