// In: a pixel, a place in an image, a box, as plain numbers. Out: what image ops make of them, an expression each, for
// CPUs and cards: colours, places that maps and crops read, overlaps of boxes, neighbours' norms.
#pragma once

#include "engine/device/both.h"

namespace ninefold::images {

using namespace both;

// ---- colours: red, green, blue and hue, saturation, value, all of [0, 1] ----

enum class Colour : int32_t { to_hsv, to_rgb, turn_hue, scale_saturation };

template <class C>
NF_STEP void to_hsv(const C* rgb, C* hsv) {
  const C r = rgb[0], g = rgb[1], b = rgb[2], v = greater(greater(r, g), b), range = v - lesser(lesser(r, g), b);
  const C norm = C(1) / range * (C(1) / C(6));
  C h = r == v ? norm * (g - b) : g == v ? norm * (b - r) + C(2) / C(6) : norm * (r - g) + C(4) / C(6);
  if (!(range > 0)) h = 0;
  hsv[0] = h < 0 ? h + 1 : h;
  hsv[1] = v > 0 ? range / v : 0;
  hsv[2] = v;
}
template <class C>
NF_STEP void to_rgb(const C* hsv, C* rgb) {
  const C h = hsv[0] * 6, s = hsv[1], v = hsv[2];
  const C share[3] = {magnitude(h - 3) - 1, -magnitude(h - 2) + 2, -magnitude(h - 4) + 2};
  for (int i = 0; i < 3; ++i) rgb[i] = ((1 - s) + s * lesser(greater(share[i], C(0)), C(1))) * v;
}
// In each sixth of the circle, which of (least, middle, greatest) red, green and blue are: 0, 1 or 2.
NF_STEP int rank_of_channel(int sixth, int channel) {
  const int ranks = sixth == 0 ? 210 : sixth == 1 ? 120 : sixth == 2 ? 21 : sixth == 3 ? 12 : sixth == 4 ? 102 : 201;
  return channel == 0 ? ranks / 100 : channel == 1 ? ranks / 10 % 10 : ranks % 10;
}
// The hue in sixths of the circle; the greatest and the least channel stay what they are.
NF_STEP void turn_hue(const float* from, float* to, float delta) {
  const float r = from[0], g = from[1], b = from[2];
  const float v_max = greater(greater(r, g), b), v_min = lesser(lesser(r, g), b);
  int sixth = 0;
  float middle = 0;
  if (r < g) {
    if (b < r) middle = r, sixth = 1;
    else if (b > g) middle = g, sixth = 3;
    else middle = b, sixth = 2;
  } else {
    if (b < g) middle = g, sixth = 0;
    else if (b > r) middle = r, sixth = 4;
    else middle = b, sixth = 5;
  }
  float h = 0;
  if (v_max != v_min) {
    const float ratio = (middle - v_min) / (v_max - v_min);
    h = static_cast<float>(sixth) + (sixth % 2 == 0 ? ratio : 1 - ratio);
  }
  h += delta * 6;
  h -= 6 * floor(h / 6);
  if (!(h >= 0 && h < 6)) h = 0;   // a number that is none, or that rounding made 6
  const int at = static_cast<int>(h);
  const float ratio = at % 2 == 0 ? h - static_cast<float>(at) : 1 - (h - static_cast<float>(at));
  const float values[3] = {v_min, v_min + ratio * (v_max - v_min), v_max};
  for (int i = 0; i < 3; ++i) to[i] = values[rank_of_channel(at, i)];
}
NF_STEP void scale_saturation(const float* from, float* to, float scale) {
  float hsv[3];
  to_hsv(from, hsv);
  hsv[1] = lesser(1.0f, greater(0.0f, hsv[1] * scale));
  const float c = hsv[1] * hsv[2], lowest = hsv[2] - c, h = hsv[0] * 6;
  const int at = h >= 0 && h < 6 ? static_cast<int>(h) : 0;
  const float part = h - 2 * floor(h / 2);
  const float values[3] = {0, c * (1 - magnitude(part - 1)), c};
  for (int i = 0; i < 3; ++i) to[i] = values[rank_of_channel(at, i)] + lowest;
}

// ---- crops: boxes by parts of an image's size ----

// Where rows (or columns) of a crop lie in the image.
struct Span {
  float start, scale;
  int64_t size;
  NF_STEP float at(int64_t i) const { return start + static_cast<float>(i) * scale; }
  NF_STEP bool inside(float x) const { return x >= 0 && x <= static_cast<float>(size - 1); }
};
NF_STEP Span span_of(float from, float to, int64_t image, int64_t crop) {
  const float last = static_cast<float>(image - 1);
  if (crop > 1) return {from * last, (to - from) * last / static_cast<float>(crop - 1), image};
  return {0.5f * (from + to) * last, 0, image};
}
// The four points around a place, and how far it lies from the first of them.
struct Around {
  int64_t top, bottom, left, right;
  float down, along;
};
NF_STEP int64_t floored(float x) { return static_cast<int64_t>(floor(x)); }
NF_STEP int64_t raised(float x) { return -static_cast<int64_t>(floor(-x)); }
NF_STEP Around around(float row, float column) {
  return {floored(row), raised(row), floored(column), raised(column), row - floor(row), column - floor(column)};
}
// a b above c d.
NF_STEP float mixed(const Around& p, float a, float b, float c, float d) {
  const float above = a + (b - a) * p.along, below = c + (d - c) * p.along;
  return above + (below - above) * p.down;
}
NF_STEP float share_of(const Around& p, bool bottom, bool right) {
  return (bottom ? p.down : 1 - p.down) * (right ? p.along : 1 - p.along);
}
// What flows from one point (y, x) of a crop into the box's y1, x1, y2, x2. Of a crop of one row its place is the middle.
NF_STEP void into_box(const Around& p, float a, float b, float c, float d, float dy, int64_t y, int64_t x, int64_t height, int64_t width,
                      const Span& rows, const Span& columns, float* box) {
  const float by_row = dy * ((1 - p.along) * (c - a) + p.along * (d - b)) * static_cast<float>(rows.size - 1);
  const float by_column = dy * ((1 - p.down) * (b - a) + p.down * (d - c)) * static_cast<float>(columns.size - 1);
  const float share_y = height > 1 ? static_cast<float>(y) / static_cast<float>(height - 1) : 0.5f;
  const float share_x = width > 1 ? static_cast<float>(x) / static_cast<float>(width - 1) : 0.5f;
  box[0] += by_row * (1 - share_y);
  box[2] += by_row * share_y;
  box[1] += by_column * (1 - share_x);
  box[3] += by_column * share_x;
}

// ---- projective maps: where a coordinate outside of [0, n - 1] is read, in float as TensorFlow computes it ----

enum class Fill : int32_t { constant, reflect, wrap, nearest };

NF_STEP float mirrored(float x, float n) {
  if (x < 0) {
    if (n <= 1) return 0;
    const float twice = 2 * n;
    if (x < twice) x = twice * static_cast<float>(static_cast<int64_t>(-x / twice)) + x;
    x = x < -n ? x + twice : -x - 1;
  } else if (x > n - 1) {
    if (n <= 1) return 0;
    const float twice = 2 * n;
    x -= twice * static_cast<float>(static_cast<int64_t>(x / twice));
    if (x >= n) x = twice - x - 1;
  }
  return clamped(x, 0.0f, n - 1);
}
NF_STEP float wrapped(float x, float n) {
  if (x < 0) {
    if (n <= 1) return 0;
    x += n * (static_cast<float>(static_cast<int64_t>(-x / (n - 1))) + 1);
  } else if (x > n - 1) {
    if (n <= 1) return 0;
    x -= n * static_cast<float>(static_cast<int64_t>(x / (n - 1)));
  }
  return clamped(x, 0.0f, n - 1);
}
NF_STEP float placed(Fill fill, float x, int64_t n) {
  const float size = static_cast<float>(n);
  return fill == Fill::reflect ? mirrored(x, size) : fill == Fill::wrap ? wrapped(x, size)
         : fill == Fill::nearest ? clamped(x, 0.0f, size - 1) : x;
}
struct Read {
  float row, column;
  bool somewhere;                                // false: the point lies at infinity
};
// Where the point of the result is read: m are the map's eight numbers.
NF_STEP Read read_at(const float* m, int64_t row, int64_t column, Fill fill, int64_t height, int64_t width) {
  const float x = static_cast<float>(column), y = static_cast<float>(row), by = m[6] * x + m[7] * y + 1.0f;
  if (by == 0) return {0, 0, false};
  return {placed(fill, (m[3] * x + m[4] * y + m[5]) / by, height), placed(fill, (m[0] * x + m[1] * y + m[2]) / by, width), true};
}
// Compared as numbers first: what is far outside, or none, fits no integer. -1: outside.
NF_STEP int64_t pixel_at(float row, float column, int64_t height, int64_t width) {
  const bool inside = row >= 0 && column >= 0 && row < static_cast<float>(height) && column < static_cast<float>(width);
  return inside ? static_cast<int64_t>(row) * width + static_cast<int64_t>(column) : -1;
}
// value(row, column): the image there, or what stands outside.
template <class Value>
NF_STEP float bilinear(const Read& at, const Value& value) {
  const float top = floor(at.row), left = floor(at.column), bottom = top + 1, right = left + 1;
  const float above = (right - at.column) * value(top, left) + (at.column - left) * value(top, right);
  const float below = (right - at.column) * value(bottom, left) + (at.column - left) * value(bottom, right);
  return (bottom - at.row) * above + (at.row - top) * below;
}

// ---- boxes [y1, x1, y2, x2], corners in any order: the part of their union that two share ----

NF_STEP float area_of(const float* x) {
  return (greater(x[0], x[2]) - lesser(x[0], x[2])) * (greater(x[1], x[3]) - lesser(x[1], x[3]));
}
NF_STEP float shared_along(const float* a, const float* b, int i) {
  const float end = lesser(greater(a[i], a[i + 2]), greater(b[i], b[i + 2]));
  return greater(end - greater(lesser(a[i], a[i + 2]), lesser(b[i], b[i + 2])), 0.0f);
}
NF_STEP float overlap(const float* a, const float* b) {
  const float one = area_of(a), other = area_of(b);
  if (one <= 0 || other <= 0) return 0;
  const float shared = shared_along(a, b, 0) * shared_along(a, b, 1);
  return shared / (one + other - shared);
}

// ---- local response: bias + alpha times the sum of x^2 over channels within `radius` ----

struct Response {
  int64_t radius;
  float bias, alpha, beta;
};
template <class At>
NF_STEP float norm_of(const Response& r, const At& x, int64_t channel, int64_t channels) {
  float sum = 0;
  const int64_t end = lesser(channels, channel + r.radius + 1);
  for (int64_t i = greater<int64_t>(0, channel - r.radius); i < end; ++i) sum += x(i) * x(i);
  return r.bias + r.alpha * sum;
}
// dx_i = dy_i norm_i^-beta - 2 alpha beta x_i sum over j near i of dy_j y_j / norm_j; product(j) = dy_j y_j.
template <class Product, class Norm>
NF_STEP float response_back(const Response& r, float dy, float x, const Product& product, const Norm& norm, int64_t channel, int64_t channels) {
  float sum = 0;
  const int64_t end = lesser(channels, channel + r.radius + 1);
  for (int64_t j = greater<int64_t>(0, channel - r.radius); j < end; ++j) sum += product(j) / norm(j);
  return dy * pow(norm(channel), -r.beta) - 2 * r.alpha * r.beta * x * sum;
}

// ---- dilation: the window of image plus filter with the greatest sum ----

struct Frame {
  int64_t stride[2], rate[2], before[2], out[2];
};
struct Greatest {
  int64_t from, by;                              // places in the image and the filter; from is -1 where the window holds none
};
// sum(from, by): of the image's and the filter's elements there, rounded to their dtype. image: NHWC sizes.
template <class Sum>
NF_STEP Greatest greatest_of(const Frame& f, const int64_t* image, const int64_t* filter, int64_t batch, int64_t row, int64_t column,
                             int64_t channel, const Sum& sum) {
  Greatest best{-1, 0};
  decltype(sum(int64_t{}, int64_t{})) most{};
  for (int64_t i = 0; i < filter[0]; ++i) {
    const int64_t h = row * f.stride[0] - f.before[0] + i * f.rate[0];
    if (h < 0 || h >= image[1]) continue;
    for (int64_t j = 0; j < filter[1]; ++j) {
      const int64_t c = column * f.stride[1] - f.before[1] + j * f.rate[1];
      if (c < 0 || c >= image[2]) continue;
      const int64_t from = ((batch * image[1] + h) * image[2] + c) * image[3] + channel, by = (i * filter[1] + j) * image[3] + channel;
      const auto value = sum(from, by);
      if (value > most || best.from < 0) most = value, best = {from, by};
    }
  }
  return best;
}

}  // namespace ninefold::images
